"""Who receives the allowance, in which household, how much, from when and until when (R2, R15, R22, R25)."""

from collections.abc import Sequence
from typing import Annotated, Generic, Literal, Self

from pydantic import Field, model_validator

from events.form import AccountT, Fact, PersonT, TextT, Value
from events.values import Day, Division, Fen, Label, Month, Number, Programme


class Member(Value, Generic[PersonT]):
    """A member of a household; ``entitlement_fen`` is this member's own part (分 a month), if known."""

    person: PersonT
    relation: Label
    entitlement_fen: Fen | None = None


class Removal(Value, Generic[PersonT, TextT]):
    """A member who leaves a household that goes on."""

    person: PersonT
    reason: TextT


class Component(Value, Generic[PersonT]):
    """The part of the household's entitlement that is one member's (分 a month)."""

    person: PersonT
    entitlement_fen: Fen


def _distinct(persons: Sequence[object], field: str) -> None:
    identities = [
        getattr(person, "person_id", None)
        or (getattr(person, "id_number", None), getattr(person, "local_no", None))
        for person in persons
    ]
    if len(set(identities)) != len(identities):
        raise ValueError(f"{field}: the same person stands there twice")


class Enrolled(Fact, Generic[PersonT, AccountT]):
    """A household begins to receive a programme (新纳入, A2). Amount in 分 a month for the household."""

    household_no: Number
    programme: Programme
    division: Division
    members: Annotated[list[Member[PersonT]], Field(min_length=1, max_length=50)]
    account: AccountT
    from_month: Month
    entitlement_fen: Fen
    route: Literal["ordinary", "single_person", "epidemic"]
    decided_on: Day

    @model_validator(mode="after")
    def _members_differ(self) -> Self:
        _distinct([member.person for member in self.members], "members")
        return self


class MembersChanged(Fact, Generic[PersonT, TextT]):
    """Members join or leave a household that goes on. A removal here is not an exit (退出) of Annex 2."""

    household_no: Number
    programme: Programme
    from_month: Month
    added: Annotated[list[Member[PersonT]], Field(max_length=50)] = []
    removed: Annotated[list[Removal[PersonT, TextT]], Field(max_length=50)] = []
    entitlement_fen: Fen | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.added and not self.removed:
            raise ValueError("expected somebody in added or removed")
        _distinct(
            [member.person for member in self.added] + [removal.person for removal in self.removed],
            "added and removed",
        )
        return self


class EntitlementAdjusted(Fact, Generic[PersonT, TextT]):
    """The household's monthly amount changes (分), with the members' parts where they are known."""

    household_no: Number
    programme: Programme
    from_month: Month
    entitlement_fen: Fen
    components: Annotated[list[Component[PersonT]], Field(max_length=50)] | None = None
    reason: TextT


class AccountChanged(Fact, Generic[AccountT]):
    """The household's allowance goes to another account from a month on."""

    household_no: Number
    programme: Programme
    account: AccountT
    from_month: Month


class Exited(Fact, Generic[PersonT]):
    """A household, or some of its members, leave the programme (退出, A1); ``stop_month``: first without pay.

    exit_kind: ``favour`` 关系保、人情保, ``policy`` 政策保, ``death`` 死亡, ``other`` 其他.
    """

    household_no: Number
    programme: Programme
    scope: Literal["household", "member"]
    members: Annotated[list[PersonT], Field(min_length=1, max_length=50)] | None = None
    exit_kind: Literal["favour", "policy", "death", "other"]
    stop_month: Month
    decided_on: Day

    @model_validator(mode="after")
    def _members_where_members_leave(self) -> Self:
        if self.scope == "member" and not self.members:
            raise ValueError("members: expected the persons who leave, as scope is member")
        if self.scope == "household" and self.members:
            raise ValueError("members: not with scope household, where all leave")
        _distinct(list(self.members or []), "members")
        return self

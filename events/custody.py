"""Cards and passbooks held by somebody else for the recipient (卡折代管, R31-R32).

Key of all: ``household_no``.
"""

from typing import Annotated, Generic, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import (
    AccountNumberT,
    Fact,
    Person,
    PersonT,
    ProtectedAccountNumber,
    ProtectedPerson,
    Sealed,
    TextT,
)
from events.values import AccountNumber, Day, DayAhead, FreeText, Label, Number
from events.voids import CustodyVoided

CustodianKind = Literal["relative", "village_official", "township_staff", "institution", "other"]


class Granted(Fact, Generic[PersonT, AccountNumberT]):
    """A custodian holds the beneficiary's card from ``valid_from`` to ``valid_to``, both included."""

    custody_no: Number
    household_no: Number
    beneficiary: PersonT
    custodian: PersonT
    custodian_kind: CustodianKind
    """亲属, 村(社区)干部, 街道(乡镇)工作人员, 供养机构, 其他."""
    account_number: AccountNumberT
    agreement_no: Label | None = None
    filed_on: Day | None = None
    """When the custody was filed with an office (备案日期)."""
    valid_from: DayAhead
    valid_to: DayAhead
    self_care: Literal["full", "partial", "none"] | None = None
    """The beneficiary's ability to care for themselves: 能自理, 半失能, 全失能 (R31)."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to < self.valid_from:
            raise unfit("not-before", field="valid_to", other="valid_from")
        return self


class Ended(Fact, Generic[TextT]):
    """The custody ended on a day."""

    custody_no: Number
    household_no: Number
    ended_on: Day
    reason: TextT


class AgreementFiled(Fact):
    """The written custody agreement was filed with an office, perhaps after the custody began (R32)."""

    custody_no: Number
    household_no: Number
    agreement_no: Label
    signed_on: Day
    filed_on: Day
    filed_with: Literal["village", "township", "county"]
    """村(社区), 街道(乡镇), 区县民政."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.filed_on < self.signed_on:
            raise unfit("not-before", field="filed_on", other="signed_on")
        return self


class Checked(Fact, Generic[TextT]):
    """Somebody looked whether the card is there and the money reaches the beneficiary (R31-R32)."""

    custody_no: Number
    household_no: Number
    checked_on: Day
    checkers: Annotated[list[Number], Field(max_length=20)] = []
    """``official_no`` of those who checked."""
    card_present: bool
    withdrawals_explained: bool
    """Whether every withdrawal is signed for by the beneficiary."""
    result: Literal["in_order", "irregular"]
    """规范, 不规范."""
    findings: TextT | None = None


class HandedOver(Fact, Generic[PersonT]):
    """The card changed hands (交接, R31): to a custodian, to the next one, or back to the beneficiary."""

    custody_no: Number
    household_no: Number
    handed_over_on: Day
    direction: Literal["to_custodian", "to_successor", "to_beneficiary"]
    """交代管人, 交接任代管人, 交还本人."""
    from_person: PersonT
    to_person: PersonT
    custodian_kind: CustodianKind | None = None
    """Of whoever takes it, where the grant says another one (R32)."""
    witness: PersonT | None = None


_HOUSEHOLD = ("household_no",)
_P: TypeAlias = ProtectedPerson
_N: TypeAlias = ProtectedAccountNumber
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.custody.granted.v1",
        readable=Granted[Person, AccountNumber],
        model=Granted[_P, _N],
        key=_HOUSEHOLD,
        unique=("custody_no",),
        requirements=("R31", "R32"),
    ),
    EventType(
        name="dibao.custody.agreement_filed.v1",
        readable=AgreementFiled,
        model=AgreementFiled,
        key=_HOUSEHOLD,
        business_date="filed_on",
        requirements=("R32",),
    ),
    EventType(
        name="dibao.custody.checked.v1",
        readable=Checked[FreeText],
        model=Checked[_T],
        key=_HOUSEHOLD,
        business_date="checked_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R31", "R32"),
    ),
    EventType(
        name="dibao.custody.handed_over.v1",
        readable=HandedOver[Person],
        model=HandedOver[_P],
        key=_HOUSEHOLD,
        business_date="handed_over_on",
        requirements=("R31",),
    ),
    EventType(
        name="dibao.custody.ended.v1",
        readable=Ended[FreeText],
        model=Ended[_T],
        key=_HOUSEHOLD,
        business_date="ended_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R31", "R32"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.custody.voided.v1",
        readable=CustodyVoided[Person, AccountNumber, FreeText],
        model=CustodyVoided[_P, _N, _T],
        seal_under=(_HOUSEHOLD,),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)

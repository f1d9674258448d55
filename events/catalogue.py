"""The catalogue: every event type, its two models, its topic, its key, its business date, its sealed fields.

One table, read by intake (which types are there, what is sealed), by the consumers (how to decode), by the
schema export and by the documentation.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin

from pydantic import BaseModel

from events import (
    anomalies,
    calendar,
    custody,
    enrollment,
    payments,
    petitions,
    policy,
    vitals,
    voids,
)
from events.form import (
    Account,
    Fact,
    Person,
    ProtectedAccount,
    ProtectedAccountNumber,
    ProtectedPerson,
    Sealed,
)
from events.values import AccountNumber, FreeText, local_date

Protection = Literal["person", "account", "account_number", "text"]

_READABLE: dict[Any, Protection] = {
    Person: "person",
    Account: "account",
    AccountNumber: "account_number",
    FreeText: "text",
}


@dataclass(frozen=True, slots=True)
class ProtectedField:
    """Where in the data a value stands that the log may not show; ``*`` in the path is each list item."""

    path: tuple[str, ...]
    protection: Protection


@dataclass(frozen=True)
class EventType:
    """One row of the catalogue.

    ``readable`` is the model of what upstream sends, ``model`` of what the log keeps (the same for facts
    without personal data). ``key`` is the path of the topic key in the log's data. ``business_date`` is the
    field that says when it happened in business terms; ``None``: the day of ``time`` in Asia/Shanghai.
    ``seal_under`` names, in order of preference, the paths whose value owns the key of free text.
    """

    name: str
    context: str
    readable: type[Fact]
    model: type[Fact]
    key: tuple[str, ...]
    business_date: str | None = None
    from_upstream: bool = True
    seal_under: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def void(self) -> bool:
        """Whether this type undoes facts of its context."""
        return self.name.endswith(".voided.v1")

    @cached_property
    def protected(self) -> tuple[ProtectedField, ...]:
        """Every place in the data that is tokenised or sealed."""
        return tuple(_protected(self.readable))

    def key_of(self, data: dict[str, Any]) -> str:
        """Return the topic key for the log's data (as JSON values)."""
        value: Any = data
        for name in self.key:
            value = value[name]
        return str(value)

    def business_date_of(self, data: Fact, time: datetime) -> date:
        """Return the day on which the fact happened in business terms."""
        if self.business_date is None:
            return local_date(time)
        value = getattr(data, self.business_date)
        assert isinstance(value, date)
        return value


def _protected(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[ProtectedField]:
    for name, info in model.model_fields.items():
        hint: Any = info.annotation
        if info.metadata:
            hint = Annotated[(hint, *info.metadata)]
        yield from _protected_hint(hint, (*path, info.alias or name))


def _protected_hint(hint: Any, path: tuple[str, ...]) -> Iterator[ProtectedField]:
    for readable, protection in _READABLE.items():
        if hint == readable:
            yield ProtectedField(path, protection)
            return
    if get_origin(hint) is Annotated:
        yield from _protected_hint(get_args(hint)[0], path)
    elif get_origin(hint) is list:
        yield from _protected_hint(get_args(hint)[0], (*path, "*"))
    elif get_args(hint):
        for option in get_args(hint):
            yield from _protected_hint(option, path)
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from _protected(hint, path)


_HOUSEHOLD = ("household_no",)
_PETITION = ("petition_no",)
P: TypeAlias = ProtectedPerson
A: TypeAlias = ProtectedAccount
N: TypeAlias = ProtectedAccountNumber
T: TypeAlias = Sealed

TYPES: tuple[EventType, ...] = (
    EventType(
        "dibao.enrollment.enrolled.v1",
        "enrollment",
        enrollment.Enrolled[Person, Account],
        enrollment.Enrolled[P, A],
        _HOUSEHOLD,
        "decided_on",
    ),
    EventType(
        "dibao.enrollment.members_changed.v1",
        "enrollment",
        enrollment.MembersChanged[Person, FreeText],
        enrollment.MembersChanged[P, T],
        _HOUSEHOLD,
        seal_under=(_HOUSEHOLD,),
    ),
    EventType(
        "dibao.enrollment.entitlement_adjusted.v1",
        "enrollment",
        enrollment.EntitlementAdjusted[Person, FreeText],
        enrollment.EntitlementAdjusted[P, T],
        _HOUSEHOLD,
        seal_under=(_HOUSEHOLD,),
    ),
    EventType(
        "dibao.enrollment.account_changed.v1",
        "enrollment",
        enrollment.AccountChanged[Account],
        enrollment.AccountChanged[A],
        _HOUSEHOLD,
    ),
    EventType(
        "dibao.enrollment.exited.v1",
        "enrollment",
        enrollment.Exited[Person],
        enrollment.Exited[P],
        _HOUSEHOLD,
        "decided_on",
    ),
    EventType(
        "dibao.enrollment.voided.v1",
        "enrollment",
        voids.EnrollmentVoided[Person, Account, FreeText],
        voids.EnrollmentVoided[P, A, T],
        _HOUSEHOLD,
        seal_under=(_HOUSEHOLD,),
    ),
    EventType(
        "dibao.payments.paid.v1",
        "payments",
        payments.Paid[Account],
        payments.Paid[A],
        _HOUSEHOLD,
        "paid_on",
    ),
    EventType(
        "dibao.payments.returned.v1",
        "payments",
        payments.Returned[Account, FreeText],
        payments.Returned[A, T],
        _HOUSEHOLD,
        "returned_on",
        seal_under=(_HOUSEHOLD,),
    ),
    EventType(
        "dibao.payments.voided.v1",
        "payments",
        voids.PaymentVoided[Account, FreeText],
        voids.PaymentVoided[A, T],
        _HOUSEHOLD,
        seal_under=(_HOUSEHOLD,),
    ),
    EventType(
        "dibao.vitals.died.v1",
        "vitals",
        vitals.Died[Person],
        vitals.Died[P],
        ("person", "person_id"),
        "died_on",
    ),
    EventType(
        "dibao.vitals.voided.v1",
        "vitals",
        voids.DeathVoided[Person, FreeText],
        voids.DeathVoided[P, T],
        ("person", "person_id"),
        seal_under=(("person", "person_id"),),
    ),
    EventType(
        "dibao.custody.granted.v1",
        "custody",
        custody.Granted[Person, AccountNumber],
        custody.Granted[P, N],
        _HOUSEHOLD,
    ),
    EventType(
        "dibao.custody.ended.v1",
        "custody",
        custody.Ended[FreeText],
        custody.Ended[T],
        _HOUSEHOLD,
        "ended_on",
        seal_under=(_HOUSEHOLD,),
    ),
    EventType(
        "dibao.custody.voided.v1",
        "custody",
        voids.CustodyVoided[Person, AccountNumber, FreeText],
        voids.CustodyVoided[P, N, T],
        _HOUSEHOLD,
        seal_under=(_HOUSEHOLD,),
    ),
    EventType(
        "dibao.petitions.filed.v1",
        "petitions",
        petitions.Filed[Person, FreeText],
        petitions.Filed[P, T],
        _PETITION,
        "filed_on",
        seal_under=(("petitioner", "person_id"), _HOUSEHOLD, _PETITION),
    ),
    EventType(
        "dibao.petitions.closed.v1",
        "petitions",
        petitions.Closed[FreeText],
        petitions.Closed[T],
        _PETITION,
        "closed_on",
        seal_under=(_PETITION,),
    ),
    EventType(
        "dibao.petitions.voided.v1",
        "petitions",
        voids.PetitionVoided[Person, FreeText],
        voids.PetitionVoided[P, T],
        _PETITION,
        seal_under=(("petitioner", "person_id"), _HOUSEHOLD, _PETITION),
    ),
    EventType("dibao.policy.adopted.v1", "policy", policy.Adopted, policy.Adopted, ("parameter",), "from_"),
    EventType(
        "dibao.policy.voided.v1",
        "policy",
        voids.PolicyVoided[FreeText],
        voids.PolicyVoided[T],
        ("parameter",),
        seal_under=(("parameter",),),
    ),
    EventType(
        "dibao.calendar.day_closed.v1",
        "calendar",
        calendar.DayClosed,
        calendar.DayClosed,
        ("day",),
        "day",
        from_upstream=False,
    ),
    *(
        EventType(
            f"dibao.anomalies.{verb}.v1",
            "anomalies",
            model,
            model,
            ("subject",),
            from_upstream=False,
        )
        for verb, model in (
            ("raised", anomalies.Raised),
            ("revised", anomalies.Revised),
            ("withdrawn", anomalies.Withdrawn),
        )
    ),
)

BY_TYPE: dict[str, EventType] = {entry.name: entry for entry in TYPES}

UPSTREAM_CONTEXTS: tuple[str, ...] = tuple(
    dict.fromkeys(entry.context for entry in TYPES if entry.from_upstream)
)
"""Contexts whose facts come from upstream, each with an emitting service."""

CONTEXTS: tuple[str, ...] = tuple(dict.fromkeys(entry.context for entry in TYPES))

ONE_PARTITION: frozenset[str] = frozenset({"calendar", "policy"})
"""Contexts whose order matters as a whole: their topic has one partition."""


def log_topic(prefix: str, context: str) -> str:
    """Return the topic of the log for a context (``dibao.payments``)."""
    return f"{prefix}.{context}"


def intake_topic(prefix: str, context: str) -> str:
    """Return the topic on which upstream may hand over raw facts (``dibao.intake.payments``)."""
    return f"{prefix}.intake.{context}"


def dead_letter_topic(prefix: str) -> str:
    """Return the topic of sealed dead letters (``dibao.dlq``)."""
    return f"{prefix}.dlq"

"""Policy, as documents set it: parameters of the rules (R4) and the catalogue of policies (R21).

Policy is an event, with a date from which it holds. Its topic has one partition.
"""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo

from events.characters import shows_all, shows_nothing
from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact, Sealed, Value
from events.values import ON_LOG, DayAhead, FreeText, Label, Number, Programme
from events.voids import PolicyVoided


def _value(raw: object, info: ValidationInfo) -> object:
    if isinstance(raw, str) and (info.context is ON_LOG or _shown(raw)):
        return raw
    if isinstance(raw, (int, float)) and -(2**63) < raw < 2**63:
        # 1 and 1.0 are the same value, so they must be the same content.
        return int(raw) if isinstance(raw, float) and raw.is_integer() else raw
    raise unfit("policy-value")


def _shown(text: str) -> bool:
    return 1 <= len(text) <= 256 and shows_all(text) and not shows_nothing(text)


LARGEST = 10**12
"""Larger values are none: nobody means them, and to count with one could take for ever."""


def number_of(value: object) -> Decimal | None:
    """Return a value as a number from 0 to 10¹², which it may be as text too; None where it is none."""
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= LARGEST else None


class Scope(Value):
    """Where a value holds: below a division prefix, for a programme; absent means everywhere, for all."""

    division_prefix: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")] | None = None
    programme: Programme | None = None


class Adopted(Fact):
    """A parameter has a value from a business date on. Sources: the document named."""

    parameter: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)+$", max_length=64)]
    value: Annotated[int | float | str | bool, BeforeValidator(_value)]
    from_: Annotated[DayAhead, Field(alias="from")]
    scope: Scope | None = None
    document: Label


class Issued(Fact):
    """A policy for people in need (R21): who it is for, what it gives, from when until when."""

    policy_no: Number
    title: Label
    document: Label
    issued_by: Label
    from_: Annotated[DayAhead, Field(alias="from")]
    to: DayAhead | None = None
    gives: Literal["rural_dibao", "urban_dibao", "tekun", "temporary_relief", "single_person_dibao"]
    """农村低保, 城市低保, 特困供养, 临时救助, 单人保."""
    conditions: Annotated[list[Label], Field(max_length=50)] = []
    """What a person must meet, in the document's words."""


_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.policy.adopted.v1",
        readable=Adopted,
        model=Adopted,
        key=("parameter",),
        business_date="from_",
        requirements=("R4", "R29"),
    ),
    EventType(
        name="dibao.policy.issued.v1",
        readable=Issued,
        model=Issued,
        key=("policy_no",),
        business_date="from_",
        unique=("policy_no",),
        requirements=("R1", "R21", "R22"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.policy.voided.v1",
        readable=PolicyVoided[FreeText],
        model=PolicyVoided[Sealed],
        seal_under=(("parameter",), ("policy_no",)),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)

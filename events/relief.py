"""Temporary relief (临时救助): granted once, for a cause (R23, R25; A3). Key: ``relief_no``."""

from typing import Annotated, Generic, Literal

from pydantic import Field

from events.event_type import EventType
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT
from events.values import Day, Division, Fen, FreeText, Number
from events.voids import ReliefVoided


class Granted(Fact, Generic[PersonT, TextT]):
    """A person, or their household, is granted temporary relief; amount in 分.

    Uninsured unemployed people receive a one-off grant once only for an occasion (R23).
    """

    relief_no: Number
    person: PersonT
    household_no: Number | None = None
    division: Division
    cause: Literal[
        "epidemic", "illness", "accident", "disaster", "uninsured_unemployed", "schooling", "other"
    ]
    """受疫情影响 (A3), 因病, 意外事故, 因灾, 未参保失业 (R23), 就学, 其他."""
    occasion_no: Number | None = None
    """Names what happened: two grants for one occasion to one person are a duplicate."""
    person_times: Annotated[int, Field(ge=1, le=50)] = 1
    """How many persons it relieves (人次, A3)."""
    amount_fen: Fen
    from_reserve: bool = False
    """Whether the township paid it from its reserve (备用金, R34)."""
    granted_on: Day
    reason: TextT | None = None


_RELIEF = ("relief_no",)

TYPES: tuple[EventType, ...] = (
    EventType(
        name="dibao.relief.granted.v1",
        readable=Granted[Person, FreeText],
        model=Granted[ProtectedPerson, Sealed],
        key=_RELIEF,
        business_date="granted_on",
        seal_under=(("person", "person_id"),),
        unique=("relief_no",),
        requirements=("R23", "R25", "R34"),
    ),
    EventType(
        name="dibao.relief.voided.v1",
        readable=ReliefVoided[Person, FreeText],
        model=ReliefVoided[ProtectedPerson, Sealed],
        seal_under=(("person", "person_id"), _RELIEF),
        undoes={"dibao.relief.granted.v1": _RELIEF},
    ),
)

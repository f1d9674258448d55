"""The roster: who holds which post, from when until when (R7, R8, R12, R13, R17, R32).

``official_no`` is the person's number on the roster; other facts name officials by it. Key of all:
``official_no``.
"""

from typing import Generic, Literal

from events.event_type import EventType
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT
from events.values import Day, FreeText, Label, Number
from events.voids import OfficialsVoided


class Appointed(Fact, Generic[PersonT]):
    """A person takes up a post. ``document`` is the source of this appointment (R12)."""

    appointment_no: Number
    official_no: Number
    person: PersonT
    body: Label
    """The office: 社保所, 财政办, 村(居)委会 …"""
    post: Label
    kind: Literal["leader", "handling_staff", "village_committee", "township_staff", "discipline"]
    """领导, 经办人员, 村(居)委会成员, 街道(乡镇)工作人员, 纪检监察."""
    group_role: Literal["head", "deputy", "member", "office_head", "office_member"] | None = None
    """In the leading group of a campaign: 组长, 副组长, 成员, 办公室主任, 办公室成员 (R7, R12, R13)."""
    appointed_on: Day
    document: Label | None = None


class Left(Fact, Generic[PersonT, TextT]):
    """A person gives a post up."""

    appointment_no: Number
    official_no: Number
    person: PersonT | None = None
    left_on: Day
    cause: Literal["transferred", "retired", "term_ended", "resigned", "dismissed", "died"]
    """调离, 退休, 任满, 辞职, 免职, 去世."""
    reason: TextT | None = None


_OFFICIAL = ("official_no",)

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.officials.appointed.v1",
        readable=Appointed[Person],
        model=Appointed[ProtectedPerson],
        key=_OFFICIAL,
        business_date="appointed_on",
        unique=("appointment_no",),
        requirements=("R7", "R8", "R9", "R12", "R13"),
    ),
    EventType(
        name="dibao.officials.left.v1",
        readable=Left[Person, FreeText],
        model=Left[ProtectedPerson, Sealed],
        key=_OFFICIAL,
        business_date="left_on",
        seal_under=(_OFFICIAL,),
        requirements=("R7", "R12"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.officials.voided.v1",
        readable=OfficialsVoided[Person, FreeText],
        model=OfficialsVoided[ProtectedPerson, Sealed],
        seal_under=(_OFFICIAL,),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)

"""Near relatives of officials among those who receive (近亲属备案, R16-R17).

Near relatives: spouse, parents, children, siblings, grandparents, grandchildren (Civil Code art. 1045); the
county must visit every household filed. Key of all: ``household_no``.
"""

from typing import Annotated, Generic, Literal

from pydantic import Field

from events.event_type import EventType
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT
from events.values import Day, FreeText, Label, Number, Programme
from events.voids import KinshipVoided

Relation = Literal["spouse", "parent", "child", "sibling", "grandparent", "grandchild", "other"]
"""配偶, 父母, 子女, 兄弟姐妹, 祖父母外祖父母, 孙子女外孙子女, 其他: what the recipient is to the official."""


class Declared(Fact, Generic[PersonT]):
    """An official files that a near relative receives, or asks for, a programme (R16)."""

    filing_no: Number
    household_no: Number
    programme: Programme
    official: PersonT
    official_no: Number | None = None
    official_kind: Literal["handling_staff", "village_committee", "township_staff"]
    """经办人员, 村(居)委会成员, 街道(乡镇)工作人员."""
    post: Label
    relative: PersonT
    relation: Relation
    """What the recipient is to the official."""
    declared_on: Day


class Reviewed(Fact, Generic[TextT]):
    """A filing was checked (排查, R16): whether the relative receives lawfully (R17)."""

    filing_no: Number
    household_no: Number
    reviewed_on: Day
    reviewers: Annotated[list[Number], Field(max_length=20)] = []
    """``official_no`` of those who checked."""
    visited: bool
    """Whether the household was visited, as the county must."""
    outcome: Literal["lawful", "favoured", "not_related"]
    """符合条件, 优亲厚友 (feeds A1a), 关系不实."""
    findings: TextT | None = None


_HOUSEHOLD = ("household_no",)

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.kinship.declared.v1",
        readable=Declared[Person],
        model=Declared[ProtectedPerson],
        key=_HOUSEHOLD,
        business_date="declared_on",
        unique=("filing_no",),
        requirements=("R16", "R17"),
    ),
    EventType(
        name="dibao.kinship.reviewed.v1",
        readable=Reviewed[FreeText],
        model=Reviewed[Sealed],
        key=_HOUSEHOLD,
        business_date="reviewed_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R16", "R17"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.kinship.voided.v1",
        readable=KinshipVoided[Person, FreeText],
        model=KinshipVoided[ProtectedPerson, Sealed],
        seal_under=(_HOUSEHOLD,),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)

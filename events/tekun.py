"""People without means, strength or family (特困供养): where they live and who cares for them (R24; A4-A5a).

Their enrolment and payments are those of the programme ``tekun``. Key of all: ``household_no``.
"""

from typing import Generic, Literal, Self, TypeAlias

from pydantic import model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT
from events.values import CreditCode, Day, DayAhead, FreeText, Label, Number
from events.voids import TekunVoided


class CentralDemanded(Fact, Generic[PersonT]):
    """A person wants to live in an institution (集中供养需求, A4)."""

    household_no: Number
    person: PersonT
    demanded_on: Day
    self_care: Literal["full", "partial", "none"]
    """能自理, 半失能, 全失能."""


class Admitted(Fact, Generic[PersonT]):
    """A person moved into an institution (安排入住机构, A4a)."""

    household_no: Number
    person: PersonT
    institution: Label
    credit_code: CreditCode | None = None
    """The institution's unified social credit code (GB 32100)."""
    admitted_on: Day


class Discharged(Fact, Generic[PersonT, TextT]):
    """A person left an institution (离院)."""

    household_no: Number
    person: PersonT
    institution: Label
    discharged_on: Day
    cause: Literal["own_wish", "moved", "died", "other"]
    """本人意愿, 转院, 去世, 其他."""
    reason: TextT | None = None


class DispersedCareBegun(Fact, Generic[PersonT]):
    """A person is supported at home (分散供养, A5)."""

    household_no: Number
    person: PersonT
    begun_on: Day
    self_care: Literal["full", "partial", "none"]


class CareAgreementSigned(Fact, Generic[PersonT]):
    """Who cares for a person at home, as agreed in writing (委托照料服务协议, A5a)."""

    agreement_no: Label
    household_no: Number
    person: PersonT
    carer: PersonT
    carer_kind: Literal["relative", "neighbour", "village_official", "organisation", "other"]
    """亲属, 邻居, 村(社区)干部, 社会组织, 其他."""
    signed_on: Day
    valid_from: DayAhead
    valid_to: DayAhead

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to < self.valid_from:
            raise unfit("not-before", field="valid_to", other="valid_from")
        return self


_HOUSEHOLD = ("household_no",)
_P: TypeAlias = ProtectedPerson
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.tekun.central_demanded.v1",
        readable=CentralDemanded[Person],
        model=CentralDemanded[_P],
        key=_HOUSEHOLD,
        business_date="demanded_on",
        requirements=("R24",),
    ),
    EventType(
        name="dibao.tekun.admitted.v1",
        readable=Admitted[Person],
        model=Admitted[_P],
        key=_HOUSEHOLD,
        business_date="admitted_on",
        requirements=("R24",),
    ),
    EventType(
        name="dibao.tekun.discharged.v1",
        readable=Discharged[Person, FreeText],
        model=Discharged[_P, _T],
        key=_HOUSEHOLD,
        business_date="discharged_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R24",),
    ),
    EventType(
        name="dibao.tekun.dispersed_care_begun.v1",
        readable=DispersedCareBegun[Person],
        model=DispersedCareBegun[_P],
        key=_HOUSEHOLD,
        business_date="begun_on",
        requirements=("R24",),
    ),
    EventType(
        name="dibao.tekun.care_agreement_signed.v1",
        readable=CareAgreementSigned[Person],
        model=CareAgreementSigned[_P],
        key=_HOUSEHOLD,
        business_date="signed_on",
        requirements=("R24",),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.tekun.voided.v1",
        readable=TekunVoided[Person, FreeText],
        model=TekunVoided[_P, _T],
        seal_under=(_HOUSEHOLD,),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)

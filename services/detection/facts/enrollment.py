"""Enrolment, as households keep it: who joins, who leaves, and what they are entitled to.

Of the same, and of applications, ``kin:`` keeps what may say that a household is of an official's kin.
"""

from typing import Any

import msgspec

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, Names, business_date, micros, names_of


class Member(msgspec.Struct, array_like=True, frozen=True):
    """A member with their own part of the entitlement (分 a month), where it was given."""

    person: str
    names: Names
    component: int | None


class Enrolled(Body, frozen=True, tag="enrolled"):
    """A household begins to receive."""

    time: int
    programme: str
    month: str
    division: str
    members: list[Member]
    entitlement: int


class MembersChanged(Body, frozen=True, tag="members_changed"):
    """Persons join or leave."""

    time: int
    programme: str
    month: str
    added: list[Member]
    removed: list[str]
    entitlement: int | None


class Adjusted(Body, frozen=True, tag="entitlement_adjusted"):
    """The entitlement is another one from a month on."""

    time: int
    programme: str
    month: str
    components: list[tuple[str, int]]
    entitlement: int


class Exited(Body, frozen=True, tag="exited"):
    """``persons`` is None where the whole household leaves."""

    time: int
    programme: str
    month: str
    persons: list[str] | None


class Joined(Body, frozen=True, tag="joined"):
    """Persons join a household, by an enrolment or later; ``date`` as the fact that says so."""

    household_no: str
    persons: list[str]
    application_no: str | None


class KinApplied(Body, frozen=True, tag="kin_applied"):
    """A household asks; ``date`` is applied_on, ``kin`` whether it says that it is of an official's kin."""

    application_no: str
    kin: bool


Change = Enrolled | MembersChanged | Adjusted | Exited


def _members(entries: Any) -> list[Member]:
    return [
        Member(entry.person.person_id, names_of(entry.person.names), entry.entitlement_fen)
        for entry in entries
    ]


def _kept(event: Event, body: Body) -> list[Kept]:
    return [Kept("household:" + event.data.household_no, body)]


def _enrolled(event: Event) -> list[Kept]:
    data = event.data
    body = Enrolled(
        str(event.event_id),
        business_date(event),
        micros(event.time),
        data.programme,
        data.from_month,
        data.division,
        _members(data.members),
        data.entitlement_fen,
    )
    return [*_kept(event, body), _joined(event, body, body.members, data.application_no)]


def _joined(event: Event, body: Body, members: list[Member], application_no: str | None = None) -> Kept:
    number = event.data.household_no
    persons = [member.person for member in members]
    return Kept("kin:" + number, Joined(body.event_id, body.date, number, persons, application_no))


def _applied(event: Event) -> list[Kept]:
    data = event.data
    body = KinApplied(str(event.event_id), business_date(event), data.application_no, data.kin_of_official)
    return [Kept("kin:" + data.household_no, body)]


def _members_changed(event: Event) -> list[Kept]:
    data = event.data
    body = MembersChanged(
        str(event.event_id),
        business_date(event),
        micros(event.time),
        data.programme,
        data.from_month,
        _members(data.added),
        [entry.person.person_id for entry in data.removed],
        data.entitlement_fen,
    )
    kept = _kept(event, body)
    if body.added:
        kept.append(_joined(event, body, body.added))
    return kept


def _adjusted(event: Event) -> list[Kept]:
    data = event.data
    body = Adjusted(
        str(event.event_id),
        business_date(event),
        micros(event.time),
        data.programme,
        data.from_month,
        [(entry.person.person_id, entry.entitlement_fen) for entry in data.components or ()],
        data.entitlement_fen,
    )
    return _kept(event, body)


def _exited(event: Event) -> list[Kept]:
    data = event.data
    body = Exited(
        str(event.event_id),
        business_date(event),
        micros(event.time),
        data.programme,
        data.stop_month,
        None if data.scope == "household" else [person.person_id for person in data.members or ()],
    )
    return _kept(event, body)


FACTS = (
    FactType(name="dibao.enrollment.applied.v1", bodies=(KinApplied,), keep=_applied),
    FactType(name="dibao.enrollment.enrolled.v1", bodies=(Enrolled, Joined), keep=_enrolled),
    FactType(
        name="dibao.enrollment.members_changed.v1", bodies=(MembersChanged, Joined), keep=_members_changed
    ),
    FactType(name="dibao.enrollment.entitlement_adjusted.v1", bodies=(Adjusted,), keep=_adjusted),
    FactType(name="dibao.enrollment.exited.v1", bodies=(Exited,), keep=_exited),
)

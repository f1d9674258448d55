"""Enrolment: who joins and leaves, and what they are entitled to, as households keep it.

Who asks, is looked at again and compared, applications, benefits (what a household has) and matches
(comparisons) keep. Of all that, ``kin:`` keeps what may say that a household is of an official's kin, and
``leaving:`` what says how one goes on that left.
"""

from datetime import date
from typing import Any

import msgspec

from events.envelope import Event
from events.values import local_date
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
    application_no: str | None


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
    """``persons`` is None where the whole household leaves; ``found_on``: when that was found to be due."""

    time: int
    programme: str
    month: str
    persons: list[str] | None
    exit_kind: str
    found_on: str | None
    division: str | None


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


class Listed(Body, frozen=True, tag="listed"):
    """A person is enrolled, or joins a household; ``date`` is decided_on, else the day of ``time``."""

    household_no: str
    programme: str
    month: str
    division: str | None


class LeftHousehold(Body, frozen=True, tag="left_household"):
    """A person is named as one who is no member from a month on."""

    household_no: str
    programme: str
    month: str


class Applied(Body, frozen=True, tag="applied"):
    """A household asks; ``date`` is applied_on."""

    household_no: str
    programme: str
    division: str
    applicant: str
    delegated: bool


class Investigated(Body, frozen=True, tag="investigated"):
    """A step of an investigation; ``date`` is investigated_on."""

    kind: str
    result: str


class Publicised(Body, frozen=True, tag="publicised"):
    """An application stands on the board; ``date`` is posted_on."""

    stage: str
    removed_on: str | None


class Refused(Body, frozen=True, tag="refused"):
    """An application is refused; ``date`` is refused_on."""

    household_no: str
    programme: str
    division: str | None
    notified_on: str | None


class Approved(Body, frozen=True, tag="approved"):
    """An application is granted by an enrolment that names it; ``date`` is decided_on."""

    household_no: str
    programme: str
    division: str


class Compared(Body, frozen=True, tag="compared"):
    """A person was compared with another register; ``date`` is compared_on, ``day`` the day of ``time``."""

    time: int
    day: str
    household_no: str
    division: str | None
    person: str
    hit: bool
    review: str
    reviewed_on: str | None


class Reviewed(Body, frozen=True, tag="reviewed"):
    """A household is looked at again; ``date`` is reviewed_on."""

    programme: str
    division: str | None
    kind: str
    income_class: str | None
    outcome: str


class GraceGranted(Body, frozen=True, tag="grace_granted"):
    """A household goes on receiving although it earns; ``date`` is decided_on."""

    programme: str
    division: str | None
    from_month: str
    to_month: str


def _members(entries: Any) -> list[Member]:
    return [
        Member(entry.person.person_id, names_of(entry.person.names), entry.entitlement_fen)
        for entry in entries
    ]


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _kept(event: Event, body: Body) -> list[Kept]:
    return [Kept("household:" + event.data.household_no, body)]


def _of_benefit(event: Event, body: Body) -> list[Kept]:
    number = event.data.household_no
    return [Kept("benefit:" + number, body), Kept("leaving:" + number, body)]


def _of_application(event: Event, body: Body) -> list[Kept]:
    return [Kept("application:" + event.data.application_no, body)]


def _listed(event: Event, members: list[Member]) -> list[Kept]:
    data = event.data
    body = Listed(
        str(event.event_id),
        business_date(event),
        data.household_no,
        data.programme,
        data.from_month,
        data.division,
    )
    return [Kept("member:" + person, body) for person in dict.fromkeys(one.person for one in members)]


def _left(event: Event, persons: list[str], month: str) -> list[Kept]:
    data = event.data
    body = LeftHousehold(str(event.event_id), business_date(event), data.household_no, data.programme, month)
    return [Kept("member:" + person, body) for person in dict.fromkeys(persons)]


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
        data.application_no,
    )
    kept = [
        *_kept(event, body),
        *_of_benefit(event, body),
        *_listed(event, body.members),
        _joined(event, body, body.members, data.application_no),
    ]
    if data.application_no is not None:
        approved = Approved(body.event_id, body.date, data.household_no, data.programme, data.division)
        kept += _of_application(event, approved)
    return kept


def _joined(event: Event, body: Body, members: list[Member], application_no: str | None = None) -> Kept:
    number = event.data.household_no
    persons = [member.person for member in members]
    return Kept("kin:" + number, Joined(body.event_id, body.date, number, persons, application_no))


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
    kept = [*_kept(event, body), *_of_benefit(event, body), *_listed(event, body.added)]
    kept += _left(event, body.removed, body.month)
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
        data.exit_kind,
        _day(data.found_on),
        data.division,
    )
    kept = [*_kept(event, body), *_of_benefit(event, body)]
    return kept + _left(event, body.persons or [], body.month)


def _applied(event: Event) -> list[Kept]:
    data = event.data
    body = Applied(
        str(event.event_id),
        business_date(event),
        data.household_no,
        data.programme,
        data.division,
        data.applicant.person_id,
        data.delegated,
    )
    kin = KinApplied(body.event_id, body.date, data.application_no, data.kin_of_official)
    return [*_of_application(event, body), Kept("kin:" + data.household_no, kin)]


def _investigated(event: Event) -> list[Kept]:
    data = event.data
    return _of_application(
        event, Investigated(str(event.event_id), business_date(event), data.kind, data.result)
    )


def _publicised(event: Event) -> list[Kept]:
    data = event.data
    removed_on = _day(data.removed_on)
    return _of_application(
        event, Publicised(str(event.event_id), business_date(event), data.stage, removed_on)
    )


def _refused(event: Event) -> list[Kept]:
    data = event.data
    body = Refused(
        str(event.event_id),
        business_date(event),
        data.household_no,
        data.programme,
        data.division,
        _day(data.notified_on),
    )
    return _of_application(event, body)


def _compared(event: Event) -> list[Kept]:
    data = event.data
    body = Compared(
        str(event.event_id),
        business_date(event),
        micros(event.time),
        local_date(event.time).isoformat(),
        data.household_no,
        data.division,
        data.person.person_id,
        data.hit,
        data.review,
        _day(data.reviewed_on),
    )
    return [Kept("match:" + data.comparison_no, body)]


def _reviewed(event: Event) -> list[Kept]:
    data = event.data
    body = Reviewed(
        str(event.event_id),
        business_date(event),
        data.programme,
        data.division,
        data.kind,
        data.income_class,
        data.outcome,
    )
    return _of_benefit(event, body)


def _grace_granted(event: Event) -> list[Kept]:
    data = event.data
    body = GraceGranted(
        str(event.event_id),
        business_date(event),
        data.programme,
        data.division,
        data.from_month,
        data.to_month,
    )
    return [Kept("benefit:" + data.household_no, body)]


FACTS = (
    FactType(name="dibao.enrollment.applied.v1", bodies=(Applied, KinApplied), keep=_applied),
    FactType(name="dibao.enrollment.investigated.v1", bodies=(Investigated,), keep=_investigated),
    FactType(name="dibao.enrollment.compared.v1", bodies=(Compared,), keep=_compared),
    FactType(name="dibao.enrollment.publicised.v1", bodies=(Publicised,), keep=_publicised),
    FactType(name="dibao.enrollment.refused.v1", bodies=(Refused,), keep=_refused),
    FactType(name="dibao.enrollment.reviewed.v1", bodies=(Reviewed,), keep=_reviewed),
    FactType(name="dibao.enrollment.grace_granted.v1", bodies=(GraceGranted,), keep=_grace_granted),
    FactType(
        name="dibao.enrollment.enrolled.v1", bodies=(Enrolled, Joined, Listed, Approved), keep=_enrolled
    ),
    FactType(
        name="dibao.enrollment.members_changed.v1",
        bodies=(MembersChanged, Joined, Listed, LeftHousehold),
        keep=_members_changed,
    ),
    FactType(name="dibao.enrollment.entitlement_adjusted.v1", bodies=(Adjusted,), keep=_adjusted),
    FactType(name="dibao.enrollment.exited.v1", bodies=(Exited, LeftHousehold), keep=_exited),
)

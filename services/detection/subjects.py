"""What an event speaks about, and the fact rows that rules need of it. Pure functions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from events.envelope import Event
from events.form import NameKeys
from services.detection import bodies
from services.detection.bodies import Body

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FactRow:
    """One version of a fact, as one subject keeps it.

    ``month`` is the month paid for, empty where the fact belongs to no month. ``payment_no`` is set on the
    household's row of a payment, by which a return finds it.
    """

    subject: str
    kind: str
    month: str
    body: str
    payment_no: str | None = None


def fact_rows(event: Event) -> list[FactRow]:
    """Return the rows that rules read of this version of a fact; none for types that no rule reads."""
    make = _ROWS.get(event.type)
    return [] if make is None else make(event, str(event.event_id))


def _micros(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


def _names(keys: NameKeys) -> bodies.Names:
    more = keys.folded
    folded = None if more is None else (more.normalised, more.variant, more.pinyin)
    return bodies.Names(keys.exact, keys.normalised, keys.variant, keys.pinyin, folded)


def _members(entries: Any) -> list[bodies.Member]:
    return [
        bodies.Member(entry.person.person_id, _names(entry.person.names), entry.entitlement_fen)
        for entry in entries
    ]


def _business_date(event: Event) -> str:
    return event.entry.business_date_of(event.fact, event.time).isoformat()


def _household_rows(household_no: str, kind: str, body: Body, persons: list[str]) -> list[FactRow]:
    rows = [FactRow("household:" + household_no, kind, "", bodies.encode(body))]
    member_of = bodies.encode(bodies.MemberOf(body.event_id, body.date, household_no))
    rows.extend(FactRow("person:" + person, "member_of", "", member_of) for person in dict.fromkeys(persons))
    return rows


def _enrolled(event: Event, event_id: str) -> list[FactRow]:
    data = event.data
    members = _members(data.members)
    body = bodies.Enrolled(
        event_id,
        _business_date(event),
        _micros(event.time),
        data.programme,
        data.from_month,
        data.division,
        members,
        data.entitlement_fen,
    )
    return _household_rows(data.household_no, "enrolled", body, [member.person for member in members])


def _members_changed(event: Event, event_id: str) -> list[FactRow]:
    data = event.data
    added = _members(data.added)
    body = bodies.MembersChanged(
        event_id,
        _business_date(event),
        _micros(event.time),
        data.programme,
        data.from_month,
        added,
        [entry.person.person_id for entry in data.removed],
        data.entitlement_fen,
    )
    return _household_rows(data.household_no, "members_changed", body, [member.person for member in added])


def _adjusted(event: Event, event_id: str) -> list[FactRow]:
    data = event.data
    body = bodies.Adjusted(
        event_id,
        _business_date(event),
        _micros(event.time),
        data.programme,
        data.from_month,
        [(entry.person.person_id, entry.entitlement_fen) for entry in data.components or ()],
        data.entitlement_fen,
    )
    return _household_rows(data.household_no, "entitlement_adjusted", body, [])


def _exited(event: Event, event_id: str) -> list[FactRow]:
    data = event.data
    body = bodies.Exited(
        event_id,
        _business_date(event),
        _micros(event.time),
        data.programme,
        data.stop_month,
        None if data.scope == "household" else [person.person_id for person in data.members or ()],
    )
    return _household_rows(data.household_no, "exited", body, [])


def _paid(event: Event, event_id: str) -> list[FactRow]:
    data = event.data
    account = data.account
    paid_on = data.paid_on.isoformat()
    of_household = bodies.Paid(
        event_id,
        paid_on,
        data.programme,
        data.month,
        data.amount_fen,
        data.kind,
        account.account_id,
        _names(account.holder),
        account.institution,
        data.payment_no,
    )
    of_account = bodies.PaidTo(
        event_id,
        paid_on,
        data.month,
        data.household_no,
        data.programme,
        data.amount_fen,
        data.kind,
        account.institution,
        data.payment_no,
    )
    # A collective account may have a million payments: those that no rule counts mark nothing.
    counted = data.kind == "regular" and not account.institution
    return [
        FactRow(
            "household:" + data.household_no,
            "paid",
            data.month,
            bodies.encode(of_household),
            data.payment_no,
        ),
        FactRow(
            "account:" + account.account_id,
            "paid_to" if counted else "paid_to_exempt",
            data.month,
            bodies.encode(of_account),
        ),
    ]


def _returned(event: Event, event_id: str) -> list[FactRow]:
    # On the payment's number alone: a return that names another household still undoes the payment.
    number = event.data.payment_no
    body = bodies.Returned(event_id, event.data.returned_on.isoformat(), number)
    return [FactRow("payment:" + number, "returned", "", bodies.encode(body))]


def _died(event: Event, event_id: str) -> list[FactRow]:
    person = event.data.person.person_id
    body = bodies.Died(event_id, event.data.died_on.isoformat(), person)
    return [FactRow("person:" + person, "died", "", bodies.encode(body))]


def _granted(event: Event, event_id: str) -> list[FactRow]:
    data = event.data
    body = bodies.encode(
        bodies.Granted(
            event_id,
            _business_date(event),
            data.custody_no,
            data.household_no,
            data.beneficiary.person_id,
            _names(data.custodian.names),
            data.account_number.account_id,
            bool(data.agreement_no),
            data.filed_on is not None,
            data.valid_from.isoformat(),
            data.valid_to.isoformat(),
        )
    )
    return [
        FactRow("custody:" + data.custody_no, "granted", "", body),
        FactRow("household:" + data.household_no, "granted", "", body),
    ]


def _ended(event: Event, event_id: str) -> list[FactRow]:
    number = event.data.custody_no
    body = bodies.Ended(event_id, event.data.ended_on.isoformat(), number)
    return [FactRow("custody:" + number, "ended", "", bodies.encode(body))]


def _adopted(event: Event, event_id: str) -> list[FactRow]:
    data = event.data
    scope = data.scope
    body = bodies.PolicyAdopted(
        event_id,
        data.from_.isoformat(),
        data.parameter,
        data.value,
        (scope.division_prefix if scope is not None else None) or "",
        scope.programme if scope is not None else None,
    )
    return [FactRow("policy:" + data.parameter, "policy_adopted", "", bodies.encode(body))]


def _day_closed(event: Event, event_id: str) -> list[FactRow]:
    body = bodies.DayClosed(event_id, event.data.day.isoformat(), event.data.cut)
    # The day stands where other facts have their month, so that it can be asked for.
    return [FactRow("calendar:day", "day_closed", event.data.day.isoformat(), bodies.encode(body))]


_ROWS: dict[str, Callable[[Event, str], list[FactRow]]] = {
    "dibao.enrollment.enrolled.v1": _enrolled,
    "dibao.enrollment.members_changed.v1": _members_changed,
    "dibao.enrollment.entitlement_adjusted.v1": _adjusted,
    "dibao.enrollment.exited.v1": _exited,
    "dibao.payments.paid.v1": _paid,
    "dibao.payments.returned.v1": _returned,
    "dibao.vitals.died.v1": _died,
    "dibao.custody.granted.v1": _granted,
    "dibao.custody.ended.v1": _ended,
    "dibao.policy.adopted.v1": _adopted,
    "dibao.calendar.day_closed.v1": _day_closed,
}

CONTEXTS = ("enrollment", "payments", "vitals", "custody", "policy", "calendar")
"""The contexts of the log that detection consumes: those that a rule reads."""

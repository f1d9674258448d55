"""custody-expired: a custody past its last day, not ended, of somebody who is still a member (R31-R32)."""

from datetime import date, timedelta

from events.values import first_day
from services.detection.facts.custody import Ended, Granted
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.custody import CustodyView


def findings(view: CustodyView, without: Clauses = ()) -> list[Finding]:
    """At most one finding a custody. Of several grants of one number, the latest counts.

    Params: ``since`` (the day after valid_to), ``valid_to``, ``household_no``, ``beneficiary`` (token).
    """
    if view.closed is None or (view.ends and "ended" not in without):
        return []
    for grant in view.grants if "renewed" in without else view.grants[-1:]:
        valid_to = date.fromisoformat(grant.valid_to)
        if "last_day" in without:
            valid_to -= timedelta(days=1)
        if valid_to.isoformat() >= view.closed:
            continue
        household = view.households[grant.household_no]
        month = view.closed[:7]
        members = household.everyone() if "left" in without else set(household.members(month))
        if grant.beneficiary not in members:
            continue
        stay = household.members(month).get(grant.beneficiary)
        expired = (valid_to + timedelta(days=1)).isoformat()
        shown_facts, count, latest = evidence([grant, stay.joined_by if stay is not None else None])
        return [
            Finding(
                rule=NAME,
                key={"custody_no": view.custody_no},
                severity="medium",
                params={
                    "since": expired,
                    "valid_to": valid_to.isoformat(),
                    "household_no": grant.household_no,
                    "beneficiary": grant.beneficiary,
                },
                evidence=shown_facts,
                evidence_count=count,
                holds_since=max(expired, latest or ""),
                household_no=grant.household_no,
            )
        ]
    return []


def next_due(view: CustodyView) -> date | None:
    """Return the first day after the latest closed one whose closing may change the answer without a fact.

    That is the day after valid_to, or, later, the first of a month in which the beneficiary comes or goes.
    """
    if view.ends or not view.grants:
        return None
    grant = view.grants[-1]
    valid_to = date.fromisoformat(grant.valid_to)
    if valid_to == date.max:
        return None  # 9999-12-31, as offices write what has no end
    expires = valid_to + timedelta(days=1)
    if view.closed is None or expires.isoformat() > view.closed:
        return expires
    return min(
        (day for day in _turns(view, grant) if day.isoformat() > view.closed),
        default=None,
    )


def _turns(view: CustodyView, grant: Granted) -> list[date]:
    return [
        first_day(month)
        for spells in view.households[grant.household_no].spells.values()
        for spell in spells
        for stay in spell.stays
        if stay.person == grant.beneficiary
        for month in (stay.from_month, stay.to_month)
        if month is not None
    ]


NAME = "custody-expired"

RULE = Rule[CustodyView](
    name=NAME,
    version=1,
    title="卡折代管逾期",
    phrases=(
        (
            "卡折代管 {custody_no} 已于{valid_to:day}到期而未终止",
            "卡折代管 {custody_no} 已到期而未终止",
        ),
        "对象仍在享受保障",
    ),
    requirements=("R31", "R32"),
    subject="custody",
    triggers=frozenset({Granted, Ended}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited}),
    key=("custody_no",),
    clauses={
        "ended": "a custody that was ended is not overdue",
        "left": "the beneficiary has left the household",
        "renewed": "a later grant of the same custody counts",
        "last_day": "valid_to is the last valid day",
    },
    findings=findings,
    next_due=next_due,
)

"""uncovered-at-risk: help was promised to somebody at risk, and did not come in time (R20)."""

from datetime import date

from services.detection.facts.enrollment import (
    Enrolled,
    Exited,
    LeftHousehold,
    Listed,
    MembersChanged,
    Refused,
)
from services.detection.facts.fact import Body
from services.detection.facts.relief import Relieved
from services.detection.facts.screening import ScreeningConcluded, ScreeningListed
from services.detection.facts.vitals import Died
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.screening import Screening

RELIEF = "temporary_relief"
HELP = frozenset({"rural_dibao", "urban_dibao", "tekun", RELIEF})
"""Outcomes that promise something."""


def clock_of(view: Screening, without: Clauses = ()) -> Clock | None:
    """Return when help is due; None where none was promised, or who was to have it had died by then.

    What the last conclusion promises counts, from the day on which it was first said.
    """
    listed, conclusions = view.first(ScreeningListed), view.concluded()
    if listed is None or not conclusions:
        return None
    promised = conclusions[0]
    if promised.outcome not in HELP and "no_help" not in without:
        return None
    days = view.policy.days(COVER_DAYS, promised.date, view.scope)
    due_on = later(promised.date, days)
    if view.died_by(due_on) and "died" not in without:
        return None
    acts: list[Body] = []
    if "member" not in without:
        acts += _joining(view, listed, promised)
    if "relieved" not in without and promised.outcome == RELIEF:
        acts += [fact for fact in view.relieved() if fact.date >= listed.date]
    if "refused" not in without:
        for named in {one.application_no for one in conclusions if one.application_no is not None}:
            acts += view.refused(named)
    return Clock(
        due_on=due_on,
        because=(listed, promised),
        done=min(acts, key=lambda fact: (fact.date, fact.event_id), default=None),
        policy={COVER_DAYS.name: days},
    )


def _joining(view: Screening, listed: ScreeningListed, promised: ScreeningConcluded) -> list[Body]:
    """Return what made the person a member, but for what was over before help was promised.

    Of a household that the listing does not name it is not known whether it left since: there only what came
    after the listing counts.
    """
    month = promised.date[:7]
    return [
        one.since
        for one in view.memberships()
        if one.since.date >= listed.date or (one.told and (one.to_month is None or one.to_month > month))
    ]


def findings(view: Screening, without: Clauses = ()) -> list[Finding]:
    """At most one finding a screening. Params: ``due_on``, ``done_on``, ``outcome``."""
    key = {"screening_no": view.number}
    found = overdue(view, clock_of(view, without), NAME, key, "high", view.household_no)
    for finding in found:
        finding.params["outcome"] = view.concluded()[0].outcome
    return found


def next_due(view: Screening) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "uncovered-at-risk"

COVER_DAYS = Parameter(
    name="screening.cover_days",
    default="60",
    unit="days after the outcome is help",
    source="ours",
    title="摸排结论落实期限",
    measure="作出救助结论后的天数",
    basis="本系统设定",
)

RULE = Rule[Screening](
    name=NAME,
    version=2,
    title="应保未保",
    phrases=(
        "摸排 {screening_no} 结论为{outcome:word}",
        ("应于{due_on:day}前落实", "摸排 {screening_no} 的救助未落实"),
        ("{done_on:day}才落实", "至今未落实，逾期{due_on:days_over}天", "至今未落实"),
    ),
    requirements=("R20",),
    subject="screening",
    triggers=frozenset({ScreeningListed, ScreeningConcluded}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited, Died, Listed, LeftHousehold, Relieved, Refused}),
    parameters=(COVER_DAYS,),
    key=("screening_no",),
    clauses={
        "no_help": "who is watched, or does not qualify, was promised nothing",
        "died": "the person died before help was due",
        "member": "the person is a member of a household that receives, whichever the programme",
        "relieved": "temporary relief was promised, and granted",
        "refused": "the application that was named was refused",
    },
    findings=findings,
    next_due=next_due,
)

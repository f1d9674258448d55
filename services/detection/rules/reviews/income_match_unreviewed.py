"""income-match-unreviewed: another register knows something, and nobody looked into it (R14)."""

from datetime import date

import msgspec

from services.detection.facts.enrollment import Compared, Enrolled, Exited, MembersChanged
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.match import Match


def clock_of(view: Match, without: Clauses = ()) -> Clock | None:
    """Return when a hit must be looked into; the days are those in force when it was compared."""
    statements = view.statements
    hits = [fact for fact in statements if fact.hit or "no_hit" in without]
    if not hits:
        return None
    days = view.policy.days(REVIEW_DAYS, hits[0].date, view.scope)
    due_on = later(hits[0].date, days)
    if view.has_left(due_on) and "left" not in without:
        return None
    return Clock(
        due_on=due_on,
        because=(hits[0],),
        done=_done(statements, without),
        policy={REVIEW_DAYS.name: days},
    )


def _done(statements: list[Compared], without: Clauses) -> Compared | None:
    """Return the act that settled it: the first of the statements since the last that said otherwise."""
    acts: list[Compared] = []
    for fact in statements:
        day = _settled_on(fact, without)
        if day is None:
            acts = []
        else:
            acts.append(msgspec.structs.replace(fact, date=day))
    return min(acts, key=lambda fact: (fact.date, fact.event_id), default=None)


def _settled_on(fact: Compared, without: Clauses) -> str | None:
    """Return the day on which nothing was left to look into, as this statement has it."""
    if not fact.hit and "no_hit" not in without:
        return fact.day
    if fact.review != "pending" and "reviewed" not in without:
        return fact.reviewed_on or fact.day
    return None


def findings(view: Match, without: Clauses = ()) -> list[Finding]:
    """At most one finding a comparison. Params: ``due_on``, ``done_on``."""
    key = {"comparison_no": view.number}
    return overdue(view, clock_of(view, without), NAME, key, "medium", view.household_no)


def next_due(view: Match) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "income-match-unreviewed"

REVIEW_DAYS = Parameter(
    name="comparison.review_days",
    default="30",
    unit="days after a comparison that found something",
    source="ours",
    title="比对命中复核期限",
    measure="比对发现问题后的天数",
    basis="本系统设定",
)

RULE = Rule[Match](
    name=NAME,
    version=2,
    title="比对结果逾期未复核",
    phrases=(
        ("信息比对 {comparison_no} 有结果，应于{due_on:day}前复核", "信息比对 {comparison_no} 有结果"),
        ("{done_on:day}才复核", "至今未复核，逾期{due_on:days_over}天", "至今未复核"),
    ),
    requirements=("R14",),
    subject="match",
    triggers=frozenset({Compared}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited}),
    parameters=(REVIEW_DAYS,),
    key=("comparison_no",),
    clauses={
        "no_hit": "where nothing was found there is nothing to look into",
        "reviewed": "somebody looked into it in time",
        "left": "the person receives no more",
    },
    findings=findings,
    next_due=next_due,
)

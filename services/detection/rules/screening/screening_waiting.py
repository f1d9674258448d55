"""screening-waiting: somebody at risk was listed, and nothing came of it in time (R18, R19)."""

from datetime import date

from services.detection.facts.enrollment import Enrolled
from services.detection.facts.screening import ScreeningConcluded, ScreeningListed
from services.detection.facts.vitals import Died
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.screening import Screening


def clock_of(view: Screening, without: Clauses = ()) -> Clock | None:
    """Return when an outcome is due; None where nobody is listed, or who is had died by then.

    The days run from the first listing, and are those in force then.
    """
    listed = view.first(ScreeningListed)
    if listed is None:
        return None
    days = view.policy.days(OUTCOME_DAYS, listed.date, view.scope)
    due_on = later(listed.date, days)
    if view.died_by(due_on) and "died" not in without:
        return None
    return Clock(
        due_on=due_on,
        because=(listed,),
        done=None if "concluded" in without else view.first(ScreeningConcluded),
        policy={OUTCOME_DAYS.name: days},
    )


def findings(view: Screening, without: Clauses = ()) -> list[Finding]:
    """At most one finding a screening. Params: ``due_on``, ``done_on``."""
    key = {"screening_no": view.number}
    return overdue(view, clock_of(view, without), NAME, key, "medium", view.household_no)


def next_due(view: Screening) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "screening-waiting"

OUTCOME_DAYS = Parameter(
    name="screening.outcome_days",
    default="30",
    unit="days after somebody is listed",
    source="ours",
    title="摸排结论作出期限",
    measure="列入摸排后的天数",
    basis="本系统设定",
)

RULE = Rule[Screening](
    name=NAME,
    version=1,
    title="摸排逾期无结论",
    phrases=(
        ("摸排 {screening_no} 应于{due_on:day}前作出结论", "摸排 {screening_no} 逾期无结论"),
        ("{done_on:day}才作出结论", "至今无结论，逾期{due_on:days_over}天", "至今无结论"),
    ),
    requirements=("R18", "R19"),
    subject="screening",
    triggers=frozenset({ScreeningListed, ScreeningConcluded}),
    neighbours=frozenset({Enrolled, Died}),
    parameters=(OUTCOME_DAYS,),
    key=("screening_no",),
    clauses={
        "concluded": "something came of it in time, be it that the person is watched",
        "died": "the person died before an outcome was due",
    },
    findings=findings,
    next_due=next_due,
)

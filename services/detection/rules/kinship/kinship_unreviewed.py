"""kinship-unreviewed: a filing of an official's near relative that was not looked into with a visit (R16)."""

from datetime import date

from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.kinship import KinDeclared, KinReviewed
from services.detection.policy import Parameter, Scope
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.beside import WithHouseholds


def clock_of(view: WithHouseholds, without: Clauses = ()) -> Clock | None:
    """Return when a filing must be looked into with a visit; None where the household receives no more.

    The first statement of the filing starts it, the last one says of whom it is. The days are those in force
    on declared_on.
    """
    filings = view.of(KinDeclared)
    if not filings:
        return None
    filed, last = filings[0], filings[-1]
    scope = Scope(view.scope_in(last.household_no, last.division).division, last.programme)
    days = view.policy.days(REVIEW_DAYS, filed.date, scope)
    due_on = later(filed.date, days)
    receives = any(
        spell.programme == last.programme and spell.covers(due_on[:7])
        for spell in view.spells(last.household_no)
    )
    if not receives and "receives_no_more" not in without:
        return None
    visits = [review for review in view.of(KinReviewed) if review.visited]
    return Clock(
        due_on=due_on,
        because=(filed, last),
        done=visits[0] if visits and "reviewed" not in without else None,
        policy={REVIEW_DAYS.name: days},
    )


def findings(view: WithHouseholds, without: Clauses = ()) -> list[Finding]:
    """At most one finding a filing. Params: ``due_on``, ``done_on``."""
    filed = view.last(KinDeclared)
    household_no = filed.household_no if filed is not None else None
    return overdue(view, clock_of(view, without), NAME, {"filing_no": view.number}, "medium", household_no)


def next_due(view: WithHouseholds) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "kinship-unreviewed"

REVIEW_DAYS = Parameter(
    name="kinship.review_days",
    default="60",
    unit="days after the relative is filed",
    source="ours; 民发〔2021〕57号 20 for the visit",
    title="近亲属备案排查期限",
    measure="备案后的天数",
    basis="本系统设定；入户调查见民发〔2021〕57号第20条",
)

RULE = Rule[WithHouseholds](
    name=NAME,
    version=1,
    title="近亲属备案未排查",
    phrases=(
        ("近亲属备案 {filing_no} 应于{due_on:day}前入户排查", "近亲属备案 {filing_no} 逾期未入户排查"),
        ("{done_on:day}才入户排查", "至今未入户排查，逾期{due_on:days_over}天", "至今未入户排查"),
    ),
    requirements=("R16",),
    subject="filing",
    triggers=frozenset({KinDeclared, KinReviewed}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited}),
    parameters=(REVIEW_DAYS,),
    key=("filing_no",),
    clauses={
        "receives_no_more": "nobody need be visited who received no more on the last day for it",
        "reviewed": "the household was visited in time",
    },
    findings=findings,
    next_due=next_due,
)

"""missing-stage: a household that was enrolled without a stage that the law wants before that (R50)."""

from collections.abc import Iterator
from datetime import date

from services.detection.facts.enrollment import Applied, Approved, Investigated, Publicised
from services.detection.policy import Parameter, Scope
from services.detection.rules import clock
from services.detection.rules.clock import later
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.application import Application

_STEPS = ("household_visit", "information_check")


def findings(view: Application, without: Clauses = ()) -> list[Finding]:
    """At most one finding a stage, by the first decision; what is dated on its day is in time.

    Params: ``decided_on``.
    """
    approved = view.first(Approved)
    if approved is None:
        return []
    scope = Scope(approved.division, approved.programme)
    days = view.policy.days(PUBLICITY_DAYS, approved.date, scope)
    there = set(_there(view, approved, days, without))
    ids, count, latest = evidence([approved])
    return [
        Finding(
            rule=NAME,
            key={"application_no": view.number, "stage": stage},
            severity="medium",
            params={"decided_on": approved.date},
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
            policy={PUBLICITY_DAYS.name: days} if stage == "publicity" else {},
            household_no=approved.household_no,
        )
        for stage in ("application", *_STEPS, "publicity")
        if stage not in there
    ]


def _there(view: Application, approved: Approved, days: int, without: Clauses) -> Iterator[str]:
    until = approved.date if "on_the_day" not in without else later(approved.date, -1)
    if "applied" not in without and any(fact.date <= until for fact in view.of(Applied)):
        yield "application"
    if "investigated" not in without:
        yield from (step.kind for step in view.of(Investigated) if step.date <= until)
    for notice in view.of(Publicised):
        over = later(notice.date, days if "publicised" not in without else days + 1)
        hung = notice.removed_on is None or notice.removed_on >= over
        if notice.stage == "review" and hung and over <= until:
            yield "publicity"


def next_due(view: Application) -> date | None:
    """Return the first day whose closing may change the answer: more is there."""
    return clock.next_due(view, ())


NAME = "missing-stage"

PUBLICITY_DAYS = Parameter(
    name="application.publicity_days",
    default="7",
    unit="days on the notice board before the decision",
    source="民发〔2021〕57号 19",
    title="公示期",
    measure="决定前公示的天数",
    basis="民发〔2021〕57号第19条",
)

RULE = Rule[Application](
    name=NAME,
    version=1,
    title="审批缺少环节",
    phrases=(
        ("申请 {application_no} 于{decided_on:day}批准", "申请 {application_no} 已批准"),
        "此前缺少{stage:word}",
    ),
    requirements=("R50",),
    subject="application",
    triggers=frozenset({Applied, Investigated, Publicised, Approved}),
    parameters=(PUBLICITY_DAYS,),
    key=("application_no", "stage"),
    clauses={
        "applied": "it was asked for",
        "investigated": "the household was visited, and its statements checked",
        "publicised": "the days on the notice board were over on the last of them",
        "on_the_day": "what was done on the day of the decision was done before it",
    },
    findings=findings,
    next_due=next_due,
)

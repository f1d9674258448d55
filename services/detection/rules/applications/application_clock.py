"""application-clock: an application that is not looked into, decided or answered in time (R36, R50)."""

from collections.abc import Iterable
from datetime import date

import msgspec

from services.detection.facts.enrollment import (
    Applied,
    Approved,
    Enrolled,
    Investigated,
    Refused,
)
from services.detection.facts.fact import Body
from services.detection.facts.relief import Relieved
from services.detection.policy import Parameter, Scope
from services.detection.rules import clock
from services.detection.rules.clock import Clock, overdue
from services.detection.rules.clock import later as calendar_days_later
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.application import Application


def clocks_of(view: Application, without: Clauses = ()) -> dict[str, Clock]:
    """Return when each stage of an application is due: investigation, decision, and a refusal's notice.

    All are counted in working days, by the values of the day on which the stage begins to be waited for.
    """
    found: dict[str, Clock] = {}
    applied = view.applied
    if applied is not None:
        found["investigation"] = _investigation(view, applied, without)
        found["decision"] = _decision(view, applied, without)
    if (refused := view.first(Refused)) is not None:
        found["notice"] = _notice(view, refused, without)
    return found


def _later(view: Application, day: str, days: int, without: Clauses) -> str:
    return calendar_days_later(day, days) if "days_off" in without else view.calendar.later(day, days)


def _investigation(view: Application, applied: Applied, without: Clauses) -> Clock:
    days = view.policy.days(INVESTIGATION_DAYS, applied.date, view.scope)
    kinds = view.policy.text(INVESTIGATION_STEPS, applied.date, view.scope)
    if "any_step" in without:
        kinds = "household_visit"
    steps: list[Body] = [step for step in view.of(Investigated) if kinds == ANY or step.kind in kinds.split()]
    if "decided" not in without:
        steps += _decisions(view, without)
    return Clock(
        due_on=_later(view, applied.date, days, without),
        because=(applied,),
        done=None if "done" in without else _first(steps),
        policy={INVESTIGATION_DAYS.name: days, INVESTIGATION_STEPS.name: kinds},
    )


def _decision(view: Application, applied: Applied, without: Clauses) -> Clock:
    ordinary = DELEGATED_DAYS if applied.delegated else TOTAL_DAYS
    days = view.policy.days(ordinary, applied.date, view.scope)
    due_on = _later(view, applied.date, days, without)
    policy = {ordinary.name: days}
    doubtful = [step for step in view.of(Investigated) if step.result == "doubtful" and step.date <= due_on]
    if doubtful and "doubtful" not in without:
        days = view.policy.days(EXTENDED_DAYS, applied.date, view.scope)
        due_on, policy = _later(view, applied.date, days, without), {EXTENDED_DAYS.name: days}
    return Clock(
        due_on=due_on,
        because=(applied, *doubtful[:1]),
        done=None if "done" in without else _first(_decisions(view, without)),
        policy=policy,
    )


def _decisions(view: Application, without: Clauses) -> list[Body]:
    found = view.decisions()
    if "no_number" not in without:
        found += view.enrolled_without_number()
    if "relief" not in without:
        found += view.relieved()
    return found


def _notice(view: Application, refused: Refused, without: Clauses) -> Clock:
    scope = Scope(refused.division or view.scope.division, refused.programme)
    days = view.policy.days(NOTICE_DAYS, refused.date, scope)
    # The refusal says itself when the applicant was told, if need be in a later statement of it.
    notices: list[Body] = [
        msgspec.structs.replace(fact, date=fact.notified_on)
        for fact in view.of(Refused)
        if fact.notified_on is not None
    ]
    return Clock(
        due_on=_later(view, refused.date, days, without),
        because=(refused,),
        done=None if "done" in without else _first(notices),
        policy={NOTICE_DAYS.name: days},
    )


def _first(acts: Iterable[Body]) -> Body | None:
    return min(acts, key=lambda fact: (fact.date, fact.event_id), default=None)


def findings(view: Application, without: Clauses = ()) -> list[Finding]:
    """At most one finding a stage. Params: ``due_on``, ``done_on``."""
    return [
        finding
        for stage, one in clocks_of(view, without).items()
        for finding in overdue(
            view,
            one,
            NAME,
            {"application_no": view.number, "stage": stage},
            "medium",
            view.household_no,
        )
    ]


def next_due(view: Application) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, clocks_of(view).values())


NAME = "application-clock"

ANY = "any"
"""The value of the parameter of steps that means a step of whatever kind."""

INVESTIGATION_DAYS = Parameter(
    name="application.investigation_days",
    default="10",
    dated=(("2021-07-01", "3"),),
    unit="working days after the application until the investigation",
    source="民发〔2012〕220号 18 (to 2021-06-30); 民发〔2021〕57号 15 (from 2021-07-01)",
    title="入户调查期限",
    measure="受理申请后的工作日数",
    basis="民发〔2012〕220号第18条（至2021年6月30日），民发〔2021〕57号第15条（自2021年7月1日）",
)
INVESTIGATION_STEPS = Parameter(
    name="application.investigation_steps",
    default="household_visit",
    dated=(("2021-07-01", ANY),),
    unit="kinds of steps, parted by blanks, that are its beginning; any: of whatever kind",
    source="民发〔2012〕220号 18 (to 2021-06-30); 民发〔2021〕57号 15 (from 2021-07-01)",
    kind="text",
    title="视为开始调查的环节",
    measure="环节代号，以空格分隔；any 为任何环节",
    basis="民发〔2012〕220号第18条（至2021年6月30日），民发〔2021〕57号第15条（自2021年7月1日）",
)
TOTAL_DAYS = Parameter(
    name="application.total_days",
    default="30",
    unit="working days after the application until the decision",
    source="民发〔2021〕57号 22",
    title="审核确认总期限",
    measure="受理申请后的工作日数",
    basis="民发〔2021〕57号第22条",
)
EXTENDED_DAYS = Parameter(
    name="application.extended_days",
    default="45",
    unit="working days where a step of the investigation is doubtful",
    source="民发〔2021〕57号 22",
    title="延长后的审核确认期限",
    measure="受理申请后的工作日数，调查结果存疑时适用",
    basis="民发〔2021〕57号第22条",
)
DELEGATED_DAYS = Parameter(
    name="application.delegated_days",
    default="20",
    unit="working days where the township decides",
    source="民发〔2020〕83号 四(一)",
    title="下放乡镇的审核确认期限",
    measure="受理申请后的工作日数",
    basis="民发〔2020〕83号四（一）",
)
NOTICE_DAYS = Parameter(
    name="application.notice_days",
    default="3",
    unit="working days after the refusal until its notice",
    source="民发〔2021〕57号 21",
    title="不予确认告知期限",
    measure="作出决定后的工作日数",
    basis="民发〔2021〕57号第21条",
)

RULE = Rule[Application](
    name=NAME,
    version=2,
    title="申请办理超期",
    phrases=(
        ("申请 {application_no} 的{stage:word}应于{due_on:day}前完成", "申请 {application_no} 办理超期"),
        ("{done_on:day}才完成", "至今未完成，逾期{due_on:days_over}天", "至今未完成"),
    ),
    requirements=("R36", "R50"),
    subject="application",
    triggers=frozenset({Applied, Investigated, Refused, Approved}),
    neighbours=frozenset({Enrolled, Relieved}),
    parameters=(
        INVESTIGATION_DAYS,
        INVESTIGATION_STEPS,
        TOTAL_DAYS,
        EXTENDED_DAYS,
        DELEGATED_DAYS,
        NOTICE_DAYS,
    ),
    key=("application_no", "stage"),
    clauses={
        "days_off": "weekends and holidays are not counted",
        "any_step": "since 57号 the investigation begins with a step of any kind",
        "decided": "what is decided needs no investigation any more",
        "doubtful": "a doubtful investigation gives more time for the decision",
        "no_number": "an enrolment that names no application decides its household's as well",
        "relief": "temporary relief is decided by granting it",
        "done": "it was done in time",
    },
    findings=findings,
    next_due=next_due,
    working_days=True,
)

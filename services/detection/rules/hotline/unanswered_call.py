"""unanswered-call: nobody took a call in hours of duty, and nobody called back in time (R52)."""

from datetime import date

from services.detection.facts.hotline import CallAnswered, Called, Rostered
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.call import Call


def clock_of(view: Call, without: Clauses = ()) -> Clock | None:
    """Return when a call must be returned; None where somebody took it, or nobody had to."""
    begun, called = view.begun, view.called
    if begun is None or called is None:
        return None
    if called.picked_up and "picked_up" not in without:
        return None
    if not view.on_duty and "nobody_on_duty" not in without:
        return None
    days = view.policy.days(CALL_BACK_WORKING_DAYS, begun.date, view.scope)
    back = [fact for fact in view.of(CallAnswered) if fact.called_back]
    return Clock(
        due_on=view.calendar.later(begun.date, days),
        because=(begun, called, *view.on_duty[:1]),
        done=back[0] if back and "called_back" not in without else None,
        policy={CALL_BACK_WORKING_DAYS.name: days},
    )


def findings(view: Call, without: Clauses = ()) -> list[Finding]:
    """At most one finding a call. Params: ``due_on``, ``done_on``."""
    return overdue(view, clock_of(view, without), NAME, {"call_no": view.number}, "medium")


def next_due(view: Call) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "unanswered-call"

CALL_BACK_WORKING_DAYS = Parameter(
    name="hotline.call_back_working_days",
    default="1",
    unit="working days after a call that was missed",
    source="ours",
    title="未接来电回拨期限",
    measure="来电后的工作日数",
    basis="本系统设定",
)

RULE = Rule[Call](
    name=NAME,
    version=1,
    title="值守时间来电无人接听且未回电",
    phrases=(
        "来电 {call_no} 在值守时间无人接听",
        "应于{due_on:day}前回电",
        ("{done_on:day}才回电", "至今未回电，逾期{due_on:days_over}天", "至今未回电"),
    ),
    requirements=("R52",),
    subject="call",
    triggers=frozenset({Called, CallAnswered}),
    neighbours=frozenset({Rostered}),
    parameters=(CALL_BACK_WORKING_DAYS,),
    working_days=True,
    key=("call_no",),
    clauses={
        "picked_up": "somebody took it",
        "nobody_on_duty": "nobody had to sit at the line",
        "called_back": "the caller was called back in time",
    },
    findings=findings,
    next_due=next_due,
)

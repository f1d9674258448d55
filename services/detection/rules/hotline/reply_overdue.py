"""reply-overdue: something was asked on the hotline and not answered by the day it was due (R53, R55)."""

from datetime import date

from services.detection.facts.hotline import CallAnswered, Called
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.call import Call


def clock_of(view: Call, without: Clauses = ()) -> Clock | None:
    """Return when what was asked in a call must be answered; None where nobody asked, or nobody heard."""
    begun, called = view.begun, view.called
    if begun is None or called is None:
        return None
    if not called.picked_up and "missed" not in without:
        return None
    if not called.asked and "nothing_asked" not in without:
        return None
    days = view.policy.days(REPLY_DAYS, begun.date, view.scope)
    stated = called.due_on if "stated" not in without else None
    return Clock(
        due_on=stated or later(begun.date, days),
        because=(begun, called),
        done=None if "answered" in without else view.first(CallAnswered),
        policy={} if stated else {REPLY_DAYS.name: days},
    )


def findings(view: Call, without: Clauses = ()) -> list[Finding]:
    """At most one finding a call. Params: ``due_on``, ``done_on``."""
    return overdue(view, clock_of(view, without), NAME, {"call_no": view.number}, "medium")


def next_due(view: Call) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "reply-overdue"

REPLY_DAYS = Parameter(
    name="hotline.reply_days",
    default="7",
    unit="days after a call in which something was asked",
    source="ours",
    title="热线诉求答复期限",
    measure="来电后的天数",
    basis="本系统设定",
)

RULE = Rule[Call](
    name=NAME,
    version=1,
    title="热线诉求逾期未答复",
    phrases=(
        ("来电 {call_no} 的诉求应于{due_on:day}前答复", "来电 {call_no} 的诉求答复超期"),
        ("{done_on:day}才答复", "至今未答复，逾期{due_on:days_over}天", "至今未答复"),
    ),
    requirements=("R53", "R55"),
    subject="call",
    triggers=frozenset({Called, CallAnswered}),
    parameters=(REPLY_DAYS,),
    key=("call_no",),
    clauses={
        "missed": "a call that nobody took is to be called back, which is another matter",
        "nothing_asked": "nothing was asked that is to be answered",
        "stated": "the call itself says until when",
        "answered": "it was answered in time",
    },
    findings=findings,
    next_due=next_due,
)

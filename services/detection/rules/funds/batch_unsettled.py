"""batch-unsettled: a batch of which the bank did not say in time what became of it (R35)."""

from datetime import date

from services.detection.facts.funds import BatchSettled, BatchSubmitted
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.batch import Batch, last_day


def clock_of(view: Batch, without: Clauses = ()) -> Clock | None:
    """Return when the bank's answer is due; None for a batch that did not go to the bank.

    The days run from the last day of the batch's month, and are those in force then.
    """
    submitted = view.submitted
    if submitted is None:
        return None
    end = last_day(submitted.month)
    days = view.policy.days(SETTLE_DAYS, end, view.scope)
    return Clock(
        due_on=later(end, days),
        because=(submitted,),
        done=None if "settled" in without else view.first(BatchSettled),
        policy={SETTLE_DAYS.name: days},
    )


def findings(view: Batch, without: Clauses = ()) -> list[Finding]:
    """At most one finding a batch. Params: ``due_on``, ``done_on``."""
    return overdue(view, clock_of(view, without), NAME, {"batch_no": view.number}, "medium")


def next_due(view: Batch) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "batch-unsettled"

SETTLE_DAYS = Parameter(
    name="funds.settle_days",
    default="10",
    unit="days after the last day of the batch's month",
    source="ours",
    title="银行回盘期限",
    measure="批次所属月份结束后的天数",
    basis="本系统设定",
)

RULE = Rule[Batch](
    name=NAME,
    version=1,
    title="发放批次逾期未回盘",
    phrases=(
        ("发放批次 {batch_no} 应于{due_on:day}前由银行回盘", "发放批次 {batch_no} 回盘逾期"),
        ("{done_on:day}才回盘", "至今未回盘，逾期{due_on:days_over}天", "至今未回盘"),
    ),
    requirements=("R35",),
    subject="batch",
    triggers=frozenset({BatchSubmitted, BatchSettled}),
    parameters=(SETTLE_DAYS,),
    key=("batch_no",),
    clauses={"settled": "the bank answered in time, be it before the month was over"},
    findings=findings,
    next_due=next_due,
)

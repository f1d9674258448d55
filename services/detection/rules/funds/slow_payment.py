"""slow-payment: money that took longer than it may from the decision to the bank, or to the account (R36)."""

from datetime import date

from services.detection.facts.funds import BatchSettled, BatchSubmitted
from services.detection.facts.payments import InBatch
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import later
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.batch import Batch, last_day


def findings(view: Batch, without: Clauses = ()) -> list[Finding]:
    """At most one finding a batch. The limits are those of the last day of its month.

    Params: ``links`` (``to_bank``, ``paid``) that took too long, in order; ``decided_on``; ``to_bank_on`` or
    ``paid_on``, the last day on which money arrived, with the days within which each should have been.
    """
    submitted = view.submitted
    if submitted is None:
        return []
    end = last_day(submitted.month)
    to_bank_days, paid_days = (
        int(parameter.default) if "policy" in without else view.policy.days(parameter, end, view.scope)
        for parameter in (TO_BANK_DAYS, PAID_DAYS)
    )
    params: dict[str, str | int] = {}
    links, because = [], []
    payments = view.paid
    if payments and payments[-1].date > later(submitted.decided_on, paid_days):
        links.append("paid")
        because.append(payments[-1])
        params |= {"paid_on": payments[-1].date, "paid_days": paid_days}
    if submitted.date > later(submitted.decided_on, to_bank_days):
        links.append("to_bank")
        params |= {"to_bank_on": submitted.date, "to_bank_days": to_bank_days}
    if not links:
        return []
    ids, count, _ = evidence([submitted, *because])
    return [
        Finding(
            rule=NAME,
            key={"batch_no": view.number},
            severity="medium",
            params={"links": links, "decided_on": submitted.decided_on} | params,
            evidence=ids,
            evidence_count=count,
            holds_since=submitted.date if "to_bank" in links else payments[-1].date,
            policy={TO_BANK_DAYS.name: to_bank_days, PAID_DAYS.name: paid_days},
        )
    ]


def next_due(view: Batch) -> date | None:
    """Return the day on which what is dated in the future takes effect."""
    return clock.next_due(view, ())


NAME = "slow-payment"

TO_BANK_DAYS = Parameter(
    name="funds.to_bank_days",
    default="15",
    unit="days from the decision to the bank",
    source="ours",
    title="核定至送银行期限",
    measure="核定后的天数",
    basis="本系统设定",
)
PAID_DAYS = Parameter(
    name="funds.paid_days",
    default="30",
    unit="days from the decision to the account",
    source="ours",
    title="核定至到账期限",
    measure="核定后的天数",
    basis="本系统设定",
)

RULE = Rule[Batch](
    name=NAME,
    version=1,
    title="发放时限超期",
    phrases=(
        ("发放批次 {batch_no} 于{decided_on:day}核定", "发放批次 {batch_no} 发放时限超期"),
        "{to_bank_on:day}才送达银行，超过{to_bank_days}天时限",
        "{paid_on:day}才全部到账，超过{paid_days}天时限",
    ),
    requirements=("R36",),
    subject="batch",
    triggers=frozenset({BatchSubmitted, BatchSettled}),
    later=frozenset({InBatch}),
    parameters=(TO_BANK_DAYS, PAID_DAYS),
    key=("batch_no",),
    clauses={"policy": "the days that policy allows"},
    findings=findings,
    next_due=next_due,
)

"""settlement-difference: what the bank says it paid of a batch is not what the payments sum up to (R35)."""

from datetime import date

from services.detection.facts.funds import BatchSettled, BatchSubmitted
from services.detection.facts.payments import InBatch, Returned
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.batch import Batch, PaidOnDay


def findings(view: Batch, without: Clauses = ()) -> list[Finding]:
    """At most one finding a batch, by the last settlement.

    Params: ``difference_fen`` = ``settled_fen``, as the bank says, less ``paid_fen``, as the payments do;
    ``settled_on``.
    """
    settled = view.first(BatchSettled) if "last" in without else view.last(BatchSettled)
    if settled is None:
        return []
    paid = sum(payments.amount for payments in view.paid if _settled_by(payments, settled.date, without))
    if settled.paid == paid:
        return []
    ids, count, latest = evidence([view.submitted, settled])
    return [
        Finding(
            rule=NAME,
            key={"batch_no": view.number},
            severity="high",
            params={
                "difference_fen": settled.paid - paid,
                "settled_fen": settled.paid,
                "paid_fen": paid,
                "settled_on": settled.date,
            },
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
        )
    ]


def _settled_by(payments: PaidOnDay, day: str, without: Clauses) -> bool:
    """Whether the bank had paid by a day, and the money had not come back."""
    if payments.date > day and "afterwards" not in without:
        return False
    if payments.returned_on is None:
        return True
    if payments.returned_on <= day:
        return "returned_before" in without
    return "returned_afterwards" not in without


def next_due(view: Batch) -> date | None:
    """Return the day on which what is dated in the future takes effect."""
    return clock.next_due(view, ())


NAME = "settlement-difference"

RULE = Rule[Batch](
    name=NAME,
    version=1,
    title="回盘金额不符",
    phrases=(
        ("发放批次 {batch_no} 银行{settled_on:day}回盘", "发放批次 {batch_no} 回盘金额与发放明细不符"),
        "回盘实发{settled_fen:yuan}",
        "发放明细{paid_fen:yuan}",
        "差额{difference_fen:yuan}",
    ),
    requirements=("R35",),
    subject="batch",
    triggers=frozenset({BatchSubmitted, BatchSettled}),
    later=frozenset({InBatch}),
    neighbours=frozenset({Returned}),
    key=("batch_no",),
    clauses={
        "last": "an answer that was corrected is the last one",
        "returned_before": "what had come back by then the bank had not paid",
        "returned_afterwards": "what came back later it had paid",
        "afterwards": "what was paid later it could not know of",
    },
    findings=findings,
    next_due=next_due,
)

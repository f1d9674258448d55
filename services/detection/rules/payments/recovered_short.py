"""recovered-short: what was paid for the dead was not given back in time, or not all of it (R33)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.detection.facts.enrollment import Adjusted, Enrolled, Exited, MembersChanged
from services.detection.facts.fact import Body
from services.detection.facts.payments import Paid, Recovered, Returned
from services.detection.facts.vitals import Died
from services.detection.policy import Parameter
from services.detection.rules.clock import later
from services.detection.rules.payments import paid_after_death
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.household import HouseholdView


@dataclass(frozen=True, slots=True, kw_only=True)
class _Debt:
    """What a household owes of one programme, in 分, by when, and what of it was given back."""

    programme: str
    owed: int
    recovered: int
    due_on: str
    days: int
    because: list[Body]


def _debts(view: HouseholdView, without: Clauses = ()) -> Iterator[_Debt]:
    """Yield what is paid after a death by the latest closed day, months of grace included, by programme.

    The days run from the last of these payments, and are those in force then.
    """
    if view.closed is None or not view.deaths:
        return
    there = view.by(view.closed)
    owed: dict[str, list[Finding]] = defaultdict(list)
    for finding in paid_after_death.findings(there, without):
        owed[finding.key["programme"]].append(finding)
    payments = there.payments_by_month(without)
    for programme, found in owed.items():
        paid = [payment for month in {one.month for one in found} for payment in payments[programme, month]]
        last = max(payment.date for payment in paid)
        back = [
            fact
            for fact in there.recoveries
            if fact.programme == programme and fact.cause == "death" and "recovered" not in without
        ]
        dead = {one.key["person"] for one in found}
        days = view.policy.days(RECOVERY_DAYS, last, there.scope(programme))
        yield _Debt(
            programme=programme,
            owed=sum(one.params["overpaid_fen"] for one in found),
            recovered=sum(fact.amount for fact in back),
            due_on=later(last, days),
            days=days,
            because=[*paid, *back, *(there.deaths[person] for person in dead)],
        )


def findings(view: HouseholdView, without: Clauses = ()) -> list[Finding]:
    """At most one finding for each household and programme.

    Params: ``due_on``, ``short_fen`` = ``owed_fen`` less ``recovered_fen``.
    """
    found = []
    for debt in _debts(view, without):
        if debt.recovered >= debt.owed or view.closed is None or debt.due_on >= view.closed:
            continue
        ids, count, _ = evidence(debt.because)
        found.append(
            Finding(
                rule=NAME,
                key={"household_no": view.household_no, "programme": debt.programme},
                severity="high",
                params={
                    "due_on": debt.due_on,
                    "short_fen": debt.owed - debt.recovered,
                    "owed_fen": debt.owed,
                    "recovered_fen": debt.recovered,
                },
                evidence=ids,
                evidence_count=count,
                holds_since=later(debt.due_on, 1),
                policy={RECOVERY_DAYS.name: debt.days},
                household_no=view.household_no,
            )
        )
    return found


def next_due(view: HouseholdView) -> date | None:
    """Return the first day whose closing may change the answer."""
    if not view.deaths:
        return None
    turns = [later(debt.due_on, 1) for debt in _debts(view) if debt.due_on != date.max.isoformat()]
    ahead = [day for day in (*view.days(), *turns) if view.closed is None or day > view.closed]
    return date.fromisoformat(min(ahead)) if ahead else None


def somebody_died(view: HouseholdView) -> bool:
    """Whether a death is known of anybody who ever was a member: else nothing is owed."""
    return bool(view.deaths)


NAME = "recovered-short"

RECOVERY_DAYS = Parameter(
    name="recovery.days",
    default="120",
    unit="days after the last payment for somebody dead",
    source="ours",
    title="死亡后多发款追回期限",
    measure="最后一笔发放后的天数",
    basis="本系统设定",
)

RULE = Rule[HouseholdView](
    name=NAME,
    version=1,
    title="死亡后多发款未追回",
    phrases=(
        (
            "{household_no}户{programme:word}因成员死亡后仍发放多发{owed_fen:yuan}",
            "{household_no}户{programme:word}有死亡后多发款未追回",
        ),
        "应于{due_on:day}前追回",
        "已追回{recovered_fen:yuan}",
        "尚欠{short_fen:yuan}",
        "逾期{due_on:days_over}天",
    ),
    requirements=("R33",),
    subject="household",
    triggers=frozenset({Paid, Recovered, Enrolled, MembersChanged, Adjusted, Exited}),
    neighbours=frozenset({Died, Returned}),
    parameters=(RECOVERY_DAYS,),
    key=("household_no", "programme"),
    clauses={
        "recovered": "what was given back is not owed any more",
        "returned": "a payment that came back was not kept",
        "month_of_death": "the month of death itself may still be paid",
        "left": "a person who has left the household before is not paid for any more",
    },
    findings=findings,
    next_due=next_due,
    clear=paid_after_death.nobody_died,
    whole_where=somebody_died,
)

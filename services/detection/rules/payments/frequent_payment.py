"""frequent-payment: more regular payments of one month to one account than policy allows (R28)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from services.detection.facts.enrollment import Enrolled
from services.detection.facts.payments import Paid, Returned
from services.detection.policy import Parameter, Scope, shown
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.household import HouseholdView


def findings(view: HouseholdView, without: Clauses = ()) -> list[Finding]:
    """One finding for each household, programme, month and account, as of the latest closed day.

    Params: ``payments`` (numbers in order), ``paid_fen``.
    """
    if view.closed is None:
        return []
    view = view.by(view.closed)
    kinds = {"regular"} | ({"arrears", "one_off"} & set(without))
    found: list[Finding] = []
    for (programme, month), group in view.payments_by_month(without).items():
        allowed = (
            Decimal(REGULAR_A_MONTH.default) if "policy" in without else _allowed(view, programme, month)
        )
        by_account: dict[str, list[Paid]] = defaultdict(list)
        for payment in group:
            if payment.kind in kinds and (not payment.institution or "institution" in without):
                by_account["any" if "another_account" in without else payment.account].append(payment)
        for payments in by_account.values():
            if len(payments) <= allowed:
                continue
            shown_facts, count, latest = evidence(payments)
            found.append(
                Finding(
                    rule=NAME,
                    key={
                        "household_no": view.household_no,
                        "programme": programme,
                        "month": month,
                        "account": payments[0].account,
                    },
                    month=month,
                    severity="medium",
                    params={
                        "payments": sorted(payment.payment_no for payment in payments),
                        "paid_fen": sum(payment.amount for payment in payments),
                    },
                    evidence=shown_facts,
                    evidence_count=count,
                    holds_since=latest,
                    policy={REGULAR_A_MONTH.name: shown(allowed)},
                    household_no=view.household_no,
                )
            )
    return found


def _allowed(view: HouseholdView, programme: str, month: str) -> Decimal:
    return view.policy.of_month(REGULAR_A_MONTH, month, view.scope(programme))


def _ever_paid(view: HouseholdView) -> Mapping[tuple[str, str], list[Paid]]:
    """Return all payments of a month, of whichever kind: what came back may have done so after the day."""
    return view.payments_by_month(("returned",) if view.returned else ())


def _too_many(view: HouseholdView) -> Iterator[list[Paid]]:
    """Yield the payments of a month that are more than it may have, wherever the household lives by then."""
    paid = _ever_paid(view)
    least = view.policy.least(REGULAR_A_MONTH)
    if all(len(group) <= least for group in paid.values()):  # as of nearly all
        return
    divisions = {None, *(fact.division for fact in view.enrolments)}
    for (programme, month), group in paid.items():
        if len(group) > min(
            view.policy.of_month(REGULAR_A_MONTH, month, Scope(division, programme)) for division in divisions
        ):
            yield group


def few_enough(view: HouseholdView) -> bool:
    """Whether no month has more payments, of whichever kind, than it may have: then nothing is found."""
    return view.closed is None or not any(_too_many(view))


def _turns(view: HouseholdView) -> Iterator[str]:
    """Yield the days after the closed one on which the answer may change without a fact."""
    for group in _too_many(view):
        numbers = {payment.payment_no for payment in group}
        back = (fact for fact in view.neighbours if type(fact) is Returned and fact.payment_no in numbers)
        for fact in (*group, *back, *view.enrolments):
            if view.closed is None or fact.date > view.closed:
                yield fact.date


def next_due(view: HouseholdView) -> date | None:
    """Return the first day whose closing may change the answer."""
    day = min(_turns(view), default=None)
    return None if day is None else date.fromisoformat(day)


def something_ahead(view: HouseholdView) -> bool:
    """Whether the answer may change with the day alone: then it has to be known when."""
    return any(_turns(view))


NAME = "frequent-payment"

REGULAR_A_MONTH = Parameter(
    name="payments.regular_a_month",
    default="1",
    unit="regular payments of a month to one account",
    source="民发〔2021〕57号 25: the allowance is paid by the month",
    per="month",
    title="同一账户每月正常发放笔数上限",
    measure="笔",
    basis="民发〔2021〕57号第25条：按月发放",
)

RULE = Rule[HouseholdView](
    name=NAME,
    version=2,
    title="同月重复发放",
    phrases=(
        (
            "{household_no}户{programme:word}{month:month}向同一账户 {account} 正常发放{payments:count}次："
            "{payments:first_ten}",
            "{household_no}户{programme:word}{month:month}向同一账户 {account} 多次正常发放",
        ),
        "合计{paid_fen:yuan}",
    ),
    requirements=("R28",),
    subject="household",
    triggers=frozenset({Paid, Enrolled}),
    neighbours=frozenset({Returned}),
    parameters=(REGULAR_A_MONTH,),
    key=("household_no", "programme", "month", "account"),
    by_month=True,
    clauses={
        "returned": "a payment that came back was not kept",
        "arrears": "arrears for the same month are paid beside it",
        "one_off": "one-off payments are not regular payments",
        "another_account": "a household may be paid in parts, to accounts of several members",
        "institution": "an institution's account is a collective one",
        "policy": "the number of payments that policy allows",
    },
    findings=findings,
    next_due=next_due,
    clear=few_enough,
    whole_where=something_ahead,
)

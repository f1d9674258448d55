"""shared-account: regular payments of two or more households to one account for one month (R28)."""

from collections import defaultdict

from services.detection.facts.payments import PaidTo, Returned
from services.detection.rules.rule import NAMED_CAP, Clauses, Finding, Rule, evidence
from services.detection.subjects.account import AccountMonth, AccountView


def counted_kinds(without: Clauses = ()) -> set[str]:
    """Return the payment kinds that are counted."""
    return {"regular"} | ({"arrears", "one_off"} & set(without))


def findings(view: AccountView, without: Clauses = ()) -> list[Finding]:
    """One finding for each account and month.

    Params: ``households`` (numbers in order, at most 50), ``household_count``, ``paid_fen``.
    """
    found = []
    for month in [*_months(view, without), *view.aggregates]:
        if len(month.households) < 2:
            continue
        # The key without its programme, where a test counts the programmes of a household apart.
        numbers = sorted({name.partition("\n")[0] for name in month.households})
        found.append(
            Finding(
                rule=NAME,
                key={"account": view.account, "month": month.month},
                month=month.month,
                severity="high",
                params={
                    "households": numbers[:NAMED_CAP],
                    "household_count": len(numbers),
                    "paid_fen": sum(month.households.values()),
                },
                evidence=month.evidence,
                evidence_count=month.evidence_count,
                holds_since=month.latest,
            )
        )
    return found


def _months(view: AccountView, without: Clauses) -> list[AccountMonth]:
    kinds = counted_kinds(without)
    by_month: dict[str, list[PaidTo]] = defaultdict(list)
    for payment in view.payments(without):
        if payment.kind in kinds and (not payment.institution or "institution" in without):
            by_month["any" if "same_month" in without else payment.month].append(payment)
    months = []
    for month, payments in by_month.items():
        households: dict[str, int] = defaultdict(int)
        for payment in payments:
            name = payment.household_no
            if "same_household" in without:
                name += "\n" + payment.programme
            households[name] += payment.amount
        months.append(AccountMonth(month, households, *evidence(payments)))
    return months


NAME = "shared-account"

RULE = Rule[AccountView](
    name=NAME,
    version=1,
    title="多户共用账户",
    phrases=(
        (
            "{month:month}有{household_count}户的低保金发放到同一账户 {account}：{households:first_ten}",
            "{month:month}有多户的低保金发放到同一账户 {account}",
        ),
    ),
    requirements=("R28",),
    subject="account",
    triggers=frozenset({PaidTo}),
    neighbours=frozenset({Returned}),
    key=("account", "month"),
    by_month=True,
    clauses={
        "returned": "a payment that came back was not kept",
        "institution": "an institution's account is a collective one",
        "same_household": "two programmes of one household may share its account",
        "same_month": "an account may be handed on to another household later",
        "arrears": "arrears are not regular payments",
        "one_off": "one-off payments are not regular payments",
    },
    findings=findings,
)

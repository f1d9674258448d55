"""large-payment: regular payments for one month above what policy allows of the entitlement (R35)."""

from decimal import ROUND_FLOOR, Decimal

from services.detection.rules.policy import MULTIPLE, shown
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.rules.views import HouseholdView


def findings(view: HouseholdView, without: Clauses = ()) -> list[Finding]:
    """One finding for each household, programme and month.

    Params: ``excess_fen`` = ``paid_fen`` less the multiple of ``entitlement_fen``, rounded down.
    """
    kinds = {"regular"} | ({"arrears", "one_off"} & set(without))
    found: list[Finding] = []
    for (programme, month), group in view.payments_by_month(without).items():
        payments = [payment for payment in group if payment.kind in kinds]
        spell = view.spell(programme, month)
        if not payments or (spell is None and "outside_spell" not in without):
            continue
        multiple = view.policy.value(MULTIPLE, month, view.division, programme)
        if "policy" in without:
            multiple = Decimal(MULTIPLE.default)
        entitlement, stated = 0, None
        if spell is not None:
            entitlement, stated = spell.entitlement(spell.from_month if "adjustment" in without else month)
        paid = sum(payment.amount for payment in payments)
        excess = paid - int((multiple * entitlement).to_integral_value(ROUND_FLOOR))
        if excess <= 0:
            continue
        shown_facts, count = evidence([*payments, stated])
        found.append(
            Finding(
                NAME,
                {"household_no": view.household_no, "programme": programme, "month": month},
                month,
                "medium",
                {"excess_fen": excess, "paid_fen": paid, "entitlement_fen": entitlement},
                shown_facts,
                count,
                {MULTIPLE.name: shown(multiple)},
                view.household_no,
            )
        )
    return found


NAME = "large-payment"

RULE = Rule[HouseholdView](
    name=NAME,
    version=1,
    subject="household",
    triggers=frozenset({"paid", "enrolled", "members_changed", "entitlement_adjusted", "exited"}),
    neighbours=frozenset({("payment", "returned")}),
    parameters=(MULTIPLE,),
    key=("household_no", "programme", "month"),
    by_month=True,
    clauses={
        "returned": "a payment that came back was not kept",
        "arrears": "arrears explain a large sum",
        "one_off": "one-off payments are not regular payments",
        "adjustment": "the entitlement of the month counts, not the first one",
        "policy": "the multiple that policy allows",
        "outside_spell": "a month outside any spell belongs to unentitled",
    },
    findings=findings,
)

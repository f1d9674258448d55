"""large-payment: regular payments for one month above what policy allows of the entitlement (R29)."""

from decimal import Decimal
from math import floor

from services.detection.facts.enrollment import Adjusted, Enrolled, Exited, MembersChanged
from services.detection.facts.payments import Paid, Returned
from services.detection.policy import Parameter, shown
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.household import HouseholdView


def findings(view: HouseholdView, without: Clauses = ()) -> list[Finding]:
    """One finding for each household, programme and month.

    Params: ``excess_fen`` = ``paid_fen`` less the multiple of ``entitlement_fen``, rounded down.
    """
    kinds = {"regular"} | ({"arrears", "one_off"} & set(without))
    found: list[Finding] = []
    for (programme, month), group in view.payments_by_month(without).items():
        payments = [payment for payment in group if payment.kind in kinds]
        if not payments:
            continue
        spell = view.spell(programme, month)
        if spell is None and "outside_spell" not in without:
            continue
        multiple = view.policy.of_month(MULTIPLE, month, view.scope(programme))
        if "policy" in without:
            multiple = Decimal(MULTIPLE.default)
        entitlement, stated = 0, None
        if spell is not None:
            entitlement, stated = spell.entitlement(spell.from_month if "adjustment" in without else month)
        paid = sum([payment.amount for payment in payments])
        allowed = multiple * entitlement
        if paid <= allowed:
            continue
        shown_facts, count, latest = evidence([*payments, stated])
        found.append(
            Finding(
                rule=NAME,
                key={"household_no": view.household_no, "programme": programme, "month": month},
                month=month,
                severity="medium",
                params={
                    "excess_fen": paid - floor(allowed),
                    "paid_fen": paid,
                    "entitlement_fen": entitlement,
                },
                evidence=shown_facts,
                evidence_count=count,
                holds_since=latest,
                policy={MULTIPLE.name: shown(multiple)},
                household_no=view.household_no,
            )
        )
    return found


def little_enough(view: HouseholdView) -> bool:
    """Whether no month's payments, of whichever kind, are more than the least that policy ever allows."""
    least = view.policy.least(MULTIPLE)
    for (programme, month), payments in view.payments_by_month().items():
        spell = view.spell(programme, month)
        if spell is not None:
            paid = sum([payment.amount for payment in payments])
            if paid > least * spell.entitlement(month)[0]:
                return False
    return True


NAME = "large-payment"

MULTIPLE = Parameter(
    name="large_payment.multiple",
    default="1.00",
    unit="times the entitlement of the month",
    source="ours: nobody is paid more than they are entitled to",
    per="month",
    title="大额支付倍数",
    measure="当月核定金额的倍数",
    basis="本系统设定：发放不超过核定金额",
)

RULE = Rule[HouseholdView](
    name=NAME,
    version=1,
    title="大额支付",
    phrases=(
        "{household_no}户{programme:word}{month:month}正常发放合计超过核定金额",
        "实发{paid_fen:yuan}",
        "核定{entitlement_fen:yuan}",
        "超出{excess_fen:yuan}",
    ),
    requirements=("R29",),
    subject="household",
    triggers=frozenset({Paid, Enrolled, MembersChanged, Adjusted, Exited}),
    neighbours=frozenset({Returned}),
    parameters=(MULTIPLE,),
    key=("household_no", "programme", "month"),
    by_month=True,
    clauses={
        "returned": "a payment that came back was not kept",
        "arrears": "arrears explain a large sum",
        "one_off": "one-off payments are not regular payments",
        "adjustment": "the entitlement of the month counts, not the first one",
        "policy": "the multiple that policy allows",
        "outside_spell": "a month outside any spell is found by a rule of its own",
    },
    findings=findings,
    clear=little_enough,
)

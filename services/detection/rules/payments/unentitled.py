"""unentitled: a regular or arrears payment for a month in no spell of the programme (R15, R29)."""

from collections import defaultdict

from services.detection.facts.enrollment import Change, Enrolled, Exited, MembersChanged
from services.detection.facts.payments import Paid, Returned
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.household import HouseholdView


def all_covered(view: HouseholdView) -> bool:
    """Whether every payment is for a month in a spell: then there is nothing to find."""
    return all(view.spell(programme, month) is not None for programme, month in view.payments_by_month())


def findings(view: HouseholdView, without: Clauses = ()) -> list[Finding]:
    """One finding for each household, programme and month.

    Params: ``paid_fen``, ``when``: ``before`` the first spell, ``after`` it, or ``never`` enrolled in the
    programme; ``enrolment``: ``unknown`` where the household was in no programme, as far as is known.
    """
    kinds = {"regular", "arrears"} | ({"one_off"} & set(without))
    by_month: dict[tuple[str, str], list[Paid]] = defaultdict(list)
    for payment in view.payments(without):
        if payment.kind in kinds:
            paid_for = payment.month
            if "arrears" in without and payment.kind == "arrears":
                paid_for = payment.date[:7]
            by_month[payment.programme, paid_for].append(payment)
    found: list[Finding] = []
    for (programme, month), payments in by_month.items():
        spells = view.spells.get(programme, [])
        if "enrolled_again" in without:
            spells = spells[:1]
        if any(spell.covers(month) for spell in spells):
            continue
        because: Change | None = None
        if not spells:
            when = "never"
        elif month < spells[0].from_month:
            when, because = "before", spells[0].enrolled
        else:
            when = "after"
            because = [spell.ended_by for spell in spells if spell.from_month <= month][-1]
        shown_facts, count, latest = evidence([*payments, because])
        found.append(
            Finding(
                rule=NAME,
                key={"household_no": view.household_no, "programme": programme, "month": month},
                month=month,
                severity="high",
                params={
                    "when": when,
                    "enrolment": None if view.enrolled else "unknown",
                    "paid_fen": sum(payment.amount for payment in payments),
                },
                evidence=shown_facts,
                evidence_count=count,
                holds_since=latest,
                household_no=view.household_no,
            )
        )
    return found


NAME = "unentitled"

RULE = Rule[HouseholdView](
    name=NAME,
    version=2,
    title="无资格发放",
    phrases=(
        "{household_no}户{programme:word}{month:month}有发放",
        ("{enrolment:word}", "该月{when:word}", "该月不在保障期内"),
        "发放{paid_fen:yuan}",
    ),
    requirements=("R15", "R29"),
    subject="household",
    triggers=frozenset({Paid, Enrolled, MembersChanged, Exited}),
    neighbours=frozenset({Returned}),
    key=("household_no", "programme", "month"),
    by_month=True,
    clauses={
        "returned": "a payment that came back was not kept",
        "arrears": "arrears belong to the month they are for, not to the month they are paid in",
        "one_off": "one-off relief needs no enrolment",
        "enrolled_again": "a later spell entitles as well",
    },
    findings=findings,
    clear=all_covered,
)

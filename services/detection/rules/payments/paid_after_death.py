"""paid-after-death: money for a month after the month in which a member died (R33)."""

from events.values import add_months
from services.detection.facts.enrollment import Adjusted, Enrolled, Exited, MembersChanged
from services.detection.facts.payments import Paid, Returned
from services.detection.facts.vitals import Died
from services.detection.policy import Parameter, shown
from services.detection.rules.rule import Clauses, Finding, Rule, Severity, evidence
from services.detection.subjects.household import HouseholdView
from services.detection.subjects.membership import Spell


def findings(view: HouseholdView, without: Clauses = ()) -> list[Finding]:
    """One finding for each household, programme, month and dead member.

    Params: ``overpaid_fen`` (the member's component, else an equal share of the entitlement, rounded down;
    all that was paid where no living member is left), ``died_on``, ``basis`` (``component``, ``share``,
    ``all``), ``paid_fen``.
    """
    if not view.deaths:
        return []
    found: list[Finding] = []
    for (programme, month), payments in view.payments_by_month(without).items():
        spell = view.spell(programme, month)
        if spell is None:
            continue
        members = spell.members(month)
        candidates = members
        if "left" in without:
            candidates = {stay.person: stay for stay in spell.stays if stay.from_month <= month}
        dead = {person for person in candidates if _dead_before(view, person, month, without)}
        for person in sorted(dead):
            died = view.deaths[person]
            paid = sum(payment.amount for payment in payments)
            if members.keys() <= dead:
                overpaid, basis = paid, "all"
            else:
                overpaid, basis = _share(spell, person, month)
            grace = view.policy.of_month(GRACE, month, view.scope(programme))
            last_month_of_grace = add_months(died.date[:7], 0 if "grace" in without else int(grace))
            severity: Severity = "info" if month <= last_month_of_grace else "high"
            shown_facts, count, latest = evidence([*payments, died, candidates[person].joined_by])
            found.append(
                Finding(
                    rule=NAME,
                    key={
                        "household_no": view.household_no,
                        "programme": programme,
                        "month": month,
                        "person": person,
                    },
                    month=month,
                    severity=severity,
                    params={"overpaid_fen": overpaid, "basis": basis, "died_on": died.date, "paid_fen": paid},
                    evidence=shown_facts,
                    evidence_count=count,
                    holds_since=latest,
                    policy={GRACE.name: shown(grace)},
                    household_no=view.household_no,
                )
            )
    return found


def _dead_before(view: HouseholdView, person: str, month: str, without: Clauses) -> bool:
    died = view.deaths.get(person)
    if died is None:
        return False
    return died.date[:7] <= month if "month_of_death" in without else died.date[:7] < month


def _share(spell: Spell, person: str, month: str) -> tuple[int, str]:
    component = spell.component(person, month)
    if component is not None:
        return component[0], "component"
    return spell.entitlement(month)[0] // max(1, len(spell.members(month))), "share"


def nobody_died(view: HouseholdView) -> bool:
    """Whether no death is known of anybody who was ever a member: then there is nothing to find."""
    return not view.deaths


NAME = "paid-after-death"

GRACE = Parameter(
    name="death.grace_months",
    default="3",
    unit="months",
    source="ours: in the months after a death a payment is only noted",
    per="month",
    title="死亡后宽限期",
    measure="个月，其间发放只作提示",
    basis="本系统设定",
)

RULE = Rule[HouseholdView](
    name=NAME,
    version=1,
    title="死亡后仍发放",
    phrases=(
        (
            "{household_no}户{programme:word}成员 {person} 已于{died_on:day}死亡",
            "{household_no}户{programme:word}成员 {person} 已死亡",
        ),
        "{month:month}仍发放",
        "多发{overpaid_fen:yuan}",
    ),
    requirements=("R33",),
    subject="household",
    triggers=frozenset({Paid, Enrolled, MembersChanged, Adjusted, Exited}),
    neighbours=frozenset({Died, Returned}),
    parameters=(GRACE,),
    key=("household_no", "programme", "month", "person"),
    by_month=True,
    clauses={
        "returned": "a payment that came back was not kept",
        "month_of_death": "the month of death itself may still be paid",
        "left": "a person who has left the household before is not paid for any more",
        "grace": "during the months of grace the office may not know yet: info, not high",
    },
    findings=findings,
    clear=nobody_died,
)

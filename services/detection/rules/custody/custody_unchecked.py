"""custody-unchecked: a card in other hands at which nobody has looked for too long (R31, R32)."""

from datetime import date

from services.detection.facts.custody import Checked, Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import later, months_later
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects import held
from services.detection.subjects.custody import CustodyView
from services.detection.subjects.held import Card


def findings(view: CustodyView, without: Clauses = ()) -> list[Finding]:
    """At most one finding a custody. The months are those in force on the latest closed day.

    Params: ``due_on`` (the last day for the next check), ``checked_on`` (of the last one, if there is any),
    ``valid_from``, ``custodian_kind``, ``custodian`` and ``beneficiary`` (tokens).
    """
    card = view.card(without)
    if card is None or view.closed is None:
        return []
    last = None if "checked" in without else _last(view, card)
    months = view.policy.days(CHECK_MONTHS, view.closed, view.scope)
    due_on = months_later(card.grant.valid_from if last is None else last.date, months)
    if due_on >= view.closed and "in_time" not in without:
        return []
    ids, count, _ = evidence([*card.facts, last])
    return [
        Finding(
            rule=NAME,
            key={"custody_no": view.number},
            severity="medium",
            params={"due_on": due_on} | card.params | ({} if last is None else {"checked_on": last.date}),
            evidence=ids,
            evidence_count=count,
            holds_since=max(later(due_on, 1), card.holding.since),
            policy={CHECK_MONTHS.name: months},
            household_no=card.grant.household_no,
        )
    ]


def _last(view: CustodyView, card: Card) -> Checked | None:
    """Return the last check; one before the card was taken over is none."""
    last = view.last(Checked)
    return None if last is None or last.date < card.grant.valid_from else last


def next_due(view: CustodyView) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_turn(view, _turns(view), (CHECK_MONTHS,))


def _turns(view: CustodyView) -> list[str]:
    days = [*view.turns(view.times())]
    card = view.card()
    if card is not None and view.closed is not None:
        months = view.policy.days(CHECK_MONTHS, view.closed, view.scope)
        last = _last(view, card)
        due_on = months_later(card.grant.valid_from if last is None else last.date, months)
        days.append(later(due_on, 1))
    return days


NAME = "custody-unchecked"

CHECK_MONTHS = Parameter(
    name="custody.check_months",
    default="6",
    unit="months after the last check",
    source="ours",
    title="代管检查周期",
    measure="上次检查后的月数",
    basis="本系统设定",
)

RULE = Rule[CustodyView](
    name=NAME,
    version=1,
    title="卡折代管逾期未检查",
    phrases=(
        (
            "卡折代管 {custody_no} 上次检查在{checked_on:day}",
            "卡折代管 {custody_no} 始于{valid_from:day}，现由{custodian_kind:word}代管",
            "卡折代管 {custody_no} 仍在代管",
        ),
        ("应于{due_on:day}前检查", "应定期检查"),
        ("至今未查，逾期{due_on:days_over}天", "至今未查"),
    ),
    requirements=("R31", "R32"),
    subject="custody",
    triggers=frozenset({Granted, HandedOver, Checked, Ended}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited}),
    parameters=(CHECK_MONTHS,),
    key=("custody_no",),
    clauses={
        **held.CLAUSES,
        "checked": "somebody looked at it since",
        "in_time": "there are still months until the next check",
    },
    findings=findings,
    next_due=next_due,
)

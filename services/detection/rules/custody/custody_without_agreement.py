"""custody-without-agreement: a card in other hands for which no agreement was ever signed (R32)."""

from datetime import date

from services.detection.facts.custody import AgreementFiled, Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.rules.custody import papers
from services.detection.rules.custody.papers import AGREEMENT_DAYS, card_that_owes, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects import held
from services.detection.subjects.custody import CustodyView


def findings(view: CustodyView, without: Clauses = ()) -> list[Finding]:
    """At most one finding a custody. The days are those in force on the latest closed day.

    Params: ``due_on`` (the last day for it), ``valid_from``, ``custodian_kind``, ``custodian`` and
    ``beneficiary`` (tokens).
    """
    card = card_that_owes(view, without)
    if card is None:
        return []
    if card.grant.agreement and "agreed" not in without:
        return []
    if view.of(AgreementFiled) and "agreed_later" not in without:
        return []
    return overdue(view, card, NAME, AGREEMENT_DAYS, without)


def next_due(view: CustodyView) -> date | None:
    """Return the first day whose closing may change the answer."""
    return papers.next_due(view, AGREEMENT_DAYS)


NAME = "custody-without-agreement"

RULE = Rule[CustodyView](
    name=NAME,
    version=1,
    title="卡折代管未签协议",
    phrases=(
        (
            "卡折代管 {custody_no} 始于{valid_from:day}，现由{custodian_kind:word}代管",
            "卡折代管 {custody_no} 仍在代管",
        ),
        ("应于{due_on:day}前签订代管协议", "应签订代管协议"),
        ("至今未签，逾期{due_on:days_over}天", "至今未签"),
    ),
    requirements=("R32",),
    subject="custody",
    triggers=frozenset({Granted, HandedOver, AgreementFiled, Ended}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited}),
    parameters=(AGREEMENT_DAYS,),
    key=("custody_no",),
    clauses={
        **held.CLAUSES,
        "institution": "an institution's contract with those who live there is the agreement",
        "agreed": "the grant names the agreement",
        "agreed_later": "the agreement came after the card",
        "in_time": "there are still days to sign it",
    },
    findings=findings,
    next_due=next_due,
)

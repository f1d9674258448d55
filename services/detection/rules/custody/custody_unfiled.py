"""custody-unfiled: a card in other hands that was not filed where it belongs (R31, R32)."""

from datetime import date

from services.detection.facts.custody import AgreementFiled, Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.rules.custody import papers
from services.detection.rules.custody.papers import FILING_DAYS, card_that_owes, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects import held
from services.detection.subjects.custody import OFFICIAL, CustodyView


def findings(view: CustodyView, without: Clauses = ()) -> list[Finding]:
    """At most one finding a custody. The days are those in force on the latest closed day.

    With the county where an official holds the card, else with the township at least. Params: ``due_on`` (the
    last day for it), ``filed_with`` (where else, as it was last filed), ``valid_from``, ``custodian_kind``,
    ``custodian`` and ``beneficiary`` (tokens).
    """
    card = card_that_owes(view, without)
    if card is None:
        return []
    if card.grant.filed and "filed" not in without:
        return []
    filings = view.of(AgreementFiled)
    places = {fact.filed_with for fact in filings}
    if "county" in places and "with_county" not in without:
        return []
    if "township" in places and card.holding.kind not in OFFICIAL and "with_township" not in without:
        return []
    return overdue(view, card, NAME, FILING_DAYS, without, filings)


def next_due(view: CustodyView) -> date | None:
    """Return the first day whose closing may change the answer."""
    return papers.next_due(view, FILING_DAYS)


NAME = "custody-unfiled"

RULE = Rule[CustodyView](
    name=NAME,
    version=1,
    title="卡折代管未备案",
    phrases=(
        (
            "卡折代管 {custody_no} 始于{valid_from:day}，现由{custodian_kind:word}代管",
            "卡折代管 {custody_no} 仍在代管",
        ),
        ("应于{due_on:day}前备案", "应备案"),
        (
            "仅向{filed_with:word}备案，逾期{due_on:days_over}天",
            "仅向{filed_with:word}备案",
            "至今未备案，逾期{due_on:days_over}天",
            "至今未备案",
        ),
    ),
    requirements=("R31", "R32"),
    subject="custody",
    triggers=frozenset({Granted, HandedOver, AgreementFiled, Ended}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited}),
    parameters=(FILING_DAYS,),
    key=("custody_no",),
    clauses={
        **held.CLAUSES,
        "institution": "an institution need not file its contract",
        "filed": "the grant says on which day it was filed",
        "with_county": "the agreement was filed with the county",
        "with_township": "the township is enough where no official holds the card",
        "in_time": "there are still days to file it",
    },
    findings=findings,
    next_due=next_due,
)

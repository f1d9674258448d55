"""Papers that are owed so many days after a card is taken over."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.detection.facts.custody import AgreementFiled, Granted
from services.detection.policy import Parameter
from services.detection.rules.clock import later, next_turn
from services.detection.rules.rule import Clauses, Finding, evidence
from services.detection.subjects.custody import CustodyView
from services.detection.subjects.held import Card

AGREEMENT_DAYS = Parameter(
    name="custody.agreement_days",
    default="30",
    unit="days after the card is taken over",
    source="民发〔2021〕57号 26; the number is ours",
    title="代管协议签订期限",
    measure="接管卡折后的天数",
    basis="民发〔2021〕57号第26条，天数为本系统设定",
)
FILING_DAYS = Parameter(
    name="custody.filing_days",
    default="30",
    unit="days after the card is taken over",
    source="民发〔2021〕57号 26; the number is ours",
    title="代管备案期限",
    measure="接管卡折后的天数",
    basis="民发〔2021〕57号第26条，天数为本系统设定",
)


def owed_by(view: CustodyView, grant: Granted, closed: str, parameter: Parameter) -> tuple[str, int]:
    """Return the last day for a paper, and the days that are in force on the latest closed day."""
    days = view.policy.days(parameter, closed, view.scope)
    return later(grant.valid_from, days), days


def card_that_owes(view: CustodyView, without: Clauses) -> Card | None:
    """Return the card that papers are owed for: one that is held, and not by an institution."""
    card = view.card(without)
    if card is not None and card.holding.kind == "institution" and "institution" not in without:
        return None
    return card


def overdue(
    view: CustodyView,
    card: Card,
    rule: str,
    parameter: Parameter,
    without: Clauses,
    filings: Sequence[AgreementFiled] = (),
) -> list[Finding]:
    """Return the finding of a paper that is not there, if the last day for it is over.

    Params: ``due_on``, and what is said of the card; of ``filings``, which did not suffice, with whom the
    last one was.
    """
    if view.closed is None:
        return []
    due_on, days = owed_by(view, card.grant, view.closed, parameter)
    if due_on >= view.closed and "in_time" not in without:
        return []
    ids, count, _ = evidence([*card.facts, *filings])
    filed = {"filed_with": filings[-1].filed_with} if filings else {}
    return [
        Finding(
            rule=rule,
            key={"custody_no": view.number},
            severity="medium",
            params={"due_on": due_on} | card.params | filed,
            evidence=ids,
            evidence_count=count,
            # What was filed was enough until somebody else took the card.
            holds_since=max(later(due_on, 1), card.holding.since if filings else ""),
            policy={parameter.name: days},
            household_no=card.grant.household_no,
        )
    ]


def next_due(view: CustodyView, *parameters: Parameter, also: Iterable[str] = ()) -> date | None:
    """Return the first day whose closing may change whether a paper is overdue, or the card held.

    ``also``: other days on which something may turn.
    """
    days = [*view.turns(view.times()), *also]
    grant = view.last(Granted)
    if grant is not None and view.closed is not None:
        days += [later(owed_by(view, grant, view.closed, one)[0], 1) for one in parameters]
    return next_turn(view, days, parameters)

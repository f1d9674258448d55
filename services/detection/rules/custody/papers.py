"""Papers that are owed so many days after a card is taken over."""

from collections.abc import Iterable
from datetime import date

from services.detection.facts.custody import Granted
from services.detection.policy import Parameter
from services.detection.rules.clock import later, next_turn
from services.detection.subjects.custody import CustodyView

AGREEMENT_DAYS = Parameter(
    name="custody.agreement_days",
    default="30",
    unit="days after the card is taken over",
    source="民发〔2021〕57号 26; the number is ours",
)
FILING_DAYS = Parameter(
    name="custody.filing_days",
    default="30",
    unit="days after the card is taken over",
    source="民发〔2021〕57号 26; the number is ours",
)


def owed_by(view: CustodyView, grant: Granted, closed: str, parameter: Parameter) -> tuple[str, int]:
    """Return the last day for a paper, and the days that are in force on the latest closed day."""
    days = view.policy.days(parameter, closed, view.scope)
    return later(grant.valid_from, days), days


def next_due(view: CustodyView, *parameters: Parameter, also: Iterable[str] = ()) -> date | None:
    """Return the first day whose closing may change whether a paper is overdue, or the card held.

    ``also``: other days on which something may turn.
    """
    days = [*view.turns(view.times()), *also]
    grant = view.last(Granted)
    if grant is not None and view.closed is not None:
        days += [later(owed_by(view, grant, view.closed, one)[0], 1) for one in parameters]
    return next_turn(view, days, parameters)

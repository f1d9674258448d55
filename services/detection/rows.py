"""The rows that a fact becomes: one for each subject that keeps it, with the neighbours it brings in."""

from dataclasses import dataclass
from typing import Final

from events.envelope import Event
from services.detection import facts
from services.detection.facts import FACTS
from services.detection.facts.fact import kind_of
from services.detection.subjects import kind_of as subject_kind
from services.detection.subjects import subject_of

LINK: Final = "link"
"""The kind of a row that only says which neighbour its subject reads. It has no body."""

BESIDE: Final = "~"
"""The month of such rows, so that they are not read with the others."""

_KINDS: Final = {body: kind_of(body) for body in facts.BODIES}


@dataclass(frozen=True, slots=True)
class FactRow:
    """One version of a fact, as one subject keeps it.

    ``month`` is the month that it belongs to, empty where there is none. ``ref``: a neighbour whose facts
    concern whoever keeps this event, by which they are found.
    """

    subject: str
    kind: str
    month: str
    body: str
    ref: str | None = None


def fact_rows(event: Event) -> list[FactRow]:
    """Return the rows that rules read of this version of a fact; none for types that no rule reads."""
    fact = FACTS.get(event.type)
    if fact is None:
        return []
    rows: list[FactRow] = []
    known: set[str] = set()
    for kept in fact.keep(event):
        # One row an event and neighbour is enough: the way back goes through the event to all its subjects.
        names = [
            name for name in subject_of(subject_kind(kept.subject)).names(kept.body) if name not in known
        ]
        known.update(names)
        rows.append(
            FactRow(
                kept.subject,
                _KINDS[type(kept.body)],
                kept.month,
                facts.encode(kept.body),
                names[0] if names else None,
            )
        )
        rows.extend(FactRow(kept.subject, LINK, f"{BESIDE}{name}", "", name) for name in names[1:])
    return rows

"""The rows that a fact becomes: one for each subject that keeps it, with the neighbours it brings in."""

from collections.abc import Container, Sequence
from typing import Final

import msgspec

from events.envelope import Event
from services.detection import facts
from services.detection.facts import FACTS
from services.detection.facts.envelope import area_bound
from services.detection.facts.fact import kind_of
from services.detection.subjects import kind_of as subject_kind
from services.detection.subjects import subject_of

LINK: Final = "link"
"""The kind of a row that only says which neighbour its subject reads. It has no body."""

BESIDE: Final = "~"
"""The month of such rows, so that they are not read with the others."""

KINDS: Final = {body: kind_of(body) for body in facts.BODIES}


class FactRow(msgspec.Struct, frozen=True, gc=False):
    """One version of a fact, as one subject keeps it.

    ``month`` is the month that it belongs to, empty where there is none. ``ref``: a neighbour whose facts
    concern whoever keeps this event, by which they are found.
    """

    subject: str
    kind: str
    month: str
    body: str
    ref: str | None = None


def fact_rows(event: Event, kinds: Container[str] | None = None) -> list[FactRow]:
    """Return the rows that rules read of this version of a fact: of its own type, and as of any.

    ``kinds``: those of the subjects that keep their facts; all, if None.
    """
    fact = FACTS.get(event.type)
    keeping = () if fact is None else fact.keep(event)
    if event.source_area is not None:
        keeping = [*keeping, *area_bound(event)]
    rows: list[FactRow] = []
    known: list[str] = []
    for kept in keeping:
        body = kept.body
        kind = subject_kind(kept.subject)
        if kinds is not None and kind not in kinds:
            continue
        ref = None
        more: Sequence[str] = ()
        names = subject_of(kind).names(body)
        if names:
            # One row an event and neighbour is enough: the way back goes through the event to all subjects.
            fresh = [name for name in dict.fromkeys(names) if name not in known]
            if fresh:
                ref, *more = fresh
                known += fresh
        rows.append(FactRow(kept.subject, KINDS[type(body)], kept.month, facts.encode(body), ref))
        if more:
            rows += [FactRow(kept.subject, LINK, BESIDE + name, "", name) for name in more]
    return rows

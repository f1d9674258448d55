"""Clues on both tracks, and what became of them (B1-B8; R66, R68). Who accuses is not kept."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.annex2.item import Count, Items
from projections.fact import METADATA, Row, version, version_columns

CLUE_STEP = Table(
    "clue_step",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="the type without context and version"),
    Column("clue_no", Text, nullable=False),
    Column("day", Date, nullable=False, comment="of business"),
    Column("household_no", Text),
    Column("track", Text),
    Column("origin", Text),
    Column("result", Text, comment="of a verification"),
    Column("case_no", Text),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("clue_step_clue_no", CLUE_STEP.c.clue_no)

CLUE_CADRE = Table(
    "clue_cadre",
    METADATA,
    *version_columns(),
    Column("ordinal", Integer, nullable=False),
    Column("person_id", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest", "ordinal"),
    info={"several": "cadres"},
    comment="cadres whom a transfer concerns, and who were held accountable",
)

_DAYS = {
    "received": "received_on",
    "verified": "verified_on",
    "transferred": "transferred_on",
    "taken_over": "taken_over_on",
    "case_opened": "opened_on",
    "held_accountable": "decided_on",
}


def stepped(event: Event) -> Iterable[Row]:
    """Return the row of a step of a clue, and one for every cadre it names; neither informant nor text."""
    data = event.data
    kind = event.type.split(".")[2]
    yield (
        CLUE_STEP,
        (
            *version(event),
            kind,
            data.clue_no,
            getattr(data, _DAYS[kind]),
            getattr(data, "household_no", None),
            getattr(data, "track", None),
            getattr(data, "origin", None),
            getattr(data, "result", None),
            getattr(data, "case_no", None),
        ),
    )
    cadres = [data.person] if kind == "held_accountable" else getattr(data, "cadres", ())
    for ordinal, cadre in enumerate(cadres):
        yield CLUE_CADRE, (*version(event), ordinal, cadre.person_id)


ITEMS = Items(
    counts={
        "B1": Count("received", "civil_affairs"),
        "B2": Count("received", "civil_affairs", fulfilled=True),
        "B3": Count("transferred"),
        "B4": Count("transferred_cadre"),
        "B5": Count("taken_over"),
        "B6": Count("received", "discipline_own"),
        "B7": Count("case_opened"),
        "B8": Count("held_accountable_cadre"),
    },
    rows={f"dibao.clues.{kind}.v1": stepped for kind in _DAYS},
)

"""Clues on both tracks, and what became of them (B1-B8; R66, R68)."""

from projections.annex2.item import Count, Items
from projections.ledgers.clues import CLUE_STEP

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
    kept={CLUE_STEP: "clue_no"},
)

"""Petitions that repeat an earlier one (C1-C3; R38, R39)."""

from projections.annex2.item import Count, Items
from projections.ledgers.petitions import PETITION, PETITION_CLOSED

ITEMS = Items(
    counts={
        "C1": Count("repeat_petition"),
        "C2": Count("repeat_petition", "complaint"),
        "C2a": Count("repeat_petition", "complaint", fulfilled=True),
        "C3": Count("repeat_petition", "request"),
        "C3a": Count("repeat_petition", "request", fulfilled=True),
    },
    kept={PETITION: "petition_no", PETITION_CLOSED: "petition_no"},
    which=True,
)

"""Irregularities of payments, and those that were put right (A6, A7; R30)."""

from projections.annex2.item import Count, Items

ITEMS = Items(
    counts={
        "A6": Count("problem", "payments"),
        "A7": Count("problem", "payments", fulfilled=True),
    }
)

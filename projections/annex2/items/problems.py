"""Irregularities of payments, and those that were put right (A6, A7; R30)."""

from projections.annex2.item import Count, Items
from projections.ledgers.problems import PROBLEM, PROBLEM_STEP

ITEMS = Items(
    counts={
        "A6": Count("problem", "payments"),
        "A7": Count("problem", "payments", fulfilled=True),
    },
    kept={PROBLEM: "problem_no", PROBLEM_STEP: "problem_no"},
    which=True,
)

"""Temporary relief for those whom the epidemic has hit (A3; R25)."""

from projections.annex2.item import Count, Items

ITEMS = Items(counts={"A3": Count("relief", "epidemic")})

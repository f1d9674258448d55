"""Temporary relief for those whom the epidemic has hit (A3; R25)."""

from projections.annex2.item import Count, Items
from projections.ledgers.relief import GRANT

ITEMS = Items(counts={"A3": Count("relief", "epidemic")}, kept={GRANT: "event_id"})

"""People in need of care: places wanted and given, care at home and by whom (A4-A5a; R24)."""

from projections.annex2.item import Count, Items
from projections.ledgers.tekun import CARE_STEP

ITEMS = Items(
    counts={
        "A4": Count("care_in_institution"),
        "A4a": Count("care_in_institution", fulfilled=True),
        "A5": Count("care_at_home"),
        "A5a": Count("care_at_home", "agreed"),
    },
    kept={CARE_STEP: "event_id"},
)

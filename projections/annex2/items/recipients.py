"""Households and persons who left and entered the programme of the form (A1, A2; R15, R22, R25)."""

from projections.annex2.item import Count, Items

_EXITS = {"": None, "a": "favour", "b": "policy", "c": "death", "d": "other"}
_ROUTES = {"": None, "a": "single_person", "b": "epidemic"}
_UNITS = {"h": "household", "p": "person"}

ITEMS = Items(
    counts={
        **{
            f"A1{letter}{unit}": Count(f"exit_{what}", kind)
            for letter, kind in _EXITS.items()
            for unit, what in _UNITS.items()
        },
        **{
            f"A2{letter}{unit}": Count(f"entry_{what}", route)
            for letter, route in _ROUTES.items()
            for unit, what in _UNITS.items()
        },
    }
)

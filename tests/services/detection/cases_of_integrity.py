"""Facts as sources state them that are bound to an area, or that come with a receipt, for examples."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.services.detection.upstream import Raw, fact

HERE, THERE = "500102008202", "500102009203"
"""A village, and one of another town."""


def of_area(raw: Raw, area: str = "500102008") -> Raw:
    """The fact as a source states it whose key is bound to an area."""
    return raw | {"sourcearea": area}


def receipted(raw: Raw, number: int) -> Raw:
    """The fact as it comes with a file or batch."""
    return raw | {"correlationid": receipt(number)}


def receipt(number: int) -> str:
    """A receipt's id."""
    return f"{number:08d}-0000-4000-8000-000000000000"


def otherwise(raw: Raw, **data: Any) -> Raw:
    """The same id with another content."""
    other = deepcopy(raw)
    other["data"] |= data
    return other


def moved(household_no: str, day: str, division: str = THERE) -> Raw:
    """A household lives elsewhere from a day on."""
    return fact(
        "identity.household_moved",
        f"moved-{household_no}-{day}",
        household_no=household_no,
        from_division=HERE,
        division=division,
        moved_on=day,
    )

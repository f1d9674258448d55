"""Small facts about people at risk, for examples."""

from __future__ import annotations

from typing import Any

from tests.services.detection.upstream import Raw, fact, person_of


def listed(day: str = "2021-03-01", name: str = "甲", id_: str = "", **more: Any) -> Raw:
    """A person stands on a list."""
    data: dict[str, Any] = {
        "screening_no": "S1",
        "person": person_of(name),
        "division": "500102008202",
        "category": "severe_disability",
        "listed_on": day,
        "list_name": "残联",
    }
    return fact("screening.listed", id_ or f"listed-{day}", **(data | more))


def concluded(day: str = "2021-03-20", outcome: str = "watched", id_: str = "", **more: Any) -> Raw:
    """Something comes of it."""
    data = {"screening_no": "S1", "concluded_on": day, "outcome": outcome}
    return fact("screening.concluded", id_ or f"concluded-{day}", **(data | more))

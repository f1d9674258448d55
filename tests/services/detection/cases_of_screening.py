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


def refused(application_no: str, day: str) -> Raw:
    """An application is refused."""
    data: dict[str, Any] = {
        "application_no": application_no,
        "household_no": "H9",
        "programme": "rural_dibao",
        "refused_on": day,
        "ground": "income",
        "reason": "收入超标",
    }
    return fact("enrollment.refused", f"refused-{application_no}-{day}", **data)


def joined(household_no: str, name: str, from_month: str, day: str) -> Raw:
    """A person joins a household that goes on; the day is that of the time."""
    data: dict[str, Any] = {
        "household_no": household_no,
        "programme": "rural_dibao",
        "from_month": from_month,
        "added": [{"person": person_of(name), "relation": "子"}],
    }
    return fact("enrollment.members_changed", f"joined-{day}", f"{day}T09:00:00+08:00", **data)

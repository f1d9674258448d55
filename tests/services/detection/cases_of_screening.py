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


def assessed(day: str = "2021-03-08", policies: list[str] | None = None) -> Raw:
    """It is said which policies fit the person."""
    data: dict[str, Any] = {
        "screening_no": "S1",
        "assessed_on": day,
        "labour": "none",
        "earning": "none",
        "relapse_risk": "high",
        "policies": ["Z1"] if policies is None else policies,
    }
    return fact("screening.assessed", f"assessed-{day}", **data)


def issued(
    no: str = "Z1", gives: str = "single_person_dibao", from_: str = "2020-01-01", to: str | None = None
) -> Raw:
    """A policy is issued."""
    data: dict[str, Any] = {
        "policy_no": no,
        "title": "单人保",
        "document": "文件",
        "issued_by": "民政局",
        "from": from_,
        "gives": gives,
    }
    return fact("policy.issued", f"issued-{no}", **(data | ({} if to is None else {"to": to})))

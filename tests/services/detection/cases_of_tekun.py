"""Small facts about the care of people without means, for examples."""

from __future__ import annotations

from typing import Any

from tests.services.detection.upstream import Raw, fact, person_of


def begun(day: str = "2021-03-01", name: str = "甲", id_: str = "", **more: Any) -> Raw:
    """A person is supported at home."""
    data: dict[str, Any] = {
        "household_no": "H",
        "person": person_of(name),
        "begun_on": day,
        "self_care": "partial",
    }
    return fact("tekun.dispersed_care_begun", id_ or f"begun-{name}-{day}", **(data | more))


def agreed(day: str, name: str = "甲", valid_to: str = "2022-12-31") -> Raw:
    """Somebody undertakes to care."""
    return fact(
        "tekun.care_agreement_signed",
        f"agreed-{name}-{day}",
        agreement_no=f"X-{day}",
        household_no="H",
        person=person_of(name),
        carer=person_of("丙"),
        carer_kind="neighbour",
        signed_on=day,
        valid_from=min(day, valid_to),
        valid_to=valid_to,
    )


def admitted(day: str, name: str = "甲") -> Raw:
    """A person moves into an institution."""
    return fact(
        "tekun.admitted",
        f"admitted-{name}-{day}",
        household_no="H",
        person=person_of(name),
        institution="敬老院",
        admitted_on=day,
    )

"""Small facts about petitions and who closes them, for examples; any number of petitions."""

from __future__ import annotations

from typing import Any

from tests.services.detection.cases_of_supervision import petition
from tests.services.detection.upstream import Raw, fact, person_of


def filed(no: str, day: str = "2021-03-01", name: str | None = None, **more: Any) -> Raw:
    """A petition, of a person where one is named."""
    whose = {} if name is None else {"petitioner": person_of(name)}
    return petition("filed", day, more.pop("id_", f"filed-{no}-{day}"), petition_no=no, **whose, **more)


def closed(day: str = "2021-04-01", by: str | None = None, confirmed: str | None = None, **more: Any) -> Raw:
    """A petition is closed as settled, by the officials of these numbers."""
    signed = {"closed_by": by, "confirmed_by": confirmed}
    named = {name: value for name, value in signed.items() if value is not None}
    no = more.get("petition_no", "XF1")
    return petition("closed", day, more.pop("id_", f"closed-{no}-{day}"), **named, **more)


def appointed(official_no: str, name: str, day: str = "2020-01-01") -> Raw:
    """A person is an official under a number."""
    return fact(
        "officials.appointed",
        f"appointed-{official_no}",
        appointment_no=f"A-{official_no}",
        official_no=official_no,
        person=person_of(name),
        body="社保所",
        post="经办人",
        kind="handling_staff",
        appointed_on=day,
    )

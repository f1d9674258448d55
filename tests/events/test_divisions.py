"""Division codes hold from a day, and until one."""

import csv
from datetime import date
from pathlib import Path

import pytest

import events
from events.divisions import covered, known

DATA = Path(events.__file__).parent / "data" / "divisions.csv"


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("500102008001", date(2018, 1, 1), "顺江社区居民委员会"),
        ("500102008201", date(2021, 6, 16), "鹅颈关村村民委员会"),
        # 500102008007 came between the editions of 2020-06-30 and 2021-10-31.
        ("500102008007", date(2020, 6, 30), None),
        ("500102008007", date(2020, 7, 1), "天湖社区居民委员会"),
        # 罗云乡 became 罗云镇 and its villages were numbered anew between the same editions.
        ("500102204202", date(2021, 10, 30), "文昌宫村村民委员会"),
        ("500102204202", date(2021, 10, 31), None),
        ("500102131202", date(2020, 6, 30), None),
        ("500102131202", date(2021, 10, 31), "文昌宫村村民委员会"),
        # An unrelated list numbers 荔枝街道 500102003.
        ("500102003001", date(2021, 6, 16), None),
        ("500102008999", date(2021, 6, 16), None),
    ],
)
def test_a_code_names_a_village_from_a_day_until_another(code: str, on: date, name: str | None) -> None:
    division = known(code, on)
    assert (division.name if division else None) == name


def test_the_street_of_the_plan_is_500102008() -> None:
    with DATA.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["code"][:9] for row in rows if row["street"].startswith("荔枝街道")} == {"500102008"}
    assert {row["street"] for row in rows if row["code"].startswith("500102008")} == {"荔枝街道"}
    assert len([row for row in rows if row["code"].startswith("500102008") and not row["from"]]) == 18


def test_the_data_are_whole() -> None:
    with DATA.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 523
    assert all(len(row["code"]) == 12 and row["code"].isdigit() and row["name"] for row in rows)
    assert all(not row["from"] or not row["to"] or row["from"] <= row["to"] for row in rows)


def test_only_of_districts_in_the_data_can_a_code_be_wrong() -> None:
    assert covered("500102999999")
    assert not covered("500103001001")

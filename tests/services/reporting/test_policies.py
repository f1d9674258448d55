"""Given what documents have adopted, what is in force on a day, for whom, and where only a default holds."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import httpx
import pytest

from services.reporting import queries
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street

MULTIPLE, GRACE = "large_payment.multiple", "death.grace_months"


async def value(street: Street, on: str, division: str | None = None, programme: str | None = None) -> Any:
    rows = await queries.in_force(street.pool, date.fromisoformat(on), division, programme)
    (row,) = [row for row in rows if row["parameter"] == MULTIPLE]
    return row["value"]


async def test_the_default_holds_until_a_document_says_otherwise(street: Street) -> None:
    await street.log.state(s.adopted(MULTIPLE, 1.5, "2021-03-01"))
    await street.read()
    rows = {row["parameter"]: row for row in await queries.in_force(street.pool, date(2021, 2, 28))}
    assert rows[MULTIPLE]["value"] == rows[MULTIPLE]["default"] == "1.00"
    assert (rows[MULTIPLE]["from"], rows[MULTIPLE]["document"]) == (None, None)
    assert rows[MULTIPLE]["rules"] == ["large-payment"]
    rows = {row["parameter"]: row for row in await queries.in_force(street.pool, date(2021, 3, 1))}
    assert rows[MULTIPLE]["value"] == "1.5"
    assert rows[MULTIPLE]["from"] == date(2021, 3, 1)
    assert rows[MULTIPLE]["document"]
    assert rows[GRACE]["document"] is None


@pytest.mark.parametrize(
    ("division", "programme", "expected"),
    [
        (None, None, "2"),
        ("500102008202", None, "3"),  # the longest prefix
        ("500102008202", "tekun", "4"),  # then one that names the programme
        ("500103", "tekun", "2"),
    ],
)
async def test_the_most_specific_scope_wins(
    street: Street, division: str | None, programme: str | None, expected: str
) -> None:
    await street.log.state(
        s.adopted(MULTIPLE, 2, "2021-01-01"),
        s.adopted(MULTIPLE, 3, "2020-01-01", division_prefix="500102"),
        s.adopted(MULTIPLE, 4, "2020-01-01", division_prefix="500102", programme="tekun"),
    )
    await street.read()
    assert await value(street, "2021-06-01", division, programme) == expected


async def test_every_parameter_has_a_name_a_unit_and_a_source_in_chinese(street: Street) -> None:
    await street.read()
    rows = await queries.in_force(street.pool, date(2021, 6, 1))
    assert len(rows) > 50
    chinese = re.compile("[\u4e00-\u9fff]")
    for row in rows:
        for field in ("title", "measure", "basis"):
            assert chinese.search(row[field]), (row["parameter"], field)
    assert len({row["title"] for row in rows}) == len(rows), "no two are called alike"


async def test_what_only_a_view_reads_is_there_too(street: Street) -> None:
    await street.log.state(s.adopted("ranking.high_weight", 5, "2021-03-01"))
    await street.read()

    async def said(name: str, on: date) -> tuple[str, list[str], list[str]]:
        (row,) = [row for row in await queries.in_force(street.pool, on) if row["parameter"] == name]
        return row["value"], row["rules"], row["views"]

    assert await said("ranking.high_weight", date(2021, 2, 28)) == ("3", [], ["ranking"])
    assert await said("ranking.high_weight", date(2021, 3, 1)) == ("5", [], ["ranking"])
    shared = await said("custody.check_months", date(2021, 3, 1))
    assert shared == ("6", ["custody-unchecked"], ["custody_checks"])


async def test_over_http(street: Street, client: httpx.AsyncClient) -> None:
    await street.log.state(s.adopted(MULTIPLE, 1.5, "2021-03-01"))
    await street.read()
    answer = (await client.get("/policy", params={"on": "2021-03-01"})).json()
    assert answer["on"] == "2021-03-01"
    assert {row["parameter"]: row["value"] for row in answer["rows"]}[MULTIPLE] == "1.5"
    assert (await client.get("/policy", params={"on": "yesterday"})).status_code == 422
    assert (await client.get("/policy", params={"programme": "dibao"})).status_code == 422

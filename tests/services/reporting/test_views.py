"""The supervision views over HTTP: pages, filters, and refusals in sentences."""

from datetime import date

import httpx
import pytest

from projections.views import VIEWS
from services.reporting import queries
from services.reporting.queries import DayNotClosedError, ViewFilter
from tests.services.reporting.conftest import Street


async def test_a_view_by_pages(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/views/petitions_rate", params={"quarter": "2021Q1", "by": "street"})).json()
    assert (answer["view"], answer["title"]) == ("petitions_rate", "信访态势")
    assert answer["about"].startswith("本期收到的信访")
    assert (answer["since"], answer["until"], answer["next"]) == ("2021-01-01", "2021-03-31", None)
    (row,) = answer["rows"]
    assert (row["area"], row["petition_count"], row["repeat_count"]) == ("500102008", 2, 1)
    assert row["per_thousand"] == 2000.0
    (row,) = (await client.get("/views/coverage", params={"limit": 1})).json()["rows"]
    assert (row["area"], row["due_count"], row["coverage"]) == ("500102008201", 1, 0.0)


async def test_every_view_says_what_it_is_and_answers(client: httpx.AsyncClient) -> None:
    declared = {row["name"]: row for row in (await client.get("/views")).json()["rows"]}
    assert list(declared) == list(VIEWS)
    assert declared["coverage"]["asked_by"] == [
        "by",
        "village",
        "month",
        "quarter",
        "since",
        "until",
        "as_of",
    ]
    paths = (await client.get("/openapi.json")).json()["paths"]
    for name in VIEWS:
        answer = await client.get(f"/views/{name}")
        assert answer.status_code == 200, answer.text
        assert f"/views/{name}" in paths


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ("debts", 422, "name: expected one of "),
        ("coverage?by=province", 422, "by: expected one of village, street, district"),
        ("coverage?month=2021-13", 422, "month: expected a month such as 2021-06"),
        ("coverage?quarter=2021Q5", 422, "quarter: expected a quarter such as 2021Q2"),
        ("coverage?month=2021-06&quarter=2021Q2", 422, "period: expected one of month, quarter and since"),
        ("coverage?since=2021-06-31", 422, "since: "),
        ("coverage?since=2021-06-02&until=2021-06-01", 422, "until: expected a day from 2021-06-02 on"),
        ("coverage?household_no=H1", 422, "household_no: the view coverage has no such filter; it has by, "),
        ("coverage?village=5", 422, "village: expected a village's name or division code"),
        (
            "coverage?by=street&village=500102008201",
            422,
            "village: expected at most the 9 digits of a street",
        ),
        ("coverage?after=nonsense", 422, "after: expected the `next` of the page before"),
        ("coverage?limit=0", 422, "limit: "),
        ("coverage?as_of=2021-01-31", 409, "2021-01-31 is not closed"),
    ],
)
async def test_refusals(client: httpx.AsyncClient, asked: str, status: int, sentence: str) -> None:
    answer = await client.get(f"/views/{asked}")
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(sentence)


async def test_a_day_that_is_not_closed_has_no_view(street: Street) -> None:
    await street.read()
    with pytest.raises(DayNotClosedError):
        await queries.view(street.pool, "coverage", ViewFilter(as_of=date(2021, 1, 31)))

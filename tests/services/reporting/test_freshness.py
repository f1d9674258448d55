"""An answer is known by how far the log was read; who has it is spared it, who needs a later one waits."""

import asyncio

import httpx
import pytest

from services.reporting import freshness
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street


async def test_who_has_the_answer_is_spared_it_until_something_is_read(
    street: Street, client: httpx.AsyncClient
) -> None:
    first = await client.get("/ledgers/payments")
    tag = first.headers["etag"]
    again = await client.get("/ledgers/payments", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await client.get("/ledgers/payments?month=2021-01", headers={"If-None-Match": tag})
    assert other.status_code == 200, "another question"
    await street.log.state(s.paid("2021-04"))
    await street.read()
    anew = await client.get("/ledgers/payments", headers={"If-None-Match": tag})
    assert (anew.status_code, len(anew.json()["rows"])) == (200, 4)


async def test_a_refusal_has_no_tag(client: httpx.AsyncClient) -> None:
    assert "etag" not in (await client.get("/ledgers/payments?month=x")).headers
    assert "etag" not in (await client.get("/health")).headers


async def test_an_answer_waits_for_what_was_written(street: Street, client: httpx.AsyncClient) -> None:
    (record,) = await street.log.state(s.paid("2021-04"))
    place = f"{record.topic}/{record.partition}/{record.offset}"
    asking = asyncio.create_task(client.get("/ledgers/payments", params={"min_position": place}))
    await asyncio.sleep(0.1)
    assert not asking.done()
    await street.read()
    assert len((await asking).json()["rows"]) == 4


async def test_what_does_not_come_is_a_conflict(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "_PATIENCE_SECONDS", 0.1)
    late = await client.get("/ledgers/payments", params={"min_position": "dibao.payments/0/999999"})
    assert late.status_code == 409
    assert late.headers["content-type"] == "application/problem+json"
    assert "dibao.payments/0/999999" in late.json()["detail"]


@pytest.mark.parametrize("wrong", ["x", "a/b/c", "a/1", "a/1/2,", "a/1/99999999999999999999", "A/1/2"])
async def test_what_is_no_place_is_refused(client: httpx.AsyncClient, wrong: str) -> None:
    refused = await client.get("/ledgers/payments", params={"min_position": wrong})
    assert refused.status_code == 422
    assert refused.json()["field"] == "min_position"


async def test_refusals_are_problem_documents(client: httpx.AsyncClient) -> None:
    refused = await client.get("/ledgers/payments", params={"month": "2021-13"})
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json() == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "month: expected a month such as 2021-06",
        "field": "month",
        "expected": "a month such as 2021-06",
    }
    assert (await client.get("/nowhere")).json()["title"] == "Not Found"

"""Who states a fact is told its place on the log, and sees it in a ledger by asking for that place."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from events.catalogue import log_topic
from services.intake.answers import Furthest
from services.platform.database import open_pool
from services.platform.settings import Settings
from services.projector.service import serve
from services.reporting.application import application
from tests.operator import OPERATOR_KEY
from tests.oracle import stating as s
from tests.services.intake.conftest import OpenIntake, client, raw


@pytest.fixture
async def reports(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of reporting, while the projector reads the log."""
    stop = asyncio.Event()
    projector = asyncio.ensure_future(serve(settings, stop))
    pool = await open_pool(settings.database_url, size=4)
    transport = httpx.ASGITransport(application(pool))
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        ) as found:
            yield found
    finally:
        stop.set()
        await projector
        await pool.close()


async def test_a_fact_is_in_the_ledger_at_the_place_that_its_answer_names(
    open_context: OpenIntake, reports: httpx.AsyncClient
) -> None:
    async with client(await open_context("payments")) as http:
        for month in ("2021-01", "2021-02", "2021-03"):
            told = (await http.post("/events", json=s.paid(month))).json()
            page = await reports.get("/ledgers/payments", params={"min_position": told["position"]})
            assert page.status_code == 200, page.text
            assert month in [row["month"] for row in page.json()["rows"]]


async def test_a_repeat_names_the_place_of_the_first(settings: Settings, open_context: OpenIntake) -> None:
    fact = s.paid("2021-01")
    async with client(await open_context("payments")) as http:
        first, again = [(await http.post("/events", json=fact)).json() for _ in range(2)]
        tried = (await http.post("/events?dry_run=true", json=s.paid("2021-02"))).json()
    assert [first["status"], again["status"]] == ["accepted", "repeated"]
    (record,) = await raw(settings, log_topic(settings.topic_prefix, "payments"))
    assert first["position"] == again["position"] == f"{record.topic}/{record.partition}/{record.offset}"
    assert "position" not in tried, "nothing of it is on the log"


async def test_a_batch_is_in_the_ledger_at_the_places_that_its_receipt_names(
    open_context: OpenIntake, reports: httpx.AsyncClient
) -> None:
    facts = [s.paid(f"2021-{month:02d}", household_no=f"H{month}") for month in range(1, 13)]
    async with client(await open_context("payments")) as http:
        told = (await http.post("/events", json=facts)).json()
        later = (await http.get(f"/receipts/{told['receipt']['id']}")).json()
    asked = {"min_position": told["receipt"]["min_position"]}
    assert len((await reports.get("/ledgers/payments", params=asked)).json()["rows"]) == 12
    furthest = Furthest()
    for item in told["items"]:
        furthest.add(item["position"])
    assert str(furthest) == told["receipt"]["min_position"]
    assert len(str(furthest).split(",")) == 2, "of each of the two partitions the last"
    assert later == told["receipt"]

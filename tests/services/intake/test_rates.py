"""A source that is faster than its rate is told so, loses nothing, and takes nothing from the others."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client import REGISTRY

from deploy.contexts import DECLARATIONS
from events.envelope import event_id_of
from services.intake import admission
from services.intake.admission import Admission, Bucket, TooFastError
from services.intake.context import open_intake
from services.intake.http import gateway
from services.intake.sources import add_source
from services.platform.database import open_pool
from services.platform.http import serve_http
from services.platform.settings import Settings
from tests.bad_input.good import good_event
from tests.operator import OPERATOR_KEY
from tests.ports import free_port
from tests.services.intake.conftest import read

PAID = "dibao.payments.paid.v1"
RATE = 2.0


class Clock:
    """The time that rates go by."""

    now = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(admission, "monotonic", lambda: found.now)
    return found


class Sender:
    """Who sends to a listening intake as one source."""

    def __init__(self, http: httpx.AsyncClient, source: str, key: str) -> None:
        self.source = source
        self._http = http
        self._headers = {"Authorization": f"Bearer {key}"}

    async def events(self, first: int, count: int) -> httpx.Response:
        facts = [good_event(PAID, f"nr-{number}", self.source) for number in range(first, first + count)]
        return await self._http.post("/events", json=facts, headers=self._headers)

    async def file(self, first: int, count: int) -> httpx.Response:
        numbers = range(first, first + count)
        lines = [
            httpx.Request("POST", "http://x", json=good_event(PAID, f"nr-{n}", self.source)) for n in numbers
        ]
        content = b"\n".join(each.content for each in lines)
        return await self._http.post("/files?name=a.ndjson", content=content, headers=self._headers)


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """An intake of payments that listens on a port, with its own HTTP server."""
    settings, stop = settings.model_copy(update={"port": free_port()}), asyncio.Event()
    async with open_intake([DECLARATIONS["payments"]], settings) as intakes:
        serving = asyncio.ensure_future(serve_http(gateway(intakes), settings, stop))
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=30) as http:
                for _ in range(200):
                    try:
                        await http.get("/health")
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.05)
                yield http
        finally:
            stop.set()
            await serving


async def sender(settings: Settings, http: httpx.AsyncClient, source: str) -> Sender:
    pool = await open_pool(settings.database_url, size=1)
    try:
        return Sender(http, source, await add_source(pool, source, ["payments"], ["*"], new_households=True))
    finally:
        await pool.close()


def limited(source: str) -> float:
    return REGISTRY.get_sample_value("dibao_intake_limited_total", {"source": source, "limit": "rate"}) or 0.0


async def test_who_is_too_fast_is_told_and_the_others_go_on(settings: Settings, clock: Clock) -> None:
    settings = settings.model_copy(update={"source_rate": RATE, "source_rates": {"/bank/large": 200}})
    async with listening(settings) as http:
        greedy = await sender(settings, http, "/bank/greedy")
        other = await sender(settings, http, "/bank/other")
        large = await sender(settings, http, "/bank/large")

        # A minute's facts and more at once: they are taken to the last one, and the next are not.
        first = await greedy.events(0, 150)
        assert first.status_code == 202, first.text
        for again in (await greedy.events(5000, 1), await greedy.file(5001, 3)):
            said = again.json()
            assert (again.status_code, again.headers["content-type"]) == (429, "application/problem+json")
            assert said["limit"] == {"facts_per_second": RATE, "facts_at_once": 120}
            (fault,) = said["errors"]
            assert (fault["field"], fault["code"]) == ("authorization", "too-fast")
            assert fault["expected"].startswith("2 facts a second from this source on the average, 120 at")
            assert fault["detail"] in said["detail"] and "每秒不得超过2条" in said["detail"]
            assert int(again.headers["retry-after"]) == 16  # 30 facts and one, at 2 a second
        assert limited("/bank/greedy") == 2

        # Nobody else hears of it, nor does who only asks, nor the operator.
        assert (await other.events(0, 50)).status_code == 202
        assert (await large.events(0, 300)).status_code == 202
        assert (await large.events(300, 10)).status_code == 202
        receipt = first.json()["receipt"]["id"]
        assert (await http.get(f"/receipts/{receipt}", headers=greedy._headers)).status_code == 200
        operator = Sender(http, "/somebody", OPERATOR_KEY)
        assert [(await operator.events(at, 150)).status_code for at in (0, 150)] == [202, 202]

        # And it goes on when it was told to.
        clock.now += 15
        assert (await greedy.events(5000, 1)).headers["retry-after"] == "1"
        clock.now += 1
        assert (await greedy.events(5000, 1)).status_code == 202

    events = await read(settings)
    wanted = [event_id_of("/bank/greedy", f"nr-{number}") for number in [*range(150), 5000]]
    found = [event.event_id for event in events if event.source == "/bank/greedy"]
    assert sorted(found) == sorted(wanted), "all that was acknowledged, once, and nothing that was told 429"


async def test_a_file_counts_by_its_facts(settings: Settings, clock: Clock) -> None:
    settings = settings.model_copy(update={"source_rate": RATE})
    async with listening(settings) as http:
        office = await sender(settings, http, "/bank/files")
        taken = await office.file(0, 150)
        assert (taken.status_code, taken.json()["accepted"]) == (202, 150), taken.text
        assert (await office.file(5000, 1)).status_code == 429


async def test_without_a_rate_nobody_is_told(settings: Settings) -> None:
    assert (settings.source_rate, settings.source_rates) == (0, {})
    async with listening(settings) as http:
        office = await sender(settings, http, "/bank/free")
        assert [(await office.events(at, 150)).status_code for at in (0, 150, 300)] == [202, 202, 202]


def test_the_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIBAO_SOURCE_RATE", "500")
    monkeypatch.setenv("DIBAO_SOURCE_RATES", '{"/bank/psbc": 2000}')
    settings = Settings()
    assert (settings.source_rate, settings.source_rates) == (500, {"/bank/psbc": 2000})


# --- the bucket alone ---


def test_over_any_time_a_source_has_its_rate() -> None:
    """In an hour it gets the hour's facts, one burst, and one body more, whenever it sends what."""
    for size in (1, 7, 500, 10_000):
        bucket, taken, now = Bucket(10, 0.0), 0, 0.0
        while now < 3600:
            if (wait := bucket.wait(now)) > 0:
                now += wait
                continue
            bucket.take(size)
            taken += size
        assert 3600 * 10 - size <= taken <= 3600 * 10 + bucket.burst + size, size


def test_who_waits_as_long_as_it_was_told_may_go_on() -> None:
    bucket = Bucket(3, 0.0)
    bucket.take(1000)
    wait = bucket.wait(0.0)
    assert bucket.wait(wait * 0.99) > 0
    assert bucket.wait(wait) == 0


async def test_a_slow_rate_still_lets_one_through(clock: Clock) -> None:
    gate = Admission(0.001)
    async with gate.admitted("events", "/a"):
        gate.count("/a", 1)
    with pytest.raises(TooFastError) as told:
        async with gate.admitted("events", "/a"):
            pass
    assert (told.value.burst, told.value.seconds) == (1, 1000)
    clock.now += 1000
    async with gate.admitted("events", "/a"):
        pass


async def test_it_costs_nothing_that_can_be_measured() -> None:
    """Less than 20 µs a request, where one takes milliseconds."""
    gate = Admission(1e9)
    began = time.process_time()
    for _ in range(2000):
        async with gate.admitted("events", "/a"):
            gate.count("/a", 10)
    with_rate = time.process_time() - began
    plain = Admission()
    began = time.process_time()
    for _ in range(2000):
        async with plain.admitted("events", "/a"):
            plain.count("/a", 10)
    assert (with_rate - (time.process_time() - began)) / 2000 < 20e-6

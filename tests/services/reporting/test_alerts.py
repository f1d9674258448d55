"""The live stream of alerts: it goes on after any notice, and keeps to the reader's area."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from services.platform.access import add_holder
from tests.services.alerting.office import Office
from tests.services.reporting.conftest import Street
from tests.services.reporting.serving import listening

OWN, OTHER = "500102008", "500102009"
"""The street that H1 lives in, and another."""

OTHERS: dict[str, Any] = {"anomaly_id": "00000000-0000-5000-8000-000000000002", "household_no": "H9"}
"""An anomaly of a household of which nobody knows where it lives."""

Event = dict[str, Any]


@pytest.fixture
def office(street: Street) -> Office:
    """Alerting on the street's database."""
    return Office(street.pool, street.log)


async def tell(street: Street, office: Office, verb: str, revision: int = 1, **more: Any) -> None:
    """Let something be announced, read, and told on the stream."""
    await street.announce(verb, revision, **more)
    await office.take(street.log.records[-1:])
    await street.read()
    await office.settle()


async def heard(url: str, key: str, count: int, **headers: str) -> list[Event]:
    """The next events of the stream, from the first or after the one that is named."""
    events: list[Event] = []
    params = {} if headers else {"after": ""}
    headers = {"Authorization": f"Bearer {key}", **headers}
    async with (
        httpx.AsyncClient(base_url=url, timeout=10, headers=headers) as client,
        client.stream("GET", "/alerts/stream", params=params) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: Event = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line:
                event[name] = json.loads(value) if name == "data" else value
            elif "data" in event:
                events.append(event)
                event = {}
                if len(events) == count:
                    return events
    raise AssertionError("the stream ended")


async def test_it_goes_on_after_the_notice_that_was_heard_last(street: Street, office: Office) -> None:
    key = await street.reader()
    await tell(street, office, "raised")
    async with listening(street.pool) as url:
        [first] = await heard(url, key, 1)
        assert first["event"] == "notice"
        assert first["data"]["title"].startswith("荔枝街道")
        assert first["data"]["findings"][0]["sentence"].startswith("H1户")
        await tell(street, office, "revised", 2, severity="high")
        await tell(street, office, "withdrawn", 3)
        later = await heard(url, key, 2, **{"Last-Event-ID": first["id"]})
        assert [one["data"]["findings"][0]["verb"] for one in later] == ["revised", "withdrawn"]
        assert [one["id"] for one in [first, *later]] == sorted({one["id"] for one in [first, *later]})
        coming = asyncio.ensure_future(heard(url, key, 1, **{"Last-Event-ID": later[-1]["id"]}))
        await asyncio.sleep(0.3)
        assert not coming.done()
        await tell(street, office, "raised", 4)
        async with asyncio.timeout(4):  # the bell rings by itself after five
            [last] = await coming
        assert last["data"]["findings"][0]["revision"] == 4


async def test_a_reader_hears_of_the_own_area_only(street: Street, office: Office) -> None:
    own = await add_holder(street.pool, "本街", "reader", area=OWN)
    other = await add_holder(street.pool, "邻街", "reader", area=OTHER)
    await tell(street, office, "raised")
    await tell(street, office, "raised", **OTHERS)
    async with listening(street.pool) as url:
        [heard_of] = await heard(url, own, 1)
        assert heard_of["data"]["household_no"] == "H1"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await heard(url, other, 1)
        both = await heard(url, await street.reader(), 2)
        assert [one["data"]["household_no"] for one in both] == ["H1", "H9"]


async def test_of_one_subject_only_the_households_of_the_own_area_are_told(
    street: Street, office: Office
) -> None:
    """Two households share an account: a reader of one street hears nothing of the other one's household."""
    own = await add_holder(street.pool, "本街", "reader", area=OWN)
    await street.announce("raised", subject="account:a.x")
    await office.take(street.log.records[-1:])
    await tell(street, office, "raised", subject="account:a.x", **OTHERS)
    async with listening(street.pool) as url:
        [whole] = await heard(url, await street.reader(), 1)
        assert [one["household_no"] for one in whole["data"]["findings"]] == ["H1", "H9"]
        [part] = await heard(url, own, 1)
        assert [one["household_no"] for one in part["data"]["findings"]] == ["H1"]
        assert part["data"]["title"] == "荔枝街道鹅颈关村 500102008201：大额支付（新增）"


async def test_without_a_key_nothing_is_heard(street: Street) -> None:
    async with listening(street.pool) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/alerts/stream")).status_code == 401

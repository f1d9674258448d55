"""Facts of a newer version, which is being brought in beside this one: nobody refuses them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from events.catalogue import dead_letter_topic
from services.intake.dead_letters import list_letters
from services.intake.housekeeping import keep_house
from services.intake.newer import newer_knows
from services.intake.topic import consume_intake
from services.platform.settings import Settings
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import OpenIntake, client, raw, read
from tests.services.intake.handing_over import consume_until, hand_over, lines
from tests.services.platform.golden import facts_of

NEWER = "dibao.vitals.died.v2"


@asynccontextmanager
async def a_newer_version(settings: Settings) -> AsyncIterator[None]:
    """A process of another version runs, which knows one type more; it holds what `hold_types` holds."""
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("SELECT pg_advisory_lock_shared(hashtext('intake.type'), hashtext($1))", NEWER)
    try:
        yield
    finally:
        await connection.close()


def facts() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A fact that every version knows, one of the newer version, and a void of that one."""
    died, other = facts_of("vitals")[:2]
    newer = {**other, "type": NEWER}
    undone = {"source": other["source"], "id": other["id"], "type": NEWER, "reason": "误报"}
    data = undone | {"person": other["data"]["person"]}
    return died, newer, {**other, "id": other["id"] + "-V", "type": "dibao.vitals.voided.v1", "data": data}


async def test_over_http_it_is_sent_again_and_nothing_of_it_is_taken(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    died, newer, void = facts()
    async with client(intake) as http, a_newer_version(settings):
        for said in ([died, newer], [died, void]):
            answer = await http.post("/events", json=said)
            assert answer.status_code == 503, answer.text
            assert answer.json()["errors"][0]["code"] == "newer-version"
            assert int(answer.headers["retry-after"]) > 0
        answer = await http.post("/files", params={"name": "a.ndjson"}, content=b"\n".join(lines([newer])))
        assert answer.status_code == 503, answer.text
        # What is of no version is refused meanwhile as ever.
        wrong = await http.post("/events", json=[{**died, "type": "dibao.vitals.died.v3"}])
        assert wrong.status_code == 422, wrong.text
    assert await read(settings) == []


async def test_without_a_newer_version_it_is_refused(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("vitals")
    died, newer, void = facts()
    async with client(intake) as http:
        answer = await http.post("/events", json=[died, newer, void])
        assert answer.status_code == 207, answer.text
        items = answer.json()["items"]
    assert [item["status"] for item in items] == ["accepted", "rejected", "rejected"]


async def test_on_the_intake_topic_it_waits_and_is_no_dead_letter(
    settings: Settings, open_context: OpenIntake, caplog: pytest.LogCaptureFixture
) -> None:
    intake = await open_context("vitals")
    died, newer, _ = facts()
    stop = asyncio.Event()
    async with a_newer_version(settings):
        await hand_over(settings, "vitals", OPERATOR_KEY, *lines([newer, died]))
        taking = asyncio.ensure_future(consume_intake(intake, stop))
        async with asyncio.timeout(30):
            while "a newer version of dibao" not in caplog.text:
                await asyncio.sleep(0.05)
        assert await raw(settings, dead_letter_topic(settings.topic_prefix)) == []
        assert await read(settings) == []
        stop.set()
        await taking
    # The newer version is gone again: what is of no version now is a dead letter, and what follows is taken.
    await consume_until(intake, 1)
    assert [event.serial for event in await read(settings)] == [died["id"]]
    [letter] = await list_letters(settings, intake.pool)
    assert letter.reason.startswith("type: a type of the context vitals")


async def test_a_process_shows_the_types_of_its_contexts_as_long_as_it_lives(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    stop = asyncio.Event()
    keeping = asyncio.ensure_future(keep_house([intake], stop))
    async with asyncio.timeout(20):
        while not await newer_knows(intake.pool, ["dibao.vitals.died.v1"]):
            await asyncio.sleep(0.02)
    assert not await newer_knows(intake.pool, [NEWER, "dibao.payments.paid.v1"])
    stop.set()
    await keeping
    async with asyncio.timeout(20):
        while await newer_knows(intake.pool, ["dibao.vitals.died.v1"]):
            await asyncio.sleep(0.02)

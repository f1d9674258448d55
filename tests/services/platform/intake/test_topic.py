"""Facts over the intake topic; what is none becomes a dead letter that can be driven in again."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest

from events.catalogue import UPSTREAM_CONTEXTS, dead_letter_topic, intake_topic
from events.envelope import event_id_of
from services.platform.intake.context import Intake
from services.platform.intake.dead_letters import NoSuchLetterError, list_letters, redrive, show_letter
from services.platform.intake.sources import add_source
from services.platform.intake.topic import consume_intake
from services.platform.producer import open_producer
from services.platform.settings import Settings
from tests.operator import OPERATOR_KEY
from tests.services.platform.golden import STATED, facts_of
from tests.services.platform.intake.conftest import OpenIntake, opening, raw, read


async def hand_over(settings: Settings, context: str, key: str | None, *values: bytes) -> None:
    """Put raw values onto the intake topic of a context."""
    producer = await open_producer(settings)
    headers = [("authorization", f"Bearer {key}".encode())] if key else []
    topic = intake_topic(settings.topic_prefix, context)
    sent = [await producer.send(topic, value, headers=headers) for value in values]
    await asyncio.gather(*sent)
    await producer.stop()


async def consume_until(intake: Intake, count: int, *, letters: bool = False) -> None:
    """Run the consumer until so many events (or dead letters) are there."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(consume_intake(intake, stop))
    try:
        async with asyncio.timeout(60):
            while True:
                if letters:
                    found = len(await list_letters(intake.settings, intake.pool))
                else:
                    found = len(await read(intake.settings))
                if found >= count or running.done():
                    break
                await asyncio.sleep(0.2)
    finally:
        stop.set()
        await running


def lines(facts: list[dict[str, Any]]) -> list[bytes]:
    """The facts as values of records."""
    return [json.dumps(fact, ensure_ascii=False).encode() for fact in facts]


async def test_golden_facts_by_kafka(settings: Settings, open_context: OpenIntake) -> None:
    total = 0
    for context in UPSTREAM_CONTEXTS:
        intake = await open_context(context)
        facts = facts_of(context)
        await hand_over(settings, context, OPERATOR_KEY, *lines(facts))
        total += len({json.dumps(fact, sort_keys=True) for fact in facts})
        await consume_until(intake, total)
    ids = {event.event_id for event in await read(settings)}
    assert ids == {event_id_of(fact["source"], fact["id"]) for fact in STATED}


async def test_what_is_no_fact_is_a_dead_letter_sealed_and_can_be_redriven(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    died = facts_of("vitals")[0]
    broken = lines([{**died, "data": {**died["data"], "surplus": 1}}])[0]
    key = "dk.later-registered"
    await hand_over(settings, "vitals", OPERATOR_KEY, b"\xff{", broken)
    await hand_over(settings, "vitals", key, *lines([died]))
    await hand_over(settings, "vitals", None, *lines([died]))
    await consume_until(intake, 4, letters=True)

    letters = await list_letters(settings, intake.pool)
    assert [(letter.source_offset, letter.error, letter.reason) for letter in letters] == [
        (0, "Rejected", "event: JSON in UTF-8: a structured CloudEvent"),
        (1, "Rejected", "data.surplus: no such field"),
        (2, "Forbidden", "authorization: Bearer and a key that is not revoked"),
        (3, "Forbidden", "authorization: Bearer and a key that is not revoked"),
    ]
    for record in await raw(settings, dead_letter_topic(settings.topic_prefix)):
        shown = record.value + b"".join(value for _, value in record.headers)
        assert died["data"]["person"]["name"].encode() not in shown
        assert died["data"]["person"]["id_number"].encode() not in shown
    original = await show_letter(settings, opening(intake), letters[1].offset)
    bearer = f"Bearer {OPERATOR_KEY}".encode()
    assert (original.value, original.headers) == (broken, [("authorization", bearer)])
    with pytest.raises(NoSuchLetterError):
        await show_letter(settings, opening(intake), 99)

    # The key is registered: what was refused for its sake goes in now.
    await add_source(intake.pool, died["source"], ["vitals"], ["*"])
    await intake.pool.execute("UPDATE intake.source SET key_hash = $1", sha256(key.encode()).digest())
    driven = await redrive(settings, opening(intake), letters[2].offset)
    assert driven.redriven_at is not None
    await consume_until(intake, 1)
    [event] = await read(settings)
    assert event.serial == died["id"]
    states = [letter.redriven_at is not None for letter in await list_letters(settings, intake.pool)]
    assert states == [False, False, True, False]


async def test_where_the_brokers_acls_say_who_may_write_no_key_is_needed(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    object.__setattr__(intake, "settings", settings.model_copy(update={"intake_topics_open": True}))
    await hand_over(settings, "vitals", None, *lines(facts_of("vitals")[:1]))
    await consume_until(intake, 1)
    assert len(await read(settings)) == 1

"""Facts handed over on an intake topic, and what is read of them."""

import asyncio
import copy
import json
from typing import Any

from events.catalogue import intake_topic
from services.intake.context import Intake
from services.intake.dead_letters import list_letters
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.intake.topic import consume_intake
from services.platform.producer import open_producer
from services.platform.settings import Settings
from tests.services.intake.conftest import read
from tests.services.platform.golden import facts_of


async def hand_over(
    settings: Settings, context: str, key: str | None, *values: bytes, name: str = OPERATOR_SIGN
) -> None:
    """Put raw values onto the intake topic of a context, signed with the key of ``name``, if there is one."""
    producer = await open_producer(settings)
    topic = intake_topic(settings.topic_prefix, context)
    sent = [
        await producer.send(topic, value, headers=[sign(key, name, value)] if key else []) for value in values
    ]
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


PAID = next(fact for fact in facts_of("payments") if fact["type"] == "dibao.payments.paid.v1")


def payment(serial: str, fen: int = 100) -> dict[str, Any]:
    """A payment with an id of its own."""
    fact = copy.deepcopy(PAID)
    fact["id"], fact["data"]["amount_fen"] = serial, fen
    return fact

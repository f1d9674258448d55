"""Kafka away: 503 with Retry-After, nothing acknowledged that is not kept, and on again afterwards."""

import asyncio
import json
from pathlib import Path

import pytest

from deploy.local import Stack
from deploy.migrations import upgrade
from services.intake.context import open_intake
from services.payments.service import DECLARATION as PAYMENTS
from services.platform.keys import Keys
from services.platform.settings import Settings
from services.platform.topics import create_topics
from tests.operator import make_operator
from tests.services.intake.conftest import client, read
from tests.services.platform.golden import facts_of

pytestmark = pytest.mark.chaos


async def test_kafka_away_and_back(own_stack: Stack, tmp_path: Path) -> None:
    settings = Settings(
        kafka=own_stack.kafka,
        database_url=own_stack.database_url,
        partitions=2,
        master_key_file=tmp_path / "master.key",
        ack_timeout_seconds=3,
    )
    Keys.create(settings.master_key_file)
    upgrade(settings.database_url)
    await make_operator(settings.database_url)
    await create_topics(settings)
    facts = facts_of("payments")
    file = "\n".join(json.dumps(fact, ensure_ascii=False) for fact in facts).encode()
    async with open_intake([PAYMENTS], settings) as (intake,), client(intake) as http:
        assert (await http.post("/events", json=facts[:5])).status_code == 202

        await asyncio.to_thread(own_stack.kill9, "kafka")
        one = await http.post("/events", json=facts[5])
        batch = await http.post("/events", json=facts[:20])
        upload = await http.post("/files", params={"name": "a.ndjson"}, content=file)
        for answer in (one, batch, upload):
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
        # What had been acknowledged before is a repeat, and nothing else is on the receipt.
        assert batch.json()["receipt"]["status"] == "incomplete"
        assert batch.json()["receipt"].get("accepted", 0) == 0
        receipt = await http.get(f"/receipts/{upload.json()['receipt']['id']}")
        assert (receipt.json()["status"], receipt.json()["accepted"]) == ("incomplete", 0)

        await asyncio.to_thread(own_stack.restart, "kafka")
        answer = await http.post("/files", params={"name": "a.ndjson"}, content=file)
        for _ in range(20):
            if answer.status_code == 202:
                break
            await asyncio.sleep(1)  # the broker has just come back
            answer = await http.post("/files", params={"name": "a.ndjson"}, content=file)
        assert answer.status_code == 202, answer.text
        body = answer.json()
        assert body["rejected"] == 0
        assert body["accepted"] + body["repeated"] + body["set_aside"] == len(facts) == body["lines"]

        await asyncio.to_thread(own_stack.kill9, "postgres")
        assert (await http.post("/events", json=facts[5])).status_code == 503
        await asyncio.to_thread(own_stack.restart, "postgres")
        assert (await http.post("/events", json=facts[5])).status_code == 202
    events = await read(settings)
    wanted = {(fact["source"], fact["id"]) for fact in facts}
    assert {(event.source, event.serial) for event in events} == wanted

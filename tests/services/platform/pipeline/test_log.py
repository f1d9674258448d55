"""Reading the log from one place to another, and its cut."""

import asyncio
from typing import Any

import pytest

from events import catalogue
from services.platform.failure import PipelineStoppedError
from services.platform.kafka import administration
from services.platform.log import cluster_id, cut_of, end_offsets, log_bounds, read_log, topics_of
from services.platform.provenance import forgeries
from services.platform.settings import Settings
from services.platform.signing import note_signed
from services.platform.topics import create_topics
from tests.services.platform.pipeline.facts import CONTEXTS, create, publish, publish_raw


async def test_from_the_beginning_to_the_present_end(settings: Settings) -> None:
    await publish(settings, [f"f{number:03d}" for number in range(250)])
    await publish(settings, ["v"], "vitals")
    batches = [batch async for batch in read_log(settings, ["payments", "vitals"], max_records=100)]
    records = [record for batch in batches for record in batch]
    assert sorted(r.event.serial for r in records) == [f"f{n:03d}" for n in range(250)] + ["v"]
    assert max(map(len, batches)) <= 100
    for partition in range(3):
        offsets = [r.offset for r in records if r.topic.endswith("payments") and r.partition == partition]
        assert offsets == list(range(len(offsets)))


async def test_from_a_place_to_a_place(settings: Settings) -> None:
    await publish(settings, [f"f{number}" for number in range(30)])
    topic = f"{settings.topic_prefix}.payments"
    records = [
        (record.partition, record.offset)
        async for batch in read_log(
            settings, ["payments"], start={(topic, 0): 8, (topic, 1): 10}, end={(topic, 0): 9, (topic, 2): 3}
        )
        for record in batch
    ]
    assert sorted(records) == [(0, 8), (2, 0), (2, 1), (2, 2)]


async def test_an_empty_log_has_nothing(settings: Settings) -> None:
    assert [batch async for batch in read_log(settings, ["payments"])] == []


async def test_a_place_outside_the_log_is_an_error(settings: Settings) -> None:
    with pytest.raises(PipelineStoppedError, match="is to be read from offset 7, but the log has 0 to 0"):
        async for _ in read_log(settings, ["payments"], start={(f"{settings.topic_prefix}.payments", 0): 7}):
            pass


async def test_an_unreadable_record_is_an_error_that_names_its_place(settings: Settings) -> None:
    await publish_raw(settings, b"{}", {}, partition=2)
    with pytest.raises(PipelineStoppedError, match=r"offset 0 of .*\.payments, partition 2, cannot be read"):
        async for _ in read_log(settings, ["payments"]):
            pass


async def test_signing_begins_anew_with_a_topic_that_is_made_anew(settings: Settings, pool: Any) -> None:
    topics = topics_of(settings, CONTEXTS)
    await note_signed(settings, topics, contexts=CONTEXTS)
    await publish(settings, ["a"], mac=False)
    assert [batch async for batch in read_log(settings, CONTEXTS)] == []
    async with administration(settings) as admin:
        await admin.delete_topics(list(topics))
        while set(topics) & set(await admin.list_topics()):
            await asyncio.sleep(0.05)
    await create(settings)
    await publish(settings, ["b"], mac=False)
    assert len([batch async for batch in read_log(settings, CONTEXTS)]) == 1
    await note_signed(settings, older=True, contexts=CONTEXTS)
    await publish(settings, ["c"], mac=False)
    [[record]] = [batch async for batch in read_log(settings, CONTEXTS)]
    assert record.event.serial == "b"
    assert [row["error"] for row in await forgeries(pool)] == ["missing", "missing"]


async def test_bounds_ends_and_the_cut(settings: Settings) -> None:
    await create_topics(settings.model_copy(update={"partitions": 1}))
    await publish(settings, [str(number) for number in range(7)])
    topic = f"{settings.topic_prefix}.payments"
    assert await end_offsets(settings, ["payments"]) == {(topic, 0): 3, (topic, 1): 2, (topic, 2): 2}
    assert (await log_bounds(settings, ["payments"]))[topic, 0] == (0, 3)
    cut = cut_of(await end_offsets(settings, catalogue.CONTEXTS))
    assert cut[topic] == {"0": 3, "1": 2, "2": 2}
    assert cut[f"{settings.topic_prefix}.calendar"] == {"0": 0}
    assert f"{settings.topic_prefix}.dlq" not in cut


async def test_the_cluster_has_one_id(settings: Settings) -> None:
    assert await cluster_id(settings) == await cluster_id(settings)

"""Kafka and the journal are compared record by record; the first that differs is named."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest

from deploy.local import Stack
from deploy.verifying import compare_facts, compare_kafka
from events.catalogue import log_topic
from projections.schema import PIPELINE, POSITIONS
from services.journal.entry import Entry
from services.journal.keeping import folder_of, kept, load_signer
from services.journal.tree import JournalError, WritableTree
from services.platform import quarantine
from services.platform.authorship import LogKeys
from services.platform.database import open_pool
from services.platform.offsets import set_position
from services.platform.settings import Settings
from services.projector.generation import ensure
from tests.services.journal.conftest import settings as settings
from tests.services.journal.writing import keeping, until_kept, write
from tests.services.platform.kafka_disk import change


async def other_journal(settings: Settings, change: object) -> WritableTree:
    """A journal that is whole, of a log in which one record is another one than in Kafka."""
    async with keeping(settings):
        tree = await until_kept(settings, 300)
    entries = list(tree.entries())
    change(entries)  # type: ignore[operator]
    folder = folder_of(settings.journal.with_name("other"), tree.topic, 0)
    other = WritableTree(folder, tree.topic, 0, load_signer(settings.journal_key_file))
    other.append(entries)
    other.check()
    return other


def value_of(entries: list[Entry]) -> None:
    entries[123] = replace(entries[123], value=b"value 124", headers=(("ce_id", b"0"), ("empty", b"")))


def gone(entries: list[Entry]) -> None:
    del entries[200]


def last_gone(entries: list[Entry]) -> None:
    entries.append(replace(entries[-1], offset=300))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            value_of,
            "the record at offset 123 of TOPIC, partition 0, is another one in Kafka than in the journal: "
            "headers, value",
        ),
        (gone, "Kafka has a record at offset 200 of TOPIC, partition 0, and the journal has none"),
        (last_gone, "Kafka has offsets 0 to 300 of TOPIC, partition 0, and the journal has 0 to 301"),
    ],
)
async def test_the_first_record_that_differs_is_named(settings: Settings, change: object, said: str) -> None:
    await write(settings, 300)
    other = await other_journal(settings, change)
    topic = log_topic(settings.topic_prefix, "payments")
    with pytest.raises(JournalError, match=re.escape(said.replace("TOPIC", topic))):
        await compare_kafka(settings, [other])


async def test_an_erasure_that_was_changed_in_kafka_is_named(stack: Stack, settings: Settings) -> None:
    """Who could change it could bring somebody's values back with an old backup."""
    await write(settings, 3, "erased")
    async with keeping(settings):
        tree = await until_kept(settings, 3, "erased")
    change(stack, tree.topic, b"value 1", b"value 9", noticed=False)
    said = f"offset 1 of {tree.topic}, partition 0, is another one in Kafka than in the journal: value"
    with pytest.raises(JournalError, match=re.escape(said)):
        await asyncio.wait_for(compare_kafka(settings, [tree]), 60)


@pytest.mark.parametrize(
    ("noticed", "said"),
    [
        (
            False,
            "offset 123 of TOPIC, partition 0, is another one in Kafka than in the journal: value",
        ),
        (True, "Kafka itself says that what it has of TOPIC, partition 0, was damaged, from offset 0 on"),
    ],
    ids=["with the checksum", "without"],
)
async def test_a_record_that_was_changed_on_the_brokers_disk_is_named(
    stack: Stack, settings: Settings, noticed: bool, said: str
) -> None:
    await write(settings, 300)
    async with keeping(settings):
        tree = await until_kept(settings, 300)
    change(stack, tree.topic, b"value 123", b"value 321", noticed=noticed)
    with pytest.raises(JournalError, match=re.escape(said.replace("TOPIC", tree.topic))):
        await asyncio.wait_for(compare_kafka(settings, [tree]), 60)


async def test_a_kafka_that_is_ahead_is_no_difference(settings: Settings) -> None:
    await write(settings, 300)
    async with keeping(settings):
        tree = await until_kept(settings, 300)
    await write(settings, 7)
    assert await compare_kafka(settings, [tree]) == [307]


@pytest.mark.parametrize("said", [{}, {"ce_id": b"no id"}], ids=["no id", "another"])
async def test_what_nobody_can_read_is_missed_among_the_facts_until_two_have_put_it_aside(
    settings: Settings, migrated_database: str, said: dict[str, bytes]
) -> None:
    settings = settings.model_copy(update={"database_url": migrated_database})
    topic, keys = log_topic(settings.topic_prefix, "payments"), LogKeys.from_settings(settings)
    headers = [*said.items(), keys.mac(topic, b"key", b"{", list(said.items()))]
    with kept(settings) as signer:
        tree = WritableTree(folder_of(settings.journal, topic, 0), topic, 0, signer)
    entry = Entry(topic, 0, 0, 1_600_000_000_000, b"key", headers, b"{")
    tree.append([entry])
    pool = await open_pool(migrated_database, size=2)
    try:
        async with pool.acquire() as connection:
            await ensure(connection)
            await set_position(connection, PIPELINE, POSITIONS, {(topic, 0): 1})
        missed = f"the record at offset 0 of {topic}, partition 0 is not among the facts"
        with pytest.raises(JournalError, match=re.escape(missed)):
            await compare_facts(settings, pool, [tree])
        record: Any = entry
        await quarantine.propose(pool, record, keys, reason="a drill", by="甲")
        await quarantine.confirm(pool, topic, 0, 0, by="乙")
        assert await compare_facts(settings, pool, [tree]) == [0]
    finally:
        await pool.close()

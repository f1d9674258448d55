"""A Kafka that lost everything is written anew: the same records at the same offsets."""

import asyncio

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from events.catalogue import log_topic
from services.journal.restoring import RestoreError, restore
from services.journal.tree import JournalError
from services.platform.kafka import administration
from services.platform.settings import Settings
from services.platform.topics import create_topics
from tests.services.journal.writing import keeping, kept, log_of, until_kept, write

CONTEXTS = ("payments", "vitals", "calendar", "erased")


async def lose_everything(settings: Settings) -> None:
    async with administration(settings) as admin:
        names = [name for name in await admin.list_topics() if name.startswith(f"{settings.topic_prefix}.")]
        await admin.delete_topics(names)
        async with asyncio.timeout(30):
            while set(names) & set(await admin.list_topics()):
                await asyncio.sleep(0.1)


@pytest.mark.parametrize("made", [False, True], ids=["without topics", "with empty topics"])
async def test_the_log_is_written_anew(settings: Settings, made: bool) -> None:
    await write(settings, 300)
    await write(settings, 20, partition=1)
    await write(settings, 5, "vitals", 1)
    await write(settings, 2, "calendar")
    await write(settings, 4, "erased")
    async with keeping(settings):
        await until_kept(settings, 300)
        await until_kept(settings, 20, partition=1)
        await until_kept(settings, 5, "vitals", 1)
        await until_kept(settings, 2, "calendar")
        await until_kept(settings, 4, "erased")
    before = [await log_of(settings, context) for context in CONTEXTS]
    await lose_everything(settings)
    if made:
        await create_topics(settings)
    assert await restore(settings, list(kept(settings).values())) == 331
    assert [await log_of(settings, context) for context in CONTEXTS] == before
    # What is written from now on has the time of its arrival again, and the journal takes it up.
    await write(settings, 1)
    assert (await log_of(settings))[300][2] > before[0][299][2]
    async with keeping(settings):
        tree = await until_kept(settings, 301)
    tree.check()
    topic = log_topic(settings.topic_prefix, "payments")
    async with administration(settings) as admin:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(_, _, _, _, entries)] = answer.resources
    assert {name: value for name, value, *_ in entries}["message.timestamp.type"] == "LogAppendTime"


async def test_a_log_that_has_records_is_left_alone(settings: Settings) -> None:
    await write(settings, 3)
    async with keeping(settings):
        await until_kept(settings, 3)
    with pytest.raises(RestoreError, match=r"Kafka has records already, in .*payments, partition 0"):
        await restore(settings, list(kept(settings).values()))


async def test_what_was_erased_since_the_loss_is_left_alone(settings: Settings) -> None:
    """Somebody has erased before the log was restored: what is noted of it now is not written over."""
    await write(settings, 3)
    async with keeping(settings):
        await until_kept(settings, 3)
    await lose_everything(settings)
    await create_topics(settings)
    await write(settings, 1, "erased")
    with pytest.raises(RestoreError, match=r"Kafka has records already, in .*erased, partition 0"):
        await restore(settings, list(kept(settings).values()))


async def test_a_journal_that_was_changed_is_not_written(settings: Settings) -> None:
    await write(settings, 3)
    async with keeping(settings):
        tree = await until_kept(settings, 3)
    await lose_everything(settings)
    file = tree.folder / "tile/entries/000.p/3"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(JournalError, match="was changed at its entry 2"):
        await restore(settings, list(kept(settings).values()))
    async with administration(settings) as admin:
        assert not {name for name in await admin.list_topics() if name.startswith(settings.topic_prefix)}

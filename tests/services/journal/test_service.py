"""The service keeps what comes on the log, goes on where it was, and refuses another log."""

import asyncio
import os
import signal
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from deploy import program
from deploy.local import Stack
from events.catalogue import CONTEXTS, log_topic
from services.journal.checkpoint import opened
from services.journal.keeping import renew_key
from services.journal.note import NoteError
from services.journal.service import serve
from services.platform.failure import PipelineStoppedError
from services.platform.kafka import administration
from services.platform.keys import KeyFileError
from services.platform.settings import Settings
from services.platform.topics import create_topics
from tests.services.journal.writing import keeping, kept, log_of, until_kept, write


async def test_every_record_is_kept_whole(settings: Settings) -> None:
    await write(settings, 700)
    await write(settings, 3, "anomalies", 1)
    async with keeping(settings):
        tree = await until_kept(settings, 700)
        await until_kept(settings, 3, "anomalies", 1)
        await write(settings, 5)
        tree = await until_kept(settings, 705)
    tree.check()
    assert [
        (each.partition, each.offset, each.timestamp, each.key, each.value, each.headers)
        for each in tree.entries()
    ] == await log_of(settings)
    assert {context for context, _ in kept(settings)} == {*CONTEXTS, "erased"}, (
        "those without records have a tree too"
    )
    assert stat.S_IMODE(settings.journal_key_file.stat().st_mode) == 0o600


async def test_it_goes_over_to_a_new_key_and_what_the_former_one_signed_stays_proved(
    settings: Settings,
) -> None:
    await write(settings, 10)
    async with keeping(settings):
        first = await until_kept(settings, 10)
        with pytest.raises(PipelineStoppedError, match="Another process writes"):
            renew_key(settings)
    former, key, folder = renew_key(settings)
    assert former == first.key and former.id != key.id and former.name == key.name
    async with keeping(settings):
        await write(settings, 10)
        tree = await until_kept(settings, 20)
    tree.check()
    assert tree.key == key and len(kept(settings)) == len(list(folder.iterdir()))
    with pytest.raises(NoteError, match="has not signed it"):
        opened(tree.note, former)
    # From what the former key has signed to what both have, and from there on.
    both = (folder / f"{tree.topic}-0").read_text(encoding="utf-8")
    assert opened(both, former) == opened(both, key) == opened(first.note, former)
    before, now = tree.consistency(both).check(key)
    assert (before.size, now.size) == (10, 20)


async def test_it_goes_on_where_it_was(settings: Settings) -> None:
    for count in (10, 20, 30):
        await write(settings, 10)
        async with keeping(settings):
            tree = await until_kept(settings, count)
    tree.check()
    assert [each.offset for each in tree.entries()] == list(range(30))


def started(settings: Settings, log: Path) -> "subprocess.Popen[bytes]":
    """The service as a process of its own, which writes as soon as something comes."""
    names = ("kafka", "database_url", "topic_prefix", "journal", "journal_key_file")
    environment = {
        **os.environ,
        **{f"DIBAO_{name.upper()}": str(getattr(settings, name)) for name in names},
        "DIBAO_JOURNAL_SECONDS": "0.01",
    }
    with log.open("ab") as out:
        return subprocess.Popen(
            program.command("deploy.cli", "serve", "journal"), env=environment, stdout=out, stderr=out
        )


async def test_a_killed_process_leaves_a_whole_tree(settings: Settings, tmp_path: Path) -> None:
    """Kill -9 in the middle of its work, again and again."""
    sizes: list[int] = []
    for seconds in (0.0, 0.02, 0.1):
        process = started(settings, tmp_path / "log")
        try:
            writing = asyncio.create_task(write(settings, 900))
            before = sizes[-1] if sizes else 0
            await until_kept(settings, before + 1)
            await asyncio.sleep(seconds)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        await writing
        tree = kept(settings)["payments", 0]
        tree.check()
        sizes.append(tree.size)
    async with keeping(settings):
        tree = await until_kept(settings, 2700)
    tree.check()
    assert [each.offset for each in tree.entries()] == list(range(2700))
    assert sizes[0] < 2700


async def test_there_is_one_writer(settings: Settings) -> None:
    async with keeping(settings):
        await until_kept(settings, 0)
        with pytest.raises(PipelineStoppedError, match="Another process writes to the journal"):
            await serve(settings, asyncio.Event())


async def test_a_log_that_was_made_anew_is_refused(settings: Settings) -> None:
    topic = log_topic(settings.topic_prefix, "payments")
    await write(settings, 10)
    async with keeping(settings):
        await until_kept(settings, 10)
    async with administration(settings) as admin:
        await admin.delete_topics([topic])
        await asyncio.sleep(1)
    await create_topics(settings)
    with pytest.raises(
        PipelineStoppedError, match=rf"ends with offset 9 of {topic}, partition 0, but Kafka has 0"
    ):
        await serve(settings, asyncio.Event())
    await write(settings, 11)
    with pytest.raises(PipelineStoppedError, match="but another record stands there"):
        await asyncio.wait_for(serve(settings, asyncio.Event()), 30)


async def test_a_journal_without_its_key_is_not_gone_on_with(settings: Settings) -> None:
    async with keeping(settings):
        await until_kept(settings, 0)
    settings.journal_key_file.unlink()
    with pytest.raises(KeyFileError, match="restore it from its backup"):
        await serve(settings, asyncio.Event())


@pytest.mark.chaos
async def test_it_waits_for_a_kafka_that_was_killed(
    mortal: Stack, settings: Settings, tmp_path: Path
) -> None:
    process = started(settings, tmp_path / "log")
    try:
        await write(settings, 100)
        await until_kept(settings, 100)
        mortal.kill9("kafka")
        await asyncio.sleep(1)
        mortal.restart("kafka")
        async with asyncio.timeout(60):
            while True:
                with suppress(KafkaError, TimeoutError):
                    await write(settings, 50)
                    break
        tree = await until_kept(settings, 150)
        assert process.poll() is None, (tmp_path / "log").read_text()
    finally:
        process.terminate()
        assert process.wait(30) == 0, "it ends when it is told to"
    tree.check()
    assert [each.offset for each in tree.entries(0, 150)] == list(range(150))

"""What every transport owes: each record's effects exactly once, in order, whatever dies in between."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import psutil
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from prometheus_client import generate_latest

from deploy.local import Stack
from events.envelope import Record
from services.intake.answers import Unavailable
from services.intake.publisher import Place
from services.intake.recall import Recall
from services.platform import monitor, offsets, quarantine
from services.platform.authorship import LogKeys
from services.platform.kafka import administration
from services.platform.log import read_log, topics_of
from services.platform.pipeline import InfrastructureLostError, Pipeline, PipelineStoppedError, Tuning
from services.platform.provenance import forgeries
from services.platform.quarantine import QuarantineError
from services.platform.settings import Settings
from services.platform.signing import note_signed
from tests.killing import kill_all, start_all
from tests.services.platform.copying import copying
from tests.services.platform.pipeline.facts import (
    CONTEXTS,
    Ledger,
    create,
    effects,
    eventually,
    in_order,
    publish,
    publish_forged,
    publish_raw,
)
from tests.services.platform.pipeline.worker import QUICK

_TOLD = {
    f"DIBAO_{name.upper()}": name
    for name in (
        "kafka",
        "kafka_security",
        "kafka_user",
        "kafka_password_file",
        "kafka_ca_file",
        "database_url",
        "topic_prefix",
    )
}
"""What a worker in a process of its own is told."""

Run = Callable[[Pipeline, asyncio.Event], Awaitable[None]]


def serials(count: int, prefix: str = "f") -> list[str]:
    return [f"{prefix}{number:05d}" for number in range(count)]


async def nothing_left(tasks: Collection[Any], threads: Collection[threading.Thread], when: str) -> None:
    """Assert that nothing runs that did not before: after a moment for what is on its way to its end."""
    late = time.monotonic() + 5
    while (left := asyncio.all_tasks() - set(tasks)) and time.monotonic() < late:
        await asyncio.sleep(0.01)
    assert not left, when
    running = {one for one in threading.enumerate() if not one.name.startswith("asyncio_")}
    assert running <= set(threads), when


class PipelinePromises:
    """What a worker promises, wherever its Kafka is: order, each effect once, a clean end."""

    transport: ClassVar[str]
    run: ClassVar[Run]

    @asynccontextmanager
    async def worker(
        self, settings: Settings, pool: Any, ledger: Ledger, tuning: Tuning = QUICK
    ) -> AsyncIterator[asyncio.Task[None]]:
        """A worker in this process, which is stopped cleanly at the end."""
        stop = asyncio.Event()
        task = asyncio.ensure_future(type(self).run(Pipeline(settings, pool, ledger, tuning), stop))
        try:
            yield task
        finally:
            stop.set()
            done, _ = await asyncio.wait({task}, timeout=20)
            assert done, "the worker does not stop"
        task.result()

    async def fails(
        self, settings: Settings, pool: Any, ledger: Ledger, tuning: Tuning = QUICK
    ) -> PipelineStoppedError:
        """Run until the worker stops by itself; return why."""
        with pytest.raises(PipelineStoppedError) as caught:
            async with asyncio.timeout(40):
                await type(self).run(Pipeline(settings, pool, ledger, tuning), asyncio.Event())
        return caught.value

    async def leaves_nothing_running(self, settings: Settings, pool: Any, moments: Iterable[int]) -> None:
        """Stop a worker so many milliseconds after its start, each time a new one."""
        tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
        for moment in moments:
            async with self.worker(settings, pool, Ledger()):
                await asyncio.sleep(moment / 1000)
            await nothing_left(tasks, threads, f"stopped after {moment} ms")

    @asynccontextmanager
    async def process(
        self, settings: Settings, fault: str = "", pause: float = 0
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """A worker in a process of its own, which must end well when it is told to and was not killed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.services.platform.pipeline.worker",
            self.transport,
            str(pause),
            env={
                **os.environ,
                **{name: str(said) for name, field in _TOLD.items() if (said := getattr(settings, field))},
                "DIBAO_FAULT": fault,
            },
        )
        try:
            yield process
            if process.returncode is None:
                process.terminate()
                assert await asyncio.wait_for(process.wait(), 20) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def test_a_first_start_reads_the_log_from_its_beginning(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(300))
        await publish(settings, serials(20, "v"), "vitals")
        ledger = Ledger()
        async with self.worker(settings, pool, ledger) as task:
            found = await eventually(pool, 320, task)
        assert found == serials(300) + serials(20, "v")
        assert await in_order(pool)
        assert max(ledger.batches) <= QUICK.max_records
        prefix = settings.topic_prefix
        assert await offsets.positions(pool, "ledger", 1) == {
            (f"{prefix}.payments", 0): 100,
            (f"{prefix}.payments", 1): 100,
            (f"{prefix}.payments", 2): 100,
            (f"{prefix}.vitals", 0): 20,
        }

    async def test_stopped_at_any_moment_of_its_start_it_leaves_nothing_running(
        self, settings: Settings, pool: Any
    ) -> None:
        await self.leaves_nothing_running(settings, pool, range(0, 400, 40))

    async def test_a_restart_goes_on_at_postgresqls_offsets_and_not_at_the_groups(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(30))
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 30, task)
            await asyncio.sleep(QUICK.commit_seconds * 3)
        # As if a backup of PostgreSQL had been restored: the group is ahead of it.
        await pool.execute("update platform.\"offset\" set next_offset = 5 where topic like '%payments'")
        await pool.execute("delete from effect where place >= 5")
        await publish(settings, serials(3, "later"))
        async with self.worker(settings, pool, Ledger()) as task:
            found = await eventually(pool, 33, task)
        assert found == serials(30) + serials(3, "later")
        assert await in_order(pool)

    @pytest.mark.parametrize("point", ["ledger.before_commit", "ledger.after_commit"])
    async def test_killed_at_the_commit_and_started_again(
        self, settings: Settings, pool: Any, point: str
    ) -> None:
        await publish(settings, serials(400))
        async with self.process(settings, fault=f"{point}:3") as killed:
            assert await asyncio.wait_for(killed.wait(), 30) == -signal.SIGKILL
        done = await effects(pool)
        assert 0 < len(done) < 400
        assert len(done) == len(set(done))
        async with self.worker(settings, pool, Ledger()) as task:
            assert await eventually(pool, 400, task) == serials(400)
        assert await in_order(pool)


class PipelineContract(PipelinePromises):
    """What else each transport owes. Inherited by a test class for each of them."""

    async def test_cancelled_at_any_moment_of_its_end_it_leaves_nothing_running(
        self, settings: Settings, pool: Any
    ) -> None:
        tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
        for moment in (0, 2, 8, 32):
            stop, pipeline = asyncio.Event(), Pipeline(settings, pool, Ledger(), QUICK)
            task = asyncio.ensure_future(type(self).run(pipeline, stop))
            async with asyncio.timeout(20):
                while not pipeline.held:
                    await asyncio.sleep(0.01)
            # As whoever ends by the same event, a little earlier, and cancels what it ran beside itself.
            stop.set()
            await asyncio.sleep(moment / 1000)
            task.cancel()
            await asyncio.wait({task})
            await nothing_left(tasks, threads, f"cancelled {moment} ms after it was told to stop")

    async def test_it_says_how_far_it_is(self, settings: Settings, pool: Any) -> None:
        settings = settings.model_copy(update={"ready_lag": 100})
        await publish(settings, serials(300))
        name, stop = f"told-{self.transport}", asyncio.Event()
        pipeline = Pipeline(settings, pool, Ledger(name, pause=0.3), replace(QUICK, max_records=50))
        assert await pipeline.ready() == "waits for its partitions"
        task = asyncio.ensure_future(type(self).run(pipeline, stop))
        said: list[str | None] = ["begins"]
        async with asyncio.timeout(40):
            while said[-1] is not None:
                reason = (await monitor.reasons()).get(f"pipeline {name}")
                said.append("begins" if reason is None and not pipeline.held else reason)
                await asyncio.sleep(0.05)
            await eventually(pool, 300, task)
            assert await pipeline.ready() is None
        assert [one for one in said if one and one.endswith(" records behind")]
        stop.set()
        await asyncio.wait_for(task, 20)
        shown = generate_latest().decode()
        assert f'dibao_pipeline_records_total{{pipeline="{name}"}} 300.0' in shown
        for partition in range(3):
            place = f'pipeline="{name}",topic="{settings.topic_prefix}.payments"'
            assert f'dibao_pipeline_lag_records{{partition="{partition}",{place}}} 0.0' in shown
        assert f'dibao_ready{{part="pipeline {name}"}} 0.0' in shown, "it does not work any more"

    async def test_a_new_version_of_a_pipeline_begins_anew(self, settings: Settings, pool: Any) -> None:
        await publish(settings, serials(6))
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 6, task)
        second = Ledger()
        second.version = 2
        async with self.worker(settings, pool, second) as task:
            found = await eventually(pool, 12, task)
        assert found == sorted(serials(6) * 2)

    async def test_records_that_come_one_by_one_are_handled_at_once(
        self, settings: Settings, pool: Any
    ) -> None:
        ledger = Ledger()
        await publish(settings, ["warm"])
        async with self.worker(settings, pool, ledger) as task:
            await eventually(pool, 1, task)
            waits = []
            for number in range(10):
                await publish(settings, [f"f{number}"], "vitals")
                since = time.perf_counter()
                while ledger.seen < number + 2:
                    assert time.perf_counter() - since < 5
                    await asyncio.sleep(0.002)
                waits.append(time.perf_counter() - since)
        # 50 ms on an idle machine; a machine that runs several suites at once needs room.
        assert sorted(waits)[len(waits) // 2] < 0.15, waits

    async def test_what_another_owner_moved_is_not_done_again(self, settings: Settings, pool: Any) -> None:
        await publish(settings, serials(60))
        ledger = Ledger(pause=0.3)
        async with self.worker(settings, pool, ledger, replace(QUICK, max_records=10)) as task:
            await eventually(pool, 10, task)
            drops = ledger.drops
            # Somebody who believes to own the partitions does ten records of each, effects and offsets.
            async with pool.acquire() as other, other.transaction():
                await other.execute(
                    """
                    with moved as (
                        update platform."offset" set next_offset = next_offset + 10
                        where next_offset <= 10 and topic like '%payments'
                        returning topic, partition, next_offset
                    )
                    insert into effect (serial, topic, partition, place)
                    select 'f' || lpad((place * 3 + partition)::text, 5, '0'), topic, partition, place
                    from moved, generate_series(next_offset - 10, next_offset - 1) as place
                    """
                )
            found = await eventually(pool, 60, task)
            assert ledger.drops > drops
        assert found == serials(60)

    async def test_an_error_of_the_handler_stops_before_anything_is_acknowledged(
        self, settings: Settings, pool: Any
    ) -> None:
        # On one partition: those of others may be in another batch, which is nobody's fault.
        await publish(settings, serials(30), "vitals")
        ledger = Ledger()
        ledger.failures = [ZeroDivisionError("a bug")]
        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(30):
                await type(self).run(Pipeline(settings, pool, ledger, QUICK), asyncio.Event())
        assert await effects(pool) == []
        assert set((await offsets.positions(pool, "ledger", 1)).values()) == {0}
        async with self.worker(settings, pool, Ledger()) as task:
            assert await eventually(pool, 30, task) == serials(30)

    async def test_a_passing_error_of_postgresql_is_retried(self, settings: Settings, pool: Any) -> None:
        await publish(settings, serials(30))
        ledger = Ledger()
        ledger.failures = [asyncpg.DeadlockDetectedError("victim"), asyncpg.AdminShutdownError("going")]
        async with self.worker(settings, pool, ledger) as task:
            assert await eventually(pool, 30, task) == serials(30)

    async def test_an_error_of_postgresql_that_stays_stops_the_process(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(3))
        ledger = Ledger()
        ledger.failures = [asyncpg.AdminShutdownError("going")] * 1000
        stopped = await self.fails(settings, pool, ledger, replace(QUICK, retry_seconds=1))
        assert isinstance(stopped, InfrastructureLostError)
        assert "gave up after 1 s" in str(stopped)
        assert await effects(pool) == []

    async def test_a_record_that_cannot_be_read_stops_and_is_not_passed_over(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(6))
        await publish_raw(settings, b"{}", {"ce_type": b"dibao.payments.paid.v9"}, partition=1)
        await publish(settings, serials(3, "later"))
        for _ in range(2):
            stopped = await self.fails(settings, pool, Ledger())
            assert f"offset 2 of {settings.topic_prefix}.payments, partition 1" in str(stopped)
            assert "dibao.payments.paid.v9" in str(stopped)
        positions = await offsets.positions(pool, "ledger", 1)
        assert positions[f"{settings.topic_prefix}.payments", 1] == 2
        assert "later00001" not in await effects(pool)

    async def test_a_record_in_quarantine_is_passed_over_by_the_word_of_two(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(6))
        await publish_raw(settings, b"{}", {"ce_type": b"dibao.payments.paid.v9"}, partition=1)
        await publish(settings, serials(3, "later"))
        topic, place = f"{settings.topic_prefix}.payments", Place(1, 2)
        recall, keys = Recall(settings), LogKeys.from_settings(settings)
        records = await recall.raw(topic, [place, Place(1, 1)])
        await recall.close()
        with pytest.raises(QuarantineError, match="undo its fact with a void"):
            await quarantine.propose(pool, records[Place(1, 1)], keys, reason="a slip", by="甲")
        await quarantine.propose(pool, records[place], keys, reason="written by hand", by="甲")
        with pytest.raises(QuarantineError, match="two different people"):
            await quarantine.confirm(pool, topic, 1, 2, by="甲")
        assert "`dibao quarantine`" in str(await self.fails(settings, pool, Ledger()))
        with pytest.raises(PipelineStoppedError, match="cannot be read"):
            assert [batch async for batch in read_log(settings, ("payments",))]
        await quarantine.confirm(pool, topic, 1, 2, by="乙")
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 9, task)
        assert await effects(pool) == [*serials(6), *serials(3, "later")]
        assert sum([len(batch) async for batch in read_log(settings, ("payments",))]) == 9
        [kept] = await quarantine.quarantined(pool)
        assert (kept.reason, kept.proposed_by, kept.confirmed_by) == ("written by hand", "甲", "乙")
        assert "dibao.payments.paid.v9" in kept.error

    async def test_what_none_of_ours_wrote_is_passed_over_and_reported_once(
        self, settings: Settings, pool: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        await note_signed(settings, topics_of(settings, CONTEXTS), contexts=CONTEXTS)
        await publish(settings, serials(6))
        forged = await publish_forged(settings)
        await publish(settings, serials(3, "later"))
        expected = [*serials(6), *serials(3, "later")]
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 9, task)
            assert await read_serials(settings) == expected
        assert await effects(pool) == expected
        for name in ("second", "third"):
            async with self.worker(settings, pool, Ledger(name)) as task:
                await eventually(pool, 18 if name == "second" else 27, task)
        assert await read_serials(settings) == expected
        found = await forgeries(pool)
        prefix = settings.topic_prefix
        assert sorted((row["topic"], row["partition"], row["offset"], row["error"]) for row in found) == [
            (f"{prefix}.payments", 0, 2, "missing"),
            (f"{prefix}.payments", 1, 2, "wrong"),
            (f"{prefix}.payments", 1, 3, "missing"),
            (f"{prefix}.payments", 2, 2, "wrong"),
            (f"{prefix}.vitals", 0, 0, "wrong"),
        ]
        said = [line.getMessage() for line in caplog.records if "is refused" in line.getMessage()]
        assert len(said) == len(set(said)) == forged == len(found)
        assert f"offset 2 of {prefix}.payments, partition 1" in " ".join(said)
        assert "2021-06-30" not in " ".join(said)

    async def test_a_batch_of_nothing_but_forgeries_is_passed_over_too(
        self, settings: Settings, pool: Any
    ) -> None:
        await note_signed(settings, topics_of(settings, CONTEXTS), contexts=CONTEXTS)
        await publish_forged(settings)
        async with self.worker(settings, pool, Ledger()) as task:
            async with asyncio.timeout(40):
                while sum((await offsets.positions(pool, "ledger", 1)).values()) < 5:
                    assert not task.done()
                    await asyncio.sleep(0.05)
        async with self.worker(settings, pool, Ledger()) as task:
            await publish(settings, serials(3))
            assert await eventually(pool, 3, task) == serials(3)

    async def test_a_key_that_is_missing_stops_and_nothing_is_passed_over(
        self, settings: Settings, pool: Any, tmp_path: Path
    ) -> None:
        file, other = tmp_path / "log.key", tmp_path / "other.key"
        LogKeys.create(file)
        LogKeys.create(other)
        own = settings.model_copy(update={"log_key_file": file})
        await note_signed(own, topics_of(own, CONTEXTS), contexts=CONTEXTS)
        await publish(own, serials(6))
        await publish(own.model_copy(update={"log_key_file": other}), serials(3, "other"))
        await publish(own, serials(3, "later"))
        for _ in range(2):
            stopped = await self.fails(own, pool, Ledger())
            assert f"which {file} does not have: add that key as a further line" in str(stopped)
        assert not {"later00000", "other00000"} & set(await effects(pool))
        with pytest.raises(PipelineStoppedError, match="add that key as a further line"):
            await read_serials(own)
        recall, place = Recall(own), Place(1, 2)
        records = await recall.raw(f"{own.topic_prefix}.payments", [place])
        with pytest.raises(Unavailable):
            await recall.records(f"{own.topic_prefix}.payments", [place], needed=True)
        await recall.close()
        why = quarantine.why_unreadable(records[place], LogKeys.from_settings(own))
        assert why == "it is signed with a log key that this deployment does not have"
        file.write_text(file.read_text() + other.read_text())
        async with self.worker(own, pool, Ledger()) as task:
            found = await eventually(pool, 12, task)
        assert found == await read_serials(own) == [*serials(6), *serials(3, "later"), *serials(3, "other")]
        assert await forgeries(pool) == []

    async def test_a_log_of_before_is_read_up_to_where_signing_began(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(6), mac=False)
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 6, task)
            # The worker is told nothing: it looks at the next unsigned record.
            await note_signed(settings, older=True, contexts=CONTEXTS)
            await publish(settings, serials(3, "late"), mac=False)
            await publish(settings, serials(3, "new"))
            await eventually(pool, 9, task)
        expected = [*serials(6), *serials(3, "new")]
        assert await effects(pool) == expected == await read_serials(settings)
        assert [(row["offset"], row["error"]) for row in await forgeries(pool)] == [(2, "missing")] * 3

    async def test_offsets_above_the_log_stop_with_what_to_do(self, settings: Settings, pool: Any) -> None:
        await publish(settings, serials(9))
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 9, task)
        await pool.execute('update platform."offset" set next_offset = 500 where partition = 1')
        stopped = await self.fails(settings, pool, Ledger())
        assert "PostgreSQL's offsets do not belong to this Kafka" in str(stopped)
        assert "offset 500" in str(stopped)
        assert "`dibao rebuild projection`" in str(stopped)

    async def test_offsets_below_the_log_stop_with_what_to_do(self, settings: Settings, pool: Any) -> None:
        await publish(settings, serials(9))
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 9, task)
        async with administration(settings) as admin:
            place = TopicPartition(f"{settings.topic_prefix}.payments", 1)
            await admin.delete_records({place: RecordsToDelete(2)})
        await pool.execute('update platform."offset" set next_offset = 1')
        stopped = await self.fails(settings, pool, Ledger())
        assert "do not belong to this Kafka" in str(stopped)
        assert "the log has 2 to 3" in str(stopped)

    async def test_another_event_below_the_offset_stops_with_what_to_do(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(9))
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 9, task)
        await pool.execute('update platform."offset" set last_event = gen_random_uuid() where partition = 1')
        await publish(settings, serials(3, "later"))
        stopped = await self.fails(settings, pool, Ledger())
        assert "the event read at offset 2 of" in str(stopped)
        assert "`dibao rebuild projection`" in str(stopped)
        assert len(await effects(pool)) == 9

    async def test_a_topic_made_anew_stops_with_what_to_do(self, settings: Settings, pool: Any) -> None:
        await publish(settings, serials(9))
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 9, task)
        topic = f"{settings.topic_prefix}.payments"
        async with administration(settings) as admin:
            await admin.delete_topics([topic])
        await asyncio.sleep(1)
        await create(settings)
        await publish(settings, serials(12, "later"))
        assert f"Kafka has made {topic} anew" in str(await self.fails(settings, pool, Ledger()))
        assert len(await effects(pool)) == 9

    async def test_positions_without_a_mark_are_taken_as_they_are(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(9))
        async with self.worker(settings, pool, Ledger()) as task:
            await eventually(pool, 9, task)
        places = await offsets.marks_of(pool, "ledger", 1)
        await offsets.clear_marks(pool, "ledger", 1)
        async with self.worker(settings, pool, Ledger()):
            while await offsets.marks_of(pool, "ledger", 1) != places:
                await asyncio.sleep(0.05)

    async def test_another_cluster_stops_with_what_to_do(self, settings: Settings, pool: Any) -> None:
        await offsets.remember_cluster(pool, "the-kafka-of-before")
        stopped = await self.fails(settings, pool, Ledger())
        assert "they are of the cluster the-kafka-of-before" in str(stopped)
        assert "`dibao down --purge`" in str(stopped)

    async def test_a_missing_topic_is_said(self, settings: Settings, pool: Any) -> None:
        ledger = Ledger()
        ledger.contexts = (*CONTEXTS, "custody")
        assert f"lacks the topics {settings.topic_prefix}.custody" in str(
            await self.fails(settings, pool, ledger)
        )

    async def test_a_gap_of_the_log_itself_is_passed(self, settings: Settings, pool: Any) -> None:
        # Offsets without records: what a transaction's marker leaves.
        await publish(settings, serials(9))
        async with administration(settings) as admin:
            place = TopicPartition(f"{settings.topic_prefix}.payments", 1)
            await admin.delete_records({place: RecordsToDelete(2)})
        async with self.worker(settings, pool, Ledger()) as task:
            found = await eventually(pool, 7, task)
        assert set(serials(9)) - set(found) == {"f00001", "f00004"}

    async def test_a_worker_frozen_inside_its_transaction_is_replaced_within_seconds(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(60))
        async with self.process(settings, "freeze@ledger.before_commit:2") as frozen:
            while psutil.Process(frozen.pid).status() != psutil.STATUS_STOPPED:
                await asyncio.sleep(0.05)
            begun = time.monotonic()
            async with self.worker(settings, pool, Ledger()) as task:
                await eventually(pool, 60, task)
                taken = time.monotonic() - begun
                frozen.send_signal(signal.SIGCONT)
                await asyncio.sleep(1)
                assert task.done() is False
        assert taken < 20, f"{taken:.1f} s"
        assert sorted(await effects(pool)) == serials(60)

    async def test_a_worker_frozen_in_the_middle_of_a_copy_is_replaced_within_seconds(
        self, settings: Settings, pool: Any
    ) -> None:
        await publish(settings, serials(10))
        async with copying(settings.database_url, "freezes", locked='platform."offset"'):
            begun = time.monotonic()
            async with self.worker(settings, pool, Ledger()) as task:
                await eventually(pool, 10, task)
            taken = time.monotonic() - begun
        assert taken < 30, f"{taken:.1f} s"

    @pytest.mark.chaos
    async def test_postgresql_killed_within_the_time_makes_no_difference(
        self, settings: Settings, pool: Any, mortal: Stack
    ) -> None:
        await publish(settings, serials(200))
        async with self.worker(settings, pool, Ledger(pause=0.05), replace(QUICK, max_records=10)) as task:
            await eventually(pool, 30, task)
            await asyncio.to_thread(kill_all, mortal, "postgres")
            await asyncio.sleep(1)
            await asyncio.to_thread(start_all, mortal)
            await retrying(lambda: publish(settings, serials(50, "later")))
            await retrying(lambda: eventually(pool, 250, task))
        assert await effects(pool) == serials(200) + serials(50, "later")
        assert await in_order(pool)

    @pytest.mark.chaos
    async def test_kafka_killed_makes_no_difference_but_to_whom_it_is_away_for_too_long(
        self, settings: Settings, pool: Any, mortal: Stack
    ) -> None:
        await publish(settings, serials(200))
        onlooker = Onlooker("impatient")
        pipeline = Pipeline(settings, pool, onlooker, replace(QUICK, retry_seconds=2))
        impatient = asyncio.ensure_future(type(self).run(pipeline, asyncio.Event()))
        async with self.worker(settings, pool, Ledger(pause=0.05), replace(QUICK, max_records=10)) as task:
            async with asyncio.timeout(40):
                while onlooker.seen < 200:
                    await asyncio.sleep(0.01)
            await eventually(pool, 30, task)
            await asyncio.to_thread(kill_all, mortal, "kafka")
            with pytest.raises(InfrastructureLostError):
                await asyncio.wait_for(impatient, 60)
            await asyncio.to_thread(start_all, mortal)
            await retrying(lambda: publish(settings, serials(50, "later")))
            await eventually(pool, 250, task)
        assert await effects(pool) == serials(200) + serials(50, "later")
        assert await in_order(pool)

    async def test_two_workers_of_which_one_dies_and_comes_back(self, settings: Settings, pool: Any) -> None:
        enough = asyncio.Event()
        async with self.worker(settings, pool, Ledger(pause=0.02)) as task:
            publishing = asyncio.ensure_future(publish_until(settings, enough))
            await eventually(pool, 20, task)
            async with self.process(settings, pause=0.02) as other:
                await worked(pool, other, task)
                await worked(pool, None, task)
                other.kill()
                await other.wait()
            async with self.process(settings, pause=0.02) as back:
                await worked(pool, back, task)
                enough.set()
                published = await publishing
                found = await eventually(pool, len(published), task)
                await asyncio.sleep(0.5)
        assert found == await effects(pool) == sorted(published)
        assert await in_order(pool)


class Onlooker(Ledger):
    """A handler without effects."""

    async def handle(self, connection: Any, records: Sequence[Record]) -> None:
        """Do nothing."""


async def read_serials(settings: Settings) -> list[str]:
    """The serials of all that a reader of the whole log is given, sorted."""
    return sorted([record.event.serial async for batch in read_log(settings, CONTEXTS) for record in batch])


async def publish_until(settings: Settings, enough: asyncio.Event) -> list[str]:
    """Publish a little every now and then; return all that was published."""
    published: list[str] = []
    while not enough.is_set():
        batch = serials(15, f"b{len(published):05d}-")
        await publish(settings, batch)
        published += batch
    return published


async def worked(pool: Any, process: asyncio.subprocess.Process | None, task: asyncio.Task[None]) -> None:
    """Wait until a worker process (this one: None) has done twenty records from now on."""
    pid = os.getpid() if process is None else process.pid
    count = "select count(*) from effect where worker = $1"
    enough = await pool.fetchval(count, pid) + 20
    async with asyncio.timeout(40):
        while await pool.fetchval(count, pid) < enough:
            assert not task.done()
            await asyncio.sleep(0.05)


async def retrying(act: Callable[[], Awaitable[Any]]) -> None:
    """Do something of the test's own that needs the server which is just coming back."""
    for _ in range(120):
        try:
            await act()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(0.5)
        else:
            return
    raise AssertionError("the server did not come back")

"""Upstream publishes all the time, and one server after another is lost: nothing else is.

Every fact that was acknowledged stands once in the ledgers, findings are the oracle's, announcements of one
anomaly are in their order, and while one of three is away upstream goes on being answered.
"""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from deploy.cli.progress import progress, readers, wait_until_done
from deploy.deployment import PROCESSES, WITH_HTTP, urls_of
from deploy.local import Stack, StackSettings, down, up
from services.platform.database import connected, open_pool
from services.platform.growing import grow
from services.platform.log import end_offsets, topics_of
from services.simulator import Settings as Street
from tests.chaos.publisher import Publisher, deliveries_of
from tests.chaos.verdict import announced_findings, assert_ledgers, open_findings, without_receipts
from tests.cluster.leaders import move_leaders, partitions_of
from tests.cluster.network import NODES, is_possible, networked_kafka
from tests.conftest import made_database
from tests.deployment import Deployment
from tests.services.detection.expected import expected_findings

SECONDS = int(os.environ.get("DIBAO_CLUSTER_SECONDS", "900"))
"""Of one test, which takes some minutes on a quiet machine of two cores."""

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(SECONDS + 300)]

STREET = Street(households=30, first="2020-01", last="2020-09", seed=5)
NOT_RUN = ("reporting", "closer", "journal", "alerting")
RUN = tuple(name for name in PROCESSES if name not in NOT_RUN)
AWAY = 0.12
"""The share of all facts that upstream must get acknowledged while a server is away."""

Property = Callable[[str, object], None]


@contextmanager
def stack_of(**told: object) -> Iterator[Stack]:
    """Servers of a test's own, since they are killed."""
    root = Path(tempfile.mkdtemp(prefix=f"dibao-test-{os.getpid()}-"))
    root.chmod(0o755)
    settings = StackSettings(root=root, fsync=False, shared_buffers="128MB", kafka_heap="512m", **told)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIBAO_REPLICATION", "3")
        try:
            yield up(settings, print)
        finally:
            down(settings, purge=True)
            shutil.rmtree(root)


@dataclass
class Course:
    """A deployment and its upstream, on their way."""

    deployment: Deployment
    publisher: Publisher

    async def reach(self, share: float) -> None:
        """Wait until upstream has so much acknowledged."""
        await self.publish_to(share)
        while self.publisher.share < share:
            await asyncio.sleep(0.05)

    async def publish_to(self, share: float) -> None:
        """Let upstream publish so much."""
        self.publisher.limit = max(self.publisher.limit, min(share + 0.01, 1.0))

    async def goes_on(self, what: str) -> None:
        """Wait until upstream has got a good share more acknowledged, and say how long that took."""
        began, share = time.monotonic(), self.publisher.share
        await self.reach(share + AWAY)
        print(f"{what}: {time.monotonic() - began:.1f} s for {AWAY:.0%} of the facts")


@asynccontextmanager
async def course_on(stack: Stack, name: str) -> AsyncIterator[Course]:
    """Run all services, and an upstream that publishes by HTTP and by Kafka; judge what became of it."""
    async with made_database(stack) as database:
        deployment = Deployment(stack, stack.root, name=name, database_url=database, prefix=name)
        await deployment.prepare()
        try:
            for service in RUN:
                deployment.start(service)
            await deployment.serving(RUN, seconds=240)
            urls: dict[str, str] = {}
            for process in WITH_HTTP - set(NOT_RUN):
                urls |= urls_of(process, f"http://127.0.0.1:{deployment.port(process)}")
            # An operator's signature is good on this machine's loopback only.
            signs = stack.settings.kafka is None
            publisher = Publisher(deployment, urls, deliveries_of(STREET, 30), signs=signs)
            try:
                async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
                    group.create_task(publisher.run())
                    yield Course(deployment, publisher)
                    publisher.limit = 1.0
                await judge(deployment, publisher)
            except (TimeoutError, ExceptionGroup) as error:
                raise AssertionError(f"{error!r} at {publisher.share:.0%}\n{deployment.tails()}") from error
        finally:
            killed = await asyncio.to_thread(stack.stop)
        assert killed == [], "services that did not end when they were asked to"


async def judge(deployment: Deployment, publisher: Publisher) -> None:
    assert len(publisher.acknowledged) == publisher.total
    print(publisher.sentence())
    pool = await open_pool(deployment.settings.database_url)
    try:
        done = await wait_until_done(deployment.settings, pool, patience=SECONDS / 3)
        assert done is not None, await progress(deployment.settings, pool)
        await assert_ledgers(pool, publisher.acknowledged, publisher.closed)
        expected = without_receipts(expected_findings(publisher.acknowledged, max(publisher.closed)))
        assert await open_findings(pool) == expected
        announced, _ = await announced_findings(deployment.settings)
        assert announced == expected
        assert sum((await end_offsets(deployment.settings, ["dlq"])).values()) == 0, "dead letters"
        assert await pool.fetchval("SELECT count(*) FROM intake.loss") == 0, "taken for lost"
    finally:
        await pool.close()


async def all_copies_keep_up(course: Course) -> list[dict[str, object]]:
    """Wait until every partition of the log has three copies that keep up; return what Kafka says."""
    settings = course.deployment.settings
    topics = topics_of(settings, ("payments", "enrollment", "vitals", "anomalies"))
    async with asyncio.timeout(120):
        while True:
            found = await partitions_of(settings, topics)
            if all(len(partition["isr"]) == len(partition["replicas"]) == 3 for partition in found):
                return found
            await asyncio.sleep(0.5)


async def test_servers_die_leaders_move_and_keys_go_to_more_partitions() -> None:
    with stack_of(brokers=3, replica=True) as stack:
        async with course_on(stack, "cluster") as course:
            settings = course.deployment.settings
            await course.reach(0.1)
            await all_copies_keep_up(course)

            await asyncio.to_thread(stack.kill9, "kafka")  # the one that each client asks first
            await course.goes_on("one of three brokers killed")
            await asyncio.to_thread(stack.restart, "kafka", print)
            await all_copies_keep_up(course)

            moved = await move_leaders(settings, topics_of(settings, ("payments", "enrollment", "vitals")))
            assert moved > 0, "the broker that was killed led nothing"
            await course.goes_on(f"{moved} leaders moved")

            written = await asyncio.to_thread(fail_over, stack)
            await course.goes_on(f"{written} is written to, and has no replica")
            await asyncio.to_thread(up, stack.settings, print)
            await course.goes_on("it has one again")

            async with connected(settings.database_url) as connection:
                reading = await readers(connection)
            grown = await grow(settings, settings.partitions + 3, reading, patience=120, tell=print)
            print(f"nothing was accepted for {grown.seconds:.1f} s")
            await course.goes_on("with more partitions")
            ends = await end_offsets(settings, ["payments"])
            assert len(ends) == settings.partitions + 3
            assert all(ends.values()), "nothing went to the new ones"


def fail_over(stack: Stack) -> str:
    """Kill the PostgreSQL that is written to, and have its replica take over."""
    stack.kill9("postgres")
    return stack.fail_over(print)


async def test_a_broker_that_is_cut_off_holds_nobody_up(
    record_property: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIBAO_INTAKE_TOPICS_OPEN", "true")
    if is_possible():
        folder = Path(tempfile.mkdtemp(prefix=f"dibao-net-{os.getpid()}-"))
        try:
            with (
                networked_kafka(folder) as network,
                stack_of(kafka=network.addresses, replica=True) as stack,
            ):
                await cut_off_in_turn(stack, network.cut, network.mend)
        finally:
            shutil.rmtree(folder)
        return
    said = "no network namespaces can be made here: brokers were frozen (SIGSTOP), and not cut off"
    record_property("chaos", said)
    print(said)
    with stack_of(brokers=3, replica=True) as stack:

        def send(number: int, what: signal.Signals) -> None:
            psutil.Process(stack.record("kafka" if number == 1 else f"kafka-{number}").pid).send_signal(what)

        await cut_off_in_turn(
            stack, lambda node: send(node, signal.SIGSTOP), lambda node: send(node, signal.SIGCONT)
        )


async def cut_off_in_turn(stack: Stack, cut: Callable[[int], None], mend: Callable[[int], None]) -> None:
    """Cut each node off, one after the other; upstream goes on."""
    async with course_on(stack, "cut") as course:
        await course.reach(0.1)
        for node in NODES:
            await all_copies_keep_up(course)
            cut(node)
            try:
                await course.goes_on(f"broker {node} cut off")
            finally:
                mend(node)
        await all_copies_keep_up(course)

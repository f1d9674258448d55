"""The crash test: everything dies, freezes or falls silent in turn, and nothing acknowledged is lost."""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest

from deploy.cli.progress import progress, wait_until_done
from deploy.deployment import PROCESSES, WITH_HTTP, urls_of
from deploy.local import Stack, StackSettings, down, ports, up
from services.detection.rules import BY_NAME
from services.platform.database import open_pool
from services.platform.kafka import administration
from services.platform.log import end_offsets
from services.simulator import Settings as Street
from tests.chaos.hand import Hand, deal
from tests.chaos.proxy import Proxy, framed
from tests.chaos.publisher import Publisher, deliveries_of
from tests.chaos.scenario import Lines, Scenario
from tests.chaos.verdict import (
    announced_findings,
    assert_ledgers,
    open_findings,
    told_findings,
    without_receipts,
)
from tests.conftest import made_database
from tests.deployment import Deployment
from tests.services.detection.expected import expected_findings

SECONDS = int(os.environ.get("DIBAO_CHAOS_SECONDS", "480"))
"""Of one seed, which takes a minute or so on a quiet machine of two cores."""

PATIENCE = SECONDS / 4
"""For any one thing that is waited for."""

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SECONDS + 120)]  # to start and to end it all

SEED = int(os.environ.get("DIBAO_CHAOS_SEED", "20211231"))
"""Another run by `DIBAO_CHAOS_SEED=7 make chaos-quick`: other people, another order, other moments."""

HANDS = deal(SEED)

DELIVERY = 30
HOUSEHOLDS, FROM, TO = 60, "2020-01", "2020-12"

NOT_RUN = ("reporting", "closer", "journal")
"""Nothing is asked of one, one would close the days of today, and one has crash tests of its own."""

RARE = {"ledger-overdue", "recovered-short", "task-behind"} | {
    *("integrity-conflicting-content", "integrity-number-used-twice", "integrity-out-of-area")
}
"""Rules for which so short a time may have no case, and what no honest office does."""


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """Servers of these tests' own, since they are killed; whoever comes through the proxy finds them there.

    Afterwards nothing runs.
    """
    root = Path(tempfile.mkdtemp(prefix=f"dibao-test-{os.getpid()}-"))
    root.chmod(0o755)
    chosen: dict[str, int] = {}
    for name in ("kafka", "kafka_controller", "postgres", "behind_proxy", "proxy"):
        chosen[name] = ports.choose(name, {}, chosen)
    more = {
        "log.segment.delete.delay.ms": "0",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,PROXY:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": f"BROKER://{ports.HOST}:{chosen['kafka']},PROXY://{ports.HOST}:{chosen['behind_proxy']},"
        f"CONTROLLER://{ports.HOST}:{chosen['kafka_controller']}",
        "advertised.listeners": f"BROKER://{ports.HOST}:{chosen['kafka']},"
        f"PROXY://{ports.HOST}:{chosen['proxy']}",
    }
    settings = StackSettings(
        root=root, fsync=False, shared_buffers="128MB", ports=chosen, kafka_properties=more
    )
    started: set[int] = set()
    try:
        yield up(settings, print)
        started = _pids(root)
    finally:
        killed = down(settings, purge=True)
        shutil.rmtree(root)
    assert killed == [], "processes that did not end when they were asked to"
    assert not {pid for pid in started if psutil.pid_exists(pid)}, "processes that were left behind"


def _pids(root: Path) -> set[int]:
    """The processes of a stack, known by what they were started with."""
    found = set()
    for process in psutil.process_iter():
        try:
            if any(str(root) in argument for argument in process.cmdline()) or str(root) in str(
                process.environ().get("DIBAO_MASTER_KEY_FILE")
            ):
                found.add(process.pid)
        except psutil.Error:
            continue
    return found


def _thaw(root: Path) -> None:
    """A frozen process cannot end when it is asked to."""
    for pid in _pids(root):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).send_signal(signal.SIGCONT)


@asynccontextmanager
async def deployed(stack: Stack, name: str) -> AsyncIterator[tuple[Deployment, Lines, dict[str, str]]]:
    """Give all services on a database and topics of their own, and what stands before them."""
    chosen = stack.settings.ports
    await asyncio.to_thread(up, stack.settings, print)  # a seed that failed may have left a server dead
    lines = Lines(Proxy("kafka", framed), Proxy("postgres"), Proxy("http"))
    async with contextlib.AsyncExitStack() as left:
        for proxy in lines.all:
            left.push_async_callback(proxy.close)
        await lines.kafka.listen(chosen["behind_proxy"], chosen["proxy"])
        postgres = await lines.postgres.listen(chosen["postgres"])
        database = await left.enter_async_context(made_database(stack))
        deployment = Deployment(
            stack,
            stack.root,
            name=name,
            database_url=database,
            prefix=name,
            told={
                "kafka": f"{ports.HOST}:{chosen['proxy']}",
                "database_url": _at(database, postgres),
                "ack_timeout_seconds": 3.0,
            },
        )
        await deployment.prepare()
        running = [service for service in PROCESSES if service not in NOT_RUN]
        try:
            for service in running:
                deployment.start(service, "a" if service == "detection" else "")
            await deployment.serving(running, seconds=PATIENCE)
            urls: dict[str, str] = {}
            for service in WITH_HTTP - set(NOT_RUN):
                port = await lines.http.listen(deployment.port(service))
                base = f"http://{ports.HOST}:{port}"
                urls |= urls_of(service, base)
            yield deployment, lines, urls
        finally:
            await asyncio.to_thread(_thaw, stack.root)
            killed = await asyncio.to_thread(stack.stop)
            # A broker that is killed goes through all topics before it serves again.
            async with administration(deployment.settings) as admin:
                ours = [topic for topic in await admin.list_topics() if topic.startswith(f"{name}.")]
                await admin.delete_topics(ours)
    assert killed == [], "services that did not end when they were asked to"


def _at(database_url: str, port: int) -> str:
    parts = urlsplit(database_url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}"))


@pytest.mark.parametrize(
    "hand",
    [
        pytest.param(hand, id=f"seed-{hand.seed}", marks=[pytest.mark.slow] if at else [])
        for at, hand in enumerate(HANDS)
    ],
)
async def test_nothing_is_lost_doubled_or_misjudged(
    own_stack: Stack,
    hand: Hand,
    record_property: Callable[[str, object], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    print(hand)
    caplog.set_level(logging.CRITICAL, logger="aiokafka")  # it says of every try that there is no broker
    street = Street(households=HOUSEHOLDS, first=FROM, last=TO, seed=hand.seed)
    deliveries = deliveries_of(street, DELIVERY)
    async with deployed(own_stack, f"seed{hand.seed}") as (deployment, lines, urls):
        publisher = Publisher(deployment, urls, deliveries)
        scenario = Scenario(deployment, publisher, lines, hand, PATIENCE)
        try:
            async with asyncio.timeout(SECONDS):
                await play(scenario)
        except (TimeoutError, ExceptionGroup) as error:
            raise AssertionError(f"{error!r}\n{await scenario.told()}") from error
        record_property("chaos", f"seed {hand.seed}: {publisher.sentence()}")
        print(publisher.sentence())
    assert scenario.done.keys() == hand.befalling()


async def play(scenario: Scenario) -> None:
    """Publish everything while the scenario takes its course, then compare what came of it."""
    deployment, publisher = scenario.deployment, scenario.publisher
    async with asyncio.TaskGroup() as group:
        group.create_task(publisher.run())
        await scenario.play()
        publisher.limit = 1.0
        scenario.say("all of it is done")
    assert len(publisher.acknowledged) == publisher.total
    scenario.say("everything is acknowledged")

    pool = await open_pool(deployment.settings.database_url)
    try:
        async with scenario.waiting("everything to be worked through"):
            done = await wait_until_done(deployment.settings, pool, patience=PATIENCE)
        if done is None:
            raise TimeoutError(f"still to do: {await progress(deployment.settings, pool)}")
        scenario.say(f"worked through: {done.sentence()}")
        for service in PROCESSES:
            if service not in (*NOT_RUN, "detection"):
                assert deployment.is_running(service), f"{service} ended: {deployment.tail(service)}"
        for worker in ("a", "b"):
            assert deployment.is_running("detection", worker), deployment.tail("detection", worker)

        await assert_ledgers(pool, publisher.acknowledged, publisher.closed)
        expected = without_receipts(expected_findings(publisher.acknowledged, max(publisher.closed)))
        found = {finding[0] for finding in expected}
        assert BY_NAME.keys() - found <= RARE, "a rule has nothing to find"
        assert await open_findings(pool) == expected
        announced, repeats = await announced_findings(deployment.settings)
        assert announced == expected
        async with scenario.waiting("everything to be told"):
            assert await told_findings(pool, deployment.settings) == expected
        assert sum((await end_offsets(deployment.settings, ["dlq"])).values()) == 0, "dead letters"
        scenario.say(f"{len(expected)} findings as the oracle has them; {repeats} announced twice")
    finally:
        await pool.close()

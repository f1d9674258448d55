"""The crash test: intake, detection, projector, Kafka and PostgreSQL die on the way, and nothing is lost."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from deploy.command.deployment import PROCESSES
from deploy.command.progress import progress, wait_until_done
from deploy.local import StackSettings, down, up
from services.platform.database import open_pool
from services.simulator import Settings as Street
from tests.chaos.position import Positions
from tests.chaos.publisher import Publisher, deliveries_of
from tests.chaos.verdict import (
    announced_findings,
    assert_ledgers,
    expected_findings,
    open_findings,
)
from tests.deployment import Deployment

SECONDS = int(os.environ.get("DIBAO_CHAOS_SECONDS", "480"))
"""Of the whole test, which takes less than two minutes on a quiet machine of two cores."""

PATIENCE = SECONDS / 4
"""For any one thing that is waited for."""

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SECONDS + 120)]  # to start and to end it all

SEED = int(os.environ.get("DIBAO_CHAOS_SEED", "20211231"))
"""Another run by `DIBAO_CHAOS_SEED=7 pytest tests/chaos`: other people, other moments."""

FIRST, LAST = 0.2, 0.8
"""Between these shares of its way a process or server is killed: asserted at the moment of the kill."""

PUBLISHED_IN_SECONDS = 60
DELIVERY = 30
STREET = Street(households=90, first="2019-07", last="2020-12", seed=SEED)

DETECTION_FAULTS = (
    "detection.before_commit",
    "detection.after_commit",
    "detection.evaluated",
    "relay.published",
)
"""Before and after the commit of the ingest, before that of an evaluation, between publishing and marking."""

FREEZE = "freeze@detection.before_transaction:2"


@pytest.fixture
async def deployment() -> AsyncIterator[Deployment]:
    """All services on servers of their own, since these are killed as well; afterwards nothing runs."""
    root = Path(tempfile.mkdtemp(prefix=f"dibao-test-{os.getpid()}-"))
    root.chmod(0o755)
    settings = StackSettings(root=root, fsync=False, shared_buffers="128MB")
    started: set[int] = set()
    try:
        stack = await asyncio.to_thread(up, settings, print)
        deployment = Deployment(stack, root)
        await deployment.prepare()
        for service in PROCESSES:
            if service not in ("detection", "reporting", "calendar"):
                deployment.start(service)
        deployment.start("detection", "a")
        await deployment.serving(
            (service for service in PROCESSES if service != "reporting"), seconds=PATIENCE
        )
        yield deployment
        started = _pids(root)
    finally:
        _thaw(root)
        killed = await asyncio.to_thread(down, settings, purge=True)
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


class Scenario:
    """What is killed, in which order, and where each was when it died."""

    def __init__(self, deployment: Deployment, publisher: Publisher, chance: random.Random) -> None:
        self.deployment = deployment
        self.publisher = publisher
        self.positions = Positions(publisher)
        self.chance = chance
        self.killed_at: dict[str, float] = {}
        self.waiting_for = "the publisher"
        self._began = time.monotonic()

    def say(self, what: str) -> None:
        """Print a line of the protocol."""
        elapsed = time.monotonic() - self._began
        print(f"{elapsed:6.1f} s  {self.publisher.share:6.1%} acknowledged  {what}")

    async def until(self, what: str, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait for a condition. Fails after a time, saying what was waited for."""
        self.waiting_for = what
        deadline = time.monotonic() + PATIENCE
        while not await condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {PATIENCE:.0f} s")
            await asyncio.sleep(0.1)

    async def told(self) -> str:
        """Say what was waited for, how far everything is, and what every process said last."""
        lines = [f"waiting for: {self.waiting_for}", f"{self.publisher.share:.1%} acknowledged"]
        lines += [f"limit {self.publisher.limit:.1%}; failures {dict(self.publisher.failures)}"]
        for name, asked in (
            ("detection has consumed", self.positions.detection),
            ("the projector has consumed", self.positions.projector),
            ("detection is behind by", self.positions.behind),
            ("partitions of its members", self.positions.members),
        ):
            try:
                lines.append(f"{name}: {await asyncio.wait_for(asked(), 5)}")
            except Exception as error:  # whatever is wrong, the rest is to be said
                lines.append(f"{name}: cannot be asked ({type(error).__name__})")
        return "\n".join([*lines, self.deployment.tails()])

    async def killed(self, what: str, position: float) -> None:
        """Note, and assert, where something was when it died."""
        self.say(f"{what} killed at {position:.1%} of its way")
        self.killed_at[what] = position
        assert FIRST < position < LAST, f"{what} was killed at {position:.1%}"

    async def reach(self, what: str, position: Callable[[], Awaitable[float]], share: float) -> None:
        """Let the publisher go on until a part has come so far."""

        async def there() -> bool:
            self.publisher.limit = max(self.publisher.limit, self.publisher.share + 0.02)
            return await position() >= share

        await self.until(f"{what} at {share:.0%}", there)

    async def _trickle(self) -> None:
        """Let a little more through where detection has nothing left: faults need batches to happen in."""
        if await self.positions.behind() == 0:
            self.publisher.limit = max(self.publisher.limit, min(self.publisher.share + 0.01, LAST - 0.15))

    async def intake(self) -> None:
        """The service that most facts go through dies and comes back."""

        async def position() -> float:
            return await self.positions.intake("payments")

        await self.reach("intake", position, self.chance.uniform(0.22, 0.26))
        self.deployment.kill("payments")
        await self.killed("intake", await position())
        self.deployment.start("payments")

    async def projector(self) -> None:
        """Dies and comes back a little later."""
        await self.reach("projector", self.positions.projector, self.chance.uniform(0.27, 0.30))
        self.deployment.kill("projector")
        await self.killed("projector", await self.positions.projector())
        await asyncio.sleep(self.chance.uniform(0, 1))
        self.deployment.start("projector")

    async def detection(self) -> None:
        """Dies by a kill from outside, then by itself at each point where it hurts."""
        await self.reach("detection", self.positions.detection, self.chance.uniform(0.31, 0.34))
        self.deployment.kill("detection", "a")
        await self.killed("detection", await self.positions.detection())
        for fault in DETECTION_FAULTS:
            self.deployment.start("detection", "a", fault=f"{fault}:{self.chance.randint(1, 2)}")

            async def dead() -> bool:
                await self._trickle()
                return not self.deployment.is_running("detection", "a")

            await self.until(f"death at {fault}", dead)
            await self.killed(fault, await self.positions.detection())
        self.deployment.start("detection", "a")

    async def zombie(self) -> None:
        """A second worker is believed dead while it holds a batch, and comes back with it."""
        self.deployment.start("detection", "b", fault=FREEZE)

        async def frozen() -> bool:
            await self._trickle()
            return self.deployment.is_frozen("detection", "b")

        await self.until("worker b frozen", frozen)
        self.say("worker b frozen with a batch in its hands")

        async def taken_over() -> bool:
            return await self.positions.behind() == 0 and len(await self.positions.members()) == 1

        await self.until("worker a has taken over", taken_over)
        assert "another worker moved the offsets" not in self.deployment.log("detection", "b")
        self.deployment.thaw("detection", "b")

        async def refused() -> bool:
            return "another worker moved the offsets" in self.deployment.log("detection", "b")

        await self.until("b's commit refused", refused)
        self.say("worker b thawed, and its commit was refused")

        async def shared() -> bool:
            members = await self.positions.members()
            return len(members) == 2 and min(members) > 0

        await self.until("b has partitions again", shared)
        self.say("worker b has partitions again")

    async def kafka(self) -> None:
        """The only broker dies."""
        await self.reach("Kafka", self.positions.kafka, self.publisher.share + 0.02)
        position = await self.positions.kafka()
        self.deployment.stack.kill9("kafka")
        await self.killed("Kafka", position)
        await asyncio.to_thread(self.deployment.stack.restart, "kafka")

    async def postgres(self) -> None:
        """The database dies."""
        await self.reach("PostgreSQL", self.positions.detection, self.publisher.share + 0.02)
        position = await self.positions.detection()
        self.deployment.stack.kill9("postgres")
        await self.killed("PostgreSQL", position)
        await asyncio.sleep(self.chance.uniform(0, 1))
        await asyncio.to_thread(self.deployment.stack.restart, "postgres")


async def test_nothing_is_lost_doubled_or_misjudged(deployment: Deployment) -> None:
    print(f"seed {SEED}")
    publisher = Publisher(deployment, deliveries_of(STREET, DELIVERY), PUBLISHED_IN_SECONDS)
    scenario = Scenario(deployment, publisher, random.Random(SEED))
    try:
        async with asyncio.timeout(SECONDS):
            await play(scenario)
    except TimeoutError as error:
        raise AssertionError(f"{error or f'not within {SECONDS} s'}\n{await scenario.told()}") from error
    assert {"intake", "projector", "detection", "Kafka", "PostgreSQL", *DETECTION_FAULTS} == set(
        scenario.killed_at
    )


async def play(scenario: Scenario) -> None:
    """Publish everything while the scenario takes its course, then compare what came of it."""
    deployment, publisher = scenario.deployment, scenario.publisher
    publishing = work = asyncio.ensure_future(publisher.run())
    try:
        for step in (
            scenario.intake,
            scenario.projector,
            scenario.detection,
            scenario.zombie,
            scenario.kafka,
            scenario.postgres,
        ):
            work = asyncio.ensure_future(step())
            await asyncio.wait({work, publishing}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                publishing.result()
                raise AssertionError("the publisher ended too early")
            work.result()
        publisher.limit = 1.0
        scenario.waiting_for = "the rest of the facts to be acknowledged"
        await asyncio.wait_for(publishing, PATIENCE)
    finally:
        publishing.cancel()
        work.cancel()
    scenario.say(f"everything is acknowledged; failures on the way: {dict(publisher.failures)}")
    assert len(publisher.acknowledged) == publisher.total

    pool = await open_pool(deployment.settings.database_url)
    try:
        scenario.waiting_for = "everything to be worked through"
        done = await wait_until_done(deployment.settings, pool, patience=PATIENCE)
        if done is None:
            raise TimeoutError(f"still to do: {await progress(deployment.settings, pool)}")
        scenario.say(f"worked through: {done.sentence()}")
        for service in ("enrollment", "payments", "vitals", "custody", "petitions", "policy", "projector"):
            assert deployment.is_running(service), f"{service} ended: {deployment.tail(service)}"
        for worker in ("a", "b"):
            assert deployment.is_running("detection", worker), deployment.tail("detection", worker)

        await assert_ledgers(pool, publisher.acknowledged, publisher.closed)
        expected = expected_findings(publisher.acknowledged, publisher.closed)
        assert len({finding[0] for finding in expected}) == 6, "a rule has nothing to find"
        assert await open_findings(pool) == expected
        announced, repeats = await announced_findings(deployment.settings)
        assert announced == expected
        scenario.say(f"{len(expected)} findings as the oracle has them; {repeats} announced twice")
    finally:
        await pool.close()

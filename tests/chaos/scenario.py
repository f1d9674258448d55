"""What is done to a deployment while facts flow through it, and where each part was when it was done."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from deploy.deployment import WITH_HTTP
from events.catalogue import intake_topic, log_topic
from tests.chaos.hand import BEFORE, RELAY, Hand
from tests.chaos.position import Positions
from tests.chaos.proxy import Committed, Mode, Posted, Produced
from tests.chaos.publisher import Publisher
from tests.chaos.standing import Lines, holds
from tests.deployment import Deployment

FIRST, LAST = 0.2, 0.8
"""Between these shares of its way something is done to each part: asserted at that moment."""

BEGIN, END = FIRST + 0.07, LAST - 0.08
"""Where it begins, and beyond which nothing is published before all of it is done."""

_PACE = 0.015
"""Of all facts, in a second: what is published beside what happens."""

INTAKE = "enrollment"
"""The service that is killed alone: it has its part of what is published at any time."""

_ASK_SECONDS = 0.4
"""Between questions to Kafka and PostgreSQL, which use the processors that all else runs on."""

Step = Callable[[], Awaitable[None]]


class Scenario:
    """Two courses of events at once, each in the order that its seed draws, and then half of all dies.

    Faults of PostgreSQL are kept away from a worker that is frozen: it is looked at what that one does to it.
    """

    def __init__(
        self, deployment: Deployment, publisher: Publisher, lines: Lines, hand: Hand, patience: float
    ) -> None:
        self.deployment = deployment
        self.publisher = publisher
        self.positions = Positions(publisher)
        self.lines = lines
        self.hand = hand
        self.patience = patience
        self.chance = random.Random(hand.seed)
        self.done: dict[str, float] = {}
        """Where each thing was done: the share of its way that what it was done to had come."""
        self._steps = 1
        self._waiting: list[str] = []
        self._undisturbed = asyncio.Lock()
        self._began = time.monotonic()
        self._moments: list[tuple[float, str]] = []
        publisher.happened = self._happened_since

    # -- the course of events ----------------------------------------------------------------------

    async def play(self) -> None:
        """Do all of it."""
        deaths = self._deaths()
        others: list[Step] = [
            self.intake_killed,
            self.projector_killed,
            self.server_killed,
            self._committed("detection", "dibao_detection"),
            self._committed("projector", "dibao_projector"),
            self._committed("intake", "dibao_intake", "INSERT 0 "),
            self._produced("log", log_topic(self._prefix, "payments")),
            self._produced("intake topic", intake_topic(self._prefix, "payments")),
            self._produced("anomalies", log_topic(self._prefix, "anomalies")),
            self.answer_lost,
            self.everything_reset,
            *(self._failing(line, mode) for line, mode in self.hand.failing),
        ]
        self.chance.shuffle(others)
        self._steps = len(deaths) + len(others) + 1
        self.publisher.limit = BEGIN
        await self.until("everything on its way", self._on_its_way, every=_ASK_SECONDS)
        dosing = asyncio.ensure_future(self._dose())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._one_after_another([*deaths, self._alive]))
                group.create_task(self._one_after_another(others))
            await self.half_of_it_killed()
        finally:
            dosing.cancel()

    def _deaths(self) -> list[Step]:
        """What detection lives through, in an order of chance.

        But of two relays only one publishes: the only worker's has to die, before there is a second one.
        """
        order = ["killed", "frozen", *self.hand.deaths]
        self.chance.shuffle(order)
        if RELAY in order and (relay := order.index(RELAY)) > (frozen := order.index("frozen")):
            order[relay], order[frozen] = order[frozen], order[relay]
        named: dict[str, Step] = {"killed": self.detection_killed, "frozen": self.freeze}
        return [named.get(name) or self._death(name) for name in order]

    async def _one_after_another(self, steps: list[Step]) -> None:
        for step in steps:
            await step()

    @property
    def _prefix(self) -> str:
        return self.deployment.settings.topic_prefix

    async def _on_its_way(self) -> bool:
        shares = [
            await self._intake(),
            await self.positions.detection(),
            await self.positions.projector(),
        ]
        if await self.positions.behind() == 0:
            self.publisher.nudge(END)
        return min(shares) > FIRST

    async def _dose(self) -> None:
        """Let publishers go on, at a steady pace, up to a share that grows with what is done.

        Beyond it a little, where detection has nothing left: faults need batches to happen in.
        """
        publisher = self.publisher
        while True:
            await asyncio.sleep(0.1)
            dose = BEGIN + (END - BEGIN) * 0.8 * (len(self.done) + 1) / self._steps
            if publisher.limit < dose:
                if publisher.limit < publisher.share + 0.01:
                    publisher.limit += _PACE / 10
            else:
                with contextlib.suppress(Exception):  # of servers that are away
                    if await self.positions.behind() == 0:
                        publisher.nudge(END)
                await asyncio.sleep(_ASK_SECONDS)

    def _happened_since(self, began: float) -> str:
        before = [what for at, what in self._moments if at < began]
        return ", ".join(before[-1:] + [what for at, what in self._moments if at >= began])

    # -- saying and waiting ------------------------------------------------------------------------

    def say(self, what: str) -> None:
        """Print a line of the protocol."""
        elapsed = time.monotonic() - self._began
        print(f"{elapsed:6.1f} s  {self.publisher.share:6.1%} acknowledged  {what}")

    @contextlib.asynccontextmanager
    async def waiting(self, what: str) -> AsyncIterator[None]:
        """Wait for something, not for ever; meanwhile it is known what for."""
        self._waiting.append(what)
        async with asyncio.timeout(self.patience):
            yield
        self._waiting.remove(what)

    async def until(self, what: str, condition: Callable[[], Awaitable[bool]], *, every: float = 0.1) -> None:
        """Wait for a condition; one that cannot be asked now, as a server is away, does not hold."""
        async with self.waiting(what):
            while not await holds(condition):
                await asyncio.sleep(every)

    async def well(self) -> None:
        """Wait until neither publisher tries again what failed before."""

        async def heard() -> bool:
            return not (self.publisher.http.failing or self.publisher.kafka.failing)

        await self.until("upstream being heard", heard)

    async def felt(self, what: str) -> None:
        """Wait until a publisher has failed."""
        failures = self.publisher.failures

        async def failed() -> bool:
            if self.publisher.http.waiting:
                self.publisher.nudge(LAST - 0.03)
            return self.publisher.failures > failures

        await self.until(f"upstream noticing: {what}", failed)

    async def told(self) -> str:
        """Say what was waited for, how far everything is, and what every process said last."""
        publisher = self.publisher
        lines = [f"waiting for: {', '.join(self._waiting)}", f"{publisher.share:.1%} acknowledged"]
        lines += [f"limit {publisher.limit:.1%}; done: {', '.join(self.done)}"]
        lines += [f"failures {dict(publisher.http.failures)}, {dict(publisher.kafka.failures)}"]
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

    async def happened(self, what: str, position: Callable[[], Awaitable[float]] | None = None) -> None:
        """Note, and assert, where that was done: by default, where the publishers were."""
        share = self.publisher.share
        if position is not None:

            async def asked() -> bool:
                nonlocal share
                share = await position()
                return True

            await self.until(f"the place where: {what}", asked)
        self.say(f"{what} at {share:.1%} of its way")
        self._moments.append((time.monotonic(), what))
        assert what not in self.done
        self.done[what] = share
        assert FIRST < share < LAST, f"{what} at {share:.1%}"

    # Whoever starts or stops something holds the stack's lock, for which the proxies' loop must not wait.

    async def _start(self, service: str, worker: str = "", *, fault: str = "") -> None:
        await asyncio.to_thread(self.deployment.start, service, worker, fault=fault)

    async def _kill(self, service: str, worker: str = "") -> None:
        await asyncio.to_thread(self.deployment.kill, service, worker)

    # -- kills -------------------------------------------------------------------------------------

    async def _intake(self) -> float:
        return await self.positions.intake(INTAKE)

    async def intake_killed(self) -> None:
        """A service that many facts go through dies and comes back."""
        await self._kill(INTAKE)
        await self.happened("intake killed", self._intake)
        await self._start(INTAKE)

    async def projector_killed(self) -> None:
        """Dies and comes back a little later; and alerting, which reads what it has read."""
        await self._kill("projector")
        await self._kill("alerting")
        await self.happened("projector killed", self.positions.projector)
        await asyncio.sleep(self.chance.uniform(0, 1))
        await self._start("projector")
        await self._start("alerting")

    async def server_killed(self) -> None:
        """The only broker, or the database, dies and comes back."""
        server = self.hand.killed
        async with self._undisturbed:
            await self.well()
            await asyncio.to_thread(self.deployment.stack.kill9, server)
            await self.happened(f"{server} killed")
            await self.felt(f"{server} is away")
            await asyncio.to_thread(self.deployment.stack.restart, server, self.say)

    async def _alive(self) -> None:
        if not self.deployment.is_running("detection", "a"):
            await self._start("detection", "a")

    async def detection_killed(self) -> None:
        """By a kill from outside."""
        await self._alive()
        await self._kill("detection", "a")
        await self.happened("detection killed", self.positions.detection)

    def _death(self, point: str) -> Step:
        """By itself at a point where it hurts."""

        async def step() -> None:
            if self.deployment.is_running("detection", "a"):
                killed = await asyncio.to_thread(self.deployment.stop, "detection-a")
                assert killed == [], "detection did not end when it was asked to"
            await self._start("detection", "a", fault=f"{point}:{self.chance.randint(1, 2)}")

            async def dead() -> bool:
                return not self.deployment.is_running("detection", "a")

            await self.until(f"death at {point}", dead)
            await self.happened(f"death at {point}", self.positions.detection)

        return step

    async def half_of_it_killed(self) -> None:
        """A server dies, and half of the services; what starts them again leaves the other half alone."""
        deployment, server = self.deployment, self.hand.halved
        await self.well()
        services = sorted(name for name in WITH_HTTP if name != "reporting")
        half = [(name, "") for name in self.chance.sample(services, k=len(services) // 2)]
        half += [("detection", "a"), ("projector", ""), ("journal", "")]
        workers = [(name, "") for name in services] + [
            ("detection", "a"),
            ("detection", "b"),
            ("projector", ""),
            ("alerting", ""),
            ("journal", ""),
        ]
        alive = {worker: deployment.pid(*worker) for worker in workers if worker not in half}
        for worker in half:
            await self._kill(*worker)
        await asyncio.to_thread(deployment.stack.kill9, server)
        await self.happened(f"{server} and half of the services killed")
        await self.felt("half of it is away")
        dead = await asyncio.to_thread(deployment.heal, workers)
        assert len(dead) == len(half), dead
        assert alive == {worker: deployment.pid(*worker) for worker in alive}, "what ran was not left alone"
        await deployment.serving(services, seconds=self.patience)
        self.say(f"started again: {server}, {', '.join(dead)}; the others went on")

    # -- frozen ------------------------------------------------------------------------------------

    async def freeze(self) -> None:
        """A second worker is believed dead with a batch or a transaction in its hands; another goes on."""
        await self._alive()
        async with self._undisturbed:
            await self._freeze(self.hand.freeze)
        if self.hand.freeze != BEFORE:
            await self._start("detection", "b")

    async def _freeze(self, point: str) -> None:
        deployment = self.deployment
        await self._start("detection", "b", fault=f"freeze@{point}:2")

        async def frozen() -> bool:
            return deployment.is_frozen("detection", "b")

        await self.until(f"worker b frozen at {point}", frozen)
        if point != BEFORE:
            assert await self.positions.open_transactions("dibao_detection") >= 1
        await self.happened(f"frozen at {point}", self.positions.detection)

        async def taken_over() -> bool:
            return await self.positions.behind() == 0 and len(await self.positions.members()) == 1

        await self.until("worker a has taken over", taken_over, every=_ASK_SECONDS)
        if point != BEFORE:
            await self._kill("detection", "b")
            self.say("worker b killed where it was frozen")
            return
        assert "another worker moved the offsets" not in deployment.log("detection", "b")
        deployment.thaw("detection", "b")

        async def refused() -> bool:
            return "another worker moved the offsets" in deployment.log("detection", "b")

        await self.until("b's commit refused", refused)
        self.say("worker b thawed, and its commit was refused")

        async def shared() -> bool:
            members = await self.positions.members()
            return len(members) == 2 and min(members) > 0

        await self.until("b has partitions again", shared, every=_ASK_SECONDS)
        self.say("worker b has partitions again")

    # -- lines -------------------------------------------------------------------------------------

    def _committed(self, who: str, role: str, tag: str = "COMMIT") -> Step:
        """PostgreSQL has committed, and the connection is reset before who did it hears so."""

        async def step() -> None:
            async with self._undisturbed, self.waiting(f"a COMMIT of {who}"):
                await self.lines.postgres.strike(Committed(role, tag))
            await self.happened(f"reset after a COMMIT of {who}")

        return step

    def _produced(self, what: str, topic: str) -> Step:
        """Kafka has appended, and the connection is reset before who wrote hears so."""

        async def step() -> None:
            async with self.waiting(f"a Produce to the {what}"):
                await self.lines.kafka.strike(Produced(topic))
            await self.happened(f"reset after a Produce to the {what}")

        return step

    async def answer_lost(self) -> None:
        """Intake has accepted, and upstream does not hear so."""
        async with self.waiting("an answer to a POST"):
            await self.lines.http.strike(Posted())
        await self.happened("reset after a POST")

    def _failing(self, line: str, mode: Mode) -> Step:
        """A line fails for as long as upstream needs to notice."""

        async def step() -> None:
            proxy = self.lines.of(line)
            async with self._undisturbed if line == "postgres" else contextlib.nullcontext():
                await self.well()
                lost = proxy.lost
                async with proxy.failing(mode):
                    await self.felt(f"{line}: {mode}")
                assert proxy.lost > lost
            await self.happened(f"{line}: {mode}")

        return step

    async def everything_reset(self) -> None:
        """Every connection ends at once."""
        async with self._undisturbed:
            counts = {proxy.name: proxy.reset() for proxy in self.lines.all}
        assert counts["kafka"] > 0 and counts["postgres"] > 0, counts
        await self.happened("everything reset")

"""The deployment of the long crash test, with all that can be done to it and to the machine below it."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import psutil

from deploy import program
from deploy.deployment import PROCESSES
from deploy.local.stack import SERVERS
from deploy.migrations.roles import url_of
from events.catalogue import intake_topic
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.platform.failure import is_infrastructure
from services.platform.producer import close_producer, open_producer
from tests.chaos.clock import Clocks
from tests.chaos.disk import Disk
from tests.chaos.proxy import Proxy, Strike
from tests.chaos.publisher import Publisher
from tests.chaos.standing import Lines, holds
from tests.deployment import Deployment

Worker = tuple[str, str]
"""A process of ours, and which of several."""

WORKERS: tuple[Worker, ...] = (
    *((name, "") for name in PROCESSES if name != "detection"),
    ("detection", "a"),
    ("detection", "b"),
)
"""Every process of ours that ought to run."""

STRIKE_SECONDS = 40.0
"""For how long a moment is waited for at which a connection is reset."""

_AGAIN_SECONDS = 1.0
_COMMAND_SECONDS = 240.0


def called(worker: Worker) -> str:
    """The name of a process."""
    return "-".join(part for part in worker if part)


@dataclass
class Scene:
    """What is acted upon, and by whom."""

    deployment: Deployment
    publisher: Publisher
    lines: Lines
    clocks: Clocks
    disks: Mapping[str, Disk]
    chance: random.Random
    patience: float
    forged: list[tuple[str, int, int]] = field(default_factory=list)
    """Where records stand that none of ours wrote."""
    poisoned: list[tuple[str, int, int]] = field(default_factory=list)
    """Where records stand that nobody can read."""
    policies: list[dict[str, Any]] = field(default_factory=list)
    """Facts of policy that are still to be stated."""

    # -- processes ---------------------------------------------------------------------------------

    async def kill(self, worker: Worker) -> None:
        """Kill -9, and start it again a little later."""
        await asyncio.to_thread(self.deployment.kill, *worker)
        await asyncio.sleep(self.chance.uniform(0, 2))
        await asyncio.to_thread(self.deployment.start, *worker)

    async def kill_server(self, server: str) -> None:
        """The same with Kafka or PostgreSQL."""
        await asyncio.to_thread(self.deployment.stack.kill9, server)
        await asyncio.sleep(self.chance.uniform(0, 2))
        await asyncio.to_thread(self.deployment.stack.restart, server)

    async def freeze(self, name: str) -> str:
        """SIGSTOP to a process of that name with its children, and after a while SIGCONT."""
        record = self.deployment.stack.record(name if name in SERVERS else self.deployment.process(name))
        seconds = self.chance.uniform(1, 8)
        process = psutil.Process(record.pid)
        frozen = [process, *process.children(recursive=True)]
        try:
            for each in frozen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.send_signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)
        finally:
            for each in frozen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.send_signal(signal.SIGCONT)
        return f"{seconds:.0f} s"

    def ended(self) -> list[Worker]:
        """Processes of ours that do not run."""
        return [worker for worker in WORKERS if not self.deployment.is_running(*worker)]

    async def heal(self) -> list[Worker]:
        """Start what does not run, servers first; return which of ours that were."""
        for server in SERVERS:
            if not self.deployment.stack.is_there(server):
                await asyncio.to_thread(self.deployment.stack.restart, server)
        dead = self.ended()
        for worker in dead:
            await asyncio.to_thread(self.deployment.start, *worker)
        return dead

    # -- lines, disks, clocks ----------------------------------------------------------------------

    async def struck(self, line: Proxy, strike: Strike) -> str:
        """Reset the connection on which a moment comes; a little more is published until it does."""
        waiting = asyncio.ensure_future(line.strike(strike))
        late = time.monotonic() + STRIKE_SECONDS
        try:
            while not waiting.done() and time.monotonic() < late:
                await asyncio.wait({waiting}, timeout=0.5)
                self.publisher.nudge(0.99)
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        return "" if strike.done.is_set() else "did not come"

    async def fill(self, name: str) -> str:
        """No room is left on a disk for a while; a server that could not live with that is started again."""
        seconds = self.chance.uniform(3, 8)
        disk = self.disks[name]
        await asyncio.to_thread(disk.fill)
        try:
            await asyncio.sleep(seconds)
        finally:
            await asyncio.to_thread(disk.free)
        died = ""
        if name in SERVERS:
            await asyncio.sleep(1)
            if not self.deployment.stack.is_there(name):
                died = f", {name} ended and was started again"
            # What a database does after it panicked is waited for, and what ended is started.
            while not self.deployment.stack.is_there(name):
                await asyncio.to_thread(self.deployment.stack.restart, name)
        return f"{seconds:.0f} s{died}"

    def step(self, process: str, most: int) -> str:
        """Set the clock of a process otherwise than before, by ``most`` seconds at most."""
        now = self.clocks.steps.get(process, 0)
        ahead = self.chance.choice(
            [step for step in (-most, -most // 4, 0, most // 4, most) if abs(step - now) >= most // 4]
        )
        self.clocks.step(process, ahead)
        return f"{now:+d} s to {ahead:+d} s"

    # -- beside ------------------------------------------------------------------------------------

    async def command(self, *words: str, killed: bool = False) -> str:
        """Give a command as an operator would, again until it succeeds; return what it printed.

        What it says when it fails is a sentence, and no traceback. ``killed``: the first time it is killed.
        """
        late = time.monotonic() + self.patience
        while True:
            process = await asyncio.create_subprocess_exec(
                *program.command("deploy.cli", *words),
                env=self._environment(),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            if killed:
                killed = False
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.chance.uniform(2, 6)):
                        await process.wait()
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.communicate()
                continue
            try:
                async with asyncio.timeout(_COMMAND_SECONDS):
                    printed = (await process.communicate())[0].decode()
            except TimeoutError:
                process.kill()
                raise AssertionError(f"dibao {' '.join(words)} does not end") from None
            if process.returncode == 0:
                return printed
            assert "Traceback" not in printed, f"dibao {' '.join(words)}:\n{printed}"
            assert time.monotonic() < late, f"dibao {' '.join(words)}:\n{printed}"
            await asyncio.sleep(_AGAIN_SECONDS)

    def _environment(self) -> dict[str, str]:
        told = self.deployment.told
        roles = {
            f"DIBAO_DATABASE_URL_{service.upper()}": url_of(told.database_url, service)
            for service in ("detection", "projector")
        }
        return {
            **os.environ,
            "DIBAO_KAFKA": told.kafka,
            "DIBAO_DATABASE_URL": told.database_url,
            "DIBAO_TOPIC_PREFIX": told.topic_prefix,
            "DIBAO_MASTER_KEY_FILE": str(told.master_key_file),
            "DIBAO_JOURNAL": str(told.journal),
            "DIBAO_JOURNAL_KEY_FILE": str(told.journal_key_file),
            "DIBAO_OPERATOR_KEY": self.deployment.operator_key,
            "COLUMNS": "200",
            **roles,
        }


@dataclass
class Liar:
    """States throughout what is no fact, by HTTP and by Kafka, and is never believed."""

    deployment: Deployment
    urls: Mapping[str, str]
    facts: Iterable[Mapping[str, Any]]
    pause: float = 1.0
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Source and id of all that it stated."""
    answered: int = 0
    """How many were refused with an answer."""
    put: int = 0
    """How many records Kafka took from it, of ``tried``."""
    tried: int = 0

    def _lies(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for number, fact in enumerate(self.facts):
            lie = {**fact, "id": f"refused-{number}", "data": {**fact["data"], "unheard_of": number}}
            self.refused.append((lie["source"], lie["id"]))
            yield fact["type"].split(".")[1], lie

    async def run(self) -> None:
        """Go on until it is cancelled."""
        async with httpx.AsyncClient(timeout=5) as client:
            for context, lie in self._lies():
                if self.chance_of_http(lie):
                    await self._post(client, context, lie)
                else:
                    await self._put(context, lie)
                await asyncio.sleep(self.pause)

    @staticmethod
    def chance_of_http(lie: Mapping[str, Any]) -> bool:
        """Every second by HTTP."""
        return bool(lie["data"]["unheard_of"] % 2)

    async def _post(self, client: httpx.AsyncClient, context: str, lie: dict[str, Any]) -> None:
        headers = {"authorization": f"Bearer {self.deployment.operator_key}"}
        try:
            answer = await client.post(f"{self.urls[context]}/events", json=[lie], headers=headers)
        except httpx.HTTPError:
            return
        assert answer.status_code in (422, 503), (answer.status_code, answer.text)
        self.answered += answer.status_code == 422

    async def _put(self, context: str, lie: dict[str, Any]) -> None:
        line = orjson.dumps(lie)
        self.tried += 1
        try:
            async with asyncio.timeout(5):
                producer = await open_producer(self.deployment.told)
                try:
                    await producer.send_and_wait(
                        intake_topic(self.deployment.settings.topic_prefix, context),
                        line,
                        headers=[sign(self.deployment.operator_key, OPERATOR_SIGN, line)],
                    )
                    self.put += 1
                finally:
                    await close_producer(producer, 0)
        except Exception as error:
            if not is_infrastructure(error):
                raise


async def until(what: str, condition: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Wait for a condition; one that cannot be asked, as a server is away, does not hold."""
    late = time.monotonic() + seconds
    while not await holds(condition):
        assert time.monotonic() < late, f"waited {seconds:.0f} s for: {what}"
        await asyncio.sleep(0.3)

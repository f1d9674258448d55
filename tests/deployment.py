"""A whole deployment for a test: all services as real processes on real servers."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil

from deploy import program
from deploy.deployment import PROCESSES, WITH_HTTP, urls_of
from deploy.local import Stack, status, up
from deploy.local.processes import tail
from deploy.migrations.roles import apply_roles, url_of
from deploy.migrations.upgrade import upgrade_database
from services.platform.settings import Settings
from services.platform.signing import note_signed
from services.platform.topics import create_topics
from tests.operator import OPERATOR_KEY, make_operator
from tests.services.platform.secured.broker import OPERATOR, Secured

MASTER_KEY = bytes(range(32))
"""The key that the tests' own tokens and digests are made with, so that both can be compared."""


def process_of(service: str) -> str:
    """The process that a service is served by; of a process, itself."""
    return next((name for name, services in PROCESSES.items() if service in services), service)


class Deployment:
    """Services of one database and one topic prefix on a running stack.

    ``name`` tells its processes and log files from those of other deployments on the same stack. With a
    ``secured`` Kafka each process speaks to that one, as the principal of its own name. ``told`` is what its
    services are told otherwise than the test: addresses at which something stands before a server.
    ``environment`` says what a process, by its name, finds in its environment besides.
    ``code`` is the checkout that its services run, if not this one.
    """

    def __init__(
        self,
        stack: Stack,
        folder: Path,
        *,
        name: str = "",
        database_url: str | None = None,
        prefix: str = "dibao",
        secured: Secured | None = None,
        told: Mapping[str, Any] | None = None,
        environment: Callable[[str], Mapping[str, str]] = lambda process: {},
        code: Path | None = None,
    ) -> None:
        self.stack = stack
        self._environment = environment
        self._name = name
        self._code = code
        key_file = folder / "master.key"
        key_file.write_text(MASTER_KEY.hex() + "\n", encoding="ascii")
        self._secured = secured
        shared: dict[str, Any] = {
            "database_url": database_url or stack.database_url,
            "topic_prefix": prefix,
            "master_key_file": key_file,
            "journal": folder / "journal",
            "journal_key_file": folder / "journal.key",
        }
        if secured is None:
            self.settings = Settings(kafka=stack.kafka, **shared)
        else:
            self.settings = secured.settings(OPERATOR, **shared)
        self.told = self.settings.model_copy(update=dict(told or {}))
        self.operator_key = OPERATOR_KEY

    async def prepare(self) -> None:
        """Make the durable tables and the topics."""
        await upgrade_database(self.settings.database_url)
        await apply_roles(self.settings.database_url)
        await make_operator(self.settings.database_url)
        await note_signed(self.settings, await create_topics(self.settings))

    def start(self, service: str, worker: str = "", *, fault: str = "") -> None:
        """Start one of the deployment's processes; ``worker`` tells several of the same service apart.

        ``fault`` names the point at which it kills or freezes itself.
        """
        settings, process = self.told, self.process(service, worker)
        environment = {
            "DIBAO_KAFKA": settings.kafka,
            "DIBAO_DATABASE_URL": url_of(settings.database_url, PROCESSES[service][0]),
            "DIBAO_TOPIC_PREFIX": settings.topic_prefix,
            "DIBAO_MASTER_KEY_FILE": str(settings.master_key_file),
            "DIBAO_JOURNAL": str(settings.journal),
            "DIBAO_JOURNAL_KEY_FILE": str(settings.journal_key_file),
            "DIBAO_ACK_TIMEOUT_SECONDS": str(settings.ack_timeout_seconds),
            "DIBAO_FAULT": fault,
            **self._environment(process),
        }
        if self._secured is not None:
            environment |= self._secured.environment(service)
        if service in WITH_HTTP:
            environment["DIBAO_PORT"] = str(self.stack.port(process))
        self.stack.start(process, self._command("serve", *PROCESSES[service]), environment)

    def heal(self, workers: Iterable[tuple[str, str]]) -> list[str]:
        """Start what does not run, servers first, as ``dibao up`` does; return which services that were."""
        self.stack = up(self.stack.settings, print)
        dead = [worker for worker in workers if not self.stack.is_there(self.process(*worker))]
        for worker in dead:
            self.start(*worker)
        return [self.process(*worker) for worker in dead]

    def port(self, process: str) -> int:
        """The port that a process listens on."""
        return self.stack.port(self.process(process))

    def url(self, service: str) -> str:
        """Where a service, or a process as a whole, listens on HTTP."""
        process = process_of(service)
        base = f"http://127.0.0.1:{self.port(process)}"
        return urls_of(process, base).get(service, base)

    def log(self, service: str, worker: str = "") -> str:
        """What a process has logged so far."""
        path = self.stack.log(self.process(service, worker))
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def kill(self, service: str, worker: str = "") -> None:
        """Kill -9."""
        self.stack.kill9(self.process(service, worker))

    def thaw(self, service: str, worker: str = "") -> None:
        """Send SIGCONT to a process."""
        record = self.stack.record(self.process(service, worker))
        if self.stack.is_running(record.name):
            psutil.Process(record.pid).send_signal(signal.SIGCONT)

    def is_running(self, service: str, worker: str = "") -> bool:
        """Whether the process is there."""
        return self.stack.is_running(self.process(service, worker))

    def pid(self, service: str, worker: str = "") -> int:
        """The id of the process."""
        return self.stack.record(self.process(service, worker)).pid

    def is_frozen(self, service: str, worker: str = "") -> bool:
        """Whether the process is stopped as by SIGSTOP."""
        record = self.stack.record(self.process(service, worker))
        return self.stack.is_running(record.name) and bool(
            psutil.Process(record.pid).status() == psutil.STATUS_STOPPED
        )

    async def serving(self, services: Iterable[str] = tuple(PROCESSES), *, seconds: float = 60) -> None:
        """Return when those with HTTP answer. Fails when one of them ends, or after a time."""
        waiting = [service for service in services if service in WITH_HTTP]
        deadline = time.monotonic() + seconds
        async with httpx.AsyncClient(timeout=2, follow_redirects=True) as client:
            while waiting:
                for service in list(waiting):
                    assert self.is_running(service), f"{service} ended: {self.tail(service)}"
                    try:
                        if (await client.get(f"{self.url(service)}/health")).status_code == 200:
                            waiting.remove(service)
                    except httpx.HTTPError:
                        pass
                assert time.monotonic() < deadline, f"{waiting} do not serve: {self.tail(waiting[0])}"
                await asyncio.sleep(0.1)

    def tail(self, service: str, worker: str = "") -> str:
        """The end of a process's log, to say why something failed."""
        return str(tail(self.stack.log(self.process(service, worker)), 30))

    def tails(self, lines: int = 12) -> str:
        """The end of the log of every process that was started, servers among them, and whether it runs."""
        return "\n".join(
            f"--- {found.name} ({'running' if found.running else 'ended'}):\n{tail(found.log, lines)}"
            for found in status(self.stack.settings)
        )

    def stop(self, *services: str) -> list[str]:
        """Stop services; return the names of those that had to be killed."""
        return self.stack.stop(*(self.process(service) for service in services))

    def _command(self, *words: str) -> list[str]:
        if self._code is None:
            return program.command("deploy.cli", *words)
        return [
            sys.executable,
            "-I",
            "-X",
            "utf8",
            str(self._code / "deploy" / "program.py"),
            "deploy.cli",
            *words,
        ]

    def process(self, service: str, worker: str = "") -> str:
        """The name of a process on its stack."""
        return "-".join(part for part in (self._name, service, worker) if part)

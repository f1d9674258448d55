"""A throw-away stack, and sites on it: a database, topics and a vault of their own for every measurement."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import psutil

from deploy import program
from deploy.bench.usage import Usage, cpu_of, cpu_seconds, peak_memory
from deploy.local import Stack, StackError, StackSettings, down, up
from deploy.local.settings import CHECKOUT
from deploy.migrations.upgrade import upgrade_database
from services.platform.access import OPERATOR_PREFIX, know_operator, new_key
from services.platform.authorship import LogKeys
from services.platform.failure import patiently
from services.platform.keys import Keys
from services.platform.settings import Settings
from services.platform.signing import note_signed
from services.platform.topics import create_topics

_PREFIX = "dibao-bench-"
_READY_SECONDS = 60.0
_TICK = 0.02


@dataclass(frozen=True)
class Site:
    """Where one measurement happens."""

    name: str
    settings: Settings
    files: Path
    operator_key: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What a process is told of it."""
        return {
            "DIBAO_KAFKA": self.settings.kafka,
            "DIBAO_DATABASE_URL": self.settings.database_url,
            "DIBAO_TOPIC_PREFIX": self.settings.topic_prefix,
            "DIBAO_MASTER_KEY_FILE": str(self.settings.master_key_file),
            "DIBAO_LOG_KEY_FILE": str(self.settings.log_key_file),
            "DIBAO_JOURNAL": str(self.files / "journal"),
            "DIBAO_JOURNAL_KEY_FILE": str(self.files / "journal.key"),
            "PYTHONPATH": str(CHECKOUT),
        }


@dataclass
class Ground:
    """The running stack of a benchmark."""

    stack: Stack
    _pids: dict[str, int] = field(default_factory=dict)

    async def site(self, name: str) -> Site:
        """Make an empty deployment: migrated database, topics, master key; its vault is cold."""
        database = f"bench_{name}".replace("-", "_")
        await self._administer(f'CREATE DATABASE "{database}"')
        files = self.stack.root / "sites" / name
        files.mkdir(parents=True)
        settings = Settings(
            kafka=self.stack.kafka,
            database_url=urlunsplit(urlsplit(self.stack.database_url)._replace(path=f"/{database}")),
            topic_prefix=f"bench-{name}",
            master_key_file=files / "master.key",
            # One for all of them: the log of one site is copied to others.
            log_key_file=self.stack.root / "log.key",
        )
        Keys.create(settings.master_key_file)
        LogKeys.create(settings.log_key_file)
        await upgrade_database(settings.database_url)
        made = await create_topics(settings)
        # A broker that was just started may need a while for its first answers.
        await patiently(lambda: note_signed(settings, made), _READY_SECONDS, "The noting of signed topics")
        key = new_key(OPERATOR_PREFIX)
        await self._know(settings.database_url, key)
        return Site(name, settings, files, key)

    async def rest(self) -> None:
        """Write what PostgreSQL still holds in memory, so that no stage pays for the one before."""
        await self._administer("CHECKPOINT")

    async def start(self, site: Site, name: str, *arguments: str, port: str | None = None) -> None:
        """Start ``deploy.bench.worker`` with arguments."""
        extra = dict(site.environment)
        if port is not None:
            extra["DIBAO_PORT"] = str(await asyncio.to_thread(self.stack.port, port))
        command = program.command("deploy.bench.worker", *arguments)
        await self._launch(name, command, extra)

    async def run(self, site: Site, name: str, command: Sequence[str]) -> None:
        """Start any other process."""
        await self._launch(name, command, site.environment)

    async def _launch(self, name: str, command: Sequence[str], environment: dict[str, str]) -> None:
        record = await asyncio.to_thread(self.stack.start, name, command, environment)
        self._pids[name] = record.pid

    async def stop(self, *names: str) -> None:
        """Stop processes, and wait for their end."""
        await asyncio.to_thread(self.stack.stop, *names, timeout=30.0)
        for name in names:
            self._pids.pop(name, None)

    async def stop_all(self) -> None:
        """Stop what a stage that failed has left running."""
        if self._pids:
            await self.stop(*self._pids)

    def check(self, name: str) -> None:
        """Raise StackError if a process has ended by itself; its log says why."""
        if not self.stack.is_running(name):
            raise StackError(f"{name} ended by itself; its log ends with: {self.last_words(name)}")

    def last_words(self, name: str) -> str:
        """Return the last line that a process has logged."""
        log = self.stack.log(name)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        return next((line for line in reversed(lines) if line.strip()), "(nothing)")

    async def finish(self, name: str, seconds: float) -> None:
        """Wait for a process that ends by itself. Raises StackError if it takes longer."""
        deadline = time.monotonic() + seconds
        while self.stack.is_running(name):
            if time.monotonic() > deadline:
                raise StackError(f"{name} has not ended after {seconds:.0f} s")
            await asyncio.sleep(_TICK)
        self._pids.pop(name, None)

    async def wait_for(self, file: Path, name: str, seconds: float = _READY_SECONDS) -> None:
        """Wait for a file that a process writes. Raises StackError if it ends before, or takes longer."""
        deadline = time.monotonic() + seconds
        while not await asyncio.to_thread(file.exists):
            if not self.stack.is_running(name) and not await asyncio.to_thread(file.exists):
                self.check(name)
            if time.monotonic() > deadline:
                raise StackError(f"{name} has not begun after {seconds:.0f} s: {self.last_words(name)}")
            await asyncio.sleep(_TICK)

    async def answer(self, name: str) -> str:
        """Wait until an HTTP service serves, and return its address."""
        url = f"http://127.0.0.1:{await asyncio.to_thread(self.stack.port, name)}"
        deadline = time.monotonic() + _READY_SECONDS
        async with httpx.AsyncClient(timeout=2, follow_redirects=True) as client:
            while True:
                self.check(name)
                try:
                    if (await client.get(f"{url}/health")).status_code == 200:
                        return url
                except httpx.HTTPError:
                    pass
                if time.monotonic() > deadline:
                    raise StackError(f"{name} does not answer: {self.last_words(name)}")
                await asyncio.sleep(0.1)

    def usage(self, *names: str) -> Usage:
        """Return the CPU seconds so far of Kafka, PostgreSQL and our processes of those names."""
        return Usage(
            cpu_seconds(self.stack.record("kafka").pid),
            cpu_seconds(self.stack.record("postgres").pid),
            cpu_of(self._pids[name] for name in names),
        )

    def peak_memory(self, *names: str) -> int:
        """Return the most megabytes that one of our processes of those names has held so far."""
        return max((peak_memory(self._pids[name]) for name in names), default=0) // 2**20

    async def _know(self, database_url: str, operator_key: str) -> None:
        connection = await asyncpg.connect(database_url)
        try:
            await know_operator(connection, operator_key)
        finally:
            await connection.close()

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self.stack.database_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def ground(say: Callable[[str], None]) -> AsyncIterator[Ground]:
    """Start a stack with fsync on, and delete it afterwards, whatever happened."""
    settings = StackSettings(root=await asyncio.to_thread(_folder), fsync=True)
    try:
        yield Ground(await asyncio.to_thread(up, settings, say))
    finally:
        down(settings, purge=True)
        shutil.rmtree(settings.root, ignore_errors=True)


def _folder() -> Path:
    """Return an empty folder, after those of benchmarks that were killed are gone."""
    sweep()
    root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    # PostgreSQL runs as another user where we are root, and must reach its data.
    root.chmod(0o755)
    return root


def sweep() -> Sequence[Path]:
    """End and delete the stacks of benchmarks that were killed; return their folders."""
    swept: list[Path] = []
    for root in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = root.name.removeprefix(_PREFIX).split("-")[0]
        if root.stat().st_uid == os.geteuid() and pid.isdigit() and not psutil.pid_exists(int(pid)):
            down(StackSettings(root=root), purge=True)
            shutil.rmtree(root, ignore_errors=True)
            swept.append(root)
    return swept

"""What the crash tests stand on: servers of their own, behind proxies, and a whole deployment on them."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil

from deploy.deployment import PROCESSES, WITH_HTTP, urls_of
from deploy.local import Stack, StackSettings, down, ports, up
from services.platform.failure import is_infrastructure
from services.platform.kafka import administration
from tests.chaos.disk import Disk
from tests.chaos.proxy import Proxy, framed
from tests.conftest import made_database
from tests.deployment import Deployment


async def holds(condition: Callable[[], Awaitable[bool]]) -> bool:
    """Ask whether something holds; what cannot be asked now, as a server is away, does not."""
    try:
        return await condition()
    except Exception as error:
        if not is_infrastructure(error):
            raise
        return False


@dataclass(frozen=True, slots=True)
class Lines:
    """What stands before the servers, and before the services that listen."""

    kafka: Proxy
    postgres: Proxy
    http: Proxy

    @property
    def all(self) -> tuple[Proxy, Proxy, Proxy]:
        """All of them."""
        return self.kafka, self.postgres, self.http

    def of(self, name: str) -> Proxy:
        """The one of that name."""
        return next(proxy for proxy in self.all if proxy.name == name)


@contextmanager
def servers(
    *,
    environment: Mapping[str, str] | None = None,
    disks: Callable[[Path], Mapping[str, Disk]] = lambda root: {},
) -> Iterator[Stack]:
    """Give servers that may be killed; whoever comes through the proxy finds them there.

    ``environment``: what PostgreSQL finds in its own; ``disks``: file systems for their data, and for the
    folder of the journal, by name. Afterwards nothing runs.
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
        root=root,
        fsync=False,
        shared_buffers="128MB",
        ports=chosen,
        kafka_properties=more,
        postgres_environment=environment or {},
    )
    started: set[int] = set()
    mounted: Mapping[str, Disk] = {}
    try:
        stack = up(settings, print)
        if found := disks(root):
            down(settings)  # where their data lie can be moved only then
            for disk in found.values():
                disk.mount()
            mounted = found
            stack = up(settings, print)
        yield stack
        started = processes_of(root)
    finally:
        killed = down(settings, purge=not mounted)
        for disk in mounted.values():
            disk.unmount()
        shutil.rmtree(root)
    assert killed == [], "processes that did not end when they were asked to"
    assert not {pid for pid in started if psutil.pid_exists(pid)}, "processes that were left behind"


def processes_of(root: Path) -> set[int]:
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


def thaw(root: Path) -> None:
    """A frozen process cannot end when it is asked to."""
    for pid in processes_of(root):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).send_signal(signal.SIGCONT)


@asynccontextmanager
async def deployed(
    stack: Stack,
    name: str,
    *,
    without: Collection[str] = (),
    seconds: float,
    environment: Callable[[str], Mapping[str, str]] = lambda process: {},
) -> AsyncIterator[tuple[Deployment, Lines, dict[str, str]]]:
    """Give all services on a database and topics of their own, and what stands before them.

    ``without``: processes that do not run; ``seconds``: for all to serve; ``environment``: what a process is
    told besides.
    """
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
            environment=environment,
        )
        await deployment.prepare()
        running = [service for service in PROCESSES if service not in without]
        try:
            for service in running:
                deployment.start(service, "a" if service == "detection" else "")
            await deployment.serving(running, seconds=seconds)
            urls: dict[str, str] = {}
            for service in WITH_HTTP - set(without):
                port = await lines.http.listen(deployment.port(service))
                base = f"http://{ports.HOST}:{port}"
                urls |= urls_of(service, base)
            yield deployment, lines, urls
        finally:
            await asyncio.to_thread(thaw, stack.root)
            killed = await asyncio.to_thread(stack.stop)
            # A broker that is killed goes through all topics before it serves again.
            async with administration(deployment.settings) as admin:
                ours = [topic for topic in await admin.list_topics() if topic.startswith(f"{name}.")]
                await admin.delete_topics(ours)
    assert killed == [], "services that did not end when they were asked to"


def _at(database_url: str, port: int) -> str:
    parts = urlsplit(database_url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}"))

"""A running stack: Kafka, PostgreSQL and our services together, from `attach` to `down`."""

import fcntl
import os
import shutil
import signal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.local import accounts, kafka, ports, postgres, processes, state
from deploy.local.code import fingerprint
from deploy.local.data import StackData
from deploy.local.errors import StackError
from deploy.local.headway import Headway
from deploy.local.machine import Machine, Say, look_round, silent
from deploy.local.processes import ProcessRecord, ProcessStatus
from deploy.local.settings import StackSettings
from deploy.local.state import StackState

SERVERS = (kafka.NAME, postgres.NAME)
_SERVER_SECONDS = 60.0
"""How long a server that is to end may do nothing before it is killed."""


class Stack:
    """A running stack. Its methods block: call them with `asyncio.to_thread` from a coroutine."""

    def __init__(self, settings: StackSettings, machine: Machine, kept: StackState) -> None:
        self.settings = settings
        self._machine = machine
        self._state = kept

    @property
    def root(self) -> Path:
        """The folder of the stack; `root / "data"` is durable and deleted by a purge."""
        return self.settings.root

    @property
    def kafka(self) -> str:
        """Kafka's bootstrap servers, `host:port`."""
        return self._state.kafka

    @property
    def database_url(self) -> str:
        """`postgresql://user:password@host:port/dibao`."""
        return self._state.database_url

    @property
    def environment(self) -> dict[str, str]:
        """The variables that tell a service where its servers are."""
        return {"DIBAO_KAFKA": self.kafka, "DIBAO_DATABASE_URL": self.database_url}

    def port(self, name: str) -> int:
        """The port of a service: fixed by setting, the same as last time, or a free one.

        Raises StackError when it is fixed and busy.
        """
        with self._changing():
            record = self._state.processes.get(name)
            if record is not None and processes.is_running(record) and name in self._state.ports:
                return self._state.ports[name]
            return self._choose_port(name)

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        told: bool = True,
        code: Sequence[str] = (),
    ) -> ProcessRecord:
        """Starts one of our services: an argument list as of `deploy.program.command`.

        It is told where Kafka and PostgreSQL are (unless not `told`), and writes to `log/<name>.log`. `code`
        names the places of the code that it runs. Raises StackError when it runs already, or cannot be
        started.
        """
        with self._changing():
            running = self._state.processes.get(name)
            if running is not None and processes.is_running(running):
                raise StackError(f"{name} is running already (pid {running.pid}).")
            added = {**(self.environment if told else {}), **(environment or {})}
            record = self._begin(name, command, self.log(name), added, tuple(code))
            self._remember(record)
            return record

    def _begin(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        code: tuple[str, ...],
    ) -> ProcessRecord:
        # Read before it begins: of a change meanwhile it is taken for older than it is, and never for newer.
        found = fingerprint(code)
        record = processes.start(name, command, log, environment, folder=self.settings.root)
        return replace(record, code=code, fingerprint=found)

    def stop(self, *names: str, timeout: float = 20.0) -> list[str]:
        """Ends services (all of them when none is named), or a server, and forgets them.

        They get `timeout` seconds from SIGTERM to SIGKILL. Returns the names of those that were killed.
        """
        with self._changing():
            wanted = names or tuple(name for name in self._state.processes if name not in SERVERS)
            records = [self._state.processes[name] for name in wanted if name in self._state.processes]
            killed = _stop(records, timeout)
            left = {name: kept for name, kept in self._state.processes.items() if name not in wanted}
            self._save(replace(self._state, processes=left))
            return killed

    def kill9(self, name: str) -> None:
        """Kills a server or service, and its children, with SIGKILL, as a crash would; `restart` follows."""
        processes.kill(self.record(name))

    def restart(self, name: str, say: Say = silent) -> ProcessRecord:
        """Starts a server or service again, as it was, on the same port; stops it first if it still runs.

        Returns when a server serves again. Raises StackError when it does not.
        """
        with self._changing():
            _stop([self.record(name)], _SERVER_SECONDS if name in SERVERS else 20.0)
            record = self._again(name, 0)
        # Not under the lock: whoever wants to stop a server that recovers for long need not wait for it.
        if name == kafka.NAME:
            self._await_kafka(record, say)
        elif name == postgres.NAME:
            self._await_postgres(record, say)
        return record

    def revive(self, name: str) -> ProcessRecord | None:
        """Starts a server or service that died again, as it was; None where it runs, or was stopped.

        Does not wait for a server. Raises StackError where another command is at work, or it cannot be
        started.
        """
        with locked(self.settings):
            kept = state.load(state_file(self.settings))
            record = kept.processes.get(name) if kept is not None else None
            if kept is None or record is None or processes.is_running(record):
                return None
            self._state = kept
            return self._again(name, record.falls + 1)

    def _again(self, name: str, falls: int) -> ProcessRecord:
        old = self._state.processes[name]
        if name == kafka.NAME:
            record = self._start_kafka()
        elif name == postgres.NAME:
            record = self._start_postgres()
        else:
            record = self._begin(name, old.command, Path(old.log), old.environment, old.code)
        record = replace(record, falls=falls)
        self._remember(record)
        return record

    def record(self, name: str) -> ProcessRecord:
        """The process of that name, running or not. Raises StackError when the stack has none."""
        self._state = state.load(state_file(self.settings)) or self._state
        try:
            return self._state.processes[name]
        except KeyError:
            raise StackError(f"This stack has started no process {name!r}.") from None

    def is_there(self, name: str) -> bool:
        """Whether the server or service of that name was started, and runs now."""
        self._state = state.load(state_file(self.settings)) or self._state
        record = self._state.processes.get(name)
        return record is not None and processes.is_running(record)

    def runs_code(self, name: str, code: Sequence[str]) -> bool:
        """Whether the process of that name began with what stands in these places now."""
        record = self.record(name)
        return record.code == tuple(code) and record.fingerprint == fingerprint(code)

    def headway(self, name: str) -> Headway:
        """What notices whether the process of that name gets on."""
        return processes.headway(self.record(name))

    def is_running(self, name: str) -> bool:
        """Whether the server or service of that name runs now."""
        return processes.is_running(self.record(name))

    def log(self, name: str) -> Path:
        """The log file of a server or service."""
        if name == kafka.NAME:
            return kafka.log_path(self._machine.data.kafka)
        return self.settings.root / "log" / f"{name}.log"

    def down(self, purge: bool = False) -> list[str]:
        """The same as the function `down`."""
        return down(self.settings, purge=purge)

    def start_servers(self, say: Say) -> None:
        """Starts what does not run, both at once, and waits for both.

        Raises StackError where one cannot be started, or does not serve; what it has started is stopped then.
        """
        alive = self._state.processes
        try:
            self._start_servers(say)
        except BaseException:
            _stop([one for name, one in self._state.processes.items() if name not in alive], _SERVER_SECONDS)
            left = replace(self._state, processes=alive)
            self._save(left if alive else replace(left, kafka="", database_url=""))
            raise

    def _start_servers(self, say: Say) -> None:
        waiting: list[tuple[ProcessRecord, Callable[[ProcessRecord, Say], None]]] = []
        running = self._state.processes
        if self.settings.kafka is None:
            if kafka.NAME not in running:
                kafka_port = self._choose_port(kafka.NAME)
                self._choose_port("kafka_controller")
                say(f"Starting Kafka on {ports.HOST}:{kafka_port}, log {self.log(kafka.NAME)}")
                self._remember(self._start_kafka())
            waiting.append((self._state.processes[kafka.NAME], self._await_kafka))
        if self.settings.database_url is None:
            if postgres.NAME not in running:
                postgres_port = self._choose_port(postgres.NAME)
                say(f"Starting PostgreSQL on {ports.HOST}:{postgres_port}, log {self.log(postgres.NAME)}")
                self._remember(self._start_postgres())
            waiting.append((self._state.processes[postgres.NAME], self._await_postgres))
        for record, wait in waiting:
            wait(record, say)
        self._save(
            replace(
                self._state,
                kafka=self.settings.kafka or f"{ports.HOST}:{self._state.ports[kafka.NAME]}",
                database_url=self.settings.database_url
                or postgres.url(self._machine.data.postgres, self._state.ports[postgres.NAME]),
            )
        )

    def _start_kafka(self) -> ProcessRecord:
        machine = self._machine
        both = (self._state.ports[kafka.NAME], self._state.ports["kafka_controller"])
        return kafka.start(
            machine.data.kafka,
            machine.java,
            machine.libs,
            machine.kafka_user,
            self.settings.kafka_heap,
            both,
            self.settings.kafka_properties,
        )

    def _await_kafka(self, record: ProcessRecord, say: Say) -> None:
        kafka.wait_until_ready(record, self._state.ports[kafka.NAME], say)

    def _start_postgres(self) -> ProcessRecord:
        machine, settings = self._machine, self.settings
        return postgres.start(
            machine.data.postgres,
            machine.programs,
            machine.postgres_user,
            self.log(postgres.NAME),
            self._state.ports[postgres.NAME],
            settings.shared_buffers,
            settings.fsync,
        )

    def _await_postgres(self, record: ProcessRecord, say: Say) -> None:
        postgres.wait_until_ready(record, self._machine.data.postgres, self.log(postgres.NAME), say)

    def _choose_port(self, name: str) -> int:
        port = ports.choose(name, self.settings.ports, self._state.ports)
        self._save(replace(self._state, ports={**self._state.ports, name: port}))
        return port

    def _remember(self, record: ProcessRecord) -> None:
        self._save(replace(self._state, processes={**self._state.processes, record.name: record}))

    def _save(self, changed: StackState) -> None:
        self._state = changed
        state.save(state_file(self.settings), changed)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Under the lock, and on the state as another command may have left it."""
        with locked(self.settings, wait=True):
            self._state = state.load(state_file(self.settings)) or self._state
            yield


def attach(settings: StackSettings) -> Stack:
    """The stack that another command has started, whatever of it has died since.

    Raises StackError when none was started, or it was stopped.
    """
    kept = state.load(state_file(settings))
    if kept is None or not kept.kafka:
        raise StackError("The stack is not running: `dibao up` starts it.")
    return Stack(settings, look_round(settings, silent), kept)


def down(
    settings: StackSettings, purge: bool = False, say: Say = silent, *, spare: Collection[str] = ()
) -> list[str]:
    """Stops services, then servers, also those of a start that broke off. Nothing running is no error.

    `spare` names processes that are left running. With `purge` the data of both servers, `data/`, the logs
    and the state are deleted as well; the jars of Kafka stay. Returns the names of the processes that had to
    be killed.
    """
    if not settings.root.exists():
        return []
    with locked(settings, wait=True):
        kept = state_of(settings)
        left = {name: kept.processes[name] for name in spare if kept and name in kept.processes}
        records = [record for record in kept.processes.values() if record.name not in left] if kept else []
        services = [record for record in records if record.name not in SERVERS]
        if services:
            say(f"Stopping {', '.join(record.name for record in services)}")
        killed = _stop(services, 20.0)
        servers = [record for record in records if record.name in SERVERS]
        if servers:
            say("Stopping Kafka and PostgreSQL")
        if purge:
            # They need not put away what is deleted. Only told to does PostgreSQL give its memory back.
            for record in servers:
                if record.name == kafka.NAME:
                    processes.kill(record)
                else:
                    processes.stop([record], first=signal.SIGQUIT)
        else:
            killed += _stop(servers, _SERVER_SECONDS)
        if left and kept is not None:
            state.save(state_file(settings), replace(kept, processes=left))
            return killed
        processes.end(strays(settings))
        if purge:
            _purge(settings, say)
        elif kept is not None:
            state.save(state_file(settings), replace(kept, kafka="", database_url="", processes={}))
    return killed


def status(settings: StackSettings) -> list[ProcessStatus]:
    """All processes that the stack has started and not stopped, servers first; empty when it is down."""
    kept = state.load(state_file(settings))
    return [] if kept is None else [processes.status(record) for record in kept.processes.values()]


def state_file(settings: StackSettings) -> Path:
    return settings.root / "state.json"


def state_of(settings: StackSettings) -> StackState | None:
    """What is kept of a stack; None where nothing is, or the file is damaged."""
    try:
        return state.load(state_file(settings))
    except StackError:
        return None  # `down` finds the servers without it


@contextmanager
def locked(settings: StackSettings, wait: bool = False) -> Iterator[None]:
    """Holds the stack against other commands that start or stop it."""
    with os.fdopen(os.open(settings.root / "lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise StackError(
                f"Another command is starting or stopping the stack in {settings.root} at this "
                "moment: wait for it."
            ) from None
        yield


def _stop(records: Sequence[ProcessRecord], timeout: float) -> list[str]:
    """Stops processes all at once, each with the signal that it understands as: end now, in good order."""
    fast = [record for record in records if record.name == postgres.NAME]
    slow = [record for record in records if record.name == kafka.NAME]
    services = [record for record in records if record.name not in SERVERS]
    with ThreadPoolExecutor(3) as pool:
        stopping = (
            pool.submit(processes.stop, fast, timeout, postgres.STOP, while_busy=True),
            pool.submit(processes.stop, slow, timeout, signal.SIGTERM, while_busy=True),
            pool.submit(processes.stop, services, timeout, signal.SIGTERM),
        )
        return [name for stopped in stopping for name in stopped.result()]


def strays(settings: StackSettings) -> list[int]:
    """Servers that run on this stack's data, whatever the state file says."""
    folders = settings.root / "data", accounts.fallback(settings.root)
    wanted = [str(postgres.cluster_path(folder / "postgres")) for folder in folders]
    wanted += [str(kafka.properties_path(folder / "kafka")) for folder in folders]
    return processes.with_argument(wanted)


def _purge(settings: StackSettings, say: Say) -> None:
    root, elsewhere = settings.root, accounts.fallback(settings.root)
    StackData(root / "data" / "kafka", root / "data" / "postgres").purge()
    doomed = [root / "data", root / "log", elsewhere]
    if settings.kafka is None:
        doomed.append(root / "journal")  # of a log that is no more
    for folder in doomed:
        if folder.exists():
            shutil.rmtree(folder)
            say(f"Deleted {folder}")
    state_file(settings).unlink(missing_ok=True)

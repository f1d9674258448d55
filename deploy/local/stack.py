"""A running stack: Kafka, PostgreSQL and our services together, from `attach` to `down`."""

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.local import accounts, kafka, ports, postgres, processes, state
from deploy.local.code import fingerprint
from deploy.local.data import StackData, adopt, stack_id, staging
from deploy.local.errors import StackError
from deploy.local.headway import Headway
from deploy.local.inheritance import digests
from deploy.local.machine import Machine, Say, look_round, silent
from deploy.local.processes import ProcessRecord, ProcessStatus
from deploy.local.settings import StackSettings
from deploy.local.state import StackState

SERVERS = (kafka.NAME, postgres.NAME)
"""Their kinds: further processes of one have a number behind its name."""
_SERVER_SECONDS = 60.0
"""How long a server that is to end may do nothing before it is killed."""
_REPLICA_SECONDS = 60.0
"""How long a replica that serves may need to follow."""


def kind_of(name: str) -> str | None:
    """Which server a process of that name is; None for one of our own."""
    kind = name.partition("-")[0]
    return kind if kind in SERVERS else None


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
        """Kafka's bootstrap servers, `host:port`, commas between them."""
        return self._state.kafka

    @property
    def database_url(self) -> str:
        """`postgresql://user:password@host:port/dibao`; with a replica, two hosts."""
        return self._state.database_url

    @property
    def replication(self) -> int:
        """How many copies topics have in our own Kafka."""
        return self._state.replication

    @property
    def environment(self) -> dict[str, str]:
        """The variables that tell a service where its servers are."""
        told = {"DIBAO_KAFKA": self.kafka, "DIBAO_DATABASE_URL": self.database_url}
        return told if self.replication == 1 else {**told, "DIBAO_REPLICATION": str(self.replication)}

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
        inherited = digests(self.settings.root, environment)
        return replace(record, code=code, fingerprint=found, settings=inherited)

    def stop(self, *names: str, timeout: float = 20.0) -> list[str]:
        """Ends services (all of them when none is named), or a server, and forgets them.

        They get `timeout` seconds from SIGTERM to SIGKILL. Returns the names of those that were killed.
        """
        with self._changing():
            wanted = names or tuple(name for name in self._state.processes if kind_of(name) is None)
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
            _stop([self.record(name)], 20.0 if kind_of(name) is None else _SERVER_SECONDS)
            record = self._again(name, 0)
        # Not under the lock: whoever wants to stop a server that recovers for long need not wait for it.
        self._await(record, say)
        return record

    def fail_over(self, say: Say = silent) -> str:
        """Makes the replica of PostgreSQL the one that is written to, and ends the other one for good.

        Returns the name of the new one. It goes on alone: the next `up` makes a replica anew. Raises
        StackError where there is no replica that runs.
        """
        with self._changing():
            data = self._machine.data
            former, replica = data.written(), data.replica()
            if replica is None or not self.is_there(replica):
                raise StackError("No replica of PostgreSQL runs: `dibao up --replica` makes one.")
            # Before it is ended, so that nothing starts it again beside its successor.
            postgres.retire(data.home(former))
            if former in self._state.processes:
                say(f"Ending {former}")
                processes.kill(self._state.processes[former])
                left = {name: kept for name, kept in self._state.processes.items() if name != former}
                self._save(replace(self._state, processes=left))
            say(f"Promoting {replica}")
            self._lead(replica, replicated=False)
        return replica

    def revive(self, name: str) -> ProcessRecord | None:
        """Starts a server or service that died again, as it was; None where it runs, or was stopped.

        Does not wait for a server. Raises StackError where another command is at work, it cannot be started,
        or it would inherit other settings than it had.
        """
        with locked(self.settings):
            kept = state.load(state_file(self.settings))
            record = kept.processes.get(name) if kept is not None else None
            if kept is None or record is None or processes.is_running(record):
                return None
            self._state = kept
            if record.settings is not None and self.changed_settings(name, record.environment):
                raise StackError("it had settings that are not known here. `dibao up` starts it.")
            return self._again(name, record.falls + 1)

    def _again(self, name: str, falls: int) -> ProcessRecord:
        old = self._state.processes[name]
        if kind_of(name) is not None:
            record = self._start_server(name)
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

    def changed_settings(self, name: str, given: Mapping[str, str]) -> list[str]:
        """The settings that the process of that name began with otherwise than it would if it began now.

        `given` is what it would be given in place of what it inherits. Not to be asked of a record without
        settings.
        """
        record = self.record(name)
        before = {**(record.settings or {}), **record.environment}
        now = {**digests(self.settings.root, given), **given}
        return sorted(one for one in before.keys() | now.keys() if before.get(one) != now.get(one))

    def headway(self, name: str) -> Headway:
        """What notices whether the process of that name gets on."""
        return processes.headway(self.record(name))

    def is_running(self, name: str) -> bool:
        """Whether the server or service of that name runs now."""
        return processes.is_running(self.record(name))

    def log(self, name: str) -> Path:
        """The log file of a server or service."""
        if kind_of(name) == kafka.NAME:
            return kafka.log_path(self._machine.data.home(name))
        return self.settings.root / "log" / f"{name}.log"

    def down(self, purge: bool = False) -> list[str]:
        """The same as the function `down`."""
        return down(self.settings, purge=purge)

    def start_servers(self, say: Say) -> None:
        """Starts what does not run, all at once, and waits for all; a replica that is missing is made then.

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
        waiting: list[str] = []
        if self.settings.kafka is None:
            waiting += self._brokers
            for name in self._brokers:
                self._choose_port(name, self._state.processes)
                self._choose_port(f"{name}_controller", self._state.processes, of=name)
        if self.settings.database_url is None:
            waiting += self._databases
            for name in self._databases:
                self._choose_port(name, self._state.processes)
        for name in waiting:
            if name not in self._state.processes:
                what = "Kafka" if kind_of(name) == kafka.NAME else "PostgreSQL"
                at = f"{ports.HOST}:{self._state.ports[port_of(name)]}"
                say(f"Starting {what} on {at}, log {self.log(name)}")
                self._remember(self._start_server(name))
        for name in waiting:
            self._await(self._state.processes[name], say)
        if self.settings.database_url is None:
            self._replicate(say)
        self._save(
            replace(
                self._state,
                kafka=self.settings.kafka or self._addresses(self._brokers),
                database_url=self.settings.database_url
                or postgres.url(
                    self._machine.data.home(self._databases[0]),
                    [self._state.ports[port_of(name)] for name in sorted(self._databases)],
                ),
                replication=1 if self.settings.kafka is not None else min(len(self._brokers), 3),
            )
        )

    def _replicate(self, say: Say) -> None:
        """See that one PostgreSQL leads, and that the other, where there is to be one, follows it."""
        data, programs, user = self._machine.data, self._machine.programs, self._machine.postgres_user
        written = data.written()
        if postgres.follows(data.home(written)):
            self._lead(written, replicated=False)
        former = next(name for name in postgres.NAMES if name != written)
        home = data.home(former)
        if data.replica() is None and (self.settings.replica or home.exists()):
            say(f"Making the replica {former} of {written}")
            port = self._choose_port(former, self._state.processes)
            making = staging(home)
            shutil.rmtree(making, ignore_errors=True)
            source = data.home(written)
            postgres.clone(
                making, source, self._state.ports[port_of(written)], programs, user, self.settings.fsync
            )
            shutil.rmtree(home, ignore_errors=True)
            adopt(home, stack_id(source))
            say(f"Starting PostgreSQL on {ports.HOST}:{port}, log {self.log(former)}")
            self._remember(self._start_server(former))
            self._await(self._state.processes[former], say)
            self._configure(written, replicated=True)
        if data.replica() is not None:
            self._await_replica(data.home(written), self._state.ports[port_of(written)])

    def _await_replica(self, home: Path, port: int) -> None:
        programs, user = self._machine.programs, self._machine.postgres_user
        late = time.monotonic() + _REPLICA_SECONDS
        while not postgres.replicas(home, programs, user, port):
            if time.monotonic() > late:
                raise StackError(
                    f"The replica of PostgreSQL does not follow; its log is "
                    f"{self.log(self._machine.data.replica() or postgres.SECOND)}."
                )
            time.sleep(0.1)

    def _lead(self, name: str, *, replicated: bool) -> None:
        """Make a replica that runs the server that is written to."""
        self._configure(name, replicated=replicated)
        postgres.promote(self._machine.data.home(name), self._machine.programs, self._machine.postgres_user)

    def _configure(self, name: str, *, replicated: bool) -> None:
        machine, settings = self._machine, self.settings
        postgres.configure(
            machine.data.home(name),
            machine.postgres_user,
            self._state.ports[port_of(name)],
            settings.shared_buffers,
            settings.fsync,
            replicated=replicated,
        )
        processes.hang_up(self._state.processes[name])

    @property
    def _brokers(self) -> list[str]:
        return [kafka.name_of(number) for number in range(1, self._machine.data.brokers + 1)]

    @property
    def _databases(self) -> list[str]:
        """Those that there are data of: the one that is written to, and its replica."""
        data = self._machine.data
        replica = data.replica()
        return [data.written()] if replica is None else [data.written(), replica]

    def _addresses(self, names: Sequence[str]) -> str:
        return ",".join(f"{ports.HOST}:{self._state.ports[port_of(name)]}" for name in names)

    def _start_server(self, name: str) -> ProcessRecord:
        machine, settings = self._machine, self.settings
        home = machine.data.home(name)
        port = self._state.ports[port_of(name)]
        if kind_of(name) == kafka.NAME:
            controllers = [self._state.ports[port_of(f"{each}_controller")] for each in self._brokers]
            number = self._brokers.index(name) + 1
            return kafka.start(
                home,
                machine.java,
                machine.libs,
                machine.kafka_user,
                settings.kafka_heap,
                (port, controllers[number - 1]),
                settings.kafka_properties,
                node=kafka.Node(number, tuple(f"{ports.HOST}:{each}" for each in controllers)),
            )
        if postgres.is_retired(home):
            raise StackError(f"Another PostgreSQL leads in place of {name}: `dibao up` makes it anew.")
        return postgres.start(
            home,
            machine.programs,
            machine.postgres_user,
            self.log(name),
            port,
            settings.shared_buffers,
            settings.fsync,
            name=name,
            # Of what a replica says of itself nothing is used before it leads, and then it is alone.
            replicated=machine.data.replica() not in (None, name),
            environment=settings.postgres_environment,
        )

    def _await(self, record: ProcessRecord, say: Say) -> None:
        """Wait until a server serves; nothing is waited for of a process of ours."""
        if kind_of(record.name) == kafka.NAME:
            kafka.wait_until_ready(record, self._state.ports[port_of(record.name)], say)
        elif kind_of(record.name) == postgres.NAME:
            home = self._machine.data.home(record.name)
            postgres.wait_until_ready(record, home, self.log(record.name), say)

    def _choose_port(self, name: str, running: Collection[str] = (), *, of: str = "") -> int:
        """The port of that name; of one that is running, or `of` one that is, the one that it has."""
        name, process = port_of(name), of or name
        if process in running and name in self._state.ports:
            return self._state.ports[name]
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


def port_of(name: str) -> str:
    """The name of a port, as DIBAO_…_PORT spells it: letters, digits and underscores."""
    return name.replace("-", "_") if kind_of(name) is not None else name


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
        services = [record for record in records if kind_of(record.name) is None]
        if services:
            say(f"Stopping {', '.join(record.name for record in services)}")
        killed = _stop(services, 20.0)
        servers = [record for record in records if kind_of(record.name) is not None]
        if servers:
            say("Stopping Kafka and PostgreSQL")
        if purge:
            # They need not put away what is deleted. Only told to does PostgreSQL give its memory back.
            for record in servers:
                if kind_of(record.name) == kafka.NAME:
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
    fast = [record for record in records if kind_of(record.name) == postgres.NAME]
    slow = [record for record in records if kind_of(record.name) == kafka.NAME]
    services = [record for record in records if kind_of(record.name) is None]
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
    homes = [home for folder in folders for home in folder.glob("*")]
    wanted = [str(postgres.cluster_path(home)) for home in homes]
    wanted += [str(kafka.properties_path(home)) for home in homes]
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

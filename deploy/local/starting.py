"""Starting a stack: Kafka and PostgreSQL on the data of last time, or on new ones."""

import shutil
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local import accounts, data, kafka, ports, postgres, prerequisites, processes, state
from deploy.local.errors import StackError
from deploy.local.machine import Machine, Say, look_round, silent
from deploy.local.processes import ProcessRecord
from deploy.local.settings import StackSettings
from deploy.local.stack import Stack, kind_of, locked, state_file, strays
from deploy.local.state import StackState


def up(settings: StackSettings, say: Say = silent, *, anew: bool = False) -> Stack:
    """Starts the servers of a stack, on the data of last time if there are any, and returns it.

    What runs already is left alone. `say` is told each step. Of a server whose data are gone, while the
    other's are there, new ones are made only where that is asked for (`anew`): whoever asks fills them.
    Raises StackError when something is missing, busy or damaged; then what it has started is stopped again.
    """
    prerequisites.require_python()
    _prepare_root(settings.root)
    with locked(settings):
        alive = _alive(settings)
        machine = look_round(settings, say)
        _check_existing(settings)
        if anew:
            _make_lost(settings, machine, say)
        machine.data.check(with_kafka=settings.kafka is None, with_postgres=settings.database_url is None)
        _make_data(settings, machine, say)
        kept = state.load(state_file(settings)) or StackState()
        stack = Stack(settings, machine, replace(kept, processes=alive))
        stack.start_servers(say)
    return stack


def _prepare_root(root: Path) -> None:
    accounts.open_folder(root)
    accounts.open_folder(root / "data")
    for folder in (root / "log", root / "keys", root / "demo", *(root / "data").glob("kafka*")):
        if folder.exists() or folder.name == "log":
            accounts.close_folder(folder)


def _alive(settings: StackSettings) -> dict[str, ProcessRecord]:
    """What of the stack runs. Raises StackError where that is not what the settings and the state say."""
    kept = state.load(state_file(settings))
    records = kept.processes if kept is not None else {}
    alive = {name: record for name, record in records.items() if processes.is_running(record)}
    strangers = [pid for pid in strays(settings) if pid not in {record.pid for record in alive.values()}]
    if strangers:
        raise StackError(
            f"A server runs on the data in {settings.root}, and nothing is known of it (pid "
            f"{', '.join(map(str, strangers))}): `dibao down` stops it, then start again."
        )
    for kind, named in ((kafka.NAME, settings.kafka), (postgres.NAME, settings.database_url)):
        name = next((name for name in alive if kind_of(name) == kind), None)
        if name is not None and named is not None:
            raise StackError(
                f"The stack in {settings.root} runs with {name} of its own (pid {alive[name].pid}), but the "
                "settings name another: `dibao down` stops it, then start again."
            )
    return alive


def _check_existing(settings: StackSettings) -> None:
    """Raises StackError when no server of those that the settings name answers."""
    if settings.kafka is not None:
        brokers = [urlsplit(f"//{server.strip()}") for server in settings.kafka.split(",")]
        if not any(ports.answers(at.hostname or "", at.port or 9092) for at in brokers):
            raise StackError(
                f"No Kafka answers at {settings.kafka}, as DIBAO_KAFKA names it: start it, or unset the "
                "variable to use a Kafka of our own."
            )
    if settings.database_url is not None:
        hosts = urlsplit(settings.database_url).netloc.rpartition("@")[2]
        addresses = [urlsplit(f"//{host}") for host in hosts.split(",") if host]
        if addresses and not any(ports.answers(at.hostname or "", at.port or 5432) for at in addresses):
            raise StackError(
                f"No PostgreSQL answers at {hosts}, as DIBAO_DATABASE_URL names it: "
                "start it, or unset the variable to use a PostgreSQL of our own."
            )


def _make_data(settings: StackSettings, machine: Machine, say: Say) -> None:
    """Makes the data of new servers, all or none; a replica's are copied later."""
    if machine.data.is_new():
        _make(_makers(settings, machine), str(uuid.uuid4()), say)


def _make_lost(settings: StackSettings, machine: Machine, say: Say) -> None:
    """Makes the data of servers that have lost them, to be filled from a backup or from the journal."""
    kept = machine.data.stack_id()
    if kept is not None:
        lost = [each for each in _makers(settings, machine) if not data.filled(each[0])]
        _make(lost, kept, say)


def _makers(settings: StackSettings, machine: Machine) -> list[tuple[Path, Callable[[Path], None]]]:
    making: list[tuple[Path, Callable[[Path], None]]] = []

    def make_kafka(home: Path, *, cluster: str, node: kafka.Node) -> None:
        kafka.initialise(home, machine.java, machine.libs, machine.kafka_user, cluster=cluster, node=node)

    if settings.kafka is None:
        count = machine.data.brokers
        homes = [machine.data.home(kafka.name_of(number)) for number in range(1, count + 1)]
        # A node that has lost its data comes back to the others.
        cluster = (
            next((kafka.cluster_in(home) for home in homes if data.filled(home)), None) or kafka.new_cluster()
        )
        controllers = tuple(f"{ports.HOST}:{9093 + number}" for number in range(count))
        for number in range(1, count + 1):
            node = kafka.Node(number, controllers)
            making.append((machine.data.home(node.name), partial(make_kafka, cluster=cluster, node=node)))
    if settings.database_url is None:
        making.append(
            (
                machine.data.postgres,
                lambda home: postgres.initialise(
                    home, machine.programs, machine.postgres_user, settings.fsync
                ),
            )
        )
    return making


def _make(making: list[tuple[Path, Callable[[Path], None]]], name: str, say: Say) -> None:
    if not making:
        return
    say(f"Making new data in {' and '.join(str(home) for home, _ in making)}")
    for home, _ in making:
        accounts.open_folder(home.parent)
        shutil.rmtree(data.staging(home), ignore_errors=True)
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(make, data.staging(home)) for home, make in making]:
            done.result()
    for home, _ in making:
        data.adopt(home, name)

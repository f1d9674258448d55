"""Apache Kafka as local processes: KRaft, broker and controller in one, one node or several."""

import os
import secrets
import shutil
import socket
import struct
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import accounts, processes
from deploy.local.errors import StackError
from deploy.local.ports import HOST
from deploy.local.processes import Account, ProcessRecord

NAME = "kafka"
_LOGGING = Path(__file__).with_name("log4j2.properties")
_PROPERTIES = "server.properties"

JAVA_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
"""Java reads arguments and names of files by the locale: in an ASCII one it finds no Chinese folder.

Of glibc's heaps, by default eight for each core, its ninety threads leave most of each unused.
"""

_LISTENERS = {
    "process.roles": "broker,controller",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKER",
    "controller.listener.names": "CONTROLLER",
}
# Few partitions of the internal topics: fifty of each (the default) only make starts slower here.
SETTINGS = {
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    # Nobody's facts are read past an open transaction: it must not stay open for a quarter of an hour.
    "transaction.max.timeout.ms": "60000",
    "share.coordinator.state.topic.num.partitions": "4",
    # Topics are created with their settings before use; a misspelt one is an error.
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    # A dead worker's partitions are to move within seconds.
    "group.min.session.timeout.ms": "1000",
    # Lag of a consumer that was away for a year is still shown.
    "offsets.retention.minutes": "525600",
    # After a crash the node is let in again when the session of its former self has run out.
    "broker.session.timeout.ms": "4000",
    "broker.heartbeat.interval.ms": "1000",
    # Twice a second a record that says nothing, for those who measure the quorum's delay.
    "metadata.max.idle.interval.ms": "2000",
    "message.max.bytes": "4194304",
    "replica.fetch.max.bytes": "4194304",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
}
"""What a Kafka of dibao's is told, wherever it runs: deploy/image/kafka and the chart say the same."""


@dataclass(frozen=True)
class Node:
    """One node of a cluster: its number, from 1 on, and the controllers' addresses of all nodes in order.

    host: where it listens. Internal topics, and those that say nothing of it, have a copy on every node, at
    most three; of three a record is acknowledged once two have it.
    """

    number: int = 1
    controllers: tuple[str, ...] = ()
    host: str = HOST

    @property
    def name(self) -> str:
        """What the process is called: `kafka`, `kafka-2`, …"""
        return name_of(self.number)


def name_of(number: int) -> str:
    """What the node of that number is called, and its folder."""
    return NAME if number == 1 else f"{NAME}-{number}"


def new_cluster() -> str:
    """The id of a new cluster."""
    cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    # A dash at its beginning would look like an option to Kafka's tool.
    return "d" + cluster[1:] if cluster.startswith("-") else cluster


def cluster_in(home: Path) -> str | None:
    """The id of the cluster whose data are in the folder `home`; None where they do not say."""
    file = home / "log" / "meta.properties"
    lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    return next((line.partition("=")[2] for line in lines if line.startswith("cluster.id=")), None)


def initialise(
    home: Path,
    java: str,
    libs: Path,
    account: Account | None,
    more: Mapping[str, str] | None = None,
    users: Mapping[str, str] | None = None,
    *,
    cluster: str = "",
    node: Node = Node(),
) -> None:
    """Makes the empty data of a node in the folder `home`: of a new cluster, where none is named.

    account: whose they are, where not our own. more: properties beside ours. users: names and passwords for
    SCRAM-SHA-512. Raises StackError when Kafka's own tool fails.
    """
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    (home / "log").mkdir(exist_ok=True)
    # The ports are those of no listener: formatting opens none, and keeps none.
    properties = _write_properties(home, 9092, 9093, node, more)
    command = [*_java(home, java, libs, "128m", "format.log"), "kafka.tools.StorageTool", "format"]
    command += ["--cluster-id", cluster or new_cluster(), "--config", str(properties)]
    for name, password in (users or {}).items():
        command += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
    answer = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=home,
        env={**os.environ, **JAVA_ENVIRONMENT},
        umask=0o077,
    )
    if answer.returncode != 0:
        raise StackError(
            f"Kafka's storage could not be formatted: {(answer.stderr or answer.stdout).strip()}"
        )
    accounts.hand_over(account, home)


def start(
    home: Path,
    java: str,
    libs: Path,
    account: Account | None,
    heap: str,
    ports: tuple[int, int],
    more: Mapping[str, str] | None = None,
    *,
    node: Node = Node(),
) -> ProcessRecord:
    """Starts Kafka on its data. Ports: of clients, and of the controller. Does not wait for it."""
    port, controller_port = ports
    if account is not None and home.stat().st_uid != account.user:
        accounts.hand_over(account, home)  # an earlier version ran it as root
    properties = _write_properties(home, port, controller_port, node, more)
    accounts.hand_over(account, properties, home / _LOGGING.name)
    log = log_path(home)
    command = [*_java(home, java, libs, heap, log.name), "kafka.Kafka", str(properties)]
    # What log4j does not write (a Java that dies at once, thread dumps) goes beside its log.
    output = log.with_suffix(".out")
    return processes.start(node.name, command, log, JAVA_ENVIRONMENT, account, folder=home, output=output)


def wait_until_ready(
    record: ProcessRecord,
    port: int,
    tell: Callable[[str], None],
    patience: float = 90.0,
    host: str = HOST,
) -> None:
    """Waits until the broker serves clients, however long it recovers its logs.

    Raises StackError, with the end of the log, when it ends before or does nothing for `patience` seconds.
    """
    if not processes.wait_until_ready(record, lambda: cluster_id(host, port) is not None, tell, patience):
        log = Path(record.log)
        end = processes.tail(log.with_suffix(".out")) or processes.tail(log)
        raise StackError(f"Kafka did not start; its log is {log}, and ends with:\n{end}")


def cluster_id(host: str, port: int, timeout: float = 2.0) -> str | None:
    """The id of the cluster behind an address, None while no broker there serves clients.

    Asks by hand (Metadata version 4, of no topic): an open port alone does not mean that the broker has
    joined its cluster, and no Kafka client for Python works without an event loop or threads.
    """
    client = b"dibao"
    request = struct.pack(">hhih", 3, 4, 1, len(client)) + client + struct.pack(">i?", 0, False)
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answer:
                (size,) = struct.unpack(">i", answer.read(4))
                return _cluster_id(answer.read(size))
    except (OSError, struct.error, IndexError):
        return None


def _cluster_id(answer: bytes) -> str | None:
    _correlation, _throttle, brokers = struct.unpack_from(">iii", answer)
    if brokers < 1:
        return None
    at = 12
    for _ in range(brokers):
        at += 4
        at += 2 + int(struct.unpack_from(">h", answer, at)[0])
        at += 4
        at += 2 + max(0, int(struct.unpack_from(">h", answer, at)[0]))
    (length,) = struct.unpack_from(">h", answer, at)
    return answer[at + 2 : at + 2 + length].decode() if length > 0 else None


def log_path(home: Path) -> Path:
    """Kafka's log: beside its data, since it writes and renames it itself, as whoever it runs as."""
    return home / "server.log"


def properties_path(home: Path) -> Path:
    """The file that every Kafka on this data is started with."""
    return home / _PROPERTIES


def _copies(nodes: int) -> dict[str, str]:
    """How many copies there are of what does not say so itself, and how many make a record acknowledged."""
    copies = min(nodes, 3)
    enough = "2" if copies > 2 else "1"
    return {
        "offsets.topic.replication.factor": str(copies),
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": enough,
        "share.coordinator.state.topic.replication.factor": str(copies),
        "share.coordinator.state.topic.min.isr": enough,
        "default.replication.factor": str(copies),
        "min.insync.replicas": enough,
    }


def _write_properties(
    home: Path, port: int, controller_port: int, node: Node, more: Mapping[str, str] | None = None
) -> Path:
    controllers: Sequence[str] = node.controllers or (f"{node.host}:{controller_port}",)
    voters = ",".join(f"{number}@{at}" for number, at in enumerate(controllers, 1))
    settings = {
        **_LISTENERS,
        **SETTINGS,
        **_copies(len(controllers)),
        "node.id": str(node.number),
        "controller.quorum.voters": voters,
        "listeners": f"BROKER://{node.host}:{port},CONTROLLER://{node.host}:{controller_port}",
        "advertised.listeners": f"BROKER://{node.host}:{port}",
        # From the folder that Kafka runs in: the file is read as ISO 8859-1, and commas divide.
        "log.dirs": "log",
        **(more or {}),
    }
    path = properties_path(home)
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    path.write_text("# Written at every start.\n" + "".join(lines), encoding="ascii")
    shutil.copyfile(_LOGGING, home / _LOGGING.name)
    return path


def _java(home: Path, java: str, libs: Path, heap: str, log: str) -> list[str]:
    """Java with its options. Run in `home`: log4j takes blanks, # and % of a path for something else."""
    options = [f"-Xmx{heap}", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:+ExitOnOutOfMemoryError"]
    # It begins small, and what a burst has made it grow to is given back when it is over: where nothing was
    # collected for 10 s. (With all that a burst leaves, an idle Kafka collects every 20 s.)
    options += ["-Xms64m", "-XX:G1PeriodicGCInterval=10000"]
    options += ["-XX:MaxHeapFreeRatio=30", "-XX:MinHeapFreeRatio=10"]
    options += ["-Djava.awt.headless=true", "-Dfile.encoding=UTF-8"]
    options += [f"-Dlog4j2.configurationFile={_LOGGING.name}", f"-Ddibao.log={log}"]
    return [java, *options, "-cp", f"{os.path.relpath(libs, home)}/*"]

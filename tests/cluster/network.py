"""Three Kafka processes, each in a network namespace of its own, so that one can be cut off from all others.

Needs root, and Linux. Cut off is not ended: nobody is told that a connection is over, and the process lives.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.local import jars, kafka, prerequisites, processes
from deploy.local.processes import ProcessRecord
from deploy.local.settings import LOCAL

_PORT, _CONTROLLER = 9092, 9093
NODES = (1, 2, 3)


def is_possible() -> bool:
    """Whether namespaces can be made here."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"dibao-try-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode != 0:
        return False
    _ip("netns", "del", name)
    return True


class Network:
    """A bridge, and behind it a namespace a node: 10.x.y.11 and so on, x and y of this process."""

    def __init__(self, root: Path) -> None:
        pid = os.getpid()
        self._net = f"10.{200 + pid % 50}.{pid // 50 % 250}"
        self._short = f"{pid % 100_000}"
        self._root = root
        self._java, self._libs = prerequisites.java(), jars.ensure(LOCAL, print)
        self.running: dict[int, ProcessRecord] = {}

    @property
    def addresses(self) -> str:
        """Kafka's bootstrap servers."""
        return ",".join(f"{self._host(node)}:{_PORT}" for node in NODES)

    def build(self) -> None:
        """Make the bridge and the namespaces."""
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self._net}.1/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")
        for node in NODES:
            space, line = self._space(node), self._line(node)
            _ip("netns", "add", space)
            _ip("link", "add", line, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("link", "set", line, "master", self._bridge)
            _ip("link", "set", line, "up")
            _ip("-n", space, "addr", "add", f"{self._host(node)}/24", "dev", "eth0")
            _ip("-n", space, "link", "set", "eth0", "up")
            _ip("-n", space, "link", "set", "lo", "up")

    def start(self) -> None:
        """Make and start the nodes, and wait for all of them."""
        cluster = kafka.new_cluster()
        for node in NODES:
            self._kafka(node).mkdir(parents=True)
            kafka.initialise(
                self._kafka(node), self._java, self._libs, None, cluster=cluster, node=self._node(node)
            )
            program = self._root / f"java-{node}"
            program.write_text(f'#!/bin/sh\nexec ip netns exec {self._space(node)} {self._java} "$@"\n')
            program.chmod(0o755)
            self.running[node] = kafka.start(
                self._kafka(node),
                str(program),
                self._libs,
                None,
                "512m",
                (_PORT, _CONTROLLER),
                node=self._node(node),
            )
        for node in NODES:
            kafka.wait_until_ready(self.running[node], _PORT, print, host=self._host(node))

    def cut(self, node: int) -> None:
        """Cut a node off: what is sent to it or by it goes nowhere, and nobody is told."""
        _ip("link", "set", self._line(node), "down")

    def mend(self, node: int) -> None:
        """Let it speak with the others again."""
        _ip("link", "set", self._line(node), "up")

    def destroy(self) -> None:
        """End the nodes, and take the network away."""
        for record in self.running.values():
            processes.kill(record)
        for node in NODES:
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "del", self._space(node))
        with suppress(subprocess.CalledProcessError):
            _ip("link", "del", self._bridge)

    @property
    def _bridge(self) -> str:
        return f"dibao{self._short}"

    def _space(self, node: int) -> str:
        return f"dibao-{self._short}-{node}"

    def _line(self, node: int) -> str:
        return f"dibao{self._short}v{node}"

    def _host(self, node: int) -> str:
        return f"{self._net}.{10 + node}"

    def _node(self, node: int) -> kafka.Node:
        controllers = tuple(f"{self._host(each)}:{_CONTROLLER}" for each in NODES)
        return kafka.Node(node, controllers, self._host(node))

    def _kafka(self, node: int) -> Path:
        return self._root / f"broker-{node}" / "kafka"


@contextmanager
def networked_kafka(root: Path) -> Iterator[Network]:
    """Give three nodes; all is gone afterwards."""
    network = Network(root)
    try:
        network.build()
        network.start()
        yield network
    finally:
        network.destroy()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)

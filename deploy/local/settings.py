"""What a stack is started with: where it lives, which servers it uses, which ports are fixed."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.errors import StackError

CHECKOUT = Path(__file__).resolve().parents[2]
LOCAL = CHECKOUT / ".local"

_PORT = re.compile(r"DIBAO_([A-Z][A-Z0-9_]*)_PORT")


@dataclass(frozen=True)
class StackSettings:
    """One stack. Two stacks never share a root; the jars of Kafka may be shared by any number.

    root: folder of data, logs and state (`.local` of the checkout).
    kafka: bootstrap servers of an existing Kafka; then no Kafka is started here.
    database_url: an existing PostgreSQL database; then no PostgreSQL is started here.
    ports: fixed ports by name (`kafka`, `kafka_controller`, `postgres`, a service); others are free ones.
    fsync: False only for throw-away stacks: data then survives a killed process, not a power cut.
    brokers: how many Kafka processes there are, 0: as many as there are data of, or one.
    replica: whether a second PostgreSQL follows the first; one that is there is started in any case.
    kafka_heap, shared_buffers: memory in the servers' own notation.
    kafka_properties: properties of our own Kafka beside those that it has anyway.
    postgres_environment: variables that our own PostgreSQL is given beside those that it has anyway.
    jars: folder that holds, or will hold, `kafka-<version>/libs`.
    """

    root: Path = LOCAL
    kafka: str | None = None
    database_url: str | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    fsync: bool = True
    brokers: int = 0
    replica: bool = False
    kafka_heap: str = "1g"
    shared_buffers: str = "512MB"
    kafka_properties: Mapping[str, str] = field(default_factory=dict)
    postgres_environment: Mapping[str, str] = field(default_factory=dict)
    jars: Path = LOCAL

    def __post_init__(self) -> None:
        # Servers are recognised by these paths, whatever the working folder of a command.
        object.__setattr__(self, "root", self.root.resolve())
        object.__setattr__(self, "jars", self.jars.resolve())

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "StackSettings":
        """The stack of this checkout, as `DIBAO_KAFKA`, `DIBAO_DATABASE_URL` and `DIBAO_<NAME>_PORT` say.

        Raises StackError when a port is no number from 1 to 65535.
        """
        return cls(
            kafka=environment.get("DIBAO_KAFKA") or None,
            database_url=environment.get("DIBAO_DATABASE_URL") or None,
            ports=_fixed_ports(environment),
        )


def _fixed_ports(environment: Mapping[str, str]) -> dict[str, int]:
    ports: dict[str, int] = {}
    for variable, value in environment.items():
        name = port_named(variable)
        if name is None or not value:
            continue
        if not value.isdigit() or not 1 <= int(value) <= 65535:
            raise StackError(f"{variable} must be a port number from 1 to 65535, but it is {value!r}.")
        ports[name] = int(value)
    return ports


def port_named(variable: str) -> str | None:
    """The name of the port that a variable fixes, if it is one that does."""
    match = _PORT.fullmatch(variable)
    return None if match is None else match[1].lower()

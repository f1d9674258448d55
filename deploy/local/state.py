"""The state file of a stack: which processes, ports and addresses it has. Holds the database password."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.processes import ProcessRecord


@dataclass(frozen=True)
class StackState:
    """What is kept of a stack between commands. Ports stay known after `down`, so that they stay the same.

    replication: how many copies topics have in a Kafka of our own; of another one the settings say it.
    """

    kafka: str = ""
    database_url: str = field(default="", repr=False)
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, ProcessRecord] = field(default_factory=dict)
    replication: int = 1


def load(path: Path) -> StackState | None:
    """The state kept at that path, None when there is none.

    Raises StackError when the file cannot be understood.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return _decode(json.loads(text))
    except (ValueError, TypeError, KeyError) as problem:
        raise StackError(
            f"The state file {path} is damaged: delete it, and run `dibao down` to stop what still runs."
        ) from problem


def save(path: Path, state: StackState) -> None:
    """Replaces the state file, in one step and readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(state), file, indent=1)
        file.write("\n")
    partial.replace(path)


def _decode(data: Mapping[str, object]) -> StackState:
    ports, records = data["ports"], data["processes"]
    if not isinstance(ports, dict) or not isinstance(records, dict):
        raise TypeError("ports and processes must be objects")
    return StackState(
        kafka=str(data["kafka"]),
        database_url=str(data["database_url"]),
        replication=int(str(data.get("replication", 1))),
        ports={str(name): int(port) for name, port in ports.items()},
        processes={
            str(name): ProcessRecord(
                **{**record, "command": tuple(record["command"]), "code": tuple(record.get("code", ()))}
            )
            for name, record in records.items()
        },
    )

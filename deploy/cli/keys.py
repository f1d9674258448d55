"""What becomes of the keys of this checkout when the data that they open are deleted."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from deploy.cli.deployment import LOG_KEY, MASTER_KEY
from deploy.local import StackSettings
from deploy.local.state import StackState

KEYS = MASTER_KEY.parent
OLD = KEYS / "old"


def needed_by(
    settings: StackSettings, kept: StackState | None, environment: Mapping[str, str] = os.environ
) -> list[str]:
    """Name what else is opened by the keys, so that they must stay when the data of this checkout go.

    ``kept`` is the state of the stack before it was stopped: it may run on servers that no setting names.
    """
    found: list[str] = []
    running = kept is not None and bool(kept.kafka)
    if settings.kafka is not None or (running and kept is not None and "kafka" not in kept.processes):
        found.append("a Kafka that is not of this checkout")
    if settings.database_url is not None or (
        running and kept is not None and "postgres" not in kept.processes
    ):
        found.append("a PostgreSQL that is not of this checkout")
    for name, ours in (("DIBAO_MASTER_KEY_FILE", MASTER_KEY), ("DIBAO_LOG_KEY_FILE", LOG_KEY)):
        named = environment.get(name)
        if named and Path(named).resolve() != ours.resolve():
            found.append(f"{name} names another key, {named}")
    return found


def put_aside(keys: Path = KEYS, now: datetime | None = None) -> Path | None:
    """Move the keys into a dated folder of old ones, which only their owner may read; None without any."""
    files = [path for path in keys.iterdir() if path.is_file()] if keys.exists() else []
    if not files:
        return None
    old = keys / OLD.name / f"{now or datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}"
    old.parent.mkdir(mode=0o700, exist_ok=True)
    old.mkdir(mode=0o700)
    for path in files:
        path.chmod(0o600)
        path.rename(old / path.name)
    return old

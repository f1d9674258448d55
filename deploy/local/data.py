"""Where the data of both servers are, and whether they belong together."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.local import accounts
from deploy.local.errors import StackError
from deploy.local.processes import Account

_ID = "stack.id"


@dataclass(frozen=True)
class StackData:
    """The folders of Kafka's and PostgreSQL's data; each keeps the id of the stack that it was made for."""

    kafka: Path
    postgres: Path

    def is_new(self) -> bool:
        """True when neither has data yet."""
        return not filled(self.kafka) and not filled(self.postgres)

    def stack_id(self) -> str | None:
        """The id of the stack that the data which are there were made for; None without any."""
        return _id(self.kafka) or _id(self.postgres)

    def check(self, with_kafka: bool, with_postgres: bool) -> None:
        """Raises StackError when data of one server are missing, damaged or of another stack.

        with_kafka, with_postgres: whether the stack uses its own server of that kind.
        """
        used = [("Kafka", self.kafka, "log/meta.properties")] if with_kafka else []
        used += [("PostgreSQL", self.postgres, "cluster/PG_VERSION")] if with_postgres else []
        there = [server for server in used if filled(server[1])]
        for name, home, essential in there:
            if _id(home) is None or not (home / essential).exists():
                raise StackError(f"The data of {name} in {home} are damaged: {_WAY_OUT}")
        if len(there) == 1 and len(used) == 2:
            missing = next(server for server in used if server not in there)
            raise StackError(
                f"{there[0][0]}'s data are there ({there[0][1]}) but {missing[0]}'s are gone "
                f"({missing[1]}): {_PUT_BACK[missing[0]]} (docs/operations/recovery.md). Where they are "
                f"given up, {_WAY_OUT}"
            )
        if len({_id(home) for _, home, _ in there}) > 1:
            raise StackError(
                f"The data of Kafka ({self.kafka}) and PostgreSQL ({self.postgres}) are not of the same "
                f"stack: put back the folder that belongs there, or {_WAY_OUT}"
            )

    def purge(self) -> None:
        """Deletes both."""
        for home in (self.kafka, self.postgres):
            shutil.rmtree(home, ignore_errors=True)
            shutil.rmtree(staging(home), ignore_errors=True)
            if home.exists():
                raise StackError(f"{home} could not be deleted: delete it by hand, as the user that owns it.")


_PUT_BACK = {
    "Kafka": "`dibao journal restore` writes the log anew from the journal",
    "PostgreSQL": "`dibao restore BACKUP` puts them back, and makes anew what the log has",
}
_WAY_OUT = "`dibao down --purge` deletes both, so that the next start begins afresh."


def locate(root: Path, postgres_user: Account | None, kafka_user: Account | None) -> StackData:
    """The data folders of a stack: below its root, but below /var/lib where they must be.

    They must be there when a server runs as another user who cannot reach the root.
    """
    homes = []
    for name, user in (("kafka", kafka_user), ("postgres", postgres_user)):
        home = root / "data" / name
        if user is not None and not home.exists():
            elsewhere = accounts.fallback(root) / name
            if elsewhere.exists() or not accounts.can_enter(user, root):
                home = elsewhere
        homes.append(home)
    return StackData(*homes)


def staging(home: Path) -> Path:
    """Where data are made before they get their name, so that half-made data are never taken for data."""
    return home.with_name(home.name + ".new")


def adopt(home: Path, stack_id: str) -> None:
    """Turns the finished data in `staging(home)` into the data of that stack."""
    (staging(home) / _ID).write_text(stack_id + "\n", encoding="ascii")
    (staging(home) / _ID).chmod(0o600)
    if home.exists():
        home.rmdir()
    staging(home).rename(home)


def filled(home: Path) -> bool:
    """Whether a server has data in its folder."""
    return home.exists() and any(home.iterdir())


def _id(home: Path) -> str | None:
    try:
        return (home / _ID).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None

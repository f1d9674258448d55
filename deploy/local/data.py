"""Where the data of all servers are, and whether they belong together."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.local import accounts, kafka, postgres
from deploy.local.errors import StackError
from deploy.local.processes import Account

_ID = "stack.id"
_MOST_BROKERS = 9


@dataclass(frozen=True)
class StackData:
    """The folders of Kafka's and PostgreSQL's data; each keeps the id of the stack that it was made for.

    kafka, postgres: of the first of each; further ones stand beside it. brokers: how many there are of Kafka.
    """

    kafka: Path
    postgres: Path
    brokers: int = 1

    def home(self, name: str) -> Path:
        """The folder of the server of that name."""
        first = {kafka.NAME: self.kafka, postgres.NAME: self.postgres}
        return first.get(name) or first[name.partition("-")[0]].with_name(name)

    def written(self) -> str:
        """Which PostgreSQL is written to."""
        able = self._able()
        leading = [name for name in able if not postgres.follows(self.home(name))]
        # None leads where a replica's promotion broke off: the one that is left.
        return [*leading, *able, postgres.NAME][0]

    def replica(self) -> str | None:
        """Which PostgreSQL follows the other one, if there are data of one."""
        written = self.written()
        return next((name for name in self._able() if name != written), None)

    def _able(self) -> list[str]:
        homes = {name: self.home(name) for name in postgres.NAMES}
        return [name for name, home in homes.items() if filled(home) and not postgres.is_retired(home)]

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
        brokers = [self.home(kafka.name_of(number)) for number in range(1, self.brokers + 1)]
        used = [("Kafka", home, "log/meta.properties") for home in brokers] if with_kafka else []
        used += [("PostgreSQL", self.postgres, "cluster/PG_VERSION")] if with_postgres else []
        there = [server for server in used if filled(server[1])]
        for name, home, essential in there:
            if _id(home) is None or not (home / essential).exists():
                raise StackError(f"The data of {name} in {home} are damaged: {_WAY_OUT}")
        if there and len(there) < len(used):
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
        for home in (*self._all(self.kafka), *self._all(self.postgres)):
            shutil.rmtree(home, ignore_errors=True)
            if home.exists():
                raise StackError(f"{home} could not be deleted: delete it by hand, as the user that owns it.")

    def _all(self, first: Path) -> list[Path]:
        return sorted(first.parent.glob(f"{first.name}*"))


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
    others = (
        number for number in range(2, _MOST_BROKERS + 1) if filled(homes[0].with_name(kafka.name_of(number)))
    )
    return StackData(homes[0], homes[1], brokers=max((1, *others)))


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


def stack_id(home: Path) -> str:
    """The id of the stack that data were made for."""
    return _id(home) or ""


def filled(home: Path) -> bool:
    """Whether a server has data in its folder."""
    return home.exists() and any(home.iterdir())


def _id(home: Path) -> str | None:
    try:
        return (home / _ID).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None

"""A prepared replay: the fact rows that count, copied out of PostgreSQL once into a file.

Any number of processes evaluate from it, under any drafts of policy, and PostgreSQL is not asked again: a
range of subjects is read as it stands in the file, neighbours are looked up. What is in the file is in no
process's memory, so a replay of millions of facts takes no more of it than a small one.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from services.detection.facts.fact import kind_of
from services.detection.reading import Joined
from services.detection.subjects import DECLARED
from services.detection.subjects.subject import Bounded
from services.detection.tables import NEIGHBOURLY
from services.platform.database import Connection

_BOUNDED = [(kind, one.bounded) for kind, one in DECLARED.items() if one.bounded is not None]

# Of a subject whose facts may be too many to be read, those that never are.
_NEVER_READ = " or ".join(
    f"(starts_with(subject, '{kind}:') and month <> '' and kind <> '{kind_of(bounded.kind)}')"
    for kind, bounded in _BOUNDED
)

_TOO_MANY = " ".join(
    f"when kind = '{kind_of(bounded.kind)}' and count(*) > {bounded.limit} then ''" for _, bounded in _BOUNDED
)

_COPY = f"""
select subject, month, kind, count(*), case {_TOO_MANY} else string_agg(body, ',') end as body
from fact
where live and kind <> 'link' and (cardinality($1::text[]) = 0 or split_part(subject, ':', 1) = any($1))
    and ({NEIGHBOURLY} or not ({_NEVER_READ}))
group by subject, month, kind order by subject, month, kind
"""

_TABLE = """
create table row (
    subject text not null, month text not null, kind text not null, count integer not null,
    body text not null, primary key (subject, month, kind)
) without rowid
"""

_RANGE = "select subject, month, kind, count, body from row where subject >= ? and subject < ?"
_ONE = "select month, kind, count, body from row where subject = ?"
_NEIGHBOURS = """
select subject, body from row
where subject in (select value from json_each(?)) and kind in (select value from json_each(?))
"""

_BATCH = 5000
"""Rows that are in memory while they are copied, at most."""

_BATCH_CHARACTERS = 4 * 2**20
"""About so many characters of them are: the next rows are as long as the last ones."""

_RANGE_FACTS = 20_000
"""Facts of a range of subjects, more only where one subject has more."""

_CACHE_KIB = 16 * 1024
"""What SQLite keeps of the file in the memory of each process."""

_Row = tuple[str, str, int, str]
"""Month, kind of fact, how many, and their texts, joined with commas."""


async def prepare(
    connection: Connection,
    file: Path,
    kinds: Collection[str] = (),
    tell: Callable[[int], None] = lambda rows: None,
) -> None:
    """Copy what counts in the generation that the connection's search path names; in a transaction of it.

    ``kinds``: those of the subjects that are kept; all, where none are named. ``tell``: told the rows so far.
    """
    with closing(sqlite3.connect(file)) as written:
        written.executescript(f"pragma journal_mode = off; pragma synchronous = off; {_TABLE}")
        cursor = await connection.cursor(_COPY, sorted(kinds))
        done, size = 0, 1
        while rows := await cursor.fetch(size):
            written.executemany("insert into row values (?, ?, ?, ?, ?)", rows)
            done += sum(row["count"] for row in rows)
            tell(done)
            characters = sum(len(row["body"]) for row in rows)
            size = min(2 * size, _BATCH, 1 + _BATCH_CHARACTERS * len(rows) // max(1, characters))
        written.commit()


class Prepared:
    """The rows of a prepared replay, as a source of views; a range of subjects at a time is in memory.

    ``count``: counts a month's facts in PostgreSQL, where they are too many to be read.
    """

    def __init__(self, file: Path, count: Callable[[Bounded, str, str], Any] | None = None) -> None:
        self._file = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        self._file.execute(f"pragma cache_size = -{_CACHE_KIB}")
        self._count = count
        self._at_hand: dict[str, list[_Row]] = {}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def ranges(self, kinds: Collection[str], size: int) -> Iterator[tuple[str, str, int]]:
        """Yield ranges of at most ``size`` subjects of these kinds: first name, end, how many.

        Of subjects with many facts there are fewer in a range, so that its facts are not too many.
        """
        for kind in sorted(kinds):
            first, end = f"{kind}:", f"{kind};"
            names = self._file.execute(
                "select subject, sum(case body when '' then 0 else count end) from row"
                " where subject >= ? and subject < ? group by subject",
                (first, end),
            )
            count = facts = 0
            for name, of_name in names:
                if count == size or (count and facts + of_name > _RANGE_FACTS):
                    yield first, name, count
                    first, count, facts = name, 0, 0
                count += 1
                facts += of_name
            if count:
                yield first, end, count

    def count_of(self, kinds: Collection[str]) -> int:
        """Return how many subjects of these kinds there are."""
        return sum(count for _, _, count in self.ranges(kinds, 2**31))

    def take(self, first: str, end: str) -> list[str]:
        """Read a range of subjects, in place of the one before; return their names, in order."""
        found: dict[str, list[_Row]] = defaultdict(list)
        for subject, *row in self._file.execute(_RANGE, (first, end)):
            found[subject].append(tuple(row))
        self._at_hand = dict(found)
        return list(found)

    def has(self, subject: str) -> bool:
        """Whether a subject has facts that count."""
        return bool(self._of(subject))

    def _of(self, subject: str) -> Sequence[_Row]:
        found = self._at_hand.get(subject)
        return self._file.execute(_ONE, (subject,)).fetchall() if found is None else found

    async def of_months(self, subjects: Sequence[str], months: Sequence[str]) -> list[Joined]:
        """Return the facts of each month of a subject."""
        return [
            (subject, month, joined)
            for subject, month in zip(subjects, months, strict=True)
            if (joined := ",".join([body for at, _, _, body in self._of(subject) if at == month]))
        ]

    async def since(self, subjects: Sequence[str], months: Sequence[str]) -> list[Joined]:
        """Return the facts of each month of a subject and of those after it, together."""
        return [
            (subject, month, joined)
            for subject, month in zip(subjects, months, strict=True)
            if (joined := ",".join([body for at, _, _, body in self._of(subject) if at >= month]))
        ]

    async def neighbours(self, subjects: Sequence[str], kinds: Collection[str]) -> Mapping[str, str]:
        """Return by subject the facts of kinds that are read as a neighbour's."""
        found: dict[str, str] = {}
        asked = orjson.dumps(list(subjects)), orjson.dumps(list(kinds))
        for subject, body in self._file.execute(_NEIGHBOURS, asked):
            found[subject] = f"{found[subject]},{body}" if subject in found else body
        return found

    async def months(
        self, subjects: Sequence[str], months: Sequence[str], kind: str
    ) -> list[tuple[str, str]]:
        """Return each month on from one that has facts of a kind."""
        return [
            (subject, at)
            for subject, month in zip(subjects, months, strict=True)
            for at, of, _, _ in self._of(subject)
            if of == kind and at >= month
        ]

    async def between(
        self, subjects: Sequence[str], months: Sequence[str], kind: str, least: int, limit: int
    ) -> list[tuple[str, str, str | None]]:
        """Return the facts of a kind of each month that has so many; None for them where too many.

        More than the declared limit are not in the file, whatever the limit is here.
        """
        return [
            (subject, month, body if body and count <= limit else None)
            for subject, month in zip(subjects, months, strict=True)
            for at, of, count, body in self._of(subject)
            if of == kind and at == month and count >= least
        ]

    async def counted(self, bounded: Bounded, subject: str, month: str) -> Any:
        """Return the row in which PostgreSQL has counted a month's facts, or None."""
        assert self._count is not None, "this replay was opened without PostgreSQL"
        return await self._count(bounded, subject, month)

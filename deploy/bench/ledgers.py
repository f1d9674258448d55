"""Reading at scale: how long every question takes of so many facts, as of now and of closed days.

The four years of a street of some 100,000 facts are simulated, found fault with and projected as always; its
rows are then repeated in PostgreSQL under other numbers, persons and streets, each fact beside its likes in
the order of recording. Three days are closed. With a folder to keep it in, the next run reads what the first
filled.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
from sqlalchemy import Table, Text

from deploy.bench import detection, intake, projector
from deploy.bench.facts import street
from deploy.bench.ground import Ground
from deploy.bench.measure import Measure
from deploy.local import StackSettings, down, up
from projections.annex2.items import KEPT_OF
from projections.fact import STRETCH
from projections.ledgers import LEDGERS
from projections.schema import PIPELINE, POSITIONS, answers, schema_name, tables
from services.platform.database import open_pool
from services.reporting import queries
from services.reporting.filters import cursor_of
from services.reporting.queries import AnomalyFilter, LedgerFilter
from services.reporting.reach import kept_to

FACTS = 1_000_000
"""So many by default."""

STREET = 900
"""Households of the street that is simulated; some 100 facts each."""

CLOSED = {date(2021, 3, 31): 0.5, date(2021, 10, 31): 0.9, date(2021, 12, 30): 0.99}
"""Closed days, and which part of the log was recorded by then."""

UNTIL = date(2021, 12, 31)

_DATABASE = "bench_ledgers"
_SAMPLES = 8
"""How often a question is asked at least, of other households, villages or months where there are any."""
_SECONDS = 8.0
"""After so long a question is not asked again."""
_PAGE = 100
_DEEP = 5000
"""Rows before a deep page of a ledger that is sorted by numbers."""

Say = Callable[[str], None]
Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is asked after: examples that are there, drawn from all of them."""

    households: Sequence[str]
    villages: Sequence[str]
    anomalies: Sequence[Any]
    rules: Sequence[str]


async def measured(ground: Ground, count: int, say: Say, add: Callable[[Measure], None]) -> None:
    """Fill a projection with about ``count`` facts, where none is kept, and measure every question."""
    url = urlunsplit(urlsplit(ground.stack.database_url)._replace(path=f"/{_DATABASE}"))
    if not await _is_kept(ground, url, count):
        await _fill(ground, url, count, say)
    pool = await open_pool(url, size=1, planner={"max_parallel_workers_per_gather": "0"})
    try:
        async with pool.acquire() as connection:
            await connection.execute(f"SET search_path TO {schema_name(1)}")
            facts = await connection.fetchval("SELECT count(*) FROM fact")
            known = await _known(connection)
            places = {as_of: await _places(connection, as_of) for as_of in (None, *CLOSED)}
            await connection.execute("RESET search_path; RESET enable_hashjoin; RESET enable_mergejoin")
        for as_of, cursors in places.items():
            for what, asked in _questions(pool, known, as_of, cursors):
                add(await _measure(what, facts, asked))
    finally:
        await pool.close()


@asynccontextmanager
async def kept_ground(folder: Path, say: Say) -> AsyncIterator[Ground]:
    """Start the stack whose data are in a folder, or a new one there; stop it afterwards, and keep them."""
    settings = StackSettings(root=folder, fsync=True)
    try:
        yield Ground(await asyncio.to_thread(up, settings, say))
    finally:
        down(settings)


async def _is_kept(ground: Ground, url: str, count: int) -> bool:
    connection = await asyncpg.connect(ground.stack.database_url)
    try:
        found = await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", _DATABASE)
    finally:
        await connection.close()
    if not found:
        return False
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('bench.filled')") is None:
            return False
        kept = await connection.fetchrow("SELECT * FROM bench.filled")
        return kept is not None and (kept["facts"], kept["answers"]) == (count, answers())
    finally:
        await connection.close()


async def _fill(ground: Ground, url: str, count: int, say: Say) -> None:
    """Simulate, let detection and the projector read it, and repeat what they have made."""
    say(f"Simulating a street of {STREET} households, and letting detection and the projector read its facts")
    facts = await asyncio.to_thread(street, STREET)
    site = await ground.site(f"ledgers-{time.time_ns()}")
    await intake.over_http(ground, site, facts)
    await detection.live(ground, site, facts)
    await projector.live(ground, site)
    source = urlsplit(site.settings.database_url).path.removeprefix("/")
    administrator = await asyncpg.connect(ground.stack.database_url)
    try:
        await administrator.execute(f'DROP DATABASE IF EXISTS "{_DATABASE}" WITH (FORCE)')
        await administrator.execute(f'CREATE DATABASE "{_DATABASE}" TEMPLATE "{source}"')
    finally:
        await administrator.close()
    connection = await asyncpg.connect(url, command_timeout=6 * 3600)
    try:
        await connection.execute(f"SET search_path TO {schema_name(1)}; SET synchronous_commit TO off")
        times = max(1, round(count / len(facts)))
        say(f"Repeating them {times} times")
        await _repeat(connection, times)
        await _close_days(connection)
        await connection.execute("VACUUM (FREEZE, ANALYZE)")
        await connection.execute(
            "CREATE SCHEMA bench; CREATE TABLE bench.filled (facts bigint, answers text)"
        )
        await connection.execute("INSERT INTO bench.filled VALUES ($1, $2)", count, answers())
    finally:
        await connection.close()


_NAMES = {
    *("person_id", "person", "number", "account_id", "beneficiary", "custodian", "petitioner", "applicant"),
    *("official", "relative", "carer", "caller", "serial", "correlation_id", "subject"),
}
"""Columns that name something of which every repetition has its own; so has what ends with ``_no``."""
_IDS = ("event_id", "target", "anomaly_id")
_SAME = ("month", "programme")


async def _repeat(connection: asyncpg.Connection, times: int) -> None:
    """Put ``times`` rows in the place of each, side by side, and make anew what is kept of households."""
    for table in tables():
        if table.name.startswith("kept_"):
            await connection.execute(f'TRUNCATE "{table.name}"')
            continue
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        values = ", ".join(_repeated(table, column.name, times) for column in table.columns)
        keys = await connection.fetch(_KEYS, table.name)
        indexes = await connection.fetch(_INDEXES, table.name)
        statements = [
            f'CREATE TEMPORARY TABLE once AS SELECT * FROM "{table.name}"',
            f'TRUNCATE "{table.name}"',
            *(f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{key["name"]}"' for key in keys),
            *(f'DROP INDEX "{index["name"]}"' for index in indexes),
            f'INSERT INTO "{table.name}" ({columns}) SELECT {values}'
            f" FROM (SELECT *, generate_series(0, {times - 1}) AS k FROM once) AS o",
            "DROP TABLE once",
            *(f'ALTER TABLE "{table.name}" ADD CONSTRAINT "{key["name"]}" {key["text"]}' for key in keys),
            *(index["text"] for index in indexes),
        ]
        await connection.execute(";".join(statements))
    await connection.execute(
        "INSERT INTO kept_latest SELECT context, topic, partition,"
        f' "offset" / {STRETCH}, max(business_date) FROM fact GROUP BY 1, 2, 3, 4'
    )
    await connection.execute("ANALYZE")
    households = await connection.fetch("SELECT DISTINCT household_no FROM enrolment")
    await connection.execute("SET enable_seqscan TO off")
    for start in range(0, len(households), _KEPT):
        await connection.execute("SELECT keep($1)", [row[0] for row in households[start : start + _KEPT]])
    for table in KEPT_OF:
        events = await connection.fetch(f'SELECT event_id FROM "{table.name}"')
        for start in range(0, len(events), _KEPT):
            await connection.execute(
                "SELECT keep_items($1)", [row[0] for row in events[start : start + _KEPT]]
            )
    await connection.execute("RESET enable_seqscan")


_KEPT = 500
_KEYS = """
SELECT conname AS name, pg_get_constraintdef(oid) AS text FROM pg_constraint
WHERE conrelid = $1::text::regclass AND contype = 'p'
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS text FROM pg_index i
WHERE i.indrelid = $1::text::regclass AND NOT i.indisprimary
"""


def _repeated(table: Table, name: str, times: int) -> str:
    quoted = f'"{name}"'
    if name in _IDS:
        return f"md5({quoted}::text || k)::uuid"
    if name == "evidence":
        each = f"unnest({quoted}) WITH ORDINALITY AS u (x, n)"
        return f"ARRAY(SELECT md5(x::text || k)::uuid FROM {each} ORDER BY n)"
    if name == "key":
        same = ", ".join(f"'{each}'" for each in _SAME)
        own = f"CASE WHEN n IN ({same}) THEN v ELSE to_jsonb((v #>> '{{}}') || '-' || k) END"
        return f"(SELECT jsonb_object_agg(n, {own}) FROM jsonb_each({quoted}) AS e (n, v))"
    if name == "village":
        street = f"lpad(((substr({quoted}, 7, 3)::int + k) % 1000)::text, 3, '0')"
        return f"left({quoted}, 6) || {street} || right({quoted}, 3)"
    if name == "offset":
        return f"{quoted} * {times} + k"
    if isinstance(table.c[name].type, Text) and (name in _NAMES or name.endswith("_no")):
        return f"{quoted} || '-' || k"
    return quoted


async def _close_days(connection: asyncpg.Connection) -> None:
    for day, part in CLOSED.items():
        await connection.execute(
            "INSERT INTO cut (event_id, digest, day, topic, partition, next_offset)"
            " SELECT md5($1)::uuid, md5($1), $1::text::date, topic, partition,"
            ' ((max("offset") + 1) * $2::float8)::bigint FROM fact GROUP BY topic, partition',
            str(day),
            part,
        )
    await connection.execute(
        'INSERT INTO platform."offset" (pipeline, version, topic, partition, next_offset)'
        f" SELECT '{PIPELINE}', {POSITIONS}, topic, partition, max(\"offset\") + 1 FROM fact"
        " GROUP BY topic, partition"
        " ON CONFLICT (pipeline, version, topic, partition) DO UPDATE SET next_offset = excluded.next_offset"
    )


Cursors = Mapping[str, Mapping[str, str]]
"""Where pages begin: of a ledger, by what they are called."""

_NOTHING: Mapping[str, str] = {"text": "", "uuid": str(UUID(int=0)), "int": "0", "date": "1900-01-01"}


async def _places(connection: asyncpg.Connection, as_of: date | None) -> Cursors:
    """Return where a page in the middle of each ledger, and its last one, begin."""
    await connection.execute("SET enable_hashjoin TO off; SET enable_mergejoin TO off")
    found: dict[str, dict[str, str]] = {}
    for name, declared in LEDGERS.items():
        columns, kinds = zip(*declared.order, strict=True)
        takes_month = declared.month is not None and declared.month.asked is None
        question = f"{name}_ledger(NULL, $1{', NULL' if takes_month else ''})"

        async def sorted_by(which: str, rows: str, columns: Any = columns, question: str = question) -> Any:
            order = ", ".join(f"{column} {which}" for column in columns)
            return await connection.fetchrow(
                f"SELECT {', '.join(columns)} FROM {question} ORDER BY {order} {rows}", as_of
            )

        last = await sorted_by("DESC", f"OFFSET {_PAGE} LIMIT 1")
        if last is None:
            continue
        if kinds[0] == "date":
            first = await sorted_by("ASC", "LIMIT 1")
            middle = [str(first[0] + (last[0] - first[0]) / 2), *(_NOTHING[kind] for kind in kinds[1:])]
        else:
            middle = [str(value) for value in await sorted_by("ASC", f"OFFSET {_DEEP} LIMIT 1") or last]
        found[name] = {
            "a page in the middle": cursor_of([name, *middle]),
            "last page": cursor_of([name, *map(str, last)]),
        }
    return found


async def _known(connection: asyncpg.Connection) -> Known:
    households = await connection.fetch(
        "SELECT household_no FROM enrolment WHERE kind = 'enrolled' AND month < '2019'"
        " ORDER BY event_id LIMIT $1",
        _SAMPLES,
    )
    villages = await connection.fetch(
        "SELECT DISTINCT village FROM enrolment WHERE village IS NOT NULL ORDER BY village DESC LIMIT $1",
        _SAMPLES,
    )
    announced = await connection.fetch(
        "SELECT anomaly_id, rule FROM anomaly_event ORDER BY event_id LIMIT $1", _SAMPLES
    )
    return Known(
        [row[0] for row in households],
        [row[0] for row in villages],
        [row["anomaly_id"] for row in announced],
        [row["rule"] for row in announced],
    )


def _questions(
    pool: asyncpg.Pool, known: Known, as_of: date | None, cursors: Cursors
) -> Iterator[tuple[str, list[Ask]]]:
    """Yield what is measured: its name, and the questions that it is measured by."""
    basis = "now" if as_of is None else f"as of {as_of}"
    for name in LEDGERS:
        for what, filters in _pages(name, known, cursors.get(name, {})):
            asked = [replace(one, as_of=as_of, limit=_PAGE) for one in filters]
            yield f"{name}, {what}, {basis}", [_asked(queries.ledger, pool, name, one) for one in asked]
    yield (
        f"story of a household, {basis}",
        [_asked(queries.story, pool, number, as_of) for number in known.households],
    )
    for what, lists in _anomalies(known):
        yield (
            f"anomalies, {what}, {basis}",
            [_asked(queries.anomalies, pool, replace(one, as_of=as_of, limit=_PAGE)) for one in lists],
        )
    yield (
        f"anomaly explained, {basis}",
        [_asked(queries.explain, pool, one, as_of) for one in known.anomalies],
    )
    for by in (None, "street", "village"):
        yield (
            f"Annex 2, {'whole' if by is None else f'by {by}'}, {basis}",
            [_asked(queries.annex2, pool, UNTIL, as_of, "rural_dibao", by)],
        )
    for name, declared in LEDGERS.items():
        if declared.area is None:
            continue
        first = _asked(queries.ledger, pool, name, LedgerFilter(as_of=as_of, limit=_PAGE))
        for what, digits in _READERS.items():
            yield (
                f"{name}, first page of a reader of {what}, {basis}",
                [_as_reader(known.villages[0][:digits], first)],
            )
    for cell in ("A1", "A2p"):
        yield (
            f"Annex 2, {cell} of a street, {basis}",
            [
                _asked(queries.annex2_cell, pool, cell, UNTIL, as_of, "rural_dibao", village[:9], limit=_PAGE)
                for village in known.villages
            ],
        )


def _pages(name: str, known: Known, cursors: Mapping[str, str]) -> Iterator[tuple[str, list[LedgerFilter]]]:
    offered = LEDGERS[name].filters
    yield "first page", [LedgerFilter()]
    for which, cursor in cursors.items():
        yield which, [LedgerFilter(after=cursor)]
    yield "until a day", [LedgerFilter(until=date(2020, 6, 30))]
    if "household_no" in offered:
        yield "a household", [LedgerFilter(household_no=number) for number in known.households]
    if "village" in offered:
        yield "a village", [LedgerFilter(village=village) for village in known.villages]
        yield "a street", [LedgerFilter(village=village[:9]) for village in known.villages]
        yield "the district", [LedgerFilter(village=known.villages[0][:6])]
    if "month" in offered:
        yield "a month", [LedgerFilter(month=month) for month in _MONTHS]
        if "village" in offered:
            yield (
                "a month of a village",
                [
                    LedgerFilter(month=month, village=village)
                    for month, village in zip(_MONTHS, known.villages, strict=False)
                ],
            )


_MONTHS = ("2018-03", "2019-07", "2020-02", "2020-11", "2021-06", "2021-12")


def _anomalies(known: Known) -> Iterator[tuple[str, list[AnomalyFilter]]]:
    yield "first page", [AnomalyFilter()]
    yield "open and withdrawn", [AnomalyFilter(state=None)]
    yield "a rule", [AnomalyFilter(rule=rule) for rule in known.rules]
    yield "a severity", [AnomalyFilter(severity=severity) for severity in ("high", "medium", "info")]
    yield "a household", [AnomalyFilter(household_no=number) for number in known.households]
    yield "a village", [AnomalyFilter(village=village) for village in known.villages]
    yield "a street", [AnomalyFilter(village=village[:9]) for village in known.villages]


def _asked(ask: Callable[..., Awaitable[object]], *arguments: object, **named: object) -> Ask:
    return lambda: ask(*arguments, **named)


_READERS = {"a village": 12, "a street": 9, "ten streets": 8}
"""What a key may be bound to, by how many digits of the division code."""


def _as_reader(area: str, ask: Ask) -> Ask:
    """Ask with a key that reads an area only."""

    async def asked() -> object:
        with kept_to(area):
            return await ask()

    return asked


async def _measure(what: str, facts: int, asked: Sequence[Ask]) -> Measure:
    began = time.monotonic()
    took: list[float] = []
    for at in range(max(_SAMPLES, len(asked))):
        if took and time.monotonic() - began > _SECONDS:
            break
        start = time.monotonic()
        await asked[at % len(asked)]()
        took.append((time.monotonic() - start) * 1000)
    return Measure("ledgers", what, facts, sum(took) / 1000, latency_ms=_percentiles(took))


def _percentiles(took: Sequence[float]) -> tuple[float, float, float]:
    cuts = quantiles(took, n=100, method="inclusive") if len(took) > 1 else [took[0]] * 99
    return round(cuts[49], 1), round(cuts[94], 1), round(cuts[98], 1)

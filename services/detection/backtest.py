"""Backtest: what other policy, or other rules, would find in what is on record, before they count.

The facts that count are copied out of PostgreSQL once, in one snapshot with the findings that are live, and
every trial is evaluated from that copy. As of a closed day the copy is made of what the log had below the
day's cut; what was found then is not kept, so trials are compared with the rules and the policy of today on
the same facts. What is found stays in the schema ``detection_backtest`` until the next backtest.
"""

import tempfile
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from events.anomalies import AMOUNTS
from events.catalogue import CONTEXTS as ALL_CONTEXTS
from events.catalogue import log_topic
from services.detection import facts, generation, reading
from services.detection.checkout import Checkout, Compared, NotTriedError, Progress, quiet
from services.detection.facts.calendar import DayClosed
from services.detection.generation import NAME, schema_of
from services.detection.marks import Months
from services.detection.prepared import Prepared, prepare
from services.detection.reading import Circumstances
from services.detection.replay import facts_below
from services.detection.rules import ALL, BY_NAME, RuleSet
from services.detection.shard import processes_for
from services.detection.subjects.household import SUBJECT as HOUSEHOLD
from services.detection.tables import finding_columns
from services.detection.trying import Place, Row, Trial, evaluate, kinds_of, workers
from services.platform import locks, offsets
from services.platform.database import Connection, connected
from services.platform.database import prepare as prepare_connection
from services.platform.log import end_offsets
from services.platform.offsets import Place as Partition
from services.platform.rebuilding import one_at_a_time
from services.platform.settings import Settings

SAMPLES = 5
"""Findings that are named of each rule, village, severity and outcome."""

SCHEMA = "detection_backtest"

_POLICY = "policy"
"""The context of values of policy: as of a closed day those of today hold."""

_METADATA = MetaData()

TRIED = Table(
    "tried",
    _METADATA,
    Column("trial", Integer, primary_key=True),
    Column("anomaly_id", UUID, primary_key=True),
    Column("title", Text),
    *finding_columns(),
    comment="What a trial has found; trial 0 is what it is compared with.",
)

VILLAGE = Table(
    "village",
    _METADATA,
    Column("household_no", Text, primary_key=True),
    Column("village", Text),
    comment="Where the households of findings are, by the facts that were evaluated.",
)

_INSERT_ROWS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days, both included; None: without an end.

    Of a finding by month its month counts, which must have a day in the window; of any other the day since
    which it holds, and one of which no fact says a day is before all.
    """

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Findings of a rule, a village and a severity that come out otherwise.

    ``village`` is a division code, empty where there is none. ``outcome``: ``added``, ``removed``,
    ``changed``, or ``same``. ``amount_fen``: what they are about, in 分. ``samples`` are anomaly ids.
    """

    rule: str
    title: str
    village: str
    severity: str
    outcome: str
    count: int
    amount_fen: int
    samples: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How what a trial found differs."""

    name: str
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a backtest did.

    ``as_of``: None where the results are compared with what is live. ``facts`` counted as they are on record,
    ``subjects`` once for each trial.
    """

    generation: int
    as_of: date | None
    facts: int
    subjects: int
    prepare_seconds: float
    evaluate_seconds: float
    results: Sequence[Result]


async def backtest(
    settings: Settings,
    trials: Sequence[Trial] = (),
    *,
    rules: RuleSet = ALL,
    only: Collection[str] | None = None,
    but: Collection[str] = (),
    window: Window | None = None,
    as_of: date | None = None,
    code: Path | None = None,
    processes: int = 0,
    bound: int | None = None,
    reader: str | None = None,
    tell: Progress = quiet,
) -> Tried:
    """Evaluate every subject of what is on record in each trial, and compare; announce nothing.

    ``only``: names of the rules that are compared, of ``code`` too; None: all that run. ``but``: of those
    that are not. ``rules``: which of them run here. ``code``: the folder of another checkout, whose rules are
    one more trial. ``processes``: 0 is as many as are worth while. ``reader``: the role that may read
    what was found. Raises NotTriedError; RebuildRunningError where another backtest is running.
    """
    other = None if code is None else Checkout(code)
    async with (
        connected(settings.database_url) as session,
        one_at_a_time(session, locks.DETECTION_BACKTEST, "A backtest"),
    ):
        number = await generation.live(session)
        if not await generation.filled_by_this_code(session, number):
            raise NotTriedError(
                "What detection keeps was filled by other code than this, so there is nothing to compare "
                "with: `dibao up` rebuilds it."
            )
        await session.execute(f"drop schema if exists {SCHEMA} cascade")
        await generation.create(session, SCHEMA, (TRIED, VILLAGE))
        if await session.fetchval("select true from pg_roles where rolname = $1", reader):
            # An anomaly that was tried is explained to whoever may read those that are live.
            await session.execute(_GRANT.format(reader=reader))
        with tempfile.TemporaryDirectory(prefix="dibao-backtest-") as folder:
            run = _Backtest(settings, session, number, Path(folder) / "facts.sqlite", tell)
            if only is None and other is None:
                only = [rule.name for rule in rules.rules]
            compared = Compared(only, but)
            return await run.done(trials, rules, compared, window, as_of, other, processes, bound)


class _Backtest:
    """One run. ``session`` writes what is found, while another connection holds the snapshot of the facts."""

    def __init__(self, settings: Settings, session: Any, number: int, file: Path, tell: Progress) -> None:
        self._settings = settings
        self._session = session
        self._number = number
        self._file = file
        self._tell = tell
        self._path = f"{SCHEMA}, {schema_of(number)}"
        self._waiting: list[tuple[int, Row]] = []

    async def done(
        self,
        trials: Sequence[Trial],
        rules: RuleSet,
        compared: Compared,
        window: Window | None,
        as_of: date | None,
        other: Checkout | None,
        processes: int,
        bound: int | None,
    ) -> Tried:
        began = monotonic()
        if as_of is not None:
            await self._facts_as_of(as_of)
        evaluated = [Trial(), *trials] if as_of is not None else list(trials)
        names = [trial.name for trial in trials]
        async with self._snapshot() as (holder, snapshot):
            count = await holder.fetchval("select count(*) from event where digests <> '{}'")
            with workers((processes or processes_for(count)) if evaluated else 1) as pool:
                if as_of is None:
                    await holder.execute(_KEEP_LIVE.format(live=schema_of(self._number)))
                ends = {} if other is None else await self._ends(holder, as_of)
                known = await reading.circumstances(holder)
                kinds = {HOUSEHOLD.kind}.union(*(trial.concerned(rules).kinds for trial in evaluated))
                await prepare(
                    holder,
                    self._file,
                    kinds,
                    lambda rows: self._tell("copying the facts that count", rows, 0),
                )
                prepared = monotonic()
                place = Place(
                    file=self._file,
                    url=self._settings.database_url,
                    search_path=self._path,
                    snapshot=snapshot,
                    bound=bound,
                )
                # As of a day the first of them is what the others are compared with.
                first = 0 if as_of is not None else 1
                subjects = await self._evaluate(place, evaluated, first, rules, pool) if evaluated else 0
                ended = monotonic()
                if other is not None:
                    names.append(str(other.folder))
                    await self._try(other, len(names), ends, known.closed, compared, processes)
        for at, trial in enumerate(trials, start=1):
            found_by = [rule.name for rule in trial.concerned(rules).rules]
            await self._session.execute(_NOT_CONCERNED, at, found_by)
        await self._villages(known)
        return Tried(
            generation=self._number,
            as_of=as_of,
            facts=count,
            subjects=subjects,
            prepare_seconds=prepared - began,
            evaluate_seconds=ended - prepared,
            results=[
                Result(name=name, differences=await self._differences(at, compared, window))
                for at, name in enumerate(names, start=1)
            ],
        )

    async def _facts_as_of(self, day: date) -> None:
        """Fill our schema with what the log had below a day's cut, and the values of policy of today."""
        live = schema_of(self._number)
        joined = await self._session.fetchval(_CLOSED.format(live=live), day.isoformat())
        closed = [fact for fact in facts.decode(joined or "") if type(fact) is DayClosed]
        if not closed:
            raise NotTriedError(f"{day} is not closed: name a closed day, or leave --as-of out.")
        self._cut = {
            (topic, int(partition)): end
            for topic, partitions in closed[0].cut.items()
            for partition, end in partitions.items()
        }
        policy = log_topic(self._settings.topic_prefix, _POLICY)
        now = await end_offsets(self._settings, (_POLICY,))
        self._cut |= {place: end for place, end in now.items() if place[0] == policy}
        await facts_below(
            self._settings, SCHEMA, self._cut, day, lambda done, of: self._tell("reading the log", done, of)
        )

    async def _ends(self, holder: Connection, as_of: date | None) -> Mapping[Partition, int]:
        """Return up to where of the log the facts are that are evaluated."""
        if as_of is not None:
            return self._cut
        # Of what detection does not read all.
        ends = await end_offsets(self._settings, ALL_CONTEXTS)
        return ends | await offsets.positions(holder, NAME, self._number)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[tuple[Any, str]]:
        async with connected(self._settings.database_url) as holder:
            await prepare_connection(holder)
            await holder.execute(f"set search_path to {self._path}")
            async with holder.transaction(isolation="repeatable_read"):
                yield holder, await holder.fetchval("select pg_export_snapshot()")

    async def _evaluate(
        self,
        place: Place,
        trials: Sequence[Trial],
        first: int,
        rules: RuleSet,
        pool: ProcessPoolExecutor | None,
    ) -> int:
        with closing(Prepared(self._file)) as rows:
            total = rows.count_of(kinds_of(trials, rules))
        subjects = 0
        async with aclosing(evaluate(place, trials, rules, pool)) as ranges:
            async for found in ranges:
                subjects += found.subjects
                await self._keep((first + number, row) for number, row in found.rows)
                self._tell("evaluating subjects", subjects, total)
        await self._insert()
        return subjects

    async def _try(
        self,
        other: Checkout,
        number: int,
        ends: Mapping[Partition, int],
        closed: str | None,
        compared: Compared,
        processes: int,
    ) -> None:
        async with aclosing(
            other.found(self._settings, ends, closed, compared, processes, self._tell)
        ) as rows:
            async for row in rows:
                await self._keep([(number, row)])
        await self._insert()

    async def _keep(self, rows: Iterable[tuple[int, Row]]) -> None:
        """Keep what a trial has found, by its number; many rows are written together."""
        self._waiting += rows
        if len(self._waiting) >= _INSERT_ROWS:
            await self._insert()

    async def _insert(self) -> None:
        if self._waiting:
            columns = zip(*((number, *row) for number, row in self._waiting), strict=True)
            await self._session.execute(_INSERT, *map(list, columns))
            self._waiting.clear()

    async def _villages(self, known: Circumstances) -> None:
        """Say where the households are that findings name, by the facts that were evaluated."""
        numbers = [row[0] for row in await self._session.fetch(_HOUSEHOLDS)]
        with closing(Prepared(self._file)) as rows:
            for start in range(0, len(numbers), _INSERT_ROWS):
                names = {f"{HOUSEHOLD.kind}:{no}": Months() for no in numbers[start : start + _INSERT_ROWS]}
                seen = (await reading.gathered(rows, {HOUSEHOLD.kind: names}, known)).views(known)
                found = [
                    (name.partition(":")[2], view.division) for name, view in seen[HOUSEHOLD.kind].items()
                ]
                await self._session.executemany(f"insert into {SCHEMA}.village values ($1, $2)", found)

    async def _differences(self, trial: int, compared: Compared, window: Window | None) -> list[Difference]:
        await self._session.execute(f"set search_path to {self._path}")
        first, last = (None, None) if window is None else (window.first, window.last)
        rows = await self._session.fetch(
            _COMPARE,
            trial,
            None if compared.only is None else list(compared.only),
            SAMPLES,
            *(None if day is None else day.isoformat() for day in (first, last)),
            list(compared.but),
        )
        return [
            Difference(**row | {"title": row["title"] or BY_NAME[row["rule"]].title})
            for row in map(dict, rows)
        ]


_KEEP_LIVE = """
insert into tried
select 0, anomaly_id, null, rule, rule_version, month, household_no, key, severity, params, evidence,
    evidence_count, holds_since, policy, content
from {live}.finding where state = 'open'
"""

_CLOSED = """
select string_agg(body, ',') from {live}.fact where subject = 'calendar:day' and month = $1 and live
"""

_INSERT = f"""
insert into {SCHEMA}.tried
select trial, id::uuid, title, rule, version, month, household_no, key::jsonb, severity, params::jsonb,
    evidence::jsonb, count, holds_since, policy::jsonb, content
from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::int[], $13::text[], $14::text[], $15::text[])
    as w (trial, id, title, rule, version, month, household_no, key, severity, params, evidence, count,
        holds_since, policy, content)
on conflict do nothing
"""

_NOT_CONCERNED = f"""
insert into {SCHEMA}.tried
select $1, anomaly_id, title, rule, rule_version, month, household_no, key, severity, params, evidence,
    evidence_count, holds_since, policy, content
from {SCHEMA}.tried where trial = 0 and rule <> all($2::text[])
"""

_HOUSEHOLDS = f"select distinct household_no from {SCHEMA}.tried where household_no is not null"

_GRANT = f"""
grant usage on schema {SCHEMA} to {{reader}};
grant select on all tables in schema {SCHEMA} to {{reader}}
"""

# The amount of a finding is the first of these that its rule states.
_COMPARE = """
with asked as (
    select * from tried where ($2::text[] is null or rule = any($2)) and rule <> all($6)
), both_of_them as (
    select n.anomaly_id is not null as is_new, o.anomaly_id is not null as is_old,
        n.content is not distinct from o.content as alike,
        anomaly_id, coalesce(n.title, o.title) as title, coalesce(n.rule, o.rule) as rule,
        coalesce(n.severity, o.severity) as severity, coalesce(n.key, o.key) as key,
        coalesce(n.household_no, o.household_no) as household_no, coalesce(n.month, o.month) as month,
        coalesce(n.params, o.params) as params, coalesce(n.holds_since, o.holds_since) as holds_since
    from (select * from asked where trial = $1) as n
    full join (select * from asked where trial = 0) as o using (anomaly_id)
), dated as (
    select b.*, case
        when $4::text is null and $5::text is null then null
        when month <> '' then month else coalesce(holds_since, '0001-01-01') end as day
    from both_of_them as b
), compared as (
    select rule, title, severity, coalesce(key ->> 'division', village, '') as village, params,
        anomaly_id::text as anomaly_id,
        case when not is_old then 'added' when not is_new then 'removed' when alike then 'same'
            else 'changed' end as outcome
    from dated left join village using (household_no)
    where ($4 is null or day >= left($4, length(day))) and ($5 is null or day <= left($5, length(day)))
)
select rule, min(title) as title, village, severity, outcome, count(*) as count,
    sum(coalesce({amounts}, '0')::bigint
    )::bigint as amount_fen,
    (array_agg(anomaly_id order by anomaly_id))[1:$3] as samples
from compared group by rule, village, severity, outcome order by rule, village, severity, outcome
""".replace("{amounts}", ", ".join(f"params -> '{name}'" for name in AMOUNTS))

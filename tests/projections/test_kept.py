"""What is kept is, whatever came in which order, what facts make of it."""

import asyncio
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.codec import decode
from events.envelope import Record
from projections.annex2.items import ITEMS
from services.projector.handler import Projector
from tests.handing import hand
from tests.oracle.facts import Raw
from tests.oracle.stating import WANG, enrolled, paid, voided
from tests.projections.histories import COUNTED, DAYS, histories, with_digests
from tests.projections.log import PARTITIONS, Log

CLOSED = ("2021-06-01", "2021-06-02")


class ScatteredLog(Log):
    """A log whose topics had other numbers of partitions meanwhile: what belongs together lies apart."""

    def __init__(self, partitions: list[int]) -> None:
        super().__init__()
        self._partitions = partitions

    def _append(self, context: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> Record:
        topic = f"dibao.{context}"
        partition = self._partitions.pop() if self._partitions else 0
        record = Record(topic, partition, self._next[topic, partition], decode(value, headers))
        self._next[topic, partition] += 1
        self.records.append(record)
        return record


_ENROLLED = enrolled(WANG, household_no="H1")
_STAY = (
    "household_no, programme, spell, spell_from, began_by, began_on, route, person_id, relation, from_month,"
    " to_month, joined_by, left_by, left_on, exit_kind, left_village, ended_spell"
)
_HOME = """
SELECT DISTINCT ON (e.household_no) e.household_no, e.village
FROM enrolment e JOIN live($1, $2) f ON f.event_id = e.event_id AND f.digest = e.digest
WHERE e.kind = 'enrolled' ORDER BY e.household_no, f.business_date DESC, e.event_id DESC
"""
_HOUSEHOLDS = "(SELECT DISTINCT household_no FROM enrolment)"
_STAYS_OF = f"""
stays_of(
  ARRAY(SELECT household_no FROM {_HOUSEHOLDS}), ARRAY(SELECT $1::date FROM {_HOUSEHOLDS}),
  ARRAY(SELECT cut_of($2) FROM {_HOUSEHOLDS})
)
"""
Pairs = Mapping[str, tuple[str, str]]

PAIRS: Pairs = {
    "stays": (
        f"SELECT {_STAY}, village FROM stays($1, $2)",
        f"""
        SELECT {_STAY}, coalesce(s.began_village, h.village)
        FROM {_STAYS_OF} s
        LEFT JOIN ({_HOME}) h USING (household_no)
        """,
    ),
    "homes": ("SELECT * FROM household_village($1, $2)", _HOME),
    "spells": (
        """
        SELECT household_no, programme, spell, from_month, to_month, began_by, ended_by, exit_kind,
          jsonb_array_length(members) FROM spells($1, $2)
        """,
        f"""
        SELECT household_no, programme, spell, min(spell_from), max(to_month) FILTER (WHERE ended_spell),
          min(began_by::text)::uuid, (min(left_by::text) FILTER (WHERE ended_spell))::uuid,
          min(exit_kind) FILTER (WHERE ended_spell), count(*)
        FROM {_STAYS_OF}
        GROUP BY household_no, programme, spell
        """,
    ),
}
"""What is kept, and what it is by its definition."""

_ITEM = "measure, class, fulfilled, village, business_date, event_id, household_no, person_id, number, times"


def _things(noun: str) -> str:
    """Every thing of which items of a noun are kept."""
    items = ITEMS[noun]
    things = " UNION ".join(
        f"SELECT DISTINCT {column}::text AS thing FROM {table.name}" for table, column in items.kept.items()
    )
    return f"SELECT which_{noun}(ARRAY({things})) AS thing" if items.which else things


ITEM_PAIRS: Pairs = {
    **{
        f"items of {noun}": (
            f"SELECT {_ITEM}, month, unit, matter FROM kept_items('{noun}', $1, $2)",
            f"""
            SELECT {_ITEM}, month, unit, matter
            FROM ({_things(noun)}) t CROSS JOIN LATERAL made_{noun}(t.thing, $1::date, cut_of($2))
            """,
        )
        for noun, items in ITEMS.items()
        if items.kept
    },
    "petitions that repeat others": (
        "SELECT event_id, class, fulfilled, village, business_date, number"
        " FROM annex2_petitions($1, $2, 'rural_dibao')",
        """
        SELECT event_id, kind, coalesce(outcome = 'settled', false), village, filed_on, petition_no
        FROM petitions_ledger($1, $2) WHERE repeats IS NOT NULL
        """,
    ),
    "problems of no household": (
        "SELECT event_id, class, fulfilled, village, business_date, number"
        " FROM annex2_problems($1, $2, 'rural_dibao') WHERE class = 'payments'",
        """
        SELECT event_id, task_class, status IN ('rectified', 'holds'), village, found_on, problem_no
        FROM problems_ledger($1, $2) WHERE task_class = 'payments'
        """,
    ),
}
"""The same of what Annex 2 counts; and what ledgers say of it."""


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(), data=st.data())
def test_what_is_kept_is_what_facts_make(
    runner: tuple[asyncio.Runner, asyncpg.Pool], history: list[Any], data: st.DataObject
) -> None:
    _drawn(runner, history, data, PAIRS)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(COUNTED), data=st.data())
def test_so_is_what_annex2_counts(
    runner: tuple[asyncio.Runner, asyncpg.Pool], history: list[Any], data: st.DataObject
) -> None:
    _drawn(runner, history, data, ITEM_PAIRS)


def _drawn(
    runner: tuple[asyncio.Runner, asyncpg.Pool], history: list[Any], data: st.DataObject, pairs: Pairs
) -> None:
    loop, pool = runner
    log = ScatteredLog(data.draw(st.lists(st.integers(0, PARTITIONS - 1), max_size=20)))
    raws = with_digests(history, log)
    places = sorted(data.draw(st.tuples(*[st.integers(0, len(raws))] * len(CLOSED))))
    for day, (start, end) in zip(CLOSED, pairwise([0, *places]), strict=True):
        loop.run(log.state(*raws[start:end]))
        loop.run(log.close_day(day))
    loop.run(log.state(*raws[places[-1] :]))
    records = list(data.draw(st.permutations(log.records + log.records[:3])))
    borders = sorted(data.draw(st.sets(st.integers(0, len(records)), max_size=3)) | {0, len(records)})

    loop.run(_projected(pool, [records[start:end] for start, end in pairwise(borders)], pairs))


@pytest.mark.parametrize(("first", "left"), [(_ENROLLED, 0), (voided(_ENROLLED, household_no="H1"), 1)])
def test_a_number_that_comes_again_with_any_other_content_counts_no_more(
    runner: tuple[asyncio.Runner, asyncpg.Pool], first: Raw, left: int
) -> None:
    loop, pool = runner
    log = ScatteredLog([])
    again = paid("2021-02", household_no="H1") | {name: first[name] for name in ("id", "source")}
    loop.run(log.state(_ENROLLED, first, again))
    *before, last = log.records
    assert loop.run(_projected(pool, [before, [last]], PAIRS)) == left


async def _projected(pool: asyncpg.Pool, batches: list[list[Record]], pairs: Pairs) -> int:
    """Project batches, compare after each, and return how many stays there are at the end."""
    async with pool.acquire() as connection:
        await connection.execute("SET search_path TO projection_g1")
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'projection_g1'")
        await connection.execute(f"TRUNCATE {', '.join(row['tablename'] for row in tables)}")
        for records in batches:
            async with connection.transaction():
                await hand(Projector(), connection, records)
            await _compared(connection, pairs)
        return int(await connection.fetchval("SELECT count(*) FROM stays(NULL, NULL)"))


async def _compared(connection: Any, pairs: Pairs) -> None:
    for as_of in (None, *map(date.fromisoformat, CLOSED)):
        for until in (None, *map(date.fromisoformat, DAYS)):
            for what, (kept, made) in pairs.items():
                found = [
                    sorted(str(tuple(row)) for row in await connection.fetch(sql, until, as_of))
                    for sql in (kept, made)
                ]
                assert found[0] == found[1], (what, until, as_of)
        late = "SELECT count(*) FROM recorded($1) f WHERE f.business_date > latest_of(f.context, $1)"
        if as_of is not None:
            assert await connection.fetchval(late, as_of) == 0

"""Any order, any batch borders, any repeats: the same ledgers, and those that the oracle folds."""

import asyncio
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.projector.handler import Projector
from tests.handing import hand
from tests.oracle.facts import Raw
from tests.projections.comparison import by_oracle, by_product
from tests.projections.histories import histories, with_digests
from tests.projections.log import Log

SEEN: set[str] = set()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(), data=st.data())
def test_views_do_not_depend_on_arrival(
    runner: tuple[asyncio.Runner, asyncpg.Pool], history: list[Any], data: st.DataObject
) -> None:
    loop, pool = runner
    log = Log()
    raws = with_digests(history, log)
    loop.run(log.state(*raws))
    records = list(data.draw(st.permutations(log.records + log.records[:3])))
    borders = sorted(data.draw(st.sets(st.integers(0, len(records)), max_size=4)) | {0, len(records)})
    batches = [records[a:b] for a, b in pairwise(borders)]

    async def project() -> list[Any]:
        async with pool.acquire() as connection:
            tables = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'projection_g1'"
            )
            names = ", ".join(f"projection_g1.{row['tablename']}" for row in tables)
            await connection.execute(f"TRUNCATE {names}")
        for batch in batches:
            async with pool.acquire() as connection, connection.transaction():
                await hand(Projector(), connection, batch)
        return [await by_product(pool, until) for until in (None, date(2021, 2, 1))]

    for until, found in zip((None, date(2021, 2, 1)), loop.run(project()), strict=True):
        expected = by_oracle(raws, until, log)
        for name in expected:
            assert found[name] == expected[name], (name, until)
    SEEN.update(_features(raws, batches))


def _features(raws: list[Raw], batches: list[Any]) -> Iterator[str]:
    ids = [(raw["source"], raw["id"]) for raw in raws]
    if len(set(ids)) < len(ids):
        yield "repeat or conflict"
    arrived: set[Any] = set()
    for batch in batches:
        for record in batch:
            event = record.event
            if event.entry.void:
                yield "void"
                yield "void by digest" if event.data.digest else "void by id"
                if (event.data.source, event.data.id) not in arrived:
                    yield "void before its fact"
            arrived.add((event.source, event.serial))


def test_the_histories_held_what_is_hard() -> None:
    assert {"repeat or conflict", "void by digest", "void by id", "void before its fact"} <= SEEN

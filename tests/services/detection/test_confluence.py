"""Whatever the order, the batches, the workers and the moments of evaluation: the findings are the oracle's.

The subject function, the rules and the SQL are the real ones, on a real PostgreSQL.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from events.envelope import Event, Record, event_id_of
from services.detection import ingest
from services.detection.ingest import Changed
from services.detection.large import Large
from services.detection.rows import fact_rows
from services.detection.tables import TABLES
from tests.services.detection.expected import expected_findings
from tests.services.detection.history import SEEN_IN_ALL, History, history
from tests.services.detection.upstream import Raw
from tests.services.detection.worker import Worker, latest_closed

TRUNCATE = "truncate " + ", ".join(table.name for table in TABLES)

_EXAMPLES = settings(
    deadline=None,
    database=None,
    max_examples=60,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as loop:
        yield loop


@asynccontextmanager
async def three_workers(database: str) -> AsyncIterator[list[Worker]]:
    workers = [await Worker.open(database) for _ in range(3)]
    for worker in workers[1:]:
        # Two of them leave those with more than two facts for later.
        worker.evaluator = replace(worker.evaluator, large=Large(facts=2))
    try:
        await workers[0].connection.execute(TRUNCATE + " restart identity")
        yield workers
    finally:
        for worker in workers:
            await worker.close()


async def ingest_as_the_pipeline_does(worker: Worker, batch: list[Raw]) -> None:
    """A deadlock is rolled back and tried again, as by the pipeline."""
    while True:
        try:
            await worker.ingest(batch)
        except asyncpg.DeadlockDetectedError:
            continue
        return


async def run(database: str, story: History, chance: random.Random) -> None:
    """Let workers ingest and evaluate at random, at once or in turn; at the end compare with the oracle."""
    async with three_workers(database) as workers:
        left = list(story.batches)
        while len(left) > story.late:
            busy = chance.sample(workers, k=min(len(left) - story.late, chance.choice((1, 1, 2))))
            work: list[Any] = [ingest_as_the_pipeline_does(worker, left.pop(0)) for worker in busy]
            idle = [worker for worker in workers if worker not in busy]
            if chance.random() < 0.6:
                work.append(idle[0].step(chance.choice((1, 3, 1000))))
            await asyncio.gather(*work)
        await asyncio.gather(workers[0].step(2), workers[1].step(3))
        for batch in ([], *left):
            await ingest_as_the_pipeline_does(workers[1], batch)
            for worker in workers:
                await worker.settle()
        raws = story.raws
        expected = expected_findings(raws, latest_closed(raws))
        story.contains["findings"] += len(expected)
        found = await workers[0].open_findings()
        assert found == expected
        announced = await workers[0].announced()
        assert sum(last["verb"] != "withdrawn" for last in announced.values()) == len(expected)
        before = await workers[0].connection.fetchval("select count(*) from outbox")
        await workers[0].ingest(raws)
        assert await workers[0].connection.fetchval("select count(*) from dirty") == 0
        assert await workers[0].connection.fetchval("select count(*) from outbox") == before


def check(database: str, runner: asyncio.Runner, seen: Counter[str], examples: settings) -> None:
    @examples
    @given(seed=st.integers(0, 2**32), size=st.integers(8, 60))
    def example(seed: int, size: int) -> None:
        story = history(seed, size)
        runner.run(run(database, story, random.Random(seed)))
        seen.update(story.contains)

    example()


def test_findings_are_the_oracles(stack: Any, runner: asyncio.Runner) -> None:
    seen: Counter[str] = Counter()
    check(runner.run(_database(stack)), runner, seen, _EXAMPLES)
    assert all(seen[name] > 0 for name in SEEN_IN_ALL), seen


async def _as_they_are(records: Sequence[Record], kinds: Any = None) -> list[Event]:
    return [record.event for record in records]


async def _last_write_wins(connection: Any, events: Iterable[Event]) -> list[Changed]:
    """A build that looks right until orders differ: what came last counts."""
    changed = []
    for event in events:
        rows = fact_rows(event)
        target = event_id_of(event.data.source, event.data.id) if event.entry.void else event.event_id
        gone = await connection.fetch(
            "delete from fact where event_id = $1 returning subject, month, kind, body", target
        )
        changed += [Changed(*row) for row in gone]
        await connection.copy_records_to_table(
            "fact",
            records=[
                (r.subject, r.month, event.event_id, event.digest, r.kind, r.body, True, r.ref) for r in rows
            ],
            columns=ingest._COLUMNS,
        )
        changed += [Changed(row.subject, row.month, row.kind, row.body) for row in rows]
    return changed


def test_a_build_in_which_the_last_write_wins_is_caught(
    stack: Any, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "gather", _as_they_are)
    monkeypatch.setattr(ingest, "store", _last_write_wins)
    quick = settings(_EXAMPLES, phases=[Phase.generate], max_examples=30)
    with pytest.raises(AssertionError):
        check(runner.run(_database(stack)), runner, Counter(), quick)


async def _database(stack: Any) -> str:
    connection = await asyncpg.connect(stack.database_url)
    try:
        name = f"confluence_{random.SystemRandom().randrange(10**9)}"
        await connection.execute(f"create database {name}")
    finally:
        await connection.close()
    base: str = stack.database_url.rpartition("/")[0]
    return f"{base}/{name}"

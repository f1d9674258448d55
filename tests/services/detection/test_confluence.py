"""Whatever the order, the batches, the workers and the moments of evaluation: the findings are the oracle's.

The subject function, the rules and the SQL are the real ones, on a real PostgreSQL. A history is made of its
seed and size, which a failure prints: facts of every type that rules read, stated, repeated, contradicted and
undone; days closed and taken back, policy adopted and undone, years arranged otherwise. Workers take it in
at once or in turn, crash before they commit, and take over from one another what the other holds too. When
nothing is left to do, three agree: what is found live, what a generation finds that takes all facts in first
and is evaluated once, and the oracles' naive scan.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.envelope import Event, Record, event_id_of
from services.detection import evaluate, ingest, sweep
from services.detection.evaluate import Evaluator
from services.detection.facts import FACTS
from services.detection.ingest import Changed
from services.detection.large import Large
from services.detection.marks import Mark
from services.detection.rows import fact_rows
from services.detection.rules import BY_NAME
from services.detection.subjects import kind_of
from tests.services.detection.draws import DRAWN
from tests.services.detection.expected import expected_findings
from tests.services.detection.history import SEEN_IN_ALL, History, history
from tests.services.detection.upstream import Raw
from tests.services.detection.worker import Worker, latest_closed

_EXAMPLES = settings(
    deadline=None,
    database=None,
    max_examples=15,
    print_blob=False,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
"""The same histories in every run; those of `make slow` are drawn anew."""


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
        await workers[0].empty()
        yield workers
    finally:
        for worker in workers:
            await worker.close()


class CrashedError(Exception):
    """A worker died before it could commit."""


def _crash() -> None:
    raise CrashedError


def _crashing(worker: Worker) -> Worker:
    return replace(worker, evaluator=replace(worker.evaluator, before_commit=_crash))


async def ingest_as_the_pipeline_does(worker: Worker, batch: list[Raw], *, crashes: bool = False) -> None:
    """Deadlock or crash: all is rolled back and tried again, as by the pipeline."""
    if crashes:
        with suppress(CrashedError, asyncpg.DeadlockDetectedError):
            await _crashing(worker).ingest(batch)
    while True:
        try:
            await worker.ingest(batch)
        except asyncpg.DeadlockDetectedError:
            continue
        return


async def step_or_crash(worker: Worker, limit: int, *, crashes: bool = False) -> None:
    """Do a little of everything, or die in the middle of it; what is left is done later."""
    with suppress(CrashedError, asyncpg.DeadlockDetectedError):
        await (_crashing(worker) if crashes else worker).step(limit)


async def run(database: str, story: History, chance: random.Random) -> None:
    """Let workers ingest and evaluate at random, at once or in turn; compare whenever nothing is left."""
    async with three_workers(database) as workers:
        left = list(story.batches)
        while len(left) > story.late:
            busy = chance.sample(workers, k=min(len(left) - story.late, chance.choice((1, 1, 2))))
            # Where a partition goes from one to the other, both hold the same records for a moment.
            same = left[0] if len(busy) > 1 and chance.random() < 0.3 else None
            work: list[Any] = [
                ingest_as_the_pipeline_does(worker, same or left.pop(0), crashes=chance.random() < 0.1)
                for worker in busy
            ]
            if same is not None:
                del left[0]
            idle = [worker for worker in workers if worker not in busy]
            if chance.random() < 0.6:
                limit = chance.choice((1, 3, 1000))
                work.append(step_or_crash(idle[0], limit, crashes=chance.random() < 0.1))
            await asyncio.gather(*work)
        await asyncio.gather(step_or_crash(workers[0], 2), step_or_crash(workers[1], 3))
        raws = [raw for batch in story.batches[: -story.late] for raw in batch]
        for batch in ([], *left):
            raws += batch
            await ingest_as_the_pipeline_does(chance.choice(workers), batch)
            await chance.choice(workers).settle()
            expected = expected_findings(raws, latest_closed(raws))
            assert await workers[0].open_findings() == expected
            story.contains["findings"] += len(expected)
            story.contains.update(rule for rule, *_ in expected)
        announced = await workers[0].announced()
        assert sum(last["verb"] != "withdrawn" for last in announced.values()) == len(expected)
        contents = await workers[0].contents()
        before = await workers[0].connection.fetchval("select count(*) from outbox")
        await workers[0].ingest(raws)
        assert await workers[0].connection.fetchval("select count(*) from dirty") == 0
        assert await workers[0].connection.fetchval("select count(*) from outbox") == before
    assert contents == await rebuilt(database, story)


async def rebuilt(database: str, story: History) -> Mapping[UUID, str]:
    """Return what another generation finds that takes everything in first."""
    worker = await Worker.open(database, "detection_g2")
    try:
        await worker.empty()
        await worker.rebuild(database, story.batches)
        return await worker.contents()
    finally:
        await worker.close()


def check(stack: Any, runner: asyncio.Runner, examples: settings) -> Counter[str]:
    """Hold the property to so many histories; return what was in them, and how often each rule found one."""
    database, seen = runner.run(_database(stack)), Counter[str]()

    @examples
    @given(seed=st.integers(0, 2**32), size=st.integers(8, 60))
    def example(seed: int, size: int) -> None:
        story = history(seed, size)
        try:
            runner.run(run(database, story, random.Random(seed)))
        except AssertionError as error:
            error.add_note(f"history({seed}, {size})")
            raise
        seen.update(story.contains)

    example()
    return seen


def test_facts_of_each_type_that_rules_read_are_drawn_and_all_that_may_go_wrong_does() -> None:
    assert {f"dibao.{name}.v1" for name in DRAWN} == FACTS.keys()
    stories = [history(seed, 60) for seed in range(60)]
    assert {raw["type"] for story in stories for raw in story.raws} >= FACTS.keys()
    seen = sum((story.contains for story in stories), Counter[str]())
    assert all(seen[name] > 0 for name in SEEN_IN_ALL), seen


def test_findings_are_the_oracles(stack: Any, runner: asyncio.Runner) -> None:
    assert check(stack, runner, _EXAMPLES)["findings"] > 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_findings_of_every_rule_are_the_oracles(stack: Any, runner: asyncio.Runner) -> None:
    seen = check(stack, runner, settings(_EXAMPLES, max_examples=1500, derandomize=False))
    assert all(seen[name] > 0 for name in BY_NAME), seen


def test_an_exit_that_was_decided_before_the_enrolments_it_ends(stack: Any, runner: asyncio.Runner) -> None:
    database = runner.run(_database(stack))
    runner.run(run(database, history(4667025, 40), random.Random(4667025)))


# --- builds that look right until orders differ ---


async def _as_they_are(records: Sequence[Record], kinds: Any = None) -> list[Event]:
    return [record.event for record in records]


async def _last_write_wins(connection: Any, events: Iterable[Event]) -> list[Changed]:
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


_FIRST_DUE_STAYS = """
insert into wake (subject, due) select subject, due from unnest($1::text[], $2::date[]) as w (subject, due)
where due is not null on conflict (subject) do nothing
"""

_Readers = Callable[[Evaluator, Any, Mapping[str, set[str]]], Awaitable[list[Mark]]]
_readers: _Readers = Evaluator._readers


def _without_readers_of(neighbour: str) -> _Readers:
    async def readers(self: Evaluator, connection: Any, facts: Mapping[str, set[str]]) -> list[Mark]:
        return await _readers(
            self, connection, {name: kinds for name, kinds in facts.items() if kind_of(name) != neighbour}
        )

    return readers


async def _no_sweep(connection: Any, changed: Any, rules: Any = None) -> None:
    pass


@dataclass(frozen=True)
class Wrong:
    """What stands in the product instead, and the histories that tell: their scene, and what comes last."""

    instead: Sequence[tuple[Any, str, Any]]
    scene: str = ""
    last: str = ""


WRONG: Mapping[str, Wrong] = {
    "the last write wins": Wrong(((ingest, "gather", _as_they_are), (ingest, "store", _last_write_wins))),
    "a clock forgets facts that come late": Wrong(
        ((evaluate, "_WAKES", _FIRST_DUE_STAYS),), "the hotline", "hotline"
    ),
    "a death reaches no household": Wrong(
        ((Evaluator, "_readers", _without_readers_of("person")),), "payments", "vitals"
    ),
    "an enrolment reaches nobody beside": Wrong(
        ((Evaluator, "_readers", _without_readers_of("household")),), "cards", "enrollment"
    ),
    "nobody is looked at for another policy": Wrong(((sweep, "of_policy", _no_sweep),), "payments", "policy"),
    "nobody is looked at for another year": Wrong(
        ((sweep, "of_years", _no_sweep),), "applications", "calendar"
    ),
    "nobody is looked at for a day taken back": Wrong(
        ((sweep, "of_days", _no_sweep),), "the campaign", "calendar"
    ),
}
"""By what is wrong with a build."""


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_build_is_caught(
    stack: Any, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    build = WRONG[wrong]
    for place, name, instead in build.instead:
        monkeypatch.setattr(place, name, instead)
    database = runner.run(_database(stack))
    # The findings differ, or PostgreSQL will not have two rows of one fact.
    with pytest.raises((AssertionError, asyncpg.UniqueViolationError)):
        for seed in range(40):
            story = history(seed, 60, build.scene, build.last)
            runner.run(run(database, story, random.Random(seed)))


async def _database(stack: Any) -> str:
    connection = await asyncpg.connect(stack.database_url)
    try:
        name = f"confluence_{random.SystemRandom().randrange(10**9)}"
        await connection.execute(f"create database {name}")
    finally:
        await connection.close()
    base: str = stack.database_url.rpartition("/")[0]
    return f"{base}/{name}"

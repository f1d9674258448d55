"""A prepared replay finds what live detection finds; drafts, days, windows and other code are tried on it."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from events.policy import Adopted
from services.detection.backtest import SCHEMA, Result, Window, backtest
from services.detection.checkout import NotTriedError
from services.detection.evaluate import Evaluator
from services.detection.facts.policy import adopted
from services.detection.ingest import Ingest
from services.detection.replay import rebuild
from services.detection.rules import BY_NAME, rules_of
from services.detection.shard import processes_for
from services.detection.trying import Trial
from services.platform import locks
from services.platform.database import connected
from services.platform.rebuilding import RebuildRunningError, one_at_a_time
from services.platform.settings import Settings
from services.platform.topics import create_topics
from services.simulator import Settings as StreetSettings
from services.simulator import World
from tests.conftest import made_database
from tests.handing import hand
from tests.house.tree import ROOT
from tests.services.detection.on_kafka import cut, publish
from tests.services.detection.upstream import Raw, day_closed, record_of
from tests.services.detection.worker import Worker, in_batches

FACTS: list[Raw] = [
    json.loads(line) for line in (ROOT / "tests/golden/facts.ndjson").read_text("utf-8").splitlines()
]
HALF = len(FACTS) // 2
FIRST, LAST = "2021-10-30", "2021-10-31"
OTHER = "name-mismatch"
"""A rule that other code has in another version, and that finds something in the first half already."""


def golden(seed: int) -> list[Raw]:
    return [*FACTS, day_closed("2021-10-31")]


def street(seed: int) -> list[Raw]:
    world = World(StreetSettings(households=60, first="2021-01", last="2021-06", seed=seed))
    return [*(event for day in world.days() for event in day.facts), day_closed("2021-06-30")]


def test_a_short_log_is_worth_one_process_and_a_long_one_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert [processes_for(facts) for facts in (0, 39_999, 40_000, 1_000_000)] == [1, 1, 2, 4]


@pytest.mark.parametrize(("place", "bound"), [(golden, None), (street, None), (golden, 1), (street, 1)])
async def test_a_prepared_replay_finds_what_is_live(
    stack: Any, database: str, place: Any, bound: int | None
) -> None:
    """``bound`` 1: every account with two payments in a month is counted by PostgreSQL."""
    worker = await Worker.open(database)
    try:
        for batch in in_batches(place(7), random.Random(7), 2000):
            await worker.ingest(batch)
        await worker.settle()
        open_ones = await worker.connection.fetchval("select count(*) from finding where state = 'open'")
    finally:
        await worker.close()
    settings = Settings(kafka=stack.kafka, database_url=database)
    for processes in (1, 2):
        tried = await backtest(settings, [Trial(name="again")], processes=processes, bound=bound)
        (result,) = tried.results
        assert {one.outcome for one in result.differences} == {"same"}
        assert sum(one.count for one in result.differences) == open_ones > 40
        assert "shared-account" in {one.rule for one in result.differences}, "accounts with several payments"


STRICT = Adopted.model_validate(
    {"parameter": "large_payment.multiple", "value": 0, "from": "2018-01-01", "document": "草案"}
)
LARGE = rules_of([BY_NAME["large-payment"]])


def draft(name: str, value: float) -> Trial:
    data = STRICT.model_copy(update={"value": value})
    return Trial(name=name, drafts=(adopted("draft", 2**62, data),))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_the_log(stack: Any) -> AsyncIterator[Settings]:
    """The golden street, whose first half was on the log when a first day was closed."""
    async with made_database(stack) as database:
        settings = Settings(kafka=stack.kafka, database_url=database, topic_prefix="backtests", partitions=2)
        await create_topics(settings)
        await publish(settings, FACTS[:HALF])
        await publish(settings, [day_closed(FIRST, await cut(settings))])
        await publish(settings, FACTS[HALF:])
        await publish(settings, [day_closed(LAST, await cut(settings))])
        await rebuild(settings, processes=1)
        yield settings


async def tried_ids(settings: Settings, trial: int) -> dict[str, str]:
    async with connected(settings.database_url) as connection:
        rows = await connection.fetch(f"select * from {SCHEMA}.tried where trial = $1", trial)
        return {str(row["anomaly_id"]): row["content"] for row in rows}


def counts(result: Result) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in result.differences:
        found[one.outcome] += one.count
    return found


async def test_each_draft_has_a_result_of_its_own(on_the_log: Settings) -> None:
    tried = await backtest(on_the_log, [draft("none", 0), draft("ten", 10)], rules=LARGE, processes=1)
    none, ten = tried.results
    assert (none.name, ten.name) == ("none", "ten")
    assert counts(none)["added"] > 100 and counts(none)["removed"] == 0
    assert counts(ten)["added"] == 0 and counts(ten)["removed"] > 0
    for one in none.differences:
        assert one.title == "大额支付" and len(one.village) == 12 and one.amount_fen > 0


async def test_two_windows_share_out_what_one_has(on_the_log: Settings) -> None:
    whole = await backtest(on_the_log, [draft("none", 0)], processes=1)
    parts = [
        await backtest(on_the_log, [draft("none", 0)], window=window, processes=1)
        for window in (Window(last=date(2021, 3, 31)), Window(first=date(2021, 4, 1)))
    ]
    early, late = (counts(part.results[0]) for part in parts)
    assert early["added"] > 10 and late["added"] > 10
    assert early + late == counts(whole.results[0])
    # A month counts where a day of it is in the window.
    middle = Window(first=date(2021, 3, 15), last=date(2021, 3, 16))
    (march,) = (await backtest(on_the_log, [draft("none", 0)], rules=LARGE, window=middle)).results
    assert counts(march)["added"] > 10


async def test_as_of_a_day_facts_are_those_that_were_recorded_then(on_the_log: Settings) -> None:
    tried = await backtest(on_the_log, [draft("none", 0)], as_of=date.fromisoformat(FIRST), processes=1)
    baseline = await tried_ids(on_the_log, 0)
    assert tried.as_of == date.fromisoformat(FIRST) and tried.facts < len(FACTS)
    assert counts(tried.results[0])["added"] > 50 and counts(tried.results[0])["same"] > 0

    # What live detection finds in those, and in the policy of today.
    worker = await Worker.open(on_the_log.database_url, "as_it_was")
    try:
        worker.evaluator = Evaluator()
        policy = [raw for raw in FACTS[HALF:] if raw["type"].startswith("dibao.policy.")]
        known = [record_of(raw) for raw in [*FACTS[:HALF], *policy, day_closed(FIRST)]]
        async with worker.connection.transaction():
            await hand(Ingest(1, worker.evaluator, live=False), worker.connection, known)
        await worker.settle()
        rows = await worker.connection.fetch("select * from finding where state = 'open'")
        assert baseline == {str(row["anomaly_id"]): row["content"] for row in rows}
    finally:
        await worker.close()


async def test_a_day_that_is_not_closed_is_refused(on_the_log: Settings) -> None:
    with pytest.raises(NotTriedError, match="2021-09-09 is not closed"):
        await backtest(on_the_log, [draft("none", 0)], as_of=date(2021, 9, 9))


@pytest.fixture(scope="module")
def other_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout in which one rule has another version."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("events", "projections", "services"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    rule = folder / "services/detection/rules/payments" / f"{OTHER.replace('-', '_')}.py"
    text = rule.read_text("utf-8")
    assert "version=2," in text
    rule.write_text(text.replace("version=2,", "version=77,"), "utf-8")
    return folder


@pytest.mark.parametrize("as_of", [None, FIRST])
async def test_the_rules_of_another_checkout_are_tried(
    on_the_log: Settings, other_code: Path, as_of: str | None
) -> None:
    told: list[str] = []
    tried = await backtest(
        on_the_log,
        code=other_code,
        as_of=None if as_of is None else date.fromisoformat(as_of),
        processes=1,
        tell=lambda doing, done, total: told.append(doing),
    )
    (result,) = tried.results
    assert result.name == str(other_code)
    outcomes = {(one.rule == OTHER, one.outcome) for one in result.differences}
    assert outcomes == {(True, "changed"), (False, "same")}
    assert f"{other_code.name}: reading the log" in told
    async with connected(on_the_log.database_url) as connection:
        left = await connection.fetchval("select count(*) from pg_namespace where nspname ~ '_code$'")
        assert left == 0, "what the other code has kept of facts is gone"


async def test_code_that_cannot_be_run_says_why(
    on_the_log: Settings, other_code: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotTriedError, match=r"it has no services/detection/checkout\.py"):
        await backtest(on_the_log, code=tmp_path)
    shutil.copytree(other_code, tmp_path, dirs_exist_ok=True)
    (tmp_path / "services/detection/rules/payments/large_payment.py").write_text("RULE = nonsense\n")
    with pytest.raises(NotTriedError, match="cannot be run: NameError: name 'nonsense' is not defined"):
        await backtest(on_the_log, code=tmp_path)


async def test_one_backtest_at_a_time(on_the_log: Settings) -> None:
    async with (
        connected(on_the_log.database_url) as session,
        one_at_a_time(session, locks.DETECTION_BACKTEST, "A backtest"),
    ):
        with pytest.raises(RebuildRunningError, match="A backtest is running already"):
            await backtest(on_the_log, [draft("none", 0)])


async def test_a_draft_is_evaluated_by_the_rules_that_read_its_parameter(on_the_log: Settings) -> None:
    with_draft = await backtest(on_the_log, [draft("ten", 10)], processes=1)
    with_all = await backtest(
        on_the_log, [Trial(name="ten", drafts=draft("ten", 10).drafts, without={"no clause"})], processes=1
    )
    assert with_draft.subjects < with_all.subjects
    assert with_draft.results == with_all.results

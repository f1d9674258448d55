"""What is reported follows from what was counted, and a run survives a stage that fails."""

import asyncio
import cProfile
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy.bench.baselines import LIMIT_FEN, over_limit
from deploy.bench.facts import by_street, generate, mix_of
from deploy.bench.ground import Ground
from deploy.bench.latency import percentiles
from deploy.bench.measure import LostFactsError, Measure, expect
from deploy.bench.run import HOT, Run, Stage, hottest
from deploy.bench.usage import Usage


def test_facts_are_distinct_and_as_many_as_asked_for() -> None:
    facts = generate(700)
    assert len(facts) == 700
    assert max(Counter(fact.event_id for fact in facts.all).values()) == 1
    assert sum(len(found) for found in facts.by_context.values()) == 700
    assert facts.place[facts.all[41].event_id] == 41


def test_so_many_persons_are_named_as_were_asked_for() -> None:
    facts = generate(2000, persons=400)
    named = {
        number
        for fact in facts.all
        for number in re.findall(r'"(?:id_number|local_no)":"([^"]+)"', fact.line.decode())
    }
    assert (len(facts), facts.persons, len(named)) == (2000, 400, 400)
    mix = facts.mix()
    assert mix["facts"] == sum(mix["types"].values()) == 2000
    assert {"dibao.payments.paid.v1", "dibao.enrollment.enrolled.v1", "dibao.vitals.died.v1"} <= {
        *mix["types"]
    }
    with pytest.raises(ValueError, match="do not name 500 persons"):
        generate(100, persons=500)


def test_more_facts_than_memory_holds_come_street_by_street() -> None:
    first, second, *_ = streets = list(by_street(10_000, street=10))
    assert sum(map(len, streets)) == 10_000
    assert not {fact.event_id for fact in first.all} & {fact.event_id for fact in second.all}
    assert mix_of([facts.mix() for facts in streets])["facts"] == 10_000
    assert mix_of([first.mix()]) == first.mix()


def test_a_measure_is_facts_over_seconds_and_cpu_per_hundred_thousand() -> None:
    ours = Measure("projector", "live", 50_000, 10.0, Usage(1.0, 5.0, 2.5))
    raw = Measure("projector", "copy", 50_000, 4.0).ratio_of(ours, "ours to raw")
    assert ours.row()["facts_per_second"] == 5_000
    assert (ours.row()["cpu_kafka"], ours.row()["cpu_postgres"], ours.row()["cpu_ours"]) == (2.0, 10.0, 5.0)
    assert raw.row()["ratio"] == 0.4


def test_a_benchmark_that_loses_facts_fails() -> None:
    expect("facts", 3, 3)
    with pytest.raises(LostFactsError, match="2 found, 3 expected"):
        expect("facts", 2, 3)


def test_a_stage_that_fails_says_why_and_the_others_go_on() -> None:
    said: list[str] = []
    stopped: list[bool] = []

    async def stop_all() -> None:
        stopped.append(True)

    async def lose() -> None:
        raise LostFactsError("facts: 2 found, 3 expected")

    async def measure() -> None:
        run.add(Measure("projector", "live", 10, 1.0))

    ground = cast(Ground, SimpleNamespace(stop_all=stop_all))
    run = Run(ground, 0, cast(Any, None), Stage.all, False, said.append)

    async def both() -> None:
        await run.attempt("intake", lose)
        await run.attempt("projector", measure)

    asyncio.run(both())
    assert [(failure.stage, failure.reason) for failure in run.report.failures] == [
        ("intake", "facts: 2 found, 3 expected")
    ]
    assert [measure.rate for measure in run.report.measures] == [10.0]
    assert len(stopped) == 2


def test_percentiles_are_in_milliseconds() -> None:
    assert percentiles([at / 1000 for at in range(100)]) == (50.0, 95.0, 99.0)


def test_the_baselines_find_a_month_once() -> None:
    assert over_limit(LIMIT_FEN, 1)
    assert not over_limit(LIMIT_FEN + 1, 1)
    assert not over_limit(0, LIMIT_FEN)


def test_a_profile_is_the_functions_with_most_time_of_their_own(tmp_path: Path) -> None:
    profile = cProfile.Profile()
    profile.enable()
    sorted(range(200_000), key=lambda number: -number)
    profile.disable()
    profile.dump_stats(tmp_path / "profile")
    found = hottest("detection", tmp_path / "profile")
    assert 0 < len(found) <= HOT
    assert any("test_measure.py" in hot.function for hot in found)
    assert [hot.own_seconds for hot in found] == sorted((hot.own_seconds for hot in found), reverse=True)

"""A small run on a real stack, with all that it counts."""

import tempfile
from pathlib import Path

import pytest

from deploy.bench.run import Stage, run


@pytest.mark.slow
async def test_intake_is_measured_on_all_three_ways_in() -> None:
    report = await run(Stage.intake, 3000, persons=600, profile=True, say=print)
    assert report.failures == []
    assert [measure.what for measure in report.measures] == [
        "HTTP, CloudEvents, batches of 1000",
        "files, NDJSON",
        "Kafka intake topics",
    ]
    for measure in report.measures:
        assert measure.facts == 3000 and measure.usage is not None and measure.usage.ours > 0
        assert measure.peak_memory_mb is not None and measure.peak_memory_mb > 20
    assert report.mix["persons"] == 600
    assert report.profile


@pytest.mark.slow
async def test_the_projector_is_measured_against_raw_copy_and_nothing_stays_behind() -> None:
    before = set(Path(tempfile.gettempdir()).glob("dibao-bench-*"))
    report = await run(Stage.projector, 1000, profile=True, say=print)
    assert report.failures == []
    assert [measure.what for measure in report.measures] == [
        "live, log to all tables",
        "raw COPY of the same rows",
    ]
    assert all(measure.facts == 1000 and measure.rate > 0 for measure in report.measures)
    assert report.measures[1].ratio is not None
    assert report.profile
    assert report.machine["fsync"] == "on"
    assert set(Path(tempfile.gettempdir()).glob("dibao-bench-*")) <= before


@pytest.mark.slow
async def test_a_backtest_finds_what_is_live_with_one_process_and_with_two() -> None:
    report = await run(Stage.backtest, 2000, profile=False, say=print)
    assert report.failures == []
    assert [measure.what for measure in report.measures] == [
        "all rules, 1 process",
        "all rules, 2 processes",
        "10 drafts of one value in one run, 2 processes",
    ]
    for measure in report.measures:
        assert measure.rate > 0 and measure.usage is not None and measure.usage.ours > 0
        assert measure.peak_memory_mb is not None and measure.peak_memory_mb < 512

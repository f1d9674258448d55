"""Subjects of many facts are looked at now and then, and then for all that was stated of them meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.detection.large import Large
from services.detection.marks import LARGE
from tests.services.detection.cases_of_custody import card
from tests.services.detection.upstream import Raw, day_closed, enrolled
from tests.services.detection.worker import Worker


def clock_of(times: list[float]) -> Large:
    return Large(clock=lambda: times[0], facts=5)


def test_who_is_known_to_be_large_is_set_apart_but_not_its_readers() -> None:
    large = Large()
    large.learn(["custodian:p1"])
    own, readers, other = (
        ("custodian:p1", "", "fact"),
        ("custodian:p1", "", ">granted"),
        ("custodian:p2", "", "fact"),
    )
    assert large.apart([own, readers, other]) == ([readers, other], [own])


@pytest.mark.parametrize("took, rests", [(0.0, 0.0), (0.5, 4.5), (2.0, 18.0), (30.0, 60.0)])
def test_it_rests_nine_times_as_long_as_it_took_but_a_minute_at_most(took: float, rests: float) -> None:
    now = [100.0]
    large = clock_of(now)
    large.rest(took)
    assert large.resting() == pytest.approx(rests)
    now[0] += rests
    assert large.resting() == 0


def test_who_was_large_long_ago_is_forgotten() -> None:
    large = Large()
    large.learn(f"custodian:{number}" for number in range(10_001))
    now, later = large.apart([("custodian:0", "", "fact"), ("custodian:10000", "", "fact")])
    assert (now, later) == ([("custodian:0", "", "fact")], [("custodian:10000", "", "fact")])


def household(number: int) -> list[Raw]:
    """A household, and its card in the hands of 丙."""
    name = f"H{number}"
    member = "甲乙丁戊己庚辛"[number]
    return [
        enrolled(name, member, from_month="2020-01", decided_on="2019-12-20"),
        card(no=f"C{number}", household_no=name, beneficiary=member),
    ]


async def test_the_cards_of_a_large_custodian_are_counted_once_for_many(database: str) -> None:
    worker = await Worker.open(database)
    worker.evaluator = replace(worker.evaluator, large=Large(facts=3))

    async def many() -> list[str]:
        return [str(found[3]) for found in await worker.open_findings() if found[0] == "many-custodies"]

    async def waiting() -> int:
        rows = "select count(*) from dirty where priority = $1"
        return int(await worker.connection.fetchval(rows, LARGE))

    try:
        await worker.ingest([day_closed("2021-05-31")])
        for number in range(4):
            await worker.ingest(household(number))
        await worker.settle()
        four = await many()
        assert len(four) == 1
        for number in range(4, 7):
            await worker.ingest(household(number))
            assert await worker.evaluator.work(worker.connection) > 0
        assert await waiting() >= 3
        assert await many() == four, "not looked at yet"
        assert await worker.evaluator.work_large(worker.connection) >= 3
        assert await waiting() == 0
        assert await many() != four
    finally:
        await worker.close()

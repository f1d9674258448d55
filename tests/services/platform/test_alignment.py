"""What was recorded earlier is handed over earlier, wherever it stands, as far as that can be known."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from services.platform.alignment import HOLD_SECONDS, LIVE_SECONDS, MANY, Alignment
from services.platform.offsets import Place

A, B = ("a", 0), ("b", 0)
NOW = 1_000.0
"""Long after all that is recorded here, so that it is a backlog."""


@dataclass(frozen=True)
class Raw:
    offset: int
    timestamp: int


def run(*times: int, start: int = 0) -> list[Raw]:
    return [Raw(start + at, time) for at, time in enumerate(times)]


def times(ready: Mapping[Place, Sequence[Raw]]) -> dict[Place, list[int]]:
    return {place: [raw.timestamp for raw in raws] for place, raws in ready.items()}


def made(ends: dict[Place, int], limit: int = 2000) -> tuple[Alignment, dict[Place, int]]:
    alignment = Alignment(limit)
    alignment.begin(dict.fromkeys(ends, 0))
    return alignment, ends


def test_what_is_later_than_something_still_to_come_is_kept_back() -> None:
    alignment, ends = made({A: 4, B: 4})
    alignment.add({A: run(10, 20, 30, 40), B: run(15, 25)})
    assert times(alignment.ready(ends.get, NOW)) == {A: [10, 20], B: [15, 25]}
    alignment.add({B: run(35, 45, start=2)})
    assert times(alignment.ready(ends.get, NOW)) == {A: [30, 40], B: [35, 45]}


def test_a_partition_of_which_nothing_came_yet_holds_up_the_others_for_a_moment() -> None:
    alignment, ends = made({A: 2, B: 9})
    alignment.add({A: run(10, 20)})
    assert alignment.ready(ends.get, NOW) == {}
    assert alignment.ready(ends.get, NOW + HOLD_SECONDS / 2) == {}
    assert times(alignment.ready(ends.get, NOW + HOLD_SECONDS)) == {A: [10, 20]}


def test_at_the_end_of_the_log_nothing_is_kept_back() -> None:
    alignment, _ = made({A: 2, B: 0})
    alignment.add({A: run(10, 20)})
    assert times(alignment.ready({A: 2, B: 0}.get, NOW)) == {A: [10, 20]}
    unknown = Alignment(10)
    unknown.begin({A: 0, B: 0})
    unknown.add({A: run(10)})
    assert times(unknown.ready(lambda place: None, NOW)) == {A: [10]}


def test_no_more_than_the_limit_is_handed_over_and_the_earliest_first() -> None:
    alignment, ends = made({A: 3, B: 3}, limit=4)
    alignment.add({A: run(1, 3, 5), B: run(2, 4, 6)})
    assert times(alignment.ready(ends.get, NOW)) == {A: [1, 3], B: [2, 4]}
    assert times(alignment.ready(ends.get, NOW)) == {A: [5], B: [6]}


def test_of_one_moment_there_may_be_more_than_the_limit() -> None:
    alignment, ends = made({A: 3, B: 3}, limit=4)
    alignment.add({A: run(7, 7, 7), B: run(7, 7, 7)})
    assert sum(map(len, alignment.ready(ends.get, NOW).values())) == 4
    assert sum(map(len, alignment.ready(ends.get, NOW).values())) == 2


def test_when_much_is_kept_only_who_holds_up_the_others_is_fetched() -> None:
    alignment, _ = made({A: 99999, B: 99999})
    alignment.add({A: run(*range(MANY - 1))})
    assert alignment.wanted([A, B]) == [A, B]
    alignment.add({A: run(MANY, start=MANY - 1)})
    assert alignment.wanted([A, B]) == [B]


def test_what_is_recorded_now_is_handed_over_as_it_comes() -> None:
    alignment, ends = made({A: 2, B: 9})
    alignment.add({A: run(10, 20)})
    assert alignment.ready(ends.get, LIVE_SECONDS + 0.011) == {}
    assert times(alignment.ready(ends.get, LIVE_SECONDS + 0.009)) == {A: [10, 20]}


def test_a_seek_forgets_what_was_fetched() -> None:
    alignment, ends = made({A: 2, B: 9})
    alignment.add({A: run(10, 20)})
    alignment.begin({A: 0})
    assert alignment.ready(ends.get, NOW + HOLD_SECONDS * 9) == {}


def test_a_topic_whose_times_go_back_loses_nothing_and_keeps_its_order() -> None:
    alignment, ends = made({A: 4, B: 3})
    alignment.add({A: run(10, 40, 5, 20), B: run(15)})
    got: list[int] = []
    for now in range(9):
        ready = times(alignment.ready(ends.get, NOW + now * HOLD_SECONDS))
        got += ready.get(A, [])
    assert got == [10, 40, 5, 20]


@given(seed=st.integers(0, 2**32), limit=st.integers(1, 50))
def test_everything_comes_once_in_the_order_of_time(seed: int, limit: int) -> None:
    chance = random.Random(seed)
    places = [(name, 0) for name in "abcd"]
    log: dict[Place, list[Raw]] = {place: [] for place in places}
    for moment in range(chance.randint(1, 200)):
        place = chance.choice(places)
        log[place].append(Raw(len(log[place]), moment // 3))
    ends = {place: len(raws) for place, raws in log.items()}
    alignment = Alignment(limit)
    alignment.begin(dict.fromkeys(places, 0))
    read = dict.fromkeys(places, 0)
    got: list[int] = []
    while len(got) < sum(ends.values()):
        for place in alignment.wanted(places):
            some = log[place][read[place] : read[place] + chance.randint(0, 5)]
            alignment.add({place: some})
            read[place] += len(some)
        ready = alignment.ready(ends.get, NOW)
        assert sum(map(len, ready.values())) <= limit
        batch = sorted(raw.timestamp for raws in ready.values() for raw in raws)
        got += batch
    assert got == sorted(got)

"""What is told at once, what is put together, and when it is one digest of all."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.alerting.folding import Group, Told, Waiting, due_days, settle_days
from services.alerting.subscription import Bounds
from tests.services.alerting.model import START, Desk, after

FEW = Bounds(most=3)


def test_what_is_found_of_one_subject_within_seconds_is_one_notice() -> None:
    desk = Desk(FEW)
    desk.come([("raised", "household:H1")], after(0))
    desk.look(after(1))
    assert desk.told == [], "more of it may come"
    desk.come([("revised", "household:H1"), ("other", "household:H2")], after(4))
    desk.look(after(10))
    assert desk.told == [(after(10), "household:H1", ["raised", "revised"])]
    assert desk.rest(after(10)) == after(14)
    assert desk.told[1] == (after(14), "household:H2", ["other"])


def test_beyond_the_bound_all_that_waits_and_comes_is_one_digest() -> None:
    desk = Desk(FEW)
    desk.come([(f"f{number}", f"household:H{number}") for number in range(4)], after(0))
    desk.look(after(0))
    for second in range(0, 3600, 60):
        desk.come([(f"s{second}", f"household:S{second}")], after(second))
        desk.look(after(second))
    assert desk.told == [], "it goes on"
    assert desk.rest(after(3540)) == after(3540 + 300), "five quiet minutes"
    assert [about for _, about, _ in desk.told] == [None]
    assert len(desk.told[0][2]) == 64


def test_a_storm_that_does_not_end_is_a_digest_a_day() -> None:
    desk = Desk(Bounds(most=1))
    for hour in range(50):
        for quarter in range(0, 3600, 120):
            desk.come([(f"{hour}/{quarter}", f"household:{hour}/{quarter}")], after(hour * 3600 + quarter))
            desk.look(after(hour * 3600 + quarter))
    assert [about for _, about, _ in desk.told] == [None, None]
    assert desk.told[1][0] - desk.told[0][0] >= timedelta(days=1)


def test_after_the_window_there_is_room_again() -> None:
    desk = Desk(FEW)
    for minute in range(0, 130, 10):
        desk.come([(f"m{minute}", f"household:{minute}")], after(minute * 60))
        desk.look(after(minute * 60 + 10))
        desk.look(after(minute * 60 + 310))
    singles = [at for at, about, _ in desk.told if about is not None]
    assert [round((at - START).total_seconds() / 60) for at in singles] == [0, 10, 20, 60, 70, 80, 120]


ITEMS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([0, 1, 5, 30, 400, 4000]), st.sampled_from([0, 0, 1, 11])),
    max_size=60,
)
"""Subject, seconds since the one before, seconds until somebody looks."""


@given(ITEMS, st.integers(1, 4))
def test_each_finding_is_in_one_notice_whenever_somebody_looks(
    items: list[tuple[int, int, int]], most: int
) -> None:
    desk, now = Desk(Bounds(most=most)), START
    for number, (subject, pause, look) in enumerate(items):
        now += timedelta(seconds=pause)
        desk.come([(str(number), f"household:{subject}")], now)
        if look:
            now += timedelta(seconds=look)
            desk.look(now)
    desk.rest(now)
    told = [what for _, _, whats in desk.told for what in whats]
    assert sorted(told, key=int) == [str(number) for number in range(len(items))]
    assert all(whats for _, _, whats in desk.told), "nothing is told of nothing"
    _bounded(desk, most)


def _bounded(desk: Desk, most: int) -> None:
    """Two windows that follow one another have room for twice as many; digests have quiet between them."""
    singles = [at for at, about, _ in desk.told if about is not None]
    for at in singles:
        assert sum(at <= other < at + desk.bounds.window for other in singles) <= 2 * most
    digests = [at for at, about, _ in desk.told if about is None]
    for before, later in pairwise(digests):
        assert later - before >= desk.bounds.quiet


@given(ITEMS, st.integers(1, 3))
def test_so_many_groups_as_are_shown_make_no_difference(items: list[tuple[int, int, int]], most: int) -> None:
    """PostgreSQL is asked for the first ``most`` + 1 groups only."""
    told = []
    for shown in (None, most + 1):
        desk, now = Desk(Bounds(most=most), shown), START
        for number, (subject, pause, look) in enumerate(items):
            now += timedelta(seconds=pause)
            desk.come([(str(number), f"household:{subject}")], now)
            now += timedelta(seconds=look)
            desk.look(now)
        desk.rest(now)
        told.append(desk.told)
    assert told[0] == told[1]


def test_a_day_is_told_when_it_is_over_in_china_village_by_village() -> None:
    noon, midnight = datetime.fromisoformat("2026-03-02T12:00+08:00"), "2026-03-03T00:00+08:00"
    day = Waiting([Group("500102008201", noon), Group("500102008202", noon)], noon)
    over = datetime.fromisoformat(midnight)
    assert settle_days(FEW, day, over - timedelta(seconds=1)) == []
    assert due_days(day) == over
    assert settle_days(FEW, day, over) == [Told("500102008201", over), Told("500102008202", over)]
    later = Waiting([Group("500102008201", over)], over)
    assert settle_days(FEW, later, over) == [], "what is of today waits"


def test_a_day_of_too_many_villages_is_one_digest() -> None:
    noon = datetime.fromisoformat("2026-03-02T12:00+08:00")
    day = Waiting([Group(f"50010200820{number}", noon) for number in range(4)], noon)
    over = datetime.fromisoformat("2026-03-03T00:00+08:00")
    assert settle_days(FEW, day, over) == [Told(None, over)]

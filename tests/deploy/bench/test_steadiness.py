"""A soak's verdict: what holds is said to hold, and each thing that does not is said."""

import re
from dataclasses import replace
from typing import Any

import pytest

from deploy.bench.soak import Asked, Soak, _requests
from deploy.bench.steadiness import Sample, Table, broken

MB = 2**20
RATE, SECONDS = 100.0, 400.0


def sample(at: float, **more: Any) -> Sample:
    """A moment of a run in which all is well: caches filled in its first tenth."""
    warm = min(1.0, at / 40)
    found = Sample(
        at=at,
        taken=int(at * RATE),
        pss={"payments": int((60 + 40 * warm) * MB), "postgres": int((50 + at) * MB)},
        rss={"payments": 140 * MB, "postgres": int((90 + at) * MB)},
        lag={"detection": 120, "projector": 80},
        outbox_seconds=0.2,
        tables={
            "detection_g1.fact": Table(int(at * 200), 10, int(at * 200) * 300),
            "detection_g1.dirty": Table(3, 9_000, 8 * MB),
        },
        kafka=int(at) * MB,
        database=int(at) * MB,
        journal=int(at) * MB,
    )
    return replace(found, **more)


def run(**more: Any) -> list[Sample]:
    """A whole run; ``more`` says for a moment what is otherwise from the middle on."""
    return [
        sample(float(at), **{name: make(float(at)) for name, make in more.items() if at >= 200})
        for at in range(0, 401, 20)
    ]


def judged(samples: list[Sample]) -> list[str]:
    return broken(samples, rate=RATE, seconds=SECONDS, servers=("kafka", "postgres"))


def test_a_steady_run_holds_whatever_its_beginning_and_its_servers_took() -> None:
    assert judged(run()) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"taken": lambda at: int(at * 61)}, "61 facts/s were reached, of 100 asked for"),
        (
            {"pss": lambda at: {"payments": int((100 + (at - 200) / 4) * MB)}},
            r"the memory of payments grew by \d\d MB in 300 s, from 100 MB",
        ),
        (
            {"lag": lambda at: {"detection": int((at - 190) * 40), "projector": 0}},
            "detection was up to 84.0 s of facts behind",
        ),
        (
            {"lag": lambda at: {"detection": 0, "projector": int((at - 200) * 4.5)}},
            r"projector fell 8\.\d s of facts further behind",
        ),
        ({"outbox_seconds": lambda at: at - 260}, "an announcement waited 140.0 s in the outbox"),
        (
            {"tables": lambda at: {"detection_g1.fact": Table(80_000, 0, 80_000 * 400)}},
            "detection_g1.fact takes 400 bytes a live row, and took 300",
        ),
        (
            {"tables": lambda at: {"detection_g1.dirty": Table(3, 900_000, 80 * MB)}},
            "detection_g1.dirty takes 80 MB for 3 live rows",
        ),
    ],
)
def test_what_does_not_hold_is_said(more: dict[str, Any], said: str) -> None:
    (sentence,) = judged(run(**more))
    assert re.fullmatch(said, sentence), sentence


def test_one_high_sample_is_no_leak() -> None:
    samples = run()
    at = len(samples) // 2
    samples[at] = replace(samples[at], pss={"payments": 180 * MB, "postgres": 0})
    assert judged(samples) == []


def test_a_run_that_was_cut_short_does_not_hold() -> None:
    assert judged(run()[:7]) == ["2 samples after the warm-up tell nothing: at least 3 are needed"]
    (sentence,) = judged(run()[:16])
    assert sentence == "75 facts/s were reached, of 100 asked for"


def test_its_sentence_says_which_rate_was_reached() -> None:
    asked = Asked(rate=RATE, seconds=SECONDS, every=20, workers=2)
    held = Soak(asked, run())
    assert held.sentence().startswith("It holds: 100 facts/s for 400 s with 2 of detection;")
    slow = Soak(asked, run(taken=lambda at: int(at * 61)))
    assert slow.sentence() == (
        "It does not hold (61 facts/s for 400 s with 2 of detection): "
        "61 facts/s were reached, of 100 asked for."
    )


def test_requests_are_of_one_context_each_and_a_month_ends_with_its_last_day_closed() -> None:
    requests = list(_requests(1_500))
    assert sum(request.facts for request in requests) == 1_500
    assert all(request.facts == request.body.count(b'"specversion"') for request in requests)
    closed = [request.body.decode() for request in requests if not request.context]
    assert closed == sorted(set(closed))
    assert closed and all(day[-2:] in ("28", "29", "30", "31") for day in closed)

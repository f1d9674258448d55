"""A stop-watch around a rule counts what it is asked, and changes no answer."""

from __future__ import annotations

from deploy.bench.stopwatch import costs, document, watched
from services.detection.evaluate import findings_of
from services.detection.marks import WHOLE
from services.detection.rules import ALL, BY_NAME
from services.detection.rules.rule import Finding
from tests.services.detection.looking import view_of
from tests.services.detection.upstream import Raw, enrolled, paid

ENROLLED: list[Raw] = [enrolled("H", "甲"), paid("H", "2021-03", "甲", no="P1")]
NEVER_ENROLLED = ENROLLED[1:]


def test_it_counts_looks_what_is_cleared_and_what_is_found() -> None:
    rules, spent = watched(ALL)

    def found(raws: list[Raw]) -> tuple[list[Finding], list[Finding]]:
        view = view_of("household:H", raws)
        return [*findings_of(rules, "household", view, WHOLE)], [*findings_of(ALL, "household", view, WHOLE)]

    for raws in (ENROLLED, NEVER_ENROLLED):
        with_watch, without = found(raws)
        assert with_watch == without
    assert BY_NAME["unentitled"].clear is not None
    unentitled = spent["unentitled"]
    assert (unentitled.looks, unentitled.cleared, unentitled.found) == (2, 1, 1)
    assert unentitled.seconds > 0
    assert spent["bulk-closure"].looks == 0


def test_costs_are_per_100_000_facts_and_the_dearest_comes_first() -> None:
    _, spent = watched(ALL)
    spent["unentitled"].looks, spent["unentitled"].seconds = 30, 0.5
    first, second, *_ = costs(document(spent), 50_000)
    assert (first.rule, first.looks, first.seconds) == ("unentitled", 60, 1.0)
    assert second.seconds == 0

"""bulk-closure: given who closed which petitions on a day, were they too many."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_petitions import closed, filed
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, adopted, void

RULE = "bulk-closure"
DAY = "2021-04-01"


def closures(count: int, day: str = DAY, by: str = "O1", first: int = 1, **more: Any) -> list[Raw]:
    return [closed(day, by, petition_no=f"F{number}", **more) for number in range(first, first + count)]


def seen(raws: list[Raw], closed_day: str = "2021-12-31", without: str = "") -> list[dict[str, Any]]:
    return [one.key | one.params for one in found(RULE, that_count(raws), closed_day, without)]


def test_one_more_than_are_allowed_is_found_with_all_their_numbers() -> None:
    assert seen(closures(3)) == []
    (finding,) = found(RULE, closures(4), "2021-12-31")
    assert (finding.severity, finding.key, finding.params, finding.evidence_count, finding.policy) == (
        "medium",
        {"closed_by": "O1", "closed_on": DAY},
        {"petitions": ["F1", "F2", "F3", "F4"], "petition_count": 4},
        4,
        {"petitions.closures_a_day": 3},
    )


def test_of_very_many_fifty_are_named_and_all_are_counted() -> None:
    (finding,) = found(RULE, closures(60), "2021-12-31")
    assert (len(finding.params["petitions"]), finding.params["petition_count"]) == (50, 60)


def test_each_day_and_each_official_is_counted_alone() -> None:
    assert seen([*closures(3), *closures(3, "2021-04-02", first=4), *closures(3, by="O/2", first=7)]) == []
    assert [one["closed_by"] for one in seen([*closures(3), *closures(4, by="O/2", first=7)])] == ["O/2"]
    assert seen([closed(petition_no=f"F{number}") for number in range(9)]) == []  # nobody says who


def test_what_does_not_count_is_not_counted() -> None:
    four = closures(4)
    assert len(seen([*four, *four])) == 1
    assert seen([*four, void(four[0])]) == []
    assert seen([void(four[0]), *four]) == []
    assert seen([*four, closed(DAY, "O1", "O2", petition_no="F4")]) == []  # one id with two contents


def test_the_number_is_that_of_the_day_for_all_divisions_that_the_petitions_are_of() -> None:
    policy = [
        adopted("petitions.closures_a_day", 5, "2021-04-02", "later"),
        adopted("petitions.closures_a_day", 4, DAY, "county", division_prefix="500102"),
        adopted("petitions.closures_a_day", 2, DAY, "village", division_prefix="500102008202"),
    ]
    here = [filed(f"F{number}") for number in (1, 2, 3)]
    elsewhere = filed("F4", division="500102008201")
    assert len(seen([*closures(3), *policy, *here])) == 1
    assert seen([*closures(4), *policy, *here, elsewhere]) == []
    assert len(seen([*closures(4), *policy[:1], *here, elsewhere])) == 1
    assert seen([*closures(5, "2021-04-02"), *policy[:1]]) == []


def test_closures_dated_ahead_are_found_when_their_day_is_closed() -> None:
    facts, name = closures(4), f"closer:O1/{DAY}"
    assert seen(facts, "2021-03-31") == []
    assert due(RULE, name, facts, "2021-03-31") == DAY
    assert len(seen(facts, DAY)) == 1
    assert due(RULE, name, facts, DAY) is None


LAWFUL = {
    "withdrawn": [*closures(3), *closures(1, first=4, outcome="withdrawn")],
    "once": [*closures(3), *closures(1, first=3, id_="again")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1

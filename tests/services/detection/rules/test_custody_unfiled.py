"""custody-unfiled: given a card in other hands, was it filed with an office that is enough, in time."""

from __future__ import annotations

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_custody import (
    HOUSEHOLD,
    NOT_HELD,
    agreement,
    bare_card,
    card,
    handed,
    in_force,
    other_ways,
    taken_back,
)
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw

RULE = "custody-unfiled"
END = "2021-05-31"
BARE = [HOUSEHOLD, bare_card()]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[str]:
    return [one.params["due_on"] for one in found(RULE, raws, closed, without)]


def test_it_is_found_when_the_last_day_for_it_is_over() -> None:
    assert seen(BARE, "2021-03-31") == []
    assert due(RULE, "custody:C1", BARE, "2021-03-31") == "2021-04-01"
    assert seen(BARE, "2021-04-01") == ["2021-03-31"]
    (finding,) = found(RULE, BARE, END)
    assert (finding.key, finding.severity, finding.household_no) == ({"custody_no": "C1"}, "medium", "H")
    assert finding.policy == {"custody.filing_days": 30}


@pytest.mark.parametrize(
    ("kind", "enough"),
    [
        ("relative", {"township", "county"}),
        ("other", {"township", "county"}),
        ("village_official", {"county"}),
        ("township_staff", {"county"}),
        ("institution", {"village", "township", "county"}),
    ],
)
def test_which_office_is_enough(kind: str, enough: set[str]) -> None:
    for office in ("village", "township", "county"):
        facts = [HOUSEHOLD, bare_card(kind=kind), agreement(office)]
        assert (seen(facts) == []) == (office in enough)


def test_it_says_with_whom_it_was_filed_last() -> None:
    (finding,) = found(RULE, [*BARE, agreement("village"), agreement("village", "2021-05-01")], END)
    assert (finding.params["filed_with"], finding.evidence_count) == ("village", 4)
    (finding,) = found(RULE, BARE, END)
    assert "filed_with" not in finding.params


def test_filed_late_is_filed_and_as_of_the_day_before_it_was_not() -> None:
    late = [*BARE, agreement("county", "2021-05-10")]
    assert (seen(late, "2021-05-09"), seen(late, "2021-05-10")) == (["2021-03-31"], [])
    assert due(RULE, "custody:C1", late, "2021-05-09") == "2021-05-10"


def test_it_is_asked_what_the_next_holder_is() -> None:
    at_township = [*BARE, agreement("township")]
    assert seen(at_township) == []
    assert seen([*at_township, handed("successor", "2021-05-01", "丁")]) == []
    openly = handed("successor", "2021-05-01", "丁", "village_official")
    assert seen([*at_township, openly], "2021-04-30") == []
    assert seen([*at_township, openly]) == ["2021-03-31"]
    assert seen([*BARE, agreement("county"), openly]) == []


def test_the_last_grant_says_whether_it_was_filed() -> None:
    again = bare_card(id_="again", time="2021-04-10T09:00:00+08:00")
    assert seen([HOUSEHOLD, card(), again]) == ["2021-03-31"]


def test_the_days_are_those_in_force_on_the_closed_day() -> None:
    longer = [*BARE, in_force("custody.filing_days", 60, "2021-04-15")]
    assert (seen(longer, "2021-04-14"), seen(longer, "2021-04-15")) == (["2021-03-31"], [])
    assert due(RULE, "custody:C1", longer, "2021-04-14") == "2021-04-15"


def test_a_card_that_ended_on_the_closed_day_is_held_no_more() -> None:
    ended = [*BARE, taken_back("2021-05-20")]
    assert (seen(ended, "2021-05-19"), seen(ended, "2021-05-20")) == (["2021-03-31"], [])


@pytest.mark.parametrize("way", other_ways(BARE[1]))
def test_what_counts(way: str) -> None:
    facts, counts = other_ways(BARE[1])[way]
    assert len(seen(that_count([HOUSEHOLD, *facts]))) == counts


LAWFUL: dict[str, list[Raw]] = {
    **{clause: [*BARE, *facts] for clause, facts in NOT_HELD.items()},
    "institution": [HOUSEHOLD, bare_card(kind="institution")],
    "filed": [HOUSEHOLD, card()],
    "with_county": [HOUSEHOLD, bare_card(kind="village_official"), agreement("county")],
    "with_township": [*BARE, agreement("township")],
    "in_time": [HOUSEHOLD, bare_card(valid_from="2021-05-01")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1

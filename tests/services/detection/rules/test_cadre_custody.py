"""cadre-custody: given a card, who holds it and what they are, is it held openly and with all its papers."""

from __future__ import annotations

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_custody import (
    HOUSEHOLD,
    NOT_HELD,
    agreement,
    bare_card,
    card,
    gives_up,
    handed,
    in_force,
    kin_declared,
    kin_reviewed,
    other_ways,
    takes_up,
)
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, corrected

RULE = "cadre-custody"
END = "2021-05-31"
OFFICIAL = takes_up("2020-06-01")
CARD = [HOUSEHOLD, OFFICIAL, card()]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[list[str]]:
    return [one.params["fails"] for one in found(RULE, raws, closed, without)]


def test_an_official_who_is_nobodys_relative_on_file_is_found_at_once() -> None:
    assert seen(CARD, "2021-02-28") == []
    assert seen(CARD, "2021-03-01") == [["kind"]]
    (finding,) = found(RULE, CARD, END)
    assert (finding.key, finding.severity, finding.household_no) == ({"custody_no": "C1"}, "high", "H")
    assert (finding.evidence_count, finding.policy) == (
        3,
        {"custody.agreement_days": 30, "custody.filing_days": 30},
    )


@pytest.mark.parametrize(
    ("kind", "filed", "fails"),
    [
        ("relative", True, []),
        ("relative", False, [["kind"]]),
        ("other", True, [["kind"]]),
        ("other", False, [["kind"]]),
        ("village_official", False, []),
        ("township_staff", False, []),
        ("institution", False, []),
    ],
)
def test_as_what_they_hold_it(kind: str, filed: bool, fails: list[list[str]]) -> None:
    facts = [HOUSEHOLD, OFFICIAL, card(kind=kind), *([kin_declared("2021-02-01")] if filed else [])]
    assert seen(facts) == fails


def test_papers_are_owed_when_their_days_are_over_by_a_relative_too() -> None:
    openly = [HOUSEHOLD, OFFICIAL, bare_card(kind="village_official")]
    assert (seen(openly, "2021-03-31"), seen(openly, "2021-04-01")) == ([], [["agreement", "filing"]])
    assert due(RULE, "custody:C1", openly, "2021-03-31") == "2021-04-01"
    relative = [HOUSEHOLD, OFFICIAL, bare_card(), kin_declared("2021-02-01")]
    assert (seen(relative, "2021-03-31"), seen(relative, "2021-04-01")) == ([], [["agreement", "filing"]])
    assert seen([HOUSEHOLD, OFFICIAL, bare_card()]) == [["agreement", "filing", "kind"]]
    for office, fails in (("village", [["filing"]]), ("township", [["filing"]]), ("county", [])):
        assert seen([*relative, agreement(office)]) == fails


def test_the_days_are_those_in_force_on_the_closed_day() -> None:
    openly = [HOUSEHOLD, OFFICIAL, bare_card(kind="village_official")]
    more = [*openly, in_force("custody.agreement_days", 60, "2021-04-10")]
    assert (seen(more, "2021-04-09"), seen(more, "2021-04-10")) == ([["agreement", "filing"]], [["filing"]])
    assert due(RULE, "custody:C1", more, "2021-04-09") == "2021-04-10"


@pytest.mark.parametrize(
    ("posts", "in_office"),
    [
        ([takes_up("2021-05-31")], True),
        ([takes_up("2021-06-01")], False),
        ([OFFICIAL, gives_up("2021-05-31")], True),  # the last day in office is one
        ([OFFICIAL, gives_up("2021-05-30")], False),
        ([OFFICIAL, gives_up("2021-05-30", None)], False),  # by the official's number alone
        ([OFFICIAL, gives_up("2021-05-30", None, official_no="O2")], True),
        ([OFFICIAL, gives_up("2021-05-30"), takes_up("2021-01-01", no="A2")], True),
        ([OFFICIAL, gives_up("2021-05-30", no="A2")], True),
        ([takes_up("2020-06-01", "戊")], False),
    ],
)
def test_who_is_in_office_on_the_closed_day(posts: list[Raw], in_office: bool) -> None:
    assert len(seen([HOUSEHOLD, card(), *posts])) == in_office


def test_it_wakes_when_a_post_is_taken_up_and_on_the_day_after_the_last_one() -> None:
    facts = [HOUSEHOLD, card(), takes_up("2021-04-10"), gives_up("2021-05-10")]
    assert due(RULE, "custody:C1", facts, "2021-04-09") == "2021-04-10"
    assert due(RULE, "custody:C1", facts, "2021-04-10") == "2021-05-10"
    assert due(RULE, "custody:C1", facts, "2021-05-10") == "2021-05-11"
    assert [len(seen(facts, day)) for day in ("2021-04-09", "2021-04-10", "2021-05-10", "2021-05-11")] == [
        0,
        1,
        1,
        0,
    ]


def test_which_filing_says_whose_relative_it_is() -> None:
    filed = kin_declared("2021-02-01")
    assert seen([*CARD, kin_declared("2021-02-01", "戊")]) == [["kind"]]
    assert seen([*CARD, kin_declared("2021-02-01", household_no="OTHER")]) == [["kind"]]
    assert seen([*CARD, kin_declared("2021-02-01", "丙丙", official_no="O1")]) == []
    late = [*CARD, kin_declared("2021-05-20")]
    assert (seen(late, "2021-05-19"), seen(late, "2021-05-20")) == ([["kind"]], [])
    wrong, right = kin_reviewed("2021-04-01", "not_related"), kin_reviewed("2021-05-01", "favoured")
    assert seen([*CARD, filed, wrong]) == [["kind"]]
    assert seen([*CARD, filed, wrong, right]) == []
    assert seen([*CARD, filed, wrong, right], "2021-04-30") == [["kind"]]
    corrected = kin_declared("2021-02-02", "戊")
    assert seen([*CARD, filed, corrected]) == [["kind"]]


def test_whoever_the_card_was_handed_to_is_asked_what_they_are() -> None:
    ours = [HOUSEHOLD, takes_up("2020-06-01", "戊"), card()]
    assert seen(ours) == []
    assert seen([*ours, handed("successor", "2021-05-10", "戊")], "2021-05-09") == []
    assert seen([*ours, handed("successor", "2021-05-10", "戊")]) == [["kind"]]
    assert seen([*ours, handed("successor", "2021-05-10", "戊", "village_official")]) == []
    assert seen([*CARD, handed("successor", "2021-05-10", "戊")]) == []


def test_an_official_whose_number_was_corrected_holds_it() -> None:
    facts = [HOUSEHOLD, takes_up("2020-06-01", "庚"), card(), corrected("庚", "丙", "2021-05-10")]
    assert (seen(facts, "2021-05-09"), seen(facts, "2021-05-10")) == ([], [["kind"]])
    assert seen([*facts, kin_declared("2021-02-01", "庚")]) == []


@pytest.mark.parametrize("way", other_ways(CARD[2]))
def test_what_counts(way: str) -> None:
    facts, counts = other_ways(CARD[2])[way]
    assert len(seen(that_count([HOUSEHOLD, OFFICIAL, *facts]))) == counts


OPENLY = [HOUSEHOLD, OFFICIAL, bare_card(kind="village_official")]
LAWFUL: dict[str, list[Raw]] = {
    **{clause: [*CARD, *facts] for clause, facts in NOT_HELD.items()},
    "not_begun": [HOUSEHOLD, OFFICIAL, card(valid_from="2021-06-01")],
    "handed_on": [*CARD, handed("successor", "2021-05-10", "戊")],
    "institution": [HOUSEHOLD, OFFICIAL, card(kind="institution")],
    "not_in_office": [*CARD, gives_up("2021-05-30")],
    "openly": [HOUSEHOLD, OFFICIAL, card(kind="township_staff")],
    "related": [*CARD, kin_declared("2021-02-01")],
    "agreed": [HOUSEHOLD, OFFICIAL, card(kind="village_official")],
    "filed": [*OPENLY, agreement("county")],
    "agreement_in_time": [HOUSEHOLD, OFFICIAL, bare_card(kind="village_official", valid_from="2021-05-01")],
    "filing_in_time": [HOUSEHOLD, OFFICIAL, bare_card(kind="village_official", valid_from="2021-05-01")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1

"""custody-without-agreement: given a card in other hands, is there an agreement, or still time for it."""

from __future__ import annotations

from typing import Any

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
from tests.services.detection.upstream import IDENTITY, Raw, corrected, enrolled, exited, person_of

RULE = "custody-without-agreement"
END = "2021-05-31"
BARE = [HOUSEHOLD, bare_card()]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[str]:
    return [one.params["due_on"] for one in found(RULE, raws, closed, without)]


def test_it_is_found_when_the_last_day_for_it_is_over() -> None:
    assert seen(BARE, "2021-03-31") == []
    assert seen(BARE, "2021-04-01") == ["2021-03-31"]
    (finding,) = found(RULE, BARE, END)
    assert (finding.key, finding.severity, finding.household_no, finding.evidence_count) == (
        {"custody_no": "C1"},
        "medium",
        "H",
        2,
    )
    assert finding.params == {
        "due_on": "2021-03-31",
        "valid_from": "2021-03-01",
        "custodian_kind": "relative",
        "custodian": IDENTITY.person_token(person_of("丙")["id_number"]),
        "beneficiary": IDENTITY.person_token(person_of("甲")["id_number"]),
    }
    assert finding.policy == {"custody.agreement_days": 30}


def test_it_wakes_when_the_last_day_is_over_and_when_the_beneficiary_comes_or_goes() -> None:
    assert due(RULE, "custody:C1", BARE) == "2019-12-20"
    assert due(RULE, "custody:C1", BARE, "2021-03-01") == "2021-04-01"
    assert due(RULE, "custody:C1", BARE, "2021-04-01") is None
    leaving = [*BARE, exited("H", "2021-08", decided_on="2021-04-20")]
    assert due(RULE, "custody:C1", leaving, "2021-04-01") == "2021-04-20"
    assert due(RULE, "custody:C1", leaving, "2021-04-20") == "2021-08-01"
    assert (seen(leaving, "2021-07-31"), seen(leaving, "2021-08-01")) == (["2021-03-31"], [])


def test_what_is_dated_after_the_closed_day_is_not_there_yet() -> None:
    late = [*BARE, agreement("village", "2021-05-10")]
    assert (seen(late, "2021-05-09"), seen(late, "2021-05-10")) == (["2021-03-31"], [])
    ended = [*BARE, taken_back("2021-05-20")]
    assert (seen(ended, "2021-05-19"), seen(ended, "2021-05-20")) == (["2021-03-31"], [])


def test_a_filing_of_the_agreement_with_whomever_shows_that_there_is_one() -> None:
    for office in ("village", "township", "county"):
        assert seen([*BARE, agreement(office, "2021-05-10")]) == []


def test_the_last_grant_of_a_number_describes_it() -> None:
    again = bare_card(id_="again", valid_from="2021-04-10", time="2021-04-10T09:00:00+08:00")
    assert seen([*BARE, again]) == ["2021-05-10"]
    assert seen([HOUSEHOLD, card(), again]) == ["2021-05-10"]
    signed = card(id_="signed", time="2021-04-10T09:00:00+08:00")
    assert seen([*BARE, signed]) == []


def test_the_agreement_of_a_card_that_was_handed_on_counts_for_the_next_holder() -> None:
    on = handed("successor", "2021-04-10", "丁")
    assert seen([HOUSEHOLD, card(), on]) == []
    (finding,) = found(RULE, [*BARE, on], END)
    assert finding.params["due_on"] == "2021-03-31"
    assert finding.params["custodian"] == IDENTITY.person_token(person_of("丁")["id_number"])
    assert seen([*BARE, handed("successor", "2021-04-10", "丁", "institution")]) == []


def test_a_card_that_came_back_and_was_taken_over_again_is_held() -> None:
    facts = [*BARE, handed("beneficiary", "2021-04-10", "甲")]
    assert seen(facts) == []
    assert seen([*facts, handed("custodian", "2021-05-10", "丙")]) == ["2021-03-31"]


def test_the_days_are_those_in_force_on_the_closed_day_where_the_household_is() -> None:
    longer = [*BARE, in_force("custody.agreement_days", 60, "2021-04-15")]
    assert (seen(longer, "2021-04-14"), seen(longer, "2021-04-15")) == (["2021-03-31"], [])
    assert due(RULE, "custody:C1", longer, "2021-04-14") == "2021-04-15"
    assert due(RULE, "custody:C1", longer, "2021-04-15") == "2021-05-01"
    assert seen(longer, "2021-05-01") == ["2021-04-30"]
    here = in_force("custody.agreement_days", 10, "2021-01-01", division_prefix="500102008")
    there = in_force("custody.agreement_days", 5, "2021-01-01", division_prefix="500103")
    assert seen([*BARE, here, there]) == ["2021-03-11"]
    assert seen([HOUSEHOLD, bare_card(division="500103001001"), here, there]) == ["2021-03-06"]
    of_tekun = in_force("custody.agreement_days", 20, "2021-01-01", programme="tekun")
    assert seen([*BARE, of_tekun]) == ["2021-03-31"]
    only_tekun = [enrolled("H", "甲", programme="tekun"), bare_card(), of_tekun]
    assert seen(only_tekun) == ["2021-03-21"]
    assert seen([*only_tekun, HOUSEHOLD]) == ["2021-03-31"]


def test_days_without_end_are_never_over() -> None:
    facts = [*BARE, in_force("custody.agreement_days", 10**12, "2021-01-01")]
    assert seen(facts, "9999-12-30") == []


@pytest.mark.parametrize("way", other_ways(BARE[1]))
def test_what_counts(way: str) -> None:
    facts, counts = other_ways(BARE[1])[way]
    assert len(seen(that_count([HOUSEHOLD, *facts]))) == counts


LAWFUL: dict[str, list[Raw]] = {
    **{clause: [*BARE, *facts] for clause, facts in NOT_HELD.items()},
    "institution": [HOUSEHOLD, bare_card(kind="institution")],
    "agreed": [HOUSEHOLD, card()],
    "agreed_later": [*BARE, agreement("village")],
    "in_time": [HOUSEHOLD, bare_card(valid_from="2021-05-01")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1


def test_a_beneficiary_whose_number_was_corrected_is_a_member() -> None:
    facts = [HOUSEHOLD, bare_card(beneficiary="戊")]
    assert seen([*facts, corrected("戊", "甲", "2021-05-10")], "2021-05-09") == []
    assert seen([*facts, corrected("戊", "甲", "2021-05-10")]) == ["2021-03-31"]
    left = exited("H", "2021-05", "甲", decided_on="2021-04-20")
    assert seen([*facts, corrected("甲", "戊", "2021-02-10"), left]) == []


def test_a_card_of_nobody_who_receives_is_not_held() -> None:
    kinds: list[dict[str, Any]] = [{"household_no": "OTHER"}, {"beneficiary": "戊"}]
    for more in kinds:
        assert seen([HOUSEHOLD, bare_card(**more)]) == []

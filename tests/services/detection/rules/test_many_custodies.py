"""many-custodies: given who holds whose cards, does one person hold those of too many households."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_custody import card, handed, in_force, other_ways, taken_back
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import (
    IDENTITY,
    Raw,
    corrected,
    enrolled,
    exited,
    fact,
    merged,
    person_of,
)

RULE = "many-custodies"
END = "2021-05-31"
PERSON = IDENTITY.person_token(person_of("丙")["id_number"])
BENEFICIARIES = ("甲", "丁", "戊", "己")


def household(number: int, **more: Any) -> Raw:
    return enrolled(f"H{number}", BENEFICIARIES[number - 1], from_month="2020-01", **more)


def of_household(number: int, custodian: str = "丙", **more: Any) -> Raw:
    data = {
        "household_no": f"H{number}",
        "beneficiary": BENEFICIARIES[number - 1],
        "no": f"C{number}",
        "id_": f"granted-{number}-{custodian}",
    }
    return card(custodian, **(data | more))


HOUSEHOLDS = [household(number) for number in (1, 2, 3)]
THREE = [*HOUSEHOLDS, *(of_household(number) for number in (3, 1, 2))]
TWO = THREE[:-1]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[list[str]]:
    return [one.params["cards"] for one in found(RULE, raws, closed, without)]


def test_three_households_are_too_many_and_two_are_not() -> None:
    assert seen(TWO) == []
    (finding,) = found(RULE, THREE, END)
    assert (finding.key, finding.severity, finding.household_no) == ({"person": PERSON}, "medium", None)
    assert finding.params == {
        "cards": ["C1", "C2", "C3"],
        "card_count": 3,
        "households": ["H1", "H2", "H3"],
        "household_count": 3,
        "most": 2,
    }
    assert (finding.policy, finding.evidence_count) == ({"custody.cards_per_custodian": 2}, 6)


def test_households_are_counted_and_all_their_cards_are_named() -> None:
    second = of_household(1, no="C9", id_="second")
    assert seen([*TWO, second]) == []
    assert seen([*THREE, second]) == [["C1", "C2", "C3", "C9"]]


def test_of_very_many_cards_fifty_are_named_and_all_are_counted() -> None:
    many = [of_household(number % 3 + 1, no=f"C{number}", id_=f"granted-{number}") for number in range(60)]
    (finding,) = found(RULE, [*HOUSEHOLDS, *many], END)
    assert (len(finding.params["cards"]), finding.params["card_count"]) == (50, 60)
    assert finding.params["household_count"] == 3


def test_institutions_cards_do_not_count_not_even_beside_others() -> None:
    assert seen([*TWO, of_household(2, kind="institution")]) == []
    assert seen([*HOUSEHOLDS, *(of_household(n, kind="institution") for n in (1, 2, 3))]) == []


def test_each_person_is_looked_at_alone() -> None:
    assert seen([*TWO, of_household(2, "庚")]) == []


def test_a_card_counts_from_the_day_on_which_it_is_taken_over() -> None:
    facts = [*TWO, of_household(2, valid_from="2021-05-10")]
    assert due(RULE, f"custodian:{PERSON}", facts, "2021-05-01") == "2021-05-10"
    assert (seen(facts, "2021-05-09"), len(seen(facts, "2021-05-10"))) == ([], 1)


def test_a_card_counts_until_the_day_on_which_it_ends_or_the_beneficiary_leaves() -> None:
    ended = [*THREE, taken_back("2021-05-20", "C1")]
    assert (len(seen(ended, "2021-05-19")), seen(ended, "2021-05-20")) == (1, [])
    left = [*THREE, exited("H1", "2021-06", decided_on="2021-05-10")]
    assert due(RULE, f"custodian:{PERSON}", left, "2021-05-10") == "2021-06-01"
    assert (len(seen(left, "2021-05-31")), seen(left, "2021-06-01")) == (1, [])


def test_who_was_handed_a_card_holds_it() -> None:
    on = handed("successor", "2021-05-10", "庚", no="C1")
    assert (len(seen([*THREE, on], "2021-05-09")), seen([*THREE, on], "2021-05-10")) == (1, [])
    taken = [
        *TWO,
        household(4),
        of_household(4, "庚"),
        handed("successor", "2021-05-10", "丙", no="C4", of="H4"),
    ]
    assert (seen(taken, "2021-05-09"), seen(taken, "2021-05-10")) == ([], [["C1", "C3", "C4"]])
    as_institution = handed("successor", "2021-05-10", "丙", "institution", "C4", "H4")
    assert seen([*taken[:-1], as_institution]) == []


def test_the_last_grant_says_whose_custodian_it_is() -> None:
    again = of_household(1, "庚", time="2021-05-10T09:00:00+08:00")
    assert seen([*THREE, again], "2021-05-09") == [["C1", "C2", "C3"]]
    assert seen([*THREE, again], "2021-05-10") == []


def test_the_number_is_that_of_the_closed_day_where_all_the_households_are() -> None:
    more = in_force("custody.cards_per_custodian", 3, "2021-05-10")
    assert (len(seen([*THREE, more], "2021-05-09")), seen([*THREE, more], "2021-05-10")) == (1, [])
    assert due(RULE, f"custodian:{PERSON}", [*THREE, more], "2021-05-09") == "2021-05-10"
    of_street = in_force("custody.cards_per_custodian", 3, "2021-01-01", division_prefix="500102008")
    of_village = in_force("custody.cards_per_custodian", 3, "2021-01-01", division_prefix="500102008202")
    elsewhere = household(1, division="500102008203")
    assert (seen([*THREE, of_street]), seen([*THREE, of_village])) == ([], [])
    assert seen([elsewhere, *THREE[1:], of_street]) == []
    assert len(seen([elsewhere, *THREE[1:], of_village])) == 1
    of_programme = in_force("custody.cards_per_custodian", 3, "2021-01-01", programme="rural_dibao")
    in_towns = household(1, programme="urban_dibao")
    assert seen([*THREE, of_programme]) == []
    assert len(seen([in_towns, *THREE[1:], of_programme])) == 1


def test_who_is_a_member_of_what_the_household_became_is_one_still() -> None:
    gone = [exited("H2", "2021-05"), merged("H4", "H2"), household(4), joining_h4()]
    assert len(seen([*THREE, *gone])) == 1
    assert seen([*THREE, *gone[:1]]) == []


def joining_h4() -> Raw:
    return fact(
        "enrollment.members_changed",
        "joined-H4",
        household_no="H4",
        programme="rural_dibao",
        from_month="2021-05",
        added=[{"person": person_of("丁"), "relation": "子"}],
    )


@pytest.mark.parametrize("way", other_ways(THREE[-1]))
def test_what_counts(way: str) -> None:
    facts, counts = other_ways(THREE[-1])[way]
    assert len(seen(that_count([*TWO, *facts]))) == counts


LAWFUL: dict[str, list[Raw]] = {
    "ended": [*THREE, taken_back("2021-05-20", "C1")],
    "given_back": [*THREE, handed("beneficiary", "2021-05-20", "甲", no="C1")],
    "left": [*THREE, exited("H1", "2021-05", decided_on="2021-04-20")],
    "not_begun": [*TWO, of_household(2, valid_from="2021-06-01")],
    "handed_on": [*THREE, handed("successor", "2021-05-20", "庚", no="C1")],
    "institution": [*TWO, of_household(2, kind="institution")],
    "one_household": [*TWO, of_household(1, no="C9", id_="second")],
    "few": TWO,
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1


def test_a_custodian_under_two_numbers_holds_the_cards_of_both_under_the_one_that_holds_now() -> None:
    facts = [*TWO, of_household(2, "丑"), corrected("丑", "丙", "2021-03-01")]
    assert seen(facts, "2021-02-28") == []
    assert seen(facts) == [["C1", "C2", "C3"]]
    (finding,) = found(RULE, facts, END)
    assert finding.key == {"person": PERSON}


def test_a_beneficiary_whose_number_was_corrected_in_the_household_is_still_the_member() -> None:
    others = [*THREE[:3], *(of_household(number) for number in (3, 1))]
    other_number = of_household(2, beneficiary="寅")
    assert seen([*others, other_number]) == []
    assert seen([*others, other_number, corrected("寅", "丁", "2021-03-01")]) == [["C1", "C2", "C3"]]


def test_two_households_that_became_one_are_one() -> None:
    assert seen([*THREE, merged("H1", "H2")]) == []

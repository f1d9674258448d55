"""kinship-undeclared: given a household, officials in or beside it, and filings: what is owed, is it done."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_custody import (
    HOUSEHOLD,
    applied,
    card,
    gives_up,
    handed,
    in_force,
    joined,
    kin_declared,
    other_ways_of,
    taken_back,
    takes_up,
)
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import IDENTITY, Raw, corrected, enrolled, exited, merged, person_of

RULE = "kinship-undeclared"
END = "2021-12-31"
MEMBER = [HOUSEHOLD, takes_up("2021-03-01", "乙")]
CARD = [HOUSEHOLD, takes_up("2020-06-01"), card()]
ASKED = [
    applied("2021-02-01"),
    enrolled("H", "甲", "乙", from_month="2021-03", decided_on="2021-02-20", application_no="S1"),
]
ASKED_LATER = [
    applied("2021-02-01"),
    enrolled("H", "甲", "乙", from_month="2021-03", decided_on="2021-03-10", application_no="S1"),
]
AGAIN = enrolled("H", "甲", "乙", from_month="2021-09", decided_on="2021-08-20")


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, str, str]]:
    """The severity, the ground and the day due of what is found."""
    return [
        (one.severity, one.params["ground"], one.params["due_on"])
        for one in found(RULE, raws, closed, without)
    ]


def late(raws: list[Raw], closed: str = END) -> list[str]:
    return [one.params["done_on"] for one in found(RULE, raws, closed) if one.severity == "low"]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen(MEMBER, "2021-03-31") == []
    assert due(RULE, "kin:H", MEMBER, "2021-03-31") == "2021-04-01"
    assert seen(MEMBER, "2021-04-01") == [("high", "member", "2021-03-31")]
    (finding,) = found(RULE, MEMBER, END)
    assert (finding.key, finding.household_no, finding.evidence_count) == ({"household_no": "H"}, "H", 2)
    assert finding.params == {
        "due_on": "2021-03-31",
        "ground": "member",
        "grounds": ["member"],
        "officials": [IDENTITY.person_token(person_of("乙")["id_number"])],
    }
    assert finding.policy == {"kinship.filing_days": 30}


@pytest.mark.parametrize(
    ("facts", "ground", "due_on"),
    [
        # who receives and is in office: the last of from_month, the decision, the appointment
        ([enrolled("H", "甲"), takes_up("2020-01-01", "甲")], "member", "2021-01-31"),
        ([enrolled("H", "甲", decided_on="2021-02-10"), takes_up("2020-01-01", "甲")], "member",
         "2021-03-12"),
        ([enrolled("H", "甲", decided_on="2021-02-10"), takes_up("2021-05-01", "甲")], "member",
         "2021-05-31"),
        # who is added: the day of time instead of the decision
        ([HOUSEHOLD, joined("丁", "2021-03", "2021-02-10"), takes_up("2020-01-01", "丁")], "member",
         "2021-03-31"),
        ([HOUSEHOLD, joined("丁", "2021-03", "2021-03-20"), takes_up("2020-01-01", "丁")], "member",
         "2021-04-19"),
        # who holds a card as a relative: the later of holding it and appointment
        (CARD, "custodian", "2021-03-31"),
        ([HOUSEHOLD, takes_up("2021-05-01"), card()], "custodian", "2021-05-31"),
        ([HOUSEHOLD, takes_up("2020-06-01", "戊"), card(), handed("successor", "2021-04-10", "戊")],
         "custodian", "2021-05-10"),
        ([HOUSEHOLD, takes_up("2020-06-01", "戊"), card(kind="other"),
          handed("successor", "2021-04-10", "戊", "relative")], "custodian", "2021-05-10"),
        # what the household says itself: the later of from_month and the decision
        (ASKED, "application", "2021-03-31"),
        ([*ASKED, applied("2021-02-02", id_="again")], "application", "2021-03-31"),
    ],
)  # fmt: skip
def test_from_when_a_household_is_to_be_filed(facts: list[Raw], ground: str, due_on: str) -> None:
    assert seen(facts) == [("high", ground, due_on)]
    assert seen(facts, due_on) == []


@pytest.mark.parametrize(
    "facts",
    [
        [HOUSEHOLD],
        [HOUSEHOLD, takes_up("2021-03-01", "庚")],
        [HOUSEHOLD, takes_up("2020-06-01"), card(kind="village_official")],
        [HOUSEHOLD, takes_up("2020-06-01"), gives_up("2021-02-28"), card()],
        [*CARD[:2], card(beneficiary="庚")],
        [CARD[1], CARD[2]],
        [ASKED[0], HOUSEHOLD],
        [ASKED[1]],
        [*ASKED, applied("2021-02-02", kin=False, id_="again")],
        [HOUSEHOLD, exited("H", "2021-03", "乙"), takes_up("2021-03-01", "乙")],
    ],
)
def test_who_need_not_be_filed(facts: list[Raw]) -> None:
    assert seen(facts) == []


def test_filed_in_time_or_late_or_before_it_was_owed() -> None:
    for day in ("2021-03-31", "2021-03-01", "2020-05-05"):
        assert seen([*MEMBER, kin_declared(day, "乙")]) == []
    filed = [*MEMBER, kin_declared("2021-04-10", "乙")]
    assert seen(filed) == [("low", "member", "2021-03-31")]
    assert late(filed) == ["2021-04-10"]
    assert seen(filed, "2021-04-09") == [("high", "member", "2021-03-31")]
    assert found(RULE, filed, END)[0].params["officials"] == []
    again = [*filed, kin_declared("2021-05-10", "乙", "Q2")]
    assert late(again) == ["2021-04-10"]


def test_a_filing_must_name_the_official_but_for_an_application_any_will_do() -> None:
    other = kin_declared("2021-03-10", "丁")
    assert seen([*MEMBER, other]) == [("high", "member", "2021-03-31")]
    assert seen([*CARD, other]) == [("high", "custodian", "2021-03-31")]
    assert seen([*ASKED, other]) == []
    by_number = kin_declared("2021-03-10", "乙乙", official_no="O1")
    assert seen([*MEMBER, by_number]) == []
    named, corrected = kin_declared("2021-03-10", "乙"), kin_declared("2021-03-20", "丁")
    assert seen([*MEMBER, named, corrected]) == [("high", "member", "2021-03-31")]


def test_of_several_officials_each_must_be_named() -> None:
    two = [*MEMBER, takes_up("2021-03-01", "甲", "A2", "O2")]
    first, second = kin_declared("2021-03-10", "乙"), kin_declared("2021-05-10", "甲", "Q2")
    assert seen([*two, first]) == [("high", "member", "2021-03-31")]
    assert seen([*two, first, second]) == [("low", "member", "2021-03-31")]
    assert late([*two, first, second]) == ["2021-05-10"]


def test_the_grounds_of_the_earliest_day_are_named_in_their_order() -> None:
    all_three = [*ASKED, takes_up("2021-03-01", "乙"), takes_up("2020-06-01", "丙", "A2", "O2"), card()]
    assert seen(all_three) == [("high", "application+member+custodian", "2021-03-31")]
    later = [*ASKED, takes_up("2021-04-01", "乙")]
    assert seen(later) == [("high", "application", "2021-03-31")]
    assert seen([*later, kin_declared("2021-03-10", "戊")]) == [("high", "member", "2021-05-01")]


def test_what_is_not_filed_at_all_goes_before_what_was_filed_late() -> None:
    facts = [*ASKED, kin_declared("2021-04-05", "戊"), takes_up("2021-05-01", "乙")]
    assert seen(facts, "2021-05-31") == [("low", "application", "2021-03-31")]
    assert seen(facts) == [("high", "member", "2021-05-31")]
    assert seen([*facts, kin_declared("2021-07-01", "乙", "Q2")]) == [("low", "application", "2021-03-31")]


@pytest.mark.parametrize(
    ("base", "more", "owed"),
    [
        (MEMBER, [gives_up("2021-03-31", "乙")], True),  # the last day in office is the day due
        (MEMBER, [gives_up("2021-03-30", "乙")], False),
        (MEMBER, [gives_up("2021-03-30", "乙"), takes_up("2021-03-15", "乙", "A2")], True),
        (MEMBER, [gives_up("2021-04-30", "乙")], True),
        (CARD, [gives_up("2021-03-30")], False),
        (CARD, [taken_back("2021-03-31")], True),
        (CARD, [taken_back("2021-03-30")], False),
        (CARD, [handed("beneficiary", "2021-03-30", "甲")], False),
        (CARD, [handed("successor", "2021-03-30", "戊")], False),
        (CARD, [handed("successor", "2021-03-31", "戊")], True),
        (CARD, [exited("H", "2021-03", "甲", decided_on="2021-02-10")], False),
        (CARD, [exited("H", "2021-04", "甲", decided_on="2021-02-10")], True),
        (MEMBER, [exited("H", "2021-04", "乙", decided_on="2021-02-10")], True),
        (MEMBER, [exited("H", "2021-04", decided_on="2021-02-10")], True),
        (MEMBER, [exited("H", "2021-03", decided_on="2021-06-10")], False),
    ],
)
def test_nothing_is_owed_of_what_was_over_before_the_day_due(
    base: list[Raw], more: list[Raw], owed: bool
) -> None:
    assert len(seen([*base, *more])) == owed


def test_a_member_who_left_by_the_first_of_the_month_of_the_day_due() -> None:
    facts = [HOUSEHOLD, takes_up("2021-03-02", "乙")]
    assert seen(facts) == [("high", "member", "2021-04-01")]
    assert len(seen([*facts, exited("H", "2021-04", "乙", decided_on="2021-03-10")])) == 1
    assert seen([HOUSEHOLD, takes_up("2021-03-03", "乙"), exited("H", "2021-04", "乙")]) == []
    elsewhere = enrolled("H", "乙", programme="tekun", from_month="2021-01", decided_on="2020-12-10")
    both = [HOUSEHOLD, elsewhere, takes_up("2021-03-03", "乙"), exited("H", "2021-04", "乙")]
    assert seen(both) == [("high", "member", "2021-04-02")]


def test_enrolled_again_it_has_the_clock_of_its_last_spell() -> None:
    gone = [*MEMBER, exited("H", "2021-06", decided_on="2021-05-20")]
    assert seen(gone) == [("high", "member", "2021-03-31")]
    assert seen([*gone, AGAIN], "2021-08-31") == [("high", "member", "2021-03-31")]
    assert due(RULE, "kin:H", [*gone, AGAIN], "2021-08-31") == "2021-09-01"
    assert seen([*gone, AGAIN], "2021-09-01") == []
    assert seen([*gone, AGAIN]) == [("high", "member", "2021-10-01")]
    # what was filed of the spell before counts no more, what was filed since does
    assert seen([*gone, AGAIN, kin_declared("2021-03-10", "乙")]) == [("high", "member", "2021-10-01")]
    assert seen([*gone, AGAIN, kin_declared("2021-05-20", "乙")]) == []
    card_stays = [*CARD, exited("H", "2021-06", decided_on="2021-05-20"), AGAIN]
    assert seen(card_stays) == [("high", "custodian", "2021-10-01")]
    asked = [*ASKED, exited("H", "2021-06", decided_on="2021-05-20"), AGAIN]
    assert seen(asked) == []


def test_in_another_programme_as_well_it_is_not_enrolled_again() -> None:
    other = enrolled("H", "甲", "乙", programme="tekun", from_month="2021-05", decided_on="2021-04-20")
    both = [*MEMBER, other, exited("H", "2021-08", decided_on="2021-07-20")]
    assert seen(both) == [("high", "member", "2021-03-31")]


def test_the_days_are_those_in_force_when_it_began() -> None:
    policy = [
        in_force("kinship.filing_days", 10, "2021-03-01"),
        in_force("kinship.filing_days", 90, "2021-03-02"),
    ]
    assert seen([*MEMBER, *policy]) == [("high", "member", "2021-03-11")]
    ours = in_force("kinship.filing_days", 20, "2021-01-01", division_prefix="500102008")
    assert seen([*MEMBER, *policy, ours]) == [("high", "member", "2021-03-21")]


@pytest.mark.parametrize("way", other_ways_of(MEMBER[1], post="主任"))
def test_what_counts(way: str) -> None:
    facts, counts = other_ways_of(MEMBER[1], post="主任")[way]
    assert len(seen(that_count([HOUSEHOLD, *facts]))) == counts


@pytest.mark.parametrize("way", other_ways_of(kin_declared("2021-03-10", "乙"), post="主任"))
def test_which_filing_counts(way: str) -> None:
    facts, counts = other_ways_of(kin_declared("2021-03-10", "乙"), post="主任")[way]
    assert len(seen(that_count([*MEMBER, *facts]))) == (not counts)


LAWFUL: dict[str, list[Raw]] = {
    "no_kin": [applied("2021-02-01", kin=False), ASKED[1]],
    "left_office": [*MEMBER, gives_up("2021-03-30", "乙")],
    "left": [HOUSEHOLD, takes_up("2021-02-15", "乙"), exited("H", "2021-03", "乙")],
    "left_all": [*ASKED_LATER, exited("H", "2021-04")],
    "ended": [*CARD, taken_back("2021-03-30")],
    "given_back": [*CARD, handed("beneficiary", "2021-03-30", "甲")],
    "handed_on": [*CARD, handed("successor", "2021-03-30", "戊")],
    "openly": [HOUSEHOLD, takes_up("2020-06-01"), card(kind="village_official")],
    "enrolled_again": [*MEMBER, exited("H", "2021-06", decided_on="2021-05-20"), AGAIN,
                       kin_declared("2021-05-20", "乙")],
    "filed": [*MEMBER, kin_declared("2021-03-31", "乙")],
}  # fmt: skip


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1


def test_an_official_whose_number_was_corrected_and_a_merged_household() -> None:
    official = [HOUSEHOLD, takes_up("2021-03-01", "庚")]
    assert seen([*official, corrected("庚", "乙", "2021-02-01")]) == [("high", "member", "2021-03-31")]
    assert seen([*MEMBER, corrected("乙", "庚", "2021-02-01"), kin_declared("2021-03-10", "庚")]) == []
    into = [*MEMBER, merged("H9", "H"), enrolled("H9", "丁", from_month="2020-01")]
    (finding,) = found(RULE, into, END)
    assert finding.key == {"household_no": "H9"}


def test_it_waits_for_nothing_where_nobody_is_of_anybodys_kin() -> None:
    facts: list[Any] = [HOUSEHOLD]
    assert due(RULE, "kin:H", facts, END) is None

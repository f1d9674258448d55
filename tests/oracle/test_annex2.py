"""Annex-2 cells by example: given these facts, these counts."""

from __future__ import annotations

from datetime import date

from tests.oracle.annex2 import cells
from tests.oracle.facts import Raw
from tests.oracle.stating import LI, WANG, ZHAO, closed, enrolled, exited, filed, members_changed

UNTIL = date(2021, 12, 31)


def counted(facts: list[Raw], until: date = UNTIL, programme: str = "rural_dibao") -> dict[str, int]:
    """The cells that are not 0; the four-way sum holds in 户 and in 人."""
    found = cells(facts, until, programme)
    for unit in "hp":
        assert found["A1" + unit] == sum(found[f"A1{letter}{unit}"] for letter in "abcd")
    return {code: count for code, count in found.items() if count}


def test_a_household_exit_counts_the_household_and_those_still_in_it() -> None:
    facts = [enrolled(WANG, LI, ZHAO), exited(LI, stop_month="2021-02", exit_kind="death")]
    assert counted(facts) == {"A1p": 1, "A1cp": 1}
    facts += [exited(stop_month="2021-03", exit_kind="favour")]
    assert counted(facts) == {"A1h": 1, "A1ah": 1, "A1p": 3, "A1ap": 2, "A1cp": 1}


def test_the_exit_of_the_last_member_ends_the_household() -> None:
    facts = [enrolled(WANG, LI), members_changed("2021-02", removed=(LI,))]
    assert counted(facts) == {}
    facts += [exited(WANG, stop_month="2021-03", exit_kind="policy")]
    assert counted(facts) == {"A1h": 1, "A1bh": 1, "A1p": 1, "A1bp": 1}


def test_a_removal_is_no_exit_even_of_the_last_member() -> None:
    assert counted([enrolled(WANG), members_changed("2021-02", removed=(WANG,))]) == {}


def test_entries_count_by_the_day_of_decision_and_members_of_the_first_month() -> None:
    entry = enrolled(WANG, decided_on="2021-01-01", from_month="2021-02", route="epidemic")
    added = members_changed("2021-02", added=(LI,)), members_changed("2021-03", added=(ZHAO,))
    assert counted([entry, *added]) == {"A2h": 1, "A2bh": 1, "A2p": 2, "A2bp": 2}
    assert counted([entry, *added], programme="urban_dibao") == {}
    assert counted([enrolled(WANG, decided_on="2020-12-31", from_month="2021-02")]) == {}


def test_until_is_the_day_of_decision_not_the_month_of_effect() -> None:
    facts = [enrolled(WANG), exited(stop_month="2021-08", decided_on="2021-07-15")]
    assert counted(facts, date(2021, 7, 14)) == {}
    assert counted(facts, date(2021, 7, 15))["A1h"] == 1


def test_exits_before_2021_do_not_count() -> None:
    first = enrolled(WANG, from_month="2020-01", decided_on="2019-12-20")
    assert counted([first, exited(stop_month="2021-01", decided_on="2020-12-31")]) == {}


def test_petitions_repeat_by_petitioner_or_household_and_matter() -> None:
    facts = [
        filed("too-early", "2017-12-31", matter_code="M09"),
        filed("first", "2018-01-01", matter_code="M09"),
        filed("again", "2018-02-01", matter_code="M09"),
        filed("other-matter", "2018-03-01", matter_code="M10"),
        filed("of-household", "2018-04-01", "request", petitioner=LI, household_no="H1", matter_code="M11"),
        filed(
            "same-household", "2018-05-01", "request", petitioner=None, household_no="H1", matter_code="M11"
        ),
        filed("nobody", "2018-06-01", petitioner=None, matter_code="M11"),
        filed("nobody-again", "2018-07-01", petitioner=None, matter_code="M11"),
        closed("again", "2018-12-01", "settled"),
        closed("same-household", "2018-12-01", "withdrawn"),
    ]
    assert counted(facts) == {"C1": 2, "C2": 1, "C2a": 1, "C3": 1}
    assert counted(facts, date(2018, 11, 30)) == {"C1": 2, "C2": 1, "C3": 1}
    assert counted(facts, date(2018, 1, 31)) == {}

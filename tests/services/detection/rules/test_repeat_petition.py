"""repeat-petition: given petitions on a matter, which of them repeat an earlier one."""

from __future__ import annotations

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_petitions import filed
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, corrected, merged, void

RULE = "repeat-petition"
FIRST = filed("F1", "2021-03-01", "甲", household_no="H")


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[tuple[str, str]]:
    findings = found(RULE, that_count(raws), closed, without)
    return [(one.key["petition_no"], one.params["earlier_petition_no"]) for one in findings]


@pytest.mark.parametrize(
    ("again", "common"),
    [
        (filed("F2", "2021-04-01", "甲"), ["same_person"]),
        (filed("F2", "2021-04-01", "乙", household_no="H"), ["same_household"]),
        (filed("F2", "2021-04-01", household_no="H"), ["same_household"]),
        (filed("F2", "2021-04-01", "甲", household_no="H"), ["same_person", "same_household"]),
    ],
)
def test_the_same_petitioner_or_household_on_the_same_matter_is_found(again: Raw, common: list[str]) -> None:
    (finding,) = found(RULE, [FIRST, again], "2021-12-31")
    assert (finding.severity, finding.key, finding.params, finding.evidence_count) == (
        "low",
        {"petition_no": "F2"},
        {"earlier_petition_no": "F1", "common": common},
        2,
    )
    assert finding.household_no == again["data"].get("household_no")


def test_another_matter_is_no_repeat() -> None:
    assert seen([FIRST, filed("F2", "2021-04-01", "甲", household_no="H", matter_code="2")]) == []


def test_each_one_after_the_first_is_found_with_the_last_one_before() -> None:
    second = filed("F2", "2021-04-01", "乙", household_no="H")
    third = filed("F3", "2021-05-01", "甲", household_no="H")
    assert seen([third, second, FIRST]) == [("F2", "F1"), ("F3", "F2")]
    finding = found(RULE, [third, second, FIRST], "2021-12-31")[1]
    assert (finding.params["common"], finding.evidence_count) == (["same_person", "same_household"], 3)


def test_of_one_day_the_event_id_decides() -> None:
    one, other = FIRST, filed("F2", "2021-03-01", "甲")
    (found_of_one_order,) = seen([one, other])
    assert seen([other, one]) == [found_of_one_order]


def test_a_petition_that_does_not_count_is_not_repeated() -> None:
    again = filed("F2", "2021-04-01", "甲")
    assert len(seen([FIRST, again, FIRST, again])) == 1
    assert seen([FIRST, void(FIRST), again]) == []
    assert seen([again, void(FIRST), FIRST]) == []
    assert seen([FIRST, filed("F1", "2021-03-01", "乙", household_no="H"), again]) == []  # two contents


@pytest.mark.parametrize(
    ("again", "same"),
    [
        (filed("F2", "2021-04-01", "乙"), corrected("甲", "乙", "2021-06-01")),
        (filed("F2", "2021-04-01", household_no="H2"), merged("H2", "H", day="2021-06-01")),
    ],
)
def test_who_had_another_number_is_the_same_once_that_is_known(again: Raw, same: Raw) -> None:
    facts = [FIRST, again, same]
    assert seen(facts, "2021-05-31") == []
    assert seen(facts, "2021-06-01") == [("F2", "F1")]


def test_a_petition_dated_ahead_is_found_when_its_day_is_closed() -> None:
    facts = [FIRST, filed("F2", "2021-04-01", "甲")]
    assert seen(facts, "2021-03-31") == []
    assert due(RULE, "matter:1", facts, "2021-03-31") == "2021-04-01"
    assert seen(facts, "2021-04-01") == [("F2", "F1")]
    assert due(RULE, "matter:1", facts, "2021-04-01") is None


LAWFUL = {
    "others": [FIRST, filed("F2", "2021-04-01", "乙", household_no="H2")],
    "before": [filed("F0", "2017-12-31", "甲"), filed("F1", "2018-01-01", "甲")],
    "once": [FIRST, filed("F1", "2021-03-02", "甲")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1

"""duplicate-relief: given grants of temporary relief, who was relieved twice for one occasion."""

from __future__ import annotations

from typing import Any

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_supervision import relief_granted
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import IDENTITY, Raw, corrected, person_of

RULE = "duplicate-relief"


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[dict[str, Any]]:
    return [one.key | one.params for one in found(RULE, raws, closed, without)]


def test_two_grants_for_one_occasion_are_one_finding_that_names_both() -> None:
    assert seen([relief_granted("R2"), relief_granted("R1")]) == [
        {
            "person": IDENTITY.person_token(person_of("甲")["id_number"]),
            "occasion_no": "S1",
            "grants": ["R1", "R2"],
            "amount_fen": 200000,
        }
    ]
    (finding,) = found(RULE, [relief_granted("R1"), relief_granted("R2")], "2021-12-31")
    assert (finding.severity, finding.evidence_count) == ("high", 2)


def test_other_occasions_and_none_are_no_duplicates() -> None:
    assert seen([relief_granted("R1"), relief_granted("R2", occasion="S2")]) == []
    assert seen([relief_granted("R1", occasion=None), relief_granted("R2", occasion=None)]) == []


def test_a_grant_dated_ahead_is_found_when_its_day_is_closed() -> None:
    facts = [relief_granted("R1"), relief_granted("R2", day="2021-05-01")]
    assert seen(facts, "2021-04-30") == []
    assert due(RULE, "occasion:S1", facts, "2021-04-30") == "2021-05-01"
    assert len(seen(facts, "2021-05-01")) == 1


def test_two_of_a_family_are_lawful_and_would_be_found_without_the_clause() -> None:
    family = [relief_granted("R1"), relief_granted("R2", "乙")]
    assert seen(family) == []
    assert len(seen(family, without="another_person")) == 1
    assert BY_NAME[RULE].clauses.keys() == {"another_person", "two_numbers"}


def test_one_person_under_two_numbers_is_found_from_the_day_on_which_that_is_corrected() -> None:
    facts = [relief_granted("R1"), relief_granted("R2", "乙"), corrected("甲", "乙", "2021-06-01")]
    assert seen(facts, "2021-05-31") == []
    (finding,) = seen(facts, "2021-06-01")
    assert finding["person"] == IDENTITY.person_token(person_of("乙")["id_number"])
    assert finding["grants"] == ["R1", "R2"]
    assert seen(facts, without="two_numbers") == []

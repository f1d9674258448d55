"""integrity-out-of-area: given what says where a fact belongs, did its source state it within its area?"""

from __future__ import annotations

from typing import Any

import pytest

from events.envelope import event_id_of
from tests.services.detection.cases_of_integrity import HERE, THERE, moved, of_area
from tests.services.detection.cases_of_supervision import petition
from tests.services.detection.looking import found
from tests.services.detection.upstream import Raw, died, enrolled, merged, paid, void
from tests.services.detection.worker import finding_of

RULE = "integrity-out-of-area"
PAID = of_area(paid("H", "2021-03", "甲"))
AT_HOME, ELSEWHERE = enrolled("H", "甲", division=HERE), enrolled("H", "甲", division=THERE)


def villages(*raws: Raw) -> list[str]:
    return [str(one.params["village"]) for one in found(RULE, list(raws))]


def test_a_payment_of_a_household_elsewhere_is_found() -> None:
    (finding,) = found(RULE, [PAID, ELSEWHERE])
    assert (finding.severity, finding.key, finding.month, finding.household_no, finding.params) == (
        "high",
        {"event_id": str(event_id_of(PAID["source"], PAID["id"]))},
        "2021-03",
        "H",
        {"source": "/test/payments", "area": "500102008", "village": THERE},
    )
    assert finding.evidence_count == 2


def test_within_its_area_nothing_is_found_nor_of_a_source_without_one() -> None:
    assert villages(PAID, AT_HOME) == []
    assert villages(paid("H", "2021-03", "甲"), ELSEWHERE) == []


def test_an_area_may_have_several_parts() -> None:
    assert villages(of_area(PAID, "500102009,500102007"), ELSEWHERE) == []
    assert villages(of_area(PAID, "500102007,500102008"), ELSEWHERE) == [THERE]
    assert villages(of_area(PAID, HERE), AT_HOME) == []


def test_while_nobody_says_where_the_household_is_nothing_is_found() -> None:
    assert villages(PAID) == []
    assert villages(PAID, enrolled("H9", "甲", division=THERE)) == []


def test_its_own_division_decides() -> None:
    assert villages(of_area(paid("H", "2021-03", "甲", division=THERE)), AT_HOME) == [THERE]
    assert villages(of_area(paid("H", "2021-03", "甲", division=HERE)), ELSEWHERE) == []
    assert villages(of_area(ELSEWHERE)) == [THERE]


def test_a_household_that_moves_makes_no_outsider_of_who_stated_what_was_before() -> None:
    gone = moved("H", "2021-06-10")
    payments = [of_area(paid("H", month, "甲")) for month in ("2021-05", "2021-06", "2021-07")]
    assert villages(*payments, AT_HOME) == []
    assert [one.month for one in found(RULE, [*payments, AT_HOME, gone])] == ["2021-06", "2021-07"]
    back = enrolled("H", "甲", division=HERE, from_month="2021-07", decided_on="2021-06-20")
    assert [one.month for one in found(RULE, [*payments, AT_HOME, gone, back])] == ["2021-06"]


def test_before_the_first_enrolment_that_one_says() -> None:
    assert villages(of_area(paid("H", "2020-03", "甲")), ELSEWHERE) == [THERE]


def test_a_household_that_was_merged_is_looked_for_by_its_own_number() -> None:
    assert villages(PAID, AT_HOME, enrolled("H2", "乙", division=THERE), merged("H2", "H")) == []


@pytest.mark.parametrize("verb", ["accepted", "closed"])
def test_a_step_is_where_its_petition_is(verb: str) -> None:
    more: dict[str, Any] = {"due_on": "2021-05-01"} if verb == "accepted" else {}
    step = of_area(petition(verb, "2021-04-01", **more))
    assert villages(step, petition("filed", "2021-03-01", division=THERE)) == [THERE]
    assert villages(step, petition("filed", "2021-03-01", division=HERE)) == []


def test_a_death_is_where_the_person_was_enrolled() -> None:
    assert villages(of_area(died("甲", "2021-03-02")), ELSEWHERE) == [THERE]
    assert villages(of_area(died("乙", "2021-03-02")), ELSEWHERE) == []


def test_a_void_is_a_fact_of_its_source_too() -> None:
    assert villages(of_area(void(paid("H", "2021-03", "甲"))), ELSEWHERE) == [THERE]


@pytest.mark.parametrize(
    ("batches", "village"),
    [
        ([[PAID], [ELSEWHERE]], THERE),
        ([[ELSEWHERE], [PAID]], THERE),
        ([[PAID, ELSEWHERE]], THERE),
        ([[PAID], [ELSEWHERE], [void(ELSEWHERE)]], None),
        ([[void(ELSEWHERE), PAID, ELSEWHERE]], None),
        ([[PAID, ELSEWHERE], [void(PAID)]], None),
        ([[PAID], [AT_HOME], [moved("H", "2021-02-01")]], THERE),
        ([[PAID], [moved("H", "2021-02-01"), AT_HOME], [void(moved("H", "2021-02-01"))]], None),
    ],
)
async def test_whatever_the_order(prepared: str, batches: list[list[Raw]], village: str | None) -> None:
    finding = await finding_of(RULE, prepared, *batches)
    assert (finding or {}).get("village") == village

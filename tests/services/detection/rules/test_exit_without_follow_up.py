"""exit-without-follow-up: by when somebody must look how a household fares that left."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_benefits import divided, joined, reviewed
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled, exited, merged

RULE = "exit-without-follow-up"
NAME = "leaving:H"
END = "2021-12-31"

HOUSEHOLD = enrolled("H", "甲", "乙")
LEFT = exited("H", "2021-04", decided_on="2021-03-15")
DUE = "2021-06-13"  # ninety days
MERGED_INTO_IT = [enrolled("H0", "丙"), exited("H0", "2021-02"), merged("H", "H0", day="2021-02-10")]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> dict[str, tuple[str, dict[str, Any]]]:
    return {one.key["stop_month"]: (one.severity, one.params) for one in found(RULE, raws, closed, without)}


def followed(day: str) -> Raw:
    return reviewed(day, "follow_up", "stop")


def again(day: str, *names: str, no: str = "H", **more: Any) -> Raw:
    return enrolled(no, *names, decided_on=day, from_month="2021-10", **more)


OWED = {"2021-04": ("medium", {"due_on": DUE})}


def late(day: str) -> dict[str, tuple[str, dict[str, Any]]]:
    return {"2021-04": ("low", {"due_on": DUE, "done_on": day})}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([HOUSEHOLD, LEFT], OWED),
        ([LEFT], OWED),  # whatever is known of the household
        ([HOUSEHOLD, LEFT, followed(DUE)], {}),
        ([HOUSEHOLD, LEFT, followed("2021-03-15")], {}),  # on the day itself
        ([HOUSEHOLD, LEFT, followed("2021-06-14")], late("2021-06-14")),
        ([HOUSEHOLD, LEFT, followed("2021-03-14")], OWED),  # of an earlier exit
        ([HOUSEHOLD, LEFT, reviewed("2021-04-10", "random")], OWED),  # no follow-up
        ([HOUSEHOLD, LEFT, again("2021-06-13", "甲", "乙")], {}),
        ([HOUSEHOLD, LEFT, again("2021-06-13", "乙", no="H2")], {}),  # any member, anywhere
        ([HOUSEHOLD, LEFT, again("2021-06-13", "甲", programme="tekun")], {}),  # any programme
        ([HOUSEHOLD, LEFT, again("2021-06-14", "甲")], late("2021-06-14")),
        ([HOUSEHOLD, LEFT, again("2021-06-14", "丙"), followed("2021-06-20")], late("2021-06-14")),
        ([HOUSEHOLD, LEFT, enrolled("H2", "丁"), joined("H2", "乙", "2021-06-01")], {}),
        ([HOUSEHOLD, LEFT, again("2021-06-01", "丙", no="H2")], OWED),  # somebody else
        ([HOUSEHOLD, LEFT, enrolled("H2", "乙", decided_on="2021-01-10", programme="tekun")], OWED),
        # who had left before is no member of it
        (
            [
                HOUSEHOLD,
                exited("H", "2021-02", "乙", decided_on="2021-01-20"),
                LEFT,
                again("2021-05-01", "乙", no="H2"),
            ],
            OWED,
        ),
        ([HOUSEHOLD, exited("H", "2021-04", decided_on="2021-03-15", exit_kind="death")], {}),
        ([HOUSEHOLD, exited("H", "2021-04", "甲", decided_on="2021-03-15")], {}),  # somebody stays
        # with its last member the household leaves
        (
            [
                HOUSEHOLD,
                exited("H", "2021-03", "甲", decided_on="2021-02-15"),
                exited("H", "2021-04", "乙", decided_on="2021-03-15"),
            ],
            OWED,
        ),
        # stated again, the first statement begins it
        ([HOUSEHOLD, LEFT, exited("H", "2021-04", decided_on="2021-03-20", id_="again")], OWED),
        # decided afterwards, and ended by it all the same: nobody receives by that
        ([HOUSEHOLD, LEFT, enrolled("H", "甲", "丙", decided_on="2021-05-01", from_month="2021-02")], OWED),
        ([HOUSEHOLD, LEFT, joined("H", "丙", "2021-05-01", from_month="2021-03")], OWED),
        ([LEFT, enrolled("H", "甲", decided_on="2021-05-01", from_month="2021-02")], OWED),
        # from the same month on they receive again
        ([HOUSEHOLD, LEFT, enrolled("H", "甲", decided_on="2021-05-01", from_month="2021-04")], {}),
        # what is decided elsewhere goes by its day, whatever it is for
        (
            [
                HOUSEHOLD,
                LEFT,
                enrolled("H", "甲", decided_on="2021-05-01", from_month="2021-02", programme="tekun"),
            ],
            {},
        ),
        ([HOUSEHOLD, LEFT, merged("H2", "H", day="2021-04-01")], {}),
        # the household into which another was merged leaves later on
        ([HOUSEHOLD, *MERGED_INTO_IT, LEFT], OWED),
        ([HOUSEHOLD, *MERGED_INTO_IT, LEFT, followed(DUE)], {}),
        ([HOUSEHOLD, LEFT, divided("H3", "H4")], {}),
        ([HOUSEHOLD, LEFT, divided("H", "H4")], OWED),  # its number goes on
    ],
)
def test_who_must_be_followed_up(facts: list[Raw], expected: dict[str, tuple[str, dict[str, Any]]]) -> None:
    assert seen(facts) == expected


def test_each_exit_has_its_own_clock() -> None:
    facts = [
        HOUSEHOLD,
        LEFT,
        followed("2021-04-01"),
        again("2021-09-20", "甲"),
        exited("H", "2021-12", decided_on="2021-09-25"),
    ]
    assert seen(facts, "2022-03-31") == {"2021-12": ("medium", {"due_on": "2021-12-24"})}


def test_the_days_are_those_of_the_day_of_the_exit() -> None:
    shorter = adopted("exit.follow_up_days", 30, "2021-03-15", programme="rural_dibao")
    assert seen([HOUSEHOLD, LEFT, shorter]) == {"2021-04": ("medium", {"due_on": "2021-04-14"})}
    assert seen([HOUSEHOLD, LEFT, adopted("exit.follow_up_days", 30, "2021-03-16")]) == OWED


def test_what_is_dated_ahead_is_not_there_yet() -> None:
    facts = [HOUSEHOLD, LEFT, followed("2021-06-20")]
    assert due(RULE, NAME, facts, "2021-03-01") == "2021-03-15"
    assert due(RULE, NAME, facts, "2021-04-01") == "2021-06-14"
    assert seen(facts, DUE) == {}
    assert seen(facts, "2021-06-19") == OWED
    assert due(RULE, NAME, facts, "2021-06-19") == "2021-06-20"
    assert seen(facts, "2021-06-20") == late("2021-06-20")


LAWFUL = {
    "died": [HOUSEHOLD, exited("H", "2021-04", decided_on="2021-03-15", exit_kind="death")],
    "merged": [HOUSEHOLD, LEFT, merged("H2", "H", day="2021-04-01")],
    "followed": [HOUSEHOLD, LEFT, followed("2021-04-01")],
    "enrolled_again": [HOUSEHOLD, LEFT, again("2021-05-01", "甲")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == {}
    assert len(seen(LAWFUL[clause], without=clause)) == 1

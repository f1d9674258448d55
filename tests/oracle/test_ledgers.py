"""The ledgers by example: given these facts, these rows."""

from __future__ import annotations

from datetime import date

from tests.oracle import ledgers
from tests.oracle.facts import live_facts
from tests.oracle.stating import (
    LI,
    WANG,
    adjusted,
    closed,
    custody_ended,
    enrolled,
    exited,
    filed,
    granted,
    paid,
    returned,
    voided,
)


def test_payments_say_where_they_went_and_whether_they_came_back() -> None:
    kept, back, undone = paid("2021-01"), paid("2021-02", division="500102008299"), paid("2021-03")
    facts = live_facts([returned(back, "2021-06-01"), back, kept, undone, voided(undone), enrolled(WANG)])
    rows = [(row.month, row.amount_fen, row.division, row.returned_on) for row in ledgers.payments(facts)]
    assert rows == [
        ("2021-01", 90000, "500102008201", None),
        ("2021-02", 90000, "500102008299", date(2021, 6, 1)),
    ]


def test_recipients_are_spells_with_their_members() -> None:
    exit_ = exited(LI, stop_month="2021-03", exit_kind="death")
    end = exited(stop_month="2021-05", exit_kind="policy", decided_on="2021-04-15")
    again = enrolled(WANG, from_month="2021-08", decided_on="2021-07-20", route="single_person")
    first, second = ledgers.recipients(
        live_facts([again, end, exit_, adjusted("2021-03", 50000), enrolled(WANG, LI)])
    )
    assert (first.from_month, first.to_month, first.exit_kind) == ("2021-01", "2021-05", "policy")
    assert (first.ended_on, first.entitlement_fen) == (date(2021, 4, 15), 50000)
    assert sorted((one.name, one.to_month, one.exit_kind) for one in first.members) == [
        ("李二", "2021-03", "death"),
        ("王一", "2021-05", "policy"),
    ]
    assert (second.from_month, second.to_month, second.route) == ("2021-08", None, "single_person")


def test_custody_is_the_latest_grant_and_its_end() -> None:
    facts = [granted(time="2021-06-20", valid_to="2022-12-31"), granted(), custody_ended("2021-07-01")]
    (row,) = ledgers.custody(live_facts([*facts, enrolled(WANG)]))
    assert (row.valid_to, row.ended_on) == (date(2022, 12, 31), date(2021, 7, 1))
    assert row.division == "500102008201"


def test_petitions_name_what_they_repeat_and_their_latest_outcome() -> None:
    facts = [filed("A", "2019-01-01"), filed("B", "2020-01-01"), filed("C", "2021-01-01")]
    facts += [closed("B", "2020-02-01", "settled"), closed("B", "2020-01-15", "not_settled")]
    rows = {row.petition_no: (row.repeats, row.outcome) for row in ledgers.petitions(live_facts(facts))}
    assert rows == {"A": ((), None), "B": (("A",), "settled"), "C": (("A", "B"), None)}

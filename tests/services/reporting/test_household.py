"""Given what is on record of a household, its whole story."""

from datetime import date

import pytest

from projections.ledgers import LEDGERS
from services.reporting import queries
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street


async def test_a_household_is_told_whole(street: Street) -> None:
    wrong = s.paid("2021-04")
    undone = s.voided(wrong, household_no="H1")
    await street.log.state(s.died(s.LI, "2021-02-11"), s.adjusted("2021-02", 90000), wrong, undone)
    await street.announce("raised")
    await street.read()
    told = await queries.story(street.pool, "H1")

    assert told.village == "500102008201"
    assert {(row["from_month"], row["to_month"], row["exit_kind"]) for row in told.members} == {
        ("2021-01", None, None),
        ("2021-01", "2021-03", "favour"),
    }
    assert told.ledgers.keys() == {name for name, one in LEDGERS.items() if one.household is not None}
    assert [row["month"] for row in told.ledgers["payments"]] == ["2021-01", "2021-02", "2021-03", "2021-04"]
    statuses = {(fact["serial"], fact["status"]) for fact in told.facts}
    assert {(wrong["id"], "voided"), (undone["id"], "void")} <= statuses
    kinds = [fact["type"].split(".")[1:3] for fact in told.facts]
    assert ["vitals", "died"] in kinds, "its members' facts are its own"
    assert ["enrollment", "entitlement_adjusted"] in kinds
    assert not [kind for kind in kinds if kind[0] == "anomalies"]
    days = [(fact["business_date"], fact["event_id"]) for fact in told.facts]
    assert days == sorted(days)
    assert [(row["month"], row["rule"]) for row in told.anomalies] == [("2021-02", "large-payment")]


async def test_only_what_was_recorded_by_a_day(street: Street) -> None:
    await street.log.close_day("2021-03-31")
    await street.log.state(s.died(s.LI, "2021-02-11"))
    await street.read()
    told = await queries.story(street.pool, "H1", date(2021, 3, 31))
    assert "dibao.vitals.died.v1" not in {fact["type"] for fact in told.facts}
    with pytest.raises(queries.DayNotClosedError):
        await queries.story(street.pool, "H1", date(2021, 4, 1))


async def test_a_household_that_nobody_has_heard_of(street: Street) -> None:
    await street.read()
    with pytest.raises(queries.UnknownHouseholdError):
        await queries.story(street.pool, "H9")

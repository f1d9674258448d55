"""Given these filings and reviews, these rows of the kinship ledger."""

from datetime import date
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "kinship", LedgerFilter(**asked))).rows


async def test_a_filing_and_its_review_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.enrolled(s.WANG), s.filed_kin(), s.reviewed_kin())
    (row,) = await rows(pool)
    assert {name: value for name, value in row.items() if not name.endswith(("_id", "_by"))} == {
        "filing_no": "K1",
        "household_no": "H1",
        "programme": "rural_dibao",
        "village": "500102008201",
        "official": log.identity.person_token(s.ZHAO["id_number"]),
        "official_no": "GZ0021",
        "official_kind": "village_committee",
        "post": "村委会委员",
        "relative": log.identity.person_token(s.WANG["id_number"]),
        "relation": "sibling",
        "declared_on": date(2021, 2, 1),
        "reviewed_on": date(2021, 3, 1),
        "reviewers": ["GZ0001", "GZ0003"],
        "visited": True,
        "outcome": "lawful",
        "twice": False,
    }
    assert row["event_id"] == log.records[1].event.event_id
    assert row["reviewed_by"] == log.records[2].event.event_id


async def test_who_was_not_reviewed_has_no_outcome(pool: asyncpg.Pool) -> None:
    await stated(pool, s.filed_kin())
    (row,) = await rows(pool)
    assert [row[name] for name in ("reviewed_on", "reviewers", "visited", "outcome", "village")] == [None] * 5


async def test_the_latest_review_by_day_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    late = s.reviewed_kin(reviewed_on="2021-06-01", outcome="favoured", visited=False)
    await stated(pool, late, s.reviewed_kin(), s.filed_kin())
    (row,) = await rows(pool)
    assert (row["outcome"], row["visited"]) == ("favoured", False)


async def test_a_number_filed_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    first, second = s.filed_kin(relation="child"), s.filed_kin(declared_on="2021-02-09")
    log = await stated(pool, second, first)
    (row,) = await rows(pool)
    assert (row["relation"], row["twice"]) == ("sibling", True)
    await log.state(s.voided(second, household_no="H1", filing_no="K1"))
    await read(pool, log)
    (row,) = await rows(pool)
    assert (row["relation"], row["twice"]) == ("child", False)


async def test_a_void_undoes_a_review_and_a_filing(pool: asyncpg.Pool) -> None:
    filing, review = s.filed_kin(), s.reviewed_kin()
    log = await stated(pool, s.voided(review, household_no="H1", filing_no="K1"), review, filing)
    (row,) = await rows(pool)
    assert row["outcome"] is None
    await log.state(s.voided(filing, household_no="H1", filing_no="K1"))
    await read(pool, log)
    assert await rows(pool) == []


async def test_of_one_id_with_two_contents_neither_counts(pool: asyncpg.Pool) -> None:
    filing, review = s.filed_kin(), s.reviewed_kin()
    await stated(pool, filing, review, s.with_data(review, outcome="not_related"))
    (row,) = await rows(pool)
    assert row["outcome"] is None


async def test_until_is_the_day_of_business(pool: asyncpg.Pool) -> None:
    await stated(pool, s.filed_kin(), s.reviewed_kin())
    assert await rows(pool, until=date(2021, 1, 31)) == []
    assert [row["outcome"] for row in await rows(pool, until=date(2021, 2, 28))] == [None]
    assert [row["outcome"] for row in await rows(pool, until=date(2021, 3, 1))] == ["lawful"]


async def test_as_of_is_the_day_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.filed_kin())
    await log.close_day("2021-12-01")
    await log.state(s.reviewed_kin())
    await read(pool, log)
    assert [row["outcome"] for row in await rows(pool, as_of=date(2021, 12, 1))] == [None]
    assert [row["outcome"] for row in await rows(pool)] == ["lawful"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.enrolled(s.WANG),
        s.filed_kin(),
        s.filed_kin("K2", "2021-04-30", household_no="H2", programme="tekun", division="500102008202"),
    )

    async def numbers(**asked: Any) -> list[str]:
        return [row["filing_no"] for row in await rows(pool, **asked)]

    assert await numbers() == ["K1", "K2"]
    assert await numbers(village="500102008201") == ["K1"], "the village of the household's enrolment"
    assert await numbers(village="500102008202") == ["K2"], "the village that the filing states"
    assert await numbers(village="500102008") == ["K1", "K2"]
    assert await numbers(month="2021-04") == ["K2"]
    assert await numbers(household_no="H1") == ["K1"]
    assert await numbers(programme="tekun") == ["K2"]

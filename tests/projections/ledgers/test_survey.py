"""Given these surveys and answers, these rows of the ledger of surveys."""

from datetime import date
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "survey", LedgerFilter(**asked))).rows


async def test_an_answer_and_its_survey_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.designed(), s.surveyed())
    (row,) = await rows(pool)
    assert row == {
        "survey_no": "MYD1",
        "title": "群众满意度调查",
        "surveyor": "渝信调查公司",
        "answer_no": "D1",
        "answered_on": date(2021, 10, 20),
        "person": log.identity.person_token(s.WANG["id_number"]),
        "result": "answered",
        "satisfaction": "satisfied",
        "twice": False,
        "village": "500102008201",
        "event_id": log.records[1].event.event_id,
    }


async def test_an_answer_to_a_survey_that_nobody_designed_has_no_title(pool: asyncpg.Pool) -> None:
    await stated(pool, s.surveyed(person=None, result="not_reached", satisfaction=None))
    (row,) = await rows(pool)
    names = ("title", "surveyor", "person", "result", "satisfaction")
    assert [row[name] for name in names] == [None, None, None, "not_reached", None]


async def test_what_was_last_said_of_the_survey_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    late = s.designed("2021-10-09", title="补充调查")
    log = await stated(pool, late, s.designed(), s.surveyed())
    assert [(row["title"], row["twice"]) for row in await rows(pool)] == [("补充调查", False)]
    await log.state(s.voided(late, survey_no="MYD1"))
    await read(pool, log)
    assert [row["title"] for row in await rows(pool)] == ["群众满意度调查"]


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    await stated(pool, s.surveyed(answered_on="2021-10-21", satisfaction="fair"), s.surveyed())
    assert [(row["satisfaction"], row["twice"]) for row in await rows(pool)] == [("fair", True)]


async def test_until_is_the_day_of_business(pool: asyncpg.Pool) -> None:
    await stated(pool, s.designed(), s.surveyed())
    assert await rows(pool, until=date(2021, 10, 19)) == []
    assert len(await rows(pool, until=date(2021, 10, 20))) == 1


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(pool, s.surveyed("D2", "2021-11-01", division="500102008202"), s.surveyed())
    assert [row["answer_no"] for row in await rows(pool)] == ["D1", "D2"]
    assert [row["answer_no"] for row in await rows(pool, month="2021-10")] == ["D1"]
    assert [row["answer_no"] for row in await rows(pool, village="500102008202")] == ["D2"]

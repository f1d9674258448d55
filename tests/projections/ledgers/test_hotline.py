"""Given these calls and answers, these rows of the hotline's ledger."""

from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "hotline", LedgerFilter(**asked))).rows


async def test_a_call_and_its_answer_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.called(due_on="2021-03-08"), s.call_answered())
    (row,) = await rows(pool)
    assert {name: value for name, value in row.items() if not name.endswith(("event_id", "_by"))} == {
        "call_no": "RX1",
        "village": "500102008201",
        "line": "社会救助服务热线",
        "called_at": datetime(2021, 3, 1, 1, 12, 30, tzinfo=UTC),
        "called_on": date(2021, 3, 1),
        "picked_up": True,
        "caller": log.identity.person_token(s.WANG["id_number"]),
        "matter_code": "M05",
        "due_on": date(2021, 3, 8),
        "answered_on": date(2021, 3, 3),
        "status": "resolved",
        "twice": False,
    }
    assert [row["event_id"], row["answered_by"]] == [record.event.event_id for record in log.records]


MISSED = s.called(picked_up=False)
ONLY_HEARD = s.call_answered(resolved=False)


@pytest.mark.parametrize(
    ("raws", "status", "answered_on"),
    [
        ([MISSED], "missed", None),
        ([MISSED, s.call_answered(called_back=True)], "resolved", date(2021, 3, 3)),
        ([s.called(matter_code=None)], "taken", None),
        ([s.called()], "waiting", None),
        ([s.called(), ONLY_HEARD], "answered", date(2021, 3, 3)),
        # the first answer is the day, and one that met what was asked resolves it, whichever it was
        (
            [s.called(), s.call_answered(answered_at="2021-03-09T10:00:00+08:00"), ONLY_HEARD],
            "resolved",
            date(2021, 3, 3),
        ),
    ],
)
async def test_what_became_of_a_call(
    pool: asyncpg.Pool, raws: list[dict[str, Any]], status: str, answered_on: date | None
) -> None:
    await stated(pool, *raws[::-1])
    (row,) = await rows(pool)
    assert (row["status"], row["answered_on"]) == (status, answered_on)


async def test_days_are_those_of_china(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.called(called_at="2021-03-01T00:10:00+08:00"),
        s.call_answered(answered_at="2021-03-04T00:10:00+08:00"),
    )
    (row,) = await rows(pool, month="2021-03")
    assert (row["called_on"], row["answered_on"]) == (date(2021, 3, 1), date(2021, 3, 4))


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    first, second = s.called(), s.called(called_at="2021-03-02T09:00:00+08:00")
    log = await stated(pool, second, first)
    (row,) = await rows(pool)
    assert (row["called_on"], row["twice"]) == (date(2021, 3, 2), True)
    await log.state(s.voided(second, call_no="RX1"))
    await read(pool, log)
    (row,) = await rows(pool)
    assert (row["called_on"], row["twice"]) == (date(2021, 3, 1), False)


async def test_a_void_undoes_an_answer_and_a_call(pool: asyncpg.Pool) -> None:
    call, answer = s.called(), s.call_answered()
    log = await stated(pool, s.voided(answer, call_no="RX1"), answer, call)
    assert [row["status"] for row in await rows(pool)] == ["waiting"]
    await log.state(s.voided(call, call_no="RX1"))
    await read(pool, log)
    assert await rows(pool) == []


async def test_of_one_id_with_two_contents_neither_counts(pool: asyncpg.Pool) -> None:
    answer = s.call_answered()
    await stated(pool, s.called(), answer, s.with_data(answer, resolved=False))
    assert [row["status"] for row in await rows(pool)] == ["waiting"]


async def test_until_is_the_day_of_business_and_as_of_that_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.called())
    await log.close_day("2021-12-01")
    await log.state(s.call_answered())
    await read(pool, log)

    async def statuses(**asked: Any) -> list[str]:
        return [row["status"] for row in await rows(pool, **asked)]

    assert await statuses(until=date(2021, 2, 28)) == []
    assert await statuses(until=date(2021, 3, 2)) == ["waiting"]
    assert await statuses(until=date(2021, 3, 3)) == ["resolved"]
    assert await statuses(as_of=date(2021, 12, 1)) == ["waiting"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.called(),
        s.called("RX2", "2021-04-30T23:59:00+08:00", division="500102008202"),
        s.called("RX3", division=None, caller=None),
    )

    async def numbers(**asked: Any) -> list[str]:
        return [row["call_no"] for row in await rows(pool, **asked)]

    assert await numbers() == ["RX1", "RX3", "RX2"], "by day, then number"
    assert await numbers(village="500102008202") == ["RX2"]
    assert await numbers(village="500102008") == ["RX1", "RX2"]
    assert await numbers(month="2021-04") == ["RX2"]

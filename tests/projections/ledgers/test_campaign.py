"""Given what was done in the campaign, these rows of its ledger."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from events.words import shown
from projections.ledgers.campaign import LEDGER
from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "campaign", LedgerFilter(**asked))).rows


TASK = s.campaigned("task_assigned", "2021-06-18")
REPORT = s.campaigned("task_reported", "2021-07-30")


async def test_a_task_and_its_latest_report_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, TASK, REPORT)
    (row,) = await rows(pool)
    assert row == {
        "kind": "task_assigned",
        "number": "RW1",
        "campaign_no": "ZX1",
        "day": date(2021, 6, 18),
        "what": "payments",
        "ledger": None,
        "title": "核对发放台账",
        "assigned_to": "枫香村",
        "due_on": date(2021, 8, 31),
        "reported_on": date(2021, 7, 30),
        "progress": 60,
        "status": "under_way",
        "twice": False,
        "village": "500102008201",
        "event_id": log.records[0].event.event_id,
        "reported_by": log.records[1].event.event_id,
    }


@pytest.mark.parametrize(
    ("raws", "status"),
    [
        ([TASK], "to_do"),
        ([TASK, s.campaigned("task_reported", "2021-08-30", done=True, progress=100)], "done"),
        # the latest report by day; of one day the farther one
        ([TASK, s.campaigned("task_reported", "2021-07-01", done=True, progress=100), REPORT], "under_way"),
        ([TASK, s.campaigned("task_reported", "2021-07-30", done=True, progress=100), REPORT], "done"),
        ([s.campaigned("project_started", "2021-07-08")], "to_do"),
        (
            [
                s.campaigned("project_started", "2021-07-08"),
                s.campaigned("project_reported", "2021-09-30"),
            ],
            "done",
        ),
        # a report of a task says nothing of the project with the same number
        ([s.campaigned("project_started", "2021-07-08", project_no="RW1"), REPORT], "to_do"),
        ([s.campaigned("visited", "2021-08-19")], "recorded"),
        ([s.campaigned("opened", "2021-06-16")], "recorded"),
    ],
)
async def test_how_far_something_has_come(
    pool: asyncpg.Pool, raws: list[dict[str, Any]], status: str
) -> None:
    await stated(pool, *raws[::-1])
    assert [row["status"] for row in await rows(pool)] == [status]


async def test_a_ledger_sent_in_says_which(pool: asyncpg.Pool) -> None:
    await stated(pool, s.campaigned("ledger_submitted", "2021-10-08"))
    (row,) = await rows(pool)
    assert (row["what"], row["ledger"], row["title"]) == (None, "payments", "2021-Q3")


async def test_a_code_has_the_same_word_wherever_it_comes_from() -> None:
    words = {heading.name: heading.words for heading in LEDGER.columns}
    for kind, field in (("task_assigned", "task_class"), ("visited", "kind"), ("met", "kind")):
        assert shown(f"campaign.{kind}", field).items() <= words["what"].items()
    assert words["ledger"]["payments"] != words["what"]["payments"], (
        "the class 低保金管理发放, the ledger 发放"
    )


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    second = s.campaigned("task_assigned", "2021-06-19", title="重新核对")
    log = await stated(pool, second, TASK)
    assert [(row["title"], row["twice"]) for row in await rows(pool)] == [("重新核对", True)]
    await log.state(s.voided(second, campaign_no="ZX1", task_no="RW1"))
    await read(pool, log)
    assert [(row["title"], row["twice"]) for row in await rows(pool)] == [("核对发放台账", False)]


async def test_until_is_the_day_of_business(pool: asyncpg.Pool) -> None:
    await stated(pool, TASK, REPORT)
    assert await rows(pool, until=date(2021, 6, 17)) == []
    assert [row["status"] for row in await rows(pool, until=date(2021, 7, 29))] == ["to_do"]
    assert [row["status"] for row in await rows(pool, until=date(2021, 7, 30))] == ["under_way"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(pool, TASK, s.campaigned("visited", "2021-08-19", division="500102008202"))
    assert [row["number"] for row in await rows(pool)] == ["RW1", "DD1"]
    assert [row["number"] for row in await rows(pool, month="2021-06")] == ["RW1"]
    assert [row["number"] for row in await rows(pool, village="500102008202")] == ["DD1"]

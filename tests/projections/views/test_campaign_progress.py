"""Given these tasks and reports, which light each has and why (R57-R59)."""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.view(pool, "campaign_progress", ViewFilter(**asked))).rows


TASK = s.campaigned("task_assigned", "2021-06-18", due_on="2021-08-12")


async def test_a_task_that_is_over(pool: asyncpg.Pool) -> None:
    await stated(pool, TASK, s.campaigned("task_reported", "2021-07-30"))
    assert await rows(pool, until=date(2021, 8, 31)) == [
        {
            "urgency": 1,
            "light": "red",
            "reason": "时限2021-08-12已过19天，进度60%",
            "kind": "task",
            "number": "RW1",
            "campaign_no": "ZX1",
            "title": "核对发放台账",
            "assigned_to": "枫香村",
            "village": "500102008201",
            "from_on": date(2021, 6, 18),
            "due_on": date(2021, 8, 12),
            "progress": Decimal(60),
            "reported_on": date(2021, 7, 30),
            "days_over": 19,
        }
    ]


def report(day: str, progress: int, done: bool = False) -> dict[str, Any]:
    return s.campaigned("task_reported", day, progress=progress, done=done)


@pytest.mark.parametrize(
    ("until", "reports", "light", "reason"),
    [
        ("2021-06-28", [], "green", "时限2021-08-12，进度0%"),
        ("2021-06-29", [], "yellow", "时间已过20%，进度0%，落后20个百分点"),
        ("2021-07-30", [report("2021-07-30", 60)], "green", "时限2021-08-12，进度60%"),
        ("2021-08-05", [report("2021-08-01", 80)], "yellow", "距时限2021-08-12还有7天，进度80%"),
        ("2021-08-12", [report("2021-08-01", 90)], "yellow", "距时限2021-08-12还有0天，进度90%"),
        ("2021-07-30", [report("2021-06-30", 70)], "yellow", "已30天未报进展，进度70%"),
        ("2021-08-31", [report("2021-08-10", 100, done=True)], "green", "2021-08-10完成"),
        ("2021-08-31", [report("2021-08-15", 100, done=True)], "green", "2021-08-15完成，逾期3天"),
        ("2021-08-31", [report("2021-08-15", 100)], "red", "时限2021-08-12已过19天，进度100%"),
    ],
)
async def test_a_light_and_its_reason(
    pool: asyncpg.Pool, until: str, reports: list[dict[str, Any]], light: str, reason: str
) -> None:
    await stated(pool, TASK, *reports)
    (row,) = await rows(pool, until=date.fromisoformat(until))
    assert (row["light"], row["reason"]) == (light, reason)


async def test_a_task_has_some_days_though_its_plan_was_late(pool: asyncpg.Pool) -> None:
    await stated(pool, s.campaigned("task_assigned", "2021-06-18", due_on="2021-05-31"))
    (row,) = await rows(pool, until=date(2021, 7, 4))
    assert (row["due_on"], row["reason"]) == (date(2021, 7, 3), "时限2021-07-03已过1天，进度0%")


async def test_a_phase_is_as_far_as_its_tasks(pool: asyncpg.Pool) -> None:
    phases = [
        {"title": "排查整改", "from_on": "2021-06-01", "to_on": "2021-10-31"},
        {"title": "全面总结", "from_on": "2021-11-01", "to_on": "2021-12-15"},
    ]
    await stated(
        pool,
        s.campaigned("opened", "2021-06-16", phases=phases),
        TASK,
        s.campaigned("task_assigned", "2021-06-18", task_no="RW2", due_on="2021-09-30"),
        report("2021-08-10", 100, done=True),
        s.campaigned("task_reported", "2021-08-10", task_no="RW2", progress=20),
    )

    async def phase(until: str) -> list[tuple[str, str, str]]:
        found = await rows(pool, until=date.fromisoformat(until))
        return [(row["number"], row["light"], row["reason"]) for row in found if row["kind"] == "phase"]

    assert await phase("2021-08-10") == [
        ("ZX1/1", "green", "时限2021-10-31，进度60%"),
        ("ZX1/2", "green", "没有时限在本阶段的任务"),
    ]
    assert (await phase("2021-10-28"))[0] == ("ZX1/1", "yellow", "时间已过98%，进度60%，落后38个百分点")
    assert (await phase("2021-11-02"))[0] == (
        "ZX1/1",
        "red",
        "时限2021-10-31已过2天，进度60%，1项任务未完成",
    )


async def test_the_urgent_first_and_filters_policy_void_and_as_of(pool: asyncpg.Pool) -> None:
    project = s.campaigned("project_started", "2021-06-18")
    log = await stated(pool, project, TASK, s.adopted("campaign.lag_points", 90, "2021-07-01"))
    await log.close_day("2021-07-20")
    await log.state(s.voided(project, project_no="XM1"))
    await read(pool, log)

    async def lights(**asked: Any) -> list[tuple[str, str]]:
        return [(row["number"], row["light"]) for row in await rows(pool, **asked)]

    closed = {"as_of": date(2021, 7, 20)}
    assert await lights(until=date(2021, 8, 20)) == [("RW1", "red")]
    assert await lights(until=date(2021, 8, 20), **closed) == [("RW1", "red"), ("XM1", "yellow")]
    assert await lights(until=date(2021, 8, 20), state="yellow", **closed) == [("XM1", "yellow")]
    assert await lights(until=date(2021, 8, 20), village="500102008201", **closed) == [("RW1", "red")]
    assert await lights(until=date(2021, 6, 30)) == [("RW1", "yellow")]
    assert await lights(until=date(2021, 7, 1)) == [("RW1", "green")]
    assert await lights(until=date(2021, 6, 17)) == []

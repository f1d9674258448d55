"""Given these facts, what was to be done by which day, and when it was done."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated

DAY = date(2021, 6, 30)
Clock = tuple[str, str, date, date | None, str, int | None]


async def clocks(pool: asyncpg.Pool, until: date | None = DAY, **asked: Any) -> list[Clock]:
    rows = (await queries.view(pool, "clocks", ViewFilter(until=until, **asked))).rows
    names = ("kind", "number", "due_on", "done_on", "state", "days_over")
    return [tuple(row[name] for name in names) for row in rows]


def accepted(day: str, due_on: str) -> dict[str, Any]:
    stated = {"petition_no": "F1", "accepted_on": day, "handled_by": "社保所", "due_on": due_on}
    return s.state("petitions.accepted", day, stated)


def forwarded(day: str) -> dict[str, Any]:
    stated = {"petition_no": "F1", "transferred_on": day, "from_body": "街道", "to_body": "区民政局"}
    return s.state("petitions.transferred", day, stated)


def answered(day: str, stage: str = "first") -> dict[str, Any]:
    stated = {
        "petition_no": "F1",
        "answered_on": day,
        "answered_by": "社保所",
        "stage": stage,
        "answer": "已答复",
    }
    return s.state("petitions.answered", day, stated)


def about_a_cadre() -> dict[str, Any]:
    return s.clue("X1", "2021-04-01", concerned=[{"person": s.ZHAO, "cadre": True}])


async def test_a_row_says_what_is_due_since_when_and_whose(pool: asyncpg.Pool) -> None:
    found = s.problem("WT1", "2021-05-01", household_no="H1", due_on="2021-06-20")
    await stated(pool, s.enrolled(s.WANG), found)
    assert (await queries.view(pool, "clocks", ViewFilter(until=DAY))).rows == [
        {
            "kind": "problem",
            "number": "WT1",
            "household_no": "H1",
            "village": "500102008201",
            "began_on": date(2021, 5, 1),
            "due_on": date(2021, 6, 20),
            "done_on": None,
            "state": "overdue",
            "days_left": None,
            "days_over": 10,
        }
    ]


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (None, (None, "overdue", 10)),
        ("2021-06-20", (date(2021, 6, 20), "done", None)),
        ("2021-06-22", (date(2021, 6, 22), "late", 2)),
        ("2021-07-01", (None, "overdue", 10)),  # only later
    ],
)
async def test_what_is_done_by_the_day_and_after_it(
    pool: asyncpg.Pool, done: str | None, expected: tuple[Any, ...]
) -> None:
    await stated(
        pool,
        s.problem("WT1", "2021-05-01", due_on="2021-06-20"),
        *([s.rectified("WT1", done)] if done else []),
    )
    ((_, _, _, *state),) = await clocks(pool)
    assert tuple(state) == expected


@pytest.mark.parametrize(
    ("due_on", "state", "left"), [("2021-07-02", "waiting", 2), ("2021-06-30", "due", 0), (None, None, None)]
)
async def test_what_is_not_due_yet(
    pool: asyncpg.Pool, due_on: str | None, state: str | None, left: int | None
) -> None:
    await stated(pool, s.problem("WT1", "2021-05-01", **({"due_on": due_on} if due_on else {})))
    rows = (await queries.view(pool, "clocks", ViewFilter(until=DAY))).rows
    assert [(row["state"], row["days_left"]) for row in rows] == ([(state, left)] if due_on else [])


@pytest.mark.parametrize(
    ("facts", "due_on"),
    [
        ([s.called()], "2021-03-08"),  # seven days after it
        ([s.called(due_on="2021-03-20")], "2021-03-20"),
        ([s.campaigned("task_assigned", "2021-06-18")], "2021-08-31"),
        ([s.campaigned("task_assigned", "2021-06-18", due_on="2021-05-31")], "2021-07-03"),  # 15 days
        ([s.campaigned("project_started", "2021-06-18")], "2021-10-31"),
        ([s.clue("X1", "2021-04-01")], "2021-05-31"),
        ([s.screened("listed", "2021-05-01")], "2021-05-31"),
        ([s.enrolled(s.WANG), s.filed_kin()], "2021-04-02"),
        ([s.money("batch_submitted", "2021-06-25")], "2021-07-10"),
        ([s.enrolled(s.WANG), s.granted()], "2021-06-01"),
        ([s.filed("F1", "2021-01-04")], "2021-03-20"),  # 15 and 60 days
        ([s.filed("F1", "2021-01-04"), accepted("2021-01-10", "2021-02-10")], "2021-02-10"),
        # no longer than the law allows after it
        ([s.filed("F1", "2021-01-04"), accepted("2021-01-10", "2021-12-31")], "2021-04-10"),
        ([s.filed("F1", "2021-01-04"), forwarded("2021-01-20")], "2021-04-05"),  # anew
        ([s.filed("F1", "2021-01-04"), forwarded("2021-04-20")], "2021-03-20"),  # too late for that
        (
            [s.filed("F1", "2021-01-04"), accepted("2021-02-20", "2021-03-01"), forwarded("2021-02-20")],
            "2021-03-01",
        ),
        # twenty working days, and thirty where the township may not decide
        ([s.applied("SQ1", "2021-04-01")], "2021-04-29"),
        ([s.applied("SQ1", "2021-04-01", delegated=False)], "2021-05-13"),
        ([s.applied("SQ1", "2021-04-01"), s.investigated("neighbourhood", "2021-04-20", result="doubtful")],
         "2021-06-03"),
        ([s.applied("SQ1", "2021-04-01"), s.investigated("neighbourhood", "2021-05-20", result="doubtful")],
         "2021-04-29"),
    ],
)  # fmt: skip
async def test_when_each_is_due(pool: asyncpg.Pool, facts: list[dict[str, Any]], due_on: str) -> None:
    await stated(pool, *facts)
    ((_, _, due, *_),) = await clocks(pool)
    assert due == date.fromisoformat(due_on)


async def test_a_year_as_it_is_arranged_moves_working_days(pool: asyncpg.Pool) -> None:
    arranged = {
        "year": 2021,
        "holidays": ["2021-04-05", "2021-05-03", "2021-05-04", "2021-05-05"],
        "working_days": ["2021-04-25", "2021-05-08"],
        "document": "国办发明电〔2020〕27号",
    }
    await stated(
        pool,
        s.state("calendar.year_arranged", "2020-11-24", arranged | {"holidays": ["2021-04-06"]}),
        s.state("calendar.year_arranged", "2020-11-25", arranged),
        s.applied("SQ1", "2021-04-01"),
    )
    ((_, _, due, *_),) = await clocks(pool)
    assert due == date(2021, 4, 29), "one day off, and one Sunday that is worked"


async def test_a_clue_about_a_cadre_goes_on_once_it_was_found_true(pool: asyncpg.Pool) -> None:
    verified = s.verified("X1", "2021-05-01")
    log = await stated(pool, about_a_cadre(), verified, s.transferred("X1", "2021-05-20", s.ZHAO))
    assert await clocks(pool) == [
        ("clue_transfer", "X1", date(2021, 5, 16), date(2021, 5, 20), "late", 4),
        ("clue_verification", "X1", date(2021, 5, 31), date(2021, 5, 1), "done", None),
    ]
    await log.state(s.voided(verified, clue_no="X1"))
    await read(pool, log)
    assert [clock[0] for clock in await clocks(pool)] == ["clue_verification"]


@pytest.mark.parametrize(
    ("fact", "done_on"),
    [
        (answered("2021-02-01"), date(2021, 2, 1)),
        (answered("2021-02-01", "review"), None),
        (s.closed("F1", "2021-02-02", "withdrawn"), date(2021, 2, 2)),
    ],
)
async def test_a_petition_is_done_once_it_is_answered_or_closed(
    pool: asyncpg.Pool, fact: dict[str, Any], done_on: date | None
) -> None:
    await stated(pool, s.filed("F1", "2021-01-04"), fact)
    ((_, _, _, done, *_),) = await clocks(pool)
    assert done == done_on


async def test_what_was_said_to_be_done_is_done_from_the_first_time(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.campaigned("task_assigned", "2021-05-01", due_on="2021-06-01"),
        s.campaigned("task_reported", "2021-06-10", progress=90),
        s.campaigned("task_reported", "2021-05-30", progress=100, done=True),
    )
    assert await clocks(pool) == [("task", "RW1", date(2021, 6, 1), date(2021, 5, 30), "done", None)]


@pytest.mark.parametrize(("stop_month", "there"), [("2021-04", []), ("2021-05", ["K1"])])
async def test_kin_who_receive_no_more_need_not_be_looked_into(
    pool: asyncpg.Pool, stop_month: str, there: list[str]
) -> None:
    await stated(pool, s.enrolled(s.WANG), s.filed_kin(), s.exited(stop_month=stop_month))
    assert [number for _, number, *_ in await clocks(pool)] == there


async def test_policy_of_the_place_and_the_day_counts(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.clue("X1", "2021-03-31"),
        s.clue("X2", "2021-04-01"),
        s.clue("X3", "2021-04-01", division="500103008201"),
        s.adopted("clues.verify_days", 10, "2021-04-01", division_prefix="500102"),
        s.adopted("clues.verify_days", 20, "2021-04-01"),
    )
    assert {number: due for _, number, due, *_ in await clocks(pool)} == {
        "X1": date(2021, 5, 30),
        "X2": date(2021, 4, 11),
        "X3": date(2021, 4, 21),
    }


async def test_states_period_household_and_as_of(pool: asyncpg.Pool) -> None:
    log = await stated(
        pool,
        s.problem("WT1", "2021-05-01", due_on="2021-05-31", household_no="H1"),
        s.problem("WT2", "2021-05-01", due_on="2021-06-10", division="500102008202"),
    )
    await log.close_day("2021-07-01")
    await log.state(s.rectified("WT2", "2021-06-08"))
    await read(pool, log)

    async def numbers(**asked: Any) -> list[str]:
        return [number for _, number, *_ in await clocks(pool, **asked)]

    assert await numbers() == ["WT1", "WT2"], "by the day due"
    assert await numbers(state="overdue") == ["WT1"]
    assert await numbers(state="done") == ["WT2"]
    assert await numbers(state="overdue", as_of=date(2021, 7, 1)) == ["WT1", "WT2"]
    assert await numbers(until=None, month="2021-05") == ["WT1"]
    assert await numbers(household_no="H1") == ["WT1"]
    assert await numbers(village="500102008202") == ["WT2"]
    with pytest.raises(
        queries.WrongQuestionError, match="state: expected one of waiting, due, overdue, done, late"
    ):
        await clocks(pool, state="open")

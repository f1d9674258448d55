"""A3 and B1-B8 by example, counted by hand: the cells, their checks, and what they open into."""

from datetime import date
from typing import Any

import asyncpg

from projections.fact import METADATA
from services.reporting import queries
from tests.oracle import stating as s
from tests.oracle.annex2 import cells as by_oracle
from tests.oracle.facts import Raw
from tests.projections.log import Log
from tests.projections.reading import read, stated

UNTIL = date(2021, 12, 31)
HERE, THERE = "500102008201", "500102008202"


async def counted(pool: asyncpg.Pool, *raws: Raw, until: date = UNTIL, **asked: Any) -> dict[str, int]:
    """The cells that are not 0 once these are stated; the oracle has the same."""
    await stated(pool, *raws)
    table = await queries.annex2(pool, until, **asked)
    found = {code: count for code, count in table.total.items() if count}
    if not asked:
        assert found == {code: count for code, count in by_oracle(raws, until).items() if count}
    return found


async def test_relief_for_the_epidemic_counts_the_times_of_persons(pool: asyncpg.Pool) -> None:
    undone, first = s.relieved("2021-03-01", person_times=9), s.relieved("2021-01-01", person_times=3)
    conflicting = s.relieved("2021-04-01")
    facts = [
        first,
        s.relieved("2021-02-01", household_no="H1"),
        s.relieved("2021-02-02", "illness", person_times=4),
        s.relieved("2020-12-31"),
        s.voided(undone, relief_no=undone["data"]["relief_no"]),
        undone,
        conflicting,
        s.with_data(conflicting, person_times=2),
    ]
    assert await counted(pool, *facts) == {"A3": 4}
    for programme in ("urban_dibao", "tekun"):
        assert (await queries.annex2(pool, UNTIL, programme=programme)).total["A3"] == 4
    assert (await queries.annex2(pool, date(2021, 1, 31))).total["A3"] == 3
    assert (await queries.annex2(pool, date(2020, 12, 31))).total["A3"] == 0
    opened = (await queries.annex2_cell(pool, "A3", UNTIL)).rows
    assert [(row["number"], row["counted"], row["class"]) for row in opened] == [
        (first["data"]["relief_no"], 3, "epidemic"),
        (facts[1]["data"]["relief_no"], 1, "epidemic"),
    ]
    assert {row["type"] for row in opened} == {"dibao.relief.granted.v1"}


async def test_a_clue_of_civil_affairs_from_report_to_transfer(pool: asyncpg.Pool) -> None:
    facts = [
        s.clue("L1", "2021-02-01"),
        s.clue("L2", "2021-02-02"),
        s.clue("L3", "2021-02-03"),
        s.clue("L4", "2021-02-04"),
        s.clue("L0", "2020-12-31"),
        s.verified("L0", "2021-01-05"),
        s.verified("L1", "2021-03-01", "unsubstantiated"),
        s.verified("L1", "2021-03-02", "partly"),
        s.verified("L2", "2021-03-01"),
        s.verified("L3", "2021-03-02", "substantiated"),
        s.verified("L3", "2021-03-03", "unsubstantiated"),
        s.transferred("L1", "2021-04-01", s.ZHAO, s.LI),
    ]
    assert await counted(pool, *facts) == {"B1": 4, "B2": 2, "B3": 1, "B4": 2}


async def test_what_counts_is_the_word_of_the_day_that_is_asked_for(pool: asyncpg.Pool) -> None:
    facts = [
        s.clue("L1", "2021-02-01"),
        s.verified("L1", "2021-03-01"),
        s.transferred("L1", "2021-03-15", s.ZHAO),
        s.verified("L1", "2021-06-01", "unsubstantiated"),
    ]
    assert await counted(pool, *facts) == {"B1": 1, "B3": 1, "B4": 1}
    for day, cells in {
        date(2021, 1, 31): [0, 0, 0, 0],
        date(2021, 2, 28): [1, 0, 0, 0],
        date(2021, 3, 1): [1, 1, 0, 0],
        date(2021, 5, 31): [1, 1, 1, 1],
        date(2021, 6, 1): [1, 0, 1, 1],
    }.items():
        total = (await queries.annex2(pool, day)).total
        assert [total[code] for code in ("B1", "B2", "B3", "B4")] == cells, day


async def test_bounds_are_shown_with_what_is_left_over_and_never_forced(pool: asyncpg.Pool) -> None:
    facts = [s.clue("L1", "2021-02-01"), *(s.transferred(f"L{n}", "2021-03-01") for n in (1, 2))]
    assert await counted(pool, *facts) == {"B1": 1, "B3": 2}
    checks = {(item.check.lhs, item.check.rhs): item for item in (await queries.annex2(pool, UNTIL)).checks}
    assert (checks["B2", ("B1",)].holds, checks["B2", ("B1",)].residual) == (True, -1)
    assert (checks["B3", ("B2",)].holds, checks["B3", ("B2",)].residual) == (False, 2)


async def test_a_cadre_and_a_clue_are_counted_once_a_cell(pool: asyncpg.Pool) -> None:
    facts = [
        s.clue("L1", "2021-02-01"),
        s.clue("L2", "2021-02-02", division=THERE),
        s.transferred("L1", "2021-03-01", s.ZHAO),
        s.transferred("L1", "2021-03-05", s.ZHAO, s.LI),
        s.transferred("L2", "2021-03-09", s.ZHAO, s.ZHAO),
    ]
    assert await counted(pool, *facts) == {"B1": 2, "B3": 2, "B4": 2}
    table = await queries.annex2(pool, UNTIL, by="village")
    assert [(area, cells["B3"], cells["B4"]) for area, cells in table.rows] == [(HERE, 1, 2), (THERE, 1, 1)]

    opened = (await queries.annex2_cell(pool, "B4", UNTIL)).rows
    assert [
        (row["number"], row["counted"]) for row in opened if row["business_date"] != date(2021, 3, 5)
    ] == [
        ("L1", 1),
        ("L2", 0),
    ]
    assert sorted(row["counted"] for row in opened) == [0, 0, 1, 1]
    assert await queries.count_of_cell(pool, "B4", UNTIL) == 2
    (there,) = (await queries.annex2_cell(pool, "B4", UNTIL, village=THERE)).rows
    assert (there["number"], there["counted"]) == ("L2", 1)


async def test_a_cell_goes_on_by_pages(pool: asyncpg.Pool) -> None:
    await counted(
        pool, s.transferred("L1", "2021-03-01", s.ZHAO, s.LI), s.transferred("L2", "2021-03-02", s.LI)
    )
    found, after = [], None
    while True:
        page = await queries.annex2_cell(pool, "B4", UNTIL, after=after, limit=1)
        found += page.rows
        if (after := page.next) is None:
            break
    assert [row["counted"] for row in found] == [1, 1, 0]
    assert len({(row["event_id"], row["person_id"]) for row in found}) == 3


async def test_a_clue_without_a_village_has_that_of_its_household(pool: asyncpg.Pool) -> None:
    facts = [
        s.enrolled(s.WANG, division=THERE),
        s.clue("L1", "2021-02-01", division=None, household_no="H1"),
        s.transferred("L1", "2021-03-01", s.ZHAO),
        s.clue("L2", "2021-02-01", division=None),
    ]
    assert await counted(pool, *facts, by="village") == {"B1": 2, "B3": 1, "B4": 1}
    table = await queries.annex2(pool, UNTIL, by="village")
    assert [(area, cells["B1"], cells["B4"]) for area, cells in table.rows] == [(THERE, 1, 1), (None, 1, 0)]


async def test_the_track_of_discipline_inspection(pool: asyncpg.Pool) -> None:
    facts = [
        s.clue("D1", "2021-02-01", "discipline", origin="found"),
        s.clue("D2", "2021-02-02", "discipline", origin="reported"),
        s.clue("D3", "2021-02-03", "discipline", origin="inspection"),
        s.clue("L1", "2021-02-03", origin="found"),
        s.taken_over("L1", "2021-04-01"),
        s.taken_over("L1", "2021-04-02"),
        s.case_opened("D1", "A1", "2021-05-01"),
        s.case_opened("D2", "A1", "2021-05-01"),
        s.case_opened("L1", "A2", "2021-05-02"),
        s.held_accountable("D1", s.ZHAO, "2021-06-01"),
        s.held_accountable("L1", s.ZHAO, "2021-06-02"),
        s.held_accountable("L1", s.LI, "2021-06-03"),
    ]
    assert await counted(pool, *facts) == {"B1": 1, "B5": 1, "B6": 2, "B7": 2, "B8": 2}


async def test_who_informed_is_not_kept(pool: asyncpg.Pool) -> None:
    log = Log()
    concerned = [{"person": s.ZHAO, "cadre": True}]
    await log.state(s.clue("L1", "2021-02-01", named=True, informant=s.WANG, concerned=concerned))
    await log.state(s.transferred("L1", "2021-03-01", s.LI))
    await read(pool, log)

    async def kept(person: dict[str, str]) -> bool:
        token = log.identity.person_token(person["id_number"])
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL search_path TO projection_g1")
            found = [
                await connection.fetchval(f"SELECT count(*) FROM {name} t WHERE t::text LIKE '%{token}%'")
                for name in METADATA.tables
            ]
        return any(found)

    assert await kept(s.LI), "a cadre is"
    assert not await kept(s.WANG)
    assert not await kept(s.ZHAO)


async def test_as_of_is_the_day_of_recording(pool: asyncpg.Pool) -> None:
    log = Log()
    await log.state(s.clue("L1", "2021-02-01"), s.relieved("2021-02-01"))
    await log.close_day("2021-12-01")
    await log.state(s.verified("L1", "2021-03-01"), s.relieved("2021-02-02"))
    await read(pool, log)
    for as_of, cells in {date(2021, 12, 1): [1, 1, 0], None: [2, 1, 1]}.items():
        total = (await queries.annex2(pool, UNTIL, as_of)).total
        assert [total[code] for code in ("A3", "B1", "B2")] == cells

"""A quarter is kept as it was reported, whatever comes later, and compared with what came."""

from datetime import date

import asyncpg
import pytest

from services.projector.generation import create
from services.reporting.annex2 import UnknownCellError
from services.reporting.quarterly.keeping import NotFrozenError, compare, freeze, frozen, summaries
from services.reporting.quarterly.quarters import AlteredError, FreezeError, Frozen, Quarter, which
from services.reporting.reading import DayNotClosedError
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street

Q1, Q2 = Quarter(2021, 1), Quarter(2021, 2)
RURAL = "rural_dibao"
EARLY, LAST = s.relieved("2021-02-10"), s.relieved("2021-03-31")
LATE, NEXT = s.relieved("2021-03-05"), s.relieved("2021-04-01")


async def freeze_q1(street: Street, **more: str | date) -> Frozen:
    return await freeze(street.pool, Q1, RURAL, "王芳", "李强", **more)  # type: ignore[arg-type]


@pytest.fixture
async def reported(street: Street) -> Frozen:
    """The first quarter, reported with two grants of relief; later one is voided, and two more are known."""
    await street.log.state(EARLY, LAST)
    await street.log.close_day("2021-03-31")
    await street.read()
    first = await freeze_q1(street)
    await street.log.state(LATE, NEXT, s.voided(EARLY, relief_no=EARLY["data"]["relief_no"]))
    await street.log.close_day("2021-06-30")
    await street.read()
    return first


async def test_a_quarter_is_kept_by_village_with_the_facts_behind_it(
    street: Street, reported: Frozen
) -> None:
    kept = await frozen(street.pool, which("2021Q1"), RURAL)
    assert kept == reported
    assert (kept.name, kept.until, kept.as_of) == ("2021Q1.1", date(2021, 3, 31), date(2021, 3, 31))
    assert kept.cells["A3"] == 2
    assert [(area, cells["A3"]) for area, cells in kept.areas] == [("500102008201", 2)]
    assert [item.serial for item in kept.items["A3"]] == [EARLY["id"], LAST["id"]]
    assert [item.business_date for item in kept.items["A3"]] == [date(2021, 2, 10), date(2021, 3, 31)]
    assert sum(kept.positions.values()) == 10, "eight facts of the street, and these two"
    assert kept.filled.total["A3"] == 2


async def test_who_froze_what_is_listed(street: Street, reported: Frozen) -> None:
    await freeze_q1(street, because="补报")
    rows = await summaries(street.pool, Q1)
    assert [(row["number"], row["as_of"], row["because"]) for row in rows] == [
        (1, date(2021, 3, 31), None),
        (2, date(2021, 6, 30), "补报"),
    ]
    assert {(row["prepared_by"], row["checked_by"]) for row in rows} == {("王芳", "李强")}
    assert await summaries(street.pool, Q2) == []


async def test_a_restatement_has_what_was_recorded_since_and_leaves_the_first(
    street: Street, reported: Frozen
) -> None:
    with pytest.raises(FreezeError, match="say why it is stated anew"):
        await freeze_q1(street)
    second = await freeze_q1(street, because="补报3月临时救助")
    assert [item.serial for item in second.items["A3"]] == [LATE["id"], LAST["id"]]
    assert await frozen(street.pool, which("2021Q1"), RURAL) == second
    assert await frozen(street.pool, which("2021Q1.1"), RURAL) == reported
    again = await freeze_q1(street, because="核对", as_of=date(2021, 3, 31))
    assert (again.number, again.cells, again.items) == (3, reported.cells, reported.items)


async def test_what_late_facts_would_make_of_it(street: Street, reported: Frozen) -> None:
    found = await compare(street.pool, "2021Q1", "now", RURAL, "A3")
    assert (found.old, found.new) == ("2021Q1.1", "now")
    assert [(each.item.serial, each.happened, each.why) for each in found.changes] == [
        (EARLY["id"], "went", "voided"),
        (LATE["id"], "came", "recorded_later"),
    ]
    assert found.changes[0].void is not None
    (cell,) = [each for each in found.cells if each.code == "A3"]
    assert (cell.old, cell.new, cell.change) == (2, 2, 0), "one came for one that went"


async def test_two_quarters_cell_by_cell(street: Street, reported: Frozen) -> None:
    await freeze(street.pool, Q2, RURAL, "王芳", "李强")
    found = await compare(street.pool, "2021Q1", "2021Q2", RURAL, "A3")
    assert [(each.item.serial, each.happened, each.adds, each.why) for each in found.changes] == [
        (EARLY["id"], "went", -1, "voided"),
        (LATE["id"], "came", 1, "recorded_later"),
        (NEXT["id"], "came", 1, "business_date_after"),
    ]
    (cell,) = [each for each in found.cells if each.code == "A3"]
    assert (cell.old, cell.new, cell.change) == (2, 3, 1)
    assert (await compare(street.pool, "2021Q1.1", "2021Q1", RURAL)).changes == ()
    with pytest.raises(UnknownCellError):
        await compare(street.pool, "2021Q1", "2021Q2", RURAL, "Z9")


async def test_it_outlives_a_rebuild(street: Street, reported: Frozen) -> None:
    before = await compare(street.pool, "2021Q1", "now", RURAL, "A3")
    async with street.pool.acquire() as connection, connection.transaction():
        await create(connection, 2)
        await connection.execute("UPDATE platform.generation SET live = 2 WHERE name = 'projection'")
        await connection.execute("DROP SCHEMA projection_g1 CASCADE")
    assert await frozen(street.pool, which("2021Q1"), RURAL) == reported, "no ledger is asked"
    await street.read()
    assert await compare(street.pool, "2021Q1", "now", RURAL, "A3") == before


async def test_what_cannot_be_frozen_is_refused_and_nothing_is_kept(street: Street) -> None:
    await street.log.close_day("2021-03-30")
    await street.read()
    refused: list[tuple[type[Exception], str, dict[str, date]]] = [
        (FreezeError, "No day after 2021Q1 is closed yet", {}),
        (FreezeError, "2021-03-30 is before the end of 2021Q1", {"as_of": date(2021, 3, 30)}),
        (DayNotClosedError, "2021-04-15 is not closed", {"as_of": date(2021, 4, 15)}),
    ]
    for error, said, asked in refused:
        with pytest.raises(error, match=said):
            await freeze(street.pool, Q1, RURAL, "王芳", "李强", **asked)  # type: ignore[arg-type]
    with pytest.raises(FreezeError, match="somebody else has to check it"):
        await freeze(street.pool, Q1, RURAL, "王芳", "王芳")
    with pytest.raises(NotFrozenError, match="2021Q1 of rural_dibao was not frozen"):
        await frozen(street.pool, which("2021Q1"), RURAL)
    assert await summaries(street.pool) == []


async def test_nobody_changes_what_was_reported(street: Street, reported: Frozen) -> None:
    for change in (
        "UPDATE platform.quarter SET checked_by = '赵六'",
        "DELETE FROM platform.quarter_item",
        "TRUNCATE platform.quarter CASCADE",
    ):
        with pytest.raises(asyncpg.RaiseError, match="kept as it is"):
            await street.pool.execute(change)
    # Whoever owns the server could still do it, but not unseen.
    await street.pool.execute("ALTER TABLE platform.quarter DISABLE TRIGGER kept")
    await street.pool.execute("UPDATE platform.quarter SET cells = jsonb_set(cells, '{A3}', '3')")
    with pytest.raises(AlteredError, match=r"What is kept of 2021Q1\.1 is not what 王芳 and 李强 froze"):
        await frozen(street.pool, which("2021Q1"), RURAL)


async def test_of_two_who_freeze_at_once_one_is_refused(
    street: Street, reported: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none_yet(*_: object) -> list[object]:
        return []

    monkeypatch.setattr("services.reporting.quarterly.keeping.summaries", none_yet)
    with pytest.raises(FreezeError, match="Somebody else froze 2021Q1 at this moment"):
        await freeze_q1(street)

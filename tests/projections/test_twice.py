"""A number that two facts state is counted in both, and both rows of the ledger say so."""

import asyncpg

from services.projector.handler import Projector
from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.handing import hand
from tests.oracle import stating as s
from tests.oracle.facts import Raw
from tests.projections.comparison import by_oracle, by_product
from tests.projections.log import Log


async def stated(pool: asyncpg.Pool, *raws: Raw) -> Log:
    """A log that says these, read."""
    log = Log()
    await log.state(*raws)
    async with pool.acquire() as connection, connection.transaction():
        await hand(Projector(), connection, log.records)
    return log


async def marks(pool: asyncpg.Pool, ledger: str, number: str) -> list[tuple[str, bool]]:
    """Of each row of a ledger its number, and whether it is marked."""
    page = await queries.ledger(pool, ledger, LedgerFilter())
    return sorted((row[number], row["twice"]) for row in page.rows)


async def test_payments_of_one_number_are_marked_until_one_is_undone(pool: asyncpg.Pool) -> None:
    first, second, other = s.paid("2021-01"), s.paid("2021-02"), s.paid("2021-03")
    number = first["data"]["payment_no"]
    raws = [s.enrolled(s.WANG, s.LI), first, s.with_data(second, payment_no=number), other]
    log = await stated(pool, *raws)
    assert await marks(pool, "payments", "payment_no") == sorted(
        [(number, True), (number, True), (other["data"]["payment_no"], False)]
    )
    void = s.voided(second, household_no="H1")
    await log.state(void)
    async with pool.acquire() as connection, connection.transaction():
        await hand(Projector(), connection, log.records[-1:])
    assert (number, True) not in await marks(pool, "payments", "payment_no")
    assert (await by_product(pool, None))["payments"] == by_oracle([*raws, void], None, log)["payments"]


async def test_so_are_custodies_petitions_and_enrolments(pool: asyncpg.Pool) -> None:
    raws = [
        s.enrolled(s.WANG, s.LI),
        s.enrolled(s.WANG, s.LI),
        s.granted("2020-12-01"),
        s.granted("2020-12-02"),
        s.filed("F1", "2021-01-05"),
        s.filed("F1", "2021-01-06"),
        s.filed("F2", "2021-01-07"),
    ]
    log = await stated(pool, *raws)
    assert [mark for _, mark in await marks(pool, "recipients", "household_no")] == [True]
    assert [mark for _, mark in await marks(pool, "custody", "custody_no")] == [True]
    assert await marks(pool, "petitions", "petition_no") == [("F1", True), ("F2", False)]
    product, oracle = await by_product(pool, None), by_oracle(raws, None, log)
    for name in ("recipients", "custody", "petitions"):
        assert product[name] == oracle[name]

"""Every ledger stands in its folder, and what it declares is what its question answers."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from openpyxl import load_workbook

from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.exports.files import file_of
from services.reporting.exports.sources import ledger_listing
from tests.projections.examples import read_examples

FOLDER = Path(__file__).parents[3] / "projections" / "ledgers"


def test_the_folder_holds_these_ledgers() -> None:
    assert list(LEDGERS) == [
        *("applications", "campaign", "clues", "custody", "deaths", "funds", "hotline", "kinship"),
        *("officials", "payments", "petitions", "policies", "problems", "recipients", "relief", "review"),
        *("screening", "survey", "tekun"),
    ]
    assert {file.stem for file in FOLDER.glob("*.sql")} == set(LEDGERS)
    assert len({ledger.title for ledger in LEDGERS.values()}) == len(LEDGERS)


@pytest.mark.parametrize("name", LEDGERS)
async def test_the_declared_columns_are_those_of_the_question(pool: asyncpg.Pool, name: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL search_path TO projection_g1")
        question = await connection.prepare(f"SELECT * FROM {name}_now")
        types = {column.name: column.type.name for column in question.get_attributes()}
    declared = LEDGERS[name]
    assert sorted(column.name for column in declared.columns) == sorted(types)
    assert declared.listed
    assert {column: types[column] for column, _ in declared.order} == {
        column: {"int": "int4"}.get(kind, kind) for column, kind in declared.order
    }
    for column in (declared.area, declared.household, declared.programme):
        assert column is None or column in types


def _holds_a_token(value: Any) -> bool:
    if isinstance(value, list):
        return any(_holds_a_token(item) for item in value)
    if isinstance(value, dict):
        return any(_holds_a_token(item) for item in value.values())
    return isinstance(value, str) and value[:2] in ("p.", "a.") and len(value) > 20


async def test_what_holds_tokens_is_declared_as_sealed(pool: asyncpg.Pool) -> None:
    await read_examples(pool)
    for name, declared in LEDGERS.items():
        rows = (await queries.ledger(pool, name, queries.LedgerFilter())).rows
        holding = {column for row in rows for column, value in row.items() if _holds_a_token(value)}
        assert rows, name
        assert holding == {column.name for column in declared.columns if column.sealed}, name


async def test_every_ledger_goes_by_pages_and_into_files(pool: asyncpg.Pool) -> None:
    await read_examples(pool)
    for name, declared in LEDGERS.items():
        whole = (await queries.ledger(pool, name, queries.LedgerFilter())).rows
        page = await queries.ledger(pool, name, queries.LedgerFilter(limit=1))
        paged = page.rows
        while page.next is not None:
            page = await queries.ledger(pool, name, queries.LedgerFilter(limit=7, after=page.next))
            paged += page.rows
        assert paged == whole, name
        everything = queries.LedgerFilter()
        with await file_of(ledger_listing(pool, name, everything), "csv") as file:
            csv = file.read().decode("utf-8-sig")
        with await file_of(ledger_listing(pool, name, everything), "xlsx") as file:
            sheet = load_workbook(file).active
        assert {cell.value for cell in sheet[3]} == {column.text for column in declared.columns}, name
        # Above stand title, who reports and heads; below the totals, a blank row and the signatures.
        assert sheet.max_row - 6 == len(csv.splitlines()) - 1 == len(whole), name
        with await file_of(ledger_listing(pool, name, everything), "pdf") as file:
            assert file.read().startswith(b"%PDF-"), name


def test_amounts_are_added_up_or_it_is_known_why_not() -> None:
    added = {
        (name, column) for name, each in LEDGERS.items() if each.totals for column in each.totals.columns
    }
    amounts = {
        (name, column.name)
        for name, each in LEDGERS.items()
        for column in each.columns
        if column.name.endswith("_fen")
    }
    counts = {("applications", "person_count"), ("clues", "accountable"), ("clues", "exempted")} | {
        ("recipients", "member_count"),
        ("relief", "person_times"),
        ("review", "person_count"),
    }
    assert added - amounts == counts
    assert amounts - added == {
        ("deaths", "recovered_fen"),  # of the whole household, in the row of each of its dead
        ("funds", "amount_fen"),  # the same money, stage after stage
        ("screening", "per_capita_income_fen"),
        ("screening", "income_change_fen"),
        ("screening", "expense_change_fen"),
    }

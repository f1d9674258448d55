"""Every ledger stands in its folder, and what it declares is what its question answers."""

from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from openpyxl import load_workbook

from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.ledger_files import ledger_csv, ledger_xlsx
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
        csv = "".join([text async for text in ledger_csv(pool, name, queries.LedgerFilter())])
        sheet = load_workbook(BytesIO(await ledger_xlsx(pool, name, queries.LedgerFilter()))).active
        assert [cell.value for cell in sheet[1]] == [column.text for column in declared.columns], name
        assert sheet.max_row == len(csv.splitlines()) == len(whole) + 1, name

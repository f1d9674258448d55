"""A ledger as a file for people: every column under its heading, codes in Chinese words, amounts in 元.

What was read as text stays text: no program that opens the file computes it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import asyncpg
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from events.values import SHANGHAI
from projections.ledger import Heading, Ledger
from projections.ledgers import LEDGERS
from services.reporting.csv_text import BYTE_ORDER_MARK, lines
from services.reporting.filters import MOST_ROWS, LedgerFilter, WrongQuestionError
from services.reporting.ledgers import ledger
from services.reporting.paging import Row

MOST_IN_A_WORKBOOK = 100_000
"""Rows; of more than that a .csv is made."""


class TooManyRowsError(WrongQuestionError):
    """More rows than a workbook is made of."""

    def __init__(self) -> None:
        super().__init__("xlsx", f"at most {MOST_IN_A_WORKBOOK:,} rows: ask for fewer, or for a .csv")


async def ledger_csv(pool: asyncpg.Pool, name: str, filters: LedgerFilter) -> AsyncIterator[str]:
    """Yield a ledger as the text of a .csv, a page at a time. Raises what ``ledger`` raises."""
    columns = LEDGERS[name].columns
    above = BYTE_ORDER_MARK + lines([[column.text for column in columns]])
    async for rows in _pages(pool, name, filters):
        yield above + lines([_shown(column, row) for column in columns] for row in rows)
        above = ""


async def ledger_xlsx(pool: asyncpg.Pool, name: str, filters: LedgerFilter) -> bytes:
    """Return a ledger as an .xlsx file. Raises TooManyRowsError, and what ``ledger`` raises."""
    found: list[Row] = []
    async for rows in _pages(pool, name, filters):
        found += rows
        if len(found) > MOST_IN_A_WORKBOOK:
            raise TooManyRowsError
    # Tens of thousands of rows take seconds, in which others are answered.
    return await asyncio.to_thread(_workbook, LEDGERS[name], found)


async def _pages(pool: asyncpg.Pool, name: str, filters: LedgerFilter) -> AsyncIterator[list[Row]]:
    page = await ledger(pool, name, replace(filters, limit=MOST_ROWS))
    yield page.rows
    while page.next is not None:
        page = await ledger(pool, name, replace(filters, after=page.next, limit=MOST_ROWS))
        yield page.rows


def _workbook(declared: Ledger, rows: Iterable[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(declared.title)
    sheet.freeze_panes = "A2"
    for at, column in enumerate(declared.columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = max(12, 2 * len(column.text) + 2)
    sheet.append([_cell(sheet, column.text, bold=True) for column in declared.columns])
    for row in rows:
        sheet.append([_cell(sheet, _shown(column, row)) for column in declared.columns])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # else a text that begins with = would be computed where it is opened
    if isinstance(value, Decimal):
        cell.number_format = "#,##0.00"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _shown(column: Heading, row: Row) -> Any:
    value = row[column.name]
    if isinstance(value, list):
        return "；".join(_joined(column, item) for item in value)
    if isinstance(value, int) and not isinstance(value, bool) and column.name.endswith("_fen"):
        return Decimal(value).scaleb(-2)
    return _plain(column, value)


def _joined(column: Heading, item: Any) -> str:
    parts = item.values() if isinstance(item, dict) else [item]
    return " ".join(str(_plain(column, part)) for part in parts if part is not None)


def _plain(column: Heading, value: Any) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if value is None or isinstance(value, date | int):
        return value
    return column.words.get(str(value), str(value))

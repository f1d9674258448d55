"""The four ledgers: payments, recipients, custody, petitions (R26, R15, R31, R37).

Rows are dicts with the columns of the SQL function of the same name in ``projections``; persons and accounts
are tokens, amounts 分.
"""

from dataclasses import dataclass
from typing import Any

import asyncpg

from services.reporting.filters import LedgerFilter, cursor_of, values_of
from services.reporting.reading import Connection, reading, require_closed

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order, and where the next page goes on (None: this was the last)."""

    rows: list[Row]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Ledger:
    source: str
    order: tuple[tuple[str, str], ...]
    """Columns that rows are sorted by, with their types; together they are unique."""
    month: str
    """Condition that a row belongs to the month $3."""


_LEDGERS: dict[str, _Ledger] = {
    "payments": _Ledger(
        "payments_ledger($1, $2)",
        (("paid_on", "date"), ("event_id", "uuid"), ("digest", "text")),
        "month = $3",
    ),
    "recipients": _Ledger(
        "recipients_ledger($1, $2, $3)",
        (("household_no", "text"), ("programme", "text"), ("spell", "int")),
        "true",
    ),
    "custody": _Ledger(
        "custody_ledger($1, $2)",
        (("custody_no", "text"),),
        "valid_from < ($3 || '-01')::date + interval '1 month' AND valid_to >= ($3 || '-01')::date"
        " AND coalesce(ended_on >= ($3 || '-01')::date, true)",
    ),
    "petitions": _Ledger(
        "petitions_ledger($1, $2)",
        (("filed_on", "date"), ("event_id", "uuid")),
        "to_char(filed_on, 'YYYY-MM') = $3",
    ),
}

_WITH_PROGRAMME = ("payments", "recipients")


async def payments_ledger(pool: asyncpg.Pool, filters: LedgerFilter) -> Page:
    """Return payments by (paid_on, event id); ``status``: live, returned, voided, set_aside."""
    return await _page(pool, "payments", filters)


async def recipients_ledger(pool: asyncpg.Pool, filters: LedgerFilter) -> Page:
    """Return spells by household, programme and number, each with its members (a list of stays)."""
    return await _page(pool, "recipients", filters)


async def custody_ledger(pool: asyncpg.Pool, filters: LedgerFilter) -> Page:
    """Return custodies by number."""
    return await _page(pool, "custody", filters)


async def petitions_ledger(pool: asyncpg.Pool, filters: LedgerFilter) -> Page:
    """Return petitions by (filed_on, event id); ``repeats``: event id of the petition that it repeats."""
    return await _page(pool, "petitions", filters)


LEDGERS = {
    "payments": payments_ledger,
    "recipients": recipients_ledger,
    "custody": custody_ledger,
    "petitions": petitions_ledger,
}
"""Every ledger by its name."""


async def _page(pool: asyncpg.Pool, name: str, filters: LedgerFilter) -> Page:
    ledger = _LEDGERS[name]
    arguments: list[Any] = [filters.until, filters.as_of, filters.month]
    where = [f"($3::text IS NULL OR ({ledger.month}))"]

    def given(condition: str, value: object) -> None:
        if value is not None:
            arguments.append(value)
            where.append(condition.format(len(arguments)))

    given("starts_with(village, ${0})", filters.village)
    given("household_no = ${0}", filters.household_no)
    if name in _WITH_PROGRAMME:
        given("programme = ${0}", filters.programme)
    if filters.after is not None:
        values = values_of(filters.after, len(ledger.order))
        places = []
        for value, (_, kind) in zip(values, ledger.order, strict=True):
            arguments.append(value)
            places.append(f"${len(arguments)}::text::{kind}")
        where.append(f"({', '.join(column for column, _ in ledger.order)}) > ({', '.join(places)})")
    sql = (
        f"SELECT * FROM {ledger.source} WHERE {' AND '.join(where)}"
        f" ORDER BY {', '.join(column for column, _ in ledger.order)}"
    )
    if filters.limit is not None:
        arguments.append(filters.limit + 1)
        sql += f" LIMIT ${len(arguments)}"

    async def ask(connection: Connection) -> list[Row]:
        await require_closed(connection, filters.as_of)
        return [dict(row) for row in await connection.fetch(sql, *arguments)]

    rows = await reading(pool, ask)
    if filters.limit is None or len(rows) <= filters.limit:
        return Page(rows, None)
    rows = rows[: filters.limit]
    return Page(rows, cursor_of([str(rows[-1][column]) for column, _ in ledger.order]))

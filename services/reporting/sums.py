"""What the rows of a list come to: how many, totals of its columns, also by village, month or code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from events.anomalies import AMOUNTS
from projections.ledger import Ledger
from projections.ledgers import LEDGERS
from services.platform.database import Connection
from services.reporting.anomalies import question_of as anomaly_question
from services.reporting.catalogue import catalogue
from services.reporting.filters import AnomalyFilter, LedgerFilter, WrongQuestionError
from services.reporting.ledgers import question_of
from services.reporting.paging import Row
from services.reporting.reading import reading, require_closed

ROWS = "rows"
"""How many rows there are, beside the totals."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals of what a list has under its filters.

    ``total``: ``rows``, and each totalled column by its name (amounts in 分); None where no row counts.
    ``groups``: the same with ``group``, the value that the rows have in common, in order; None, the last,
    stands for rows that have none.
    """

    total: Row
    groups: Sequence[Row]


async def ledger_sums(
    pool: asyncpg.Pool,
    name: str,
    filters: LedgerFilter,
    by: str | None = None,
    *,
    within_ms: int | None = None,
) -> Sums | None:
    """Return what a ledger's rows come to, or None where that took longer than ``within_ms``.

    Raises WrongQuestionError where it has no group ``by``.
    """
    declared = LEDGERS[name]
    check_group(by, tuple(declared.groups))
    value = declared.groups[by][1] if by else "NULL"
    question = question_of(name, filters)
    summed = [
        f"sum({column.name}){_counted(declared, by)}::bigint AS {column.name}" for column in declared.summed
    ]
    if declared.totalled(filters.month) is None:
        summed = []
    return await grouped(
        pool,
        f"SELECT {value} AS part, * FROM ({question.select}) AS asked{question.where}",
        question.arguments,
        summed,
        filters.as_of,
        by,
        within_ms,
    )


def _counted(declared: Ledger, by: str | None) -> str:
    """Which rows are added up; all of them where they are grouped by what decides it."""
    where = declared.totals.where if declared.totals is not None else None
    if where is None or by == where[0]:
        return ""
    codes = ", ".join(f"'{code}'" for code in where[1])
    return f" FILTER (WHERE {where[0]} IN ({codes}))"


async def anomaly_sums(
    pool: asyncpg.Pool, filters: AnomalyFilter, by: str | None = None, *, within_ms: int | None = None
) -> Sums | None:
    """Return how many anomalies there are, and what money they are about (``amount_fen``, 分).

    None where that took longer than ``within_ms``. Raises WrongQuestionError where there is no such rule, or
    no group ``by``.
    """
    check_group(by, tuple(_ANOMALY_PARTS))
    (await catalogue(pool, filters.as_of)).require(filters.rule)
    question = anomaly_question(filters)
    part = _ANOMALY_PARTS[by] if by else "NULL"
    amounts = ", ".join(f"params -> '{name}'" for name in AMOUNTS)
    return await grouped(
        pool,
        f"SELECT {part} AS part, * FROM ({question.select}) AS asked{question.where}",
        question.arguments,
        [f"sum(coalesce({amounts}, '0')::bigint)::bigint AS {AMOUNT}"],
        filters.as_of,
        by,
        within_ms,
    )


AMOUNT = "amount_fen"
_ANOMALY_PARTS = {
    "rule": "rule",
    "village": "coalesce(key ->> 'division', village)",
    "severity": "severity",
    "month": "coalesce(key ->> 'month', to_char(holds_since, 'YYYY-MM'))",
}
ANOMALY_GROUPS = tuple(_ANOMALY_PARTS)
"""By what anomalies may be grouped."""


def check_group(by: str | None, offered: Sequence[str]) -> None:
    """Raise WrongQuestionError where rows cannot be grouped in this way."""
    if by is not None and by not in offered:
        raise WrongQuestionError("by", f"one of {', '.join(offered)}")


async def grouped(
    pool: asyncpg.Pool,
    select: str,
    arguments: Sequence[Any],
    summed: Sequence[str],
    as_of: date | None,
    by: str | None,
    within_ms: int | None = None,
) -> Sums | None:
    """Return totals of a select that has a column ``part``; None where they took longer than ``within_ms``.

    ``summed``: aggregates with their names.
    """
    sets = "(), (part)" if by else "()"
    whole, part = ("grouping(part) = 1", "part") if by else ("true", "NULL")
    columns = ", ".join((f"{whole} AS whole", f"{part} AS part", f"count(*) AS {ROWS}", *summed))
    sql = f"SELECT {columns} FROM ({select}) AS listed GROUP BY GROUPING SETS ({sets})"

    async def ask(connection: Connection) -> list[Any]:
        await require_closed(connection, as_of)
        if within_ms is not None:
            await connection.execute(f"SET LOCAL statement_timeout TO {within_ms}")
        return list(await connection.fetch(sql, *arguments))

    try:
        rows = [dict(row) for row in await reading(pool, ask)]
    except asyncpg.QueryCanceledError:
        if within_ms is None:
            raise
        return None
    total = {name: value for row in rows if row["whole"] for name, value in row.items() if name not in _MARKS}
    groups = [
        {"group": row["part"]} | {name: value for name, value in row.items() if name not in _MARKS}
        for row in rows
        if not row["whole"]
    ]
    return Sums(total, sorted(groups, key=lambda row: (row["group"] is None, row["group"] or "")))


_MARKS = ("whole", "part")

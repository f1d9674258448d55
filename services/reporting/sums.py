"""What the rows of a list come to: how many, totals of its columns, also by village, month or code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from services.reporting.paging import Question, Row
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
    question = question_of(name, filters)
    summed = [
        f"sum({column.name}){_counted(declared, by)}::bigint AS {column.name}" for column in declared.summed
    ]
    if declared.totalled(filters.month) is None:
        summed = []
    found = await _grouped(
        pool, question, {by: declared.groups[by][1]} if by else {}, summed, filters.as_of, within_ms
    )
    return None if found is None else found[by or ""]


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
    found = await anomalies_by(pool, filters, (by,) if by else (), within_ms=within_ms)
    return None if found is None else found[by or ""]


async def anomalies_by(
    pool: asyncpg.Pool, filters: AnomalyFilter, by: Sequence[str], *, within_ms: int | None = None
) -> Mapping[str, Sums] | None:
    """Return the same by each of several groups, counted in one pass; of no group under an empty name."""
    for one in by:
        check_group(one, ANOMALY_GROUPS)
    (await catalogue(pool, filters.as_of)).require(filters.rule)
    amounts = ", ".join(f"params -> '{name}'" for name in AMOUNTS)
    return await _grouped(
        pool,
        anomaly_question(replace(filters, sort=None)),
        {one: _ANOMALY_PARTS[one] for one in by},
        [f"sum(coalesce({amounts}, '0')::bigint)::bigint AS {AMOUNT}"],
        filters.as_of,
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


async def _grouped(
    pool: asyncpg.Pool,
    question: Question,
    parts: Mapping[str, str],
    summed: Sequence[str],
    as_of: date | None,
    within_ms: int | None,
) -> Mapping[str, Sums] | None:
    """Return totals of a question's rows by each of ``parts`` (name → value of a row in SQL), in one pass.

    Without parts those of all rows, under an empty name. None where they took longer than ``within_ms``.
    ``summed``: aggregates with their names.
    """
    names = [f"part{number}" for number in range(len(parts))]
    values = "".join(f"{value} AS {name}, " for name, value in zip(names, parts.values(), strict=True))
    bits = f"grouping({', '.join(names)})" if names else "0"
    columns = ", ".join((f"{bits} AS bits", *names, f"count(*) AS {ROWS}", *summed))
    sets = ", ".join(("()", *(f"({name})" for name in names)))
    sql = f"""
        SELECT {columns} FROM (
            SELECT {values}* FROM ({question.select}) AS asked{question.where}
        ) AS listed GROUP BY GROUPING SETS ({sets})
    """

    async def ask(connection: Connection) -> list[Any]:
        await require_closed(connection, as_of)
        if within_ms is not None:
            await connection.execute(f"SET LOCAL statement_timeout TO {within_ms}")
        return list(await connection.fetch(sql, *question.arguments))

    try:
        rows = [dict(row) for row in await reading(pool, ask)]
    except asyncpg.QueryCanceledError:
        if within_ms is None:
            raise
        return None

    def counted(bits: int) -> list[tuple[Row, Row]]:
        return [
            (row, {name: value for name, value in row.items() if name != "bits" and name not in names})
            for row in rows
            if row["bits"] == bits
        ]

    # A bit is set of every part by which a row is not grouped; the first part has the highest.
    every = 2 ** len(names) - 1
    ((_, total),) = counted(every)
    found = {"": Sums(total, [])}
    for at, (by, name) in enumerate(zip(parts, names, strict=True)):
        groups = [{"group": row[name]} | said for row, said in counted(every - 2 ** (len(names) - 1 - at))]
        groups.sort(key=lambda row: (row["group"] is None, row["group"] or ""))
        found[by] = Sums(total, groups)
    return found

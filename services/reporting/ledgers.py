"""The four ledgers: payments, recipients, custody, petitions (R26, R15, R31, R37).

Rows are dicts with the columns of the SQL function of the same name in ``projections``; persons and accounts
are tokens, amounts 分.
"""

from dataclasses import dataclass

import asyncpg

from services.reporting.filters import LedgerFilter
from services.reporting.paging import Page, Question


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
    question = Question(
        name,
        f"SELECT * FROM {ledger.source}",
        ledger.order,
        [filters.until, filters.as_of, filters.month],
        [f"($3::text IS NULL OR ({ledger.month}))"],
    )
    question.given("starts_with(village, ${0})", filters.village)
    question.given("household_no = ${0}", filters.household_no)
    if name in _WITH_PROGRAMME:
        question.given("programme = ${0}", filters.programme)
    return await question.page(
        pool,
        as_of=filters.as_of,
        after=filters.after,
        limit=filters.limit,
        household_no=filters.household_no,
    )

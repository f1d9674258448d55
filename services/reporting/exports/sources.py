"""Ledgers and anomalies as lists for files."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime

import asyncpg

from events.values import SHANGHAI
from projections import labels
from projections.ledger import Heading
from projections.ledgers import LEDGERS
from projections.views import VIEWS
from services.reporting.anomalies import anomalies
from services.reporting.exports.listing import Basis, Listing
from services.reporting.filters import MOST_ROWS, AnomalyFilter, LedgerFilter, ViewFilter
from services.reporting.ledgers import ledger
from services.reporting.paging import Page, Row
from services.reporting.views import view

_ANOMALY_COLUMNS = (
    *("title", "severity", "state", "sentence", "village", "household_no", "holds_since", "raised_at"),
    *("revised_at", "revision", "evidence_count", "rule", "anomaly_id"),
)
_NOT_LISTED = ("revision", "evidence_count", "rule", "anomaly_id")


def ledger_listing(pool: asyncpg.Pool, name: str, filters: LedgerFilter, office: str = "") -> Listing:
    """Return a ledger as a list; reading its pages raises what ``ledger`` raises."""
    declared = LEDGERS[name]
    return Listing(
        title=declared.title,
        columns=declared.columns,
        basis=Basis(_office(filters.village, office), filters.until, filters.as_of, _today()),
        pages=_pages(
            lambda after: ledger(pool, name, replace(filters, after=after, limit=MOST_ROWS)),
        ),
        area=declared.area,
        totals=declared.totalled(filters.month),
    )


def anomaly_listing(pool: asyncpg.Pool, filters: AnomalyFilter, office: str = "") -> Listing:
    """Return anomalies as a list; reading its pages raises what ``anomalies`` raises."""
    return Listing(
        title=labels.ANOMALIES,
        columns=tuple(
            Heading(name, labels.heading(name), words=labels.words_of(name), listed=name not in _NOT_LISTED)
            for name in _ANOMALY_COLUMNS
        ),
        basis=Basis(_office(filters.village, office), None, filters.as_of, _today()),
        pages=_pages(lambda after: anomalies(pool, replace(filters, after=after, limit=MOST_ROWS))),
        area="village",
    )


def view_listing(pool: asyncpg.Pool, name: str, filters: ViewFilter, office: str = "") -> Listing:
    """Return a supervision view as a list; reading its pages raises what ``view`` raises."""
    declared = VIEWS[name]
    _, until = filters.period
    return Listing(
        title=declared.title,
        columns=declared.columns,
        basis=Basis(_office(filters.village, office), until, filters.as_of, _today()),
        pages=_pages(lambda after: view(pool, name, replace(filters, after=after, limit=MOST_ROWS))),
        area=declared.area,
    )


async def _pages(page_after: Callable[[str | None], Awaitable[Page]]) -> AsyncIterator[list[Row]]:
    page = await page_after(None)
    yield page.rows
    while page.next is not None:
        page = await page_after(page.next)
        yield page.rows


def _office(village: str | None, office: str) -> str:
    return labels.place(village) if village else office


def _today() -> date:
    return datetime.now(SHANGHAI).date()

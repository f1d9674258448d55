"""The first page: how things stand on the latest closed day, each number open to what it counts."""

import asyncio

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from projections import labels
from projections.ledger import Ledger
from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.filters import AnomalyFilter, LedgerFilter
from services.reporting.pages.looks import TOTALS_MS, Cell, address, drawn, text_of

_WORST = 12
_BY = ("severity", "rule", "village")
_SEVERITIES = ("high", "medium", "low", "info")


def add_home(router: APIRouter, pool: asyncpg.Pool) -> None:
    """Add the first page."""

    @router.get("/")
    async def home(request: Request) -> Response:
        catalogue = await queries.catalogue(pool)
        month = f"{catalogue.closed:%Y-%m}" if catalogue.closed else None
        anomalies, fronts = await asyncio.gather(
            queries.anomalies_by(pool, AnomalyFilter(), _BY, within_ms=TOTALS_MS), _fronts(pool, month)
        )
        severities, by_rule, by_village = (anomalies[by] if anomalies else None for by in _BY)
        counted = {row["group"]: row for row in severities.groups} if severities else {}
        return drawn(
            request,
            "home.html",
            closed=catalogue.closed,
            month=month,
            total=severities.total[queries.ROWS] if severities else None,
            severities=[
                (code, labels.SEVERITIES[code], counted[code][queries.ROWS] if severities else None)
                for code in _SEVERITIES
                if severities is None or code in counted
            ],
            by_rule=_worst(by_rule, "rule", catalogue.title),
            by_village=_worst(by_village, "village", labels.place),
            fronts=fronts,
            text_of=text_of,
            ledgers=LEDGERS,
        )


async def _fronts(pool: asyncpg.Pool, month: str | None) -> list[tuple[str, Ledger, queries.Row]]:
    """What the ledgers that stand on the first page come to in a month."""
    shown = [(name, declared) for name, declared in LEDGERS.items() if declared.front is not None and month]
    sums = await asyncio.gather(
        *(
            queries.ledger_sums(pool, name, LedgerFilter(month=month), within_ms=TOTALS_MS)
            for name, _ in shown
        )
    )
    return [
        (name, declared, found.total) for (name, declared), found in zip(shown, sums, strict=True) if found
    ]


def _worst(sums: queries.Sums | None, field: str, said: object) -> list[tuple[Cell, int]]:
    """The groups with the most anomalies; each opens into them."""
    assert callable(said)
    known = [row for row in (sums.groups if sums else ()) if row["group"] is not None]
    worst = sorted(known, key=lambda row: (-row[queries.ROWS], row["group"]))[:_WORST]
    return [
        (Cell(said(row["group"]), address("/pages/anomalies", **{field: row["group"]})), row[queries.ROWS])
        for row in worst
    ]

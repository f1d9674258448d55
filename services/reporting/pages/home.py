"""The first page: how things stand on the latest closed day, each number open to what it counts."""

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from projections import labels
from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.filters import AnomalyFilter, LedgerFilter
from services.reporting.pages.looks import Cell, address, drawn, text_of

_WORST = 12
_SEVERITIES = ("high", "medium", "low", "info")


def add_home(router: APIRouter, pool: asyncpg.Pool) -> None:
    """Add the first page."""

    @router.get("/")
    async def home(request: Request) -> Response:
        catalogue = await queries.catalogue(pool)
        month = f"{catalogue.closed:%Y-%m}" if catalogue.closed else None
        found = AnomalyFilter()
        severities = await queries.anomaly_sums(pool, found, "severity")
        by_rule = await queries.anomaly_sums(pool, found, "rule")
        by_village = await queries.anomaly_sums(pool, found, "village")
        fronts = []
        for name, declared in LEDGERS.items() if month else ():
            if declared.front is not None:
                sums = await queries.ledger_sums(pool, name, LedgerFilter(month=month))
                assert sums is not None
                fronts.append((name, declared, sums.total))
        counted = {row["group"]: row for row in severities.groups}
        return drawn(
            request,
            "home.html",
            closed=catalogue.closed,
            month=month,
            total=severities.total[queries.ROWS],
            severities=[
                (code, labels.SEVERITIES[code], counted[code][queries.ROWS])
                for code in _SEVERITIES
                if code in counted
            ],
            by_rule=_worst(by_rule, "rule", catalogue.title),
            by_village=_worst(by_village, "village", labels.place),
            fronts=fronts,
            text_of=text_of,
            ledgers=LEDGERS,
        )


def _worst(sums: queries.Sums, field: str, said: object) -> list[tuple[Cell, int]]:
    """The groups with the most anomalies; each opens into them."""
    assert callable(said)
    known = [row for row in sums.groups if row["group"] is not None]
    worst = sorted(known, key=lambda row: (-row[queries.ROWS], row["group"]))[:_WORST]
    return [
        (Cell(said(row["group"]), address("/pages/anomalies", **{field: row["group"]})), row[queries.ROWS])
        for row in worst
    ]

"""What is told of what is found: snoozes with their reasons, and the balance of every day."""

from datetime import UTC, datetime, timedelta

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.values import local_date
from projections.ledger import HOUSEHOLD, VILLAGE, Heading
from services.platform.balance import COLUMNS
from services.reporting import queries
from services.reporting.pages.looks import address, day_of, drawn, given, table, words
from services.reporting.told import balanced, snoozed

_DAYS = 31
_SNOOZED = (
    Heading("number", "编号"),
    Heading("title", "规则"),
    VILLAGE,
    HOUSEHOLD,
    Heading("until", "暂缓至"),
    Heading("reason", "原因"),
    Heading("by", "经办"),
    Heading("subscription", "订阅"),
    Heading("held", "暂缓条数"),
    Heading("ended_at", "结束时间"),
    Heading("ended_why", "结束原因", words={"expired": "到期", "evidence": "依据变化", "lifted": "提前解除"}),
)
_BALANCE = tuple(
    Heading(name, title, words={"stream": "实时流"} if name == "subscription" else {})
    for name, title in COLUMNS
)


def add_alerts(router: APIRouter, pool: asyncpg.Pool) -> None:
    """Add the page of snoozes and of the balance."""

    @router.get("/pages/alerts")
    async def alerts(request: Request) -> Response:
        asked = given(request)
        until = day_of(asked, "to") or local_date(datetime.now(UTC))
        since = day_of(asked, "from") or until - timedelta(days=_DAYS - 1)
        rules = await queries.catalogue(pool)
        held = [{**row, "title": rules.title(row["rule"] or "")} for row in await snoozed(pool)]
        rows = await balanced(pool, since, until)
        return drawn(
            request,
            "alerts.html",
            since=since,
            until=until,
            lost=sum(row["lost"] for row in rows),
            balance=table(_BALANCE, rows, {}),
            snoozed=table(
                _SNOOZED,
                held,
                {},
                opens=lambda row: address(f"/pages/anomalies/{row['anomaly_id']}"),
                opens_text=words()["menu"]["anomalies"],
            ),
        )

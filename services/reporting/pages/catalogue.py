"""The rules and what policy says, as pages."""

from datetime import UTC, datetime

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.values import local_date
from projections import labels
from projections.ledger import Heading
from services.reporting import queries
from services.reporting.filters import checked_day
from services.reporting.pages.looks import address, drawn, given, table

_RULES = (
    Heading("title", "规则"),
    Heading("name", "代号"),
    Heading("version", "版本"),
    Heading("requirements", "依据要求"),
    Heading("raised", "累计"),
    Heading("open", "未消除"),
    Heading("withdrawn", "已消除"),
    Heading("confirmed", "核实"),
    Heading("refuted", "排除"),
    Heading("precision", "准确率(%)"),
)
_POLICY = (
    Heading("title", "参数"),
    Heading("parameter", "代号"),
    Heading("value", "取值"),
    Heading("measure", "单位"),
    Heading("from", "起始日期"),
    Heading("document", "文号"),
    Heading("division_prefix", "适用区划"),
    Heading("programme", "救助类别", words=labels.PROGRAMMES),
    Heading("default", "默认值"),
    Heading("basis", "依据"),
)


def add_catalogue(router: APIRouter, pool: asyncpg.Pool) -> None:
    """Add the list of rules, and that of parameters."""

    @router.get("/pages/rules")
    async def rules(request: Request) -> Response:
        rows = await queries.rules(pool)
        opened = table(
            _RULES,
            rows,
            {},
            opens=lambda row: address("/pages/anomalies", rule=row["name"]),
            opens_text="预警",
        )
        return drawn(request, "rules.html", table=opened)

    @router.get("/pages/policy")
    async def policy(request: Request) -> Response:
        asked = given(request)
        on = checked_day(asked["on"], "on") if "on" in asked else local_date(datetime.now(UTC))
        rows = await queries.in_force(pool, on, asked.get("division"), asked.get("programme"))
        return drawn(request, "policy.html", on=on, table=table(_POLICY, list(rows), {}))

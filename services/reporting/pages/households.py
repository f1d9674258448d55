"""A household on one page: members, what every ledger has of it, what was found, and all facts in order."""

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from events.words import programmes, shown
from projections.ledger import Heading
from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.filters import LedgerFilter
from services.reporting.kinds import Kinds
from services.reporting.pages.anomalies import COLUMNS, evidence_table, opened
from services.reporting.pages.looks import (
    day_of,
    drawn,
    given,
    household_page,
    row_page,
    table,
    words,
)

_MEMBERS = (
    Heading("person_id", "人员", sealed=True),
    Heading("relation", "与户主关系"),
    Heading("programme", "救助类别", words=programmes()),
    Heading("from_month", "起始月"),
    Heading("to_month", "停发月"),
    Heading("exit_kind", "退出类型", words=shown("enrollment.exited", "exit_kind")),
)
_FOUND = (
    Heading("month", "月份"),
    *(column for column in COLUMNS if column.name not in ("household_no", "village")),
)


def add_households(router: APIRouter, pool: asyncpg.Pool, kinds: Kinds) -> None:
    """Add the search of a household, and its page."""

    @router.get("/pages/households")
    async def search(request: Request) -> Response:
        number = given(request).get("household_no")
        if number is not None:
            asked = LedgerFilter(household_no=number)
            return RedirectResponse(household_page(asked.household_no or number), 303)
        return drawn(request, "households.html")

    @router.get("/pages/households/{number}")
    async def household(request: Request, number: str) -> Response:
        asked = given(request)
        as_of = day_of(asked, "as_of")
        LedgerFilter(household_no=number)
        told = await queries.story(pool, number, as_of)
        over = asked.get("as_of")
        parts = [
            (
                LEDGERS[name].title,
                table(LEDGERS[name].listed, rows, asked, opens=lambda row: row_page(row, as_of=over)),
            )
            for name, rows in told.ledgers.items()
            if rows
        ]
        return drawn(
            request,
            "household.html",
            told=told,
            members=table(_MEMBERS, told.members, asked),
            parts=parts,
            anomalies=table(
                _FOUND, told.anomalies, asked, opens=opened, opens_text=words()["anomaly"]["title"]
            ),
            facts=evidence_table(told.facts, kinds, asked),
        )

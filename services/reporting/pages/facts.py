"""One fact as a page: who stated it, when, what it says, where the log keeps it, and what rests on it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from services.platform.settings import Settings
from services.reporting import queries
from services.reporting.kinds import Kinds, kind_of
from services.reporting.opening import facts_at
from services.reporting.pages.anomalies import COLUMNS, opened
from services.reporting.pages.contents import said_of
from services.reporting.pages.looks import day_of, drawn, given, table, words


def add_facts(router: APIRouter, pool: asyncpg.Pool, platform: Settings, kinds: Kinds) -> None:
    """Add the page of a fact."""

    @router.get("/pages/facts/{event_id}")
    async def fact(request: Request, event_id: UUID) -> Response:
        asked = given(request)
        as_of = day_of(asked, "as_of")
        found = await queries.fact(pool, event_id, as_of)
        if found is None:
            raise HTTPException(404, words()["fact"]["none"])
        return drawn(
            request,
            "fact.html",
            versions=[
                (version, kind_of(kinds, version["type"]).title, await _content(platform, kinds, version))
                for version in found.versions
            ],
            voids=found.voids,
            anomalies=table(
                COLUMNS, found.anomalies, asked, opens=opened, opens_text=words()["anomaly"]["title"]
            ),
        )


async def _content(platform: Settings, kinds: Kinds, version: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a fact says, field by field: as it stands on the log, or what the projection has of it."""
    try:
        events = await facts_at(platform, [version])
    except queries.NotThereError:
        return said_of(kinds, version["type"], version["data"])
    for event in events:
        if event.digest == version["digest"]:
            data = event.fact.model_dump(mode="json", by_alias=True, exclude_none=True)
            return said_of(kinds, version["type"], data)
    return said_of(kinds, version["type"], version["data"])

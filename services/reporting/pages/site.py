"""All pages together, behind the entrance."""

from pathlib import Path
from typing import Any

import asyncpg
from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, Response

from services.platform.settings import Settings
from services.reporting.kinds import Kinds
from services.reporting.pages.alerts import add_alerts
from services.reporting.pages.annex2 import add_annex2
from services.reporting.pages.anomalies import add_anomalies
from services.reporting.pages.catalogue import add_catalogue
from services.reporting.pages.entrance import add_entrance
from services.reporting.pages.facts import add_facts
from services.reporting.pages.home import add_home
from services.reporting.pages.households import add_households
from services.reporting.pages.ledgers import add_ledgers
from services.reporting.pages.quarters import add_quarters
from services.reporting.pages.views import add_views

_STYLE = Path(__file__).parent / "style.css"


def add_pages(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], platform: Settings, kinds: Kinds) -> None:
    """Add every page; ``guarded`` is what each depends on."""

    @app.get("/pages/style.css", include_in_schema=False)
    async def style() -> Response:
        return FileResponse(_STYLE, media_type="text/css; charset=utf-8")

    add_entrance(app, pool)
    router = APIRouter(dependencies=guarded, include_in_schema=False)
    add_home(router, pool)
    add_ledgers(router, pool)
    add_anomalies(router, pool, kinds)
    add_facts(router, pool, platform, kinds)
    add_households(router, pool, kinds)
    add_quarters(router, pool, kinds)
    add_annex2(router, pool, kinds)
    add_views(router, pool)
    add_alerts(router, pool)
    add_catalogue(router, pool)
    app.include_router(router)

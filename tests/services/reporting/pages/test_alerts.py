"""Snoozes with their reasons and the balance of every day, as readers of all or of a street see them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.alerting.snoozes import snooze
from services.alerting.subscription import Wanted
from services.platform.access import add_holder
from tests.services.alerting.office import NOW, Office
from tests.services.reporting.conftest import Street
from tests.services.reporting.pages.conftest import cells, visit

OWN, OTHER = "500102008", "500102009"
"""The street that H1 lives in, and another."""
DAYS = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
async def office(street: Street) -> Office:
    """Alerting on the street's database: an anomaly of H1 that was told, and one that is snoozed."""
    office = Office(street.pool, street.log)
    await office.subscribe("荔枝街道", wanted=Wanted(area=OWN))
    await office.subscribe("邻街", wanted=Wanted(area=OTHER))
    await street.announce("raised")
    await office.take(street.log.records[-1:])
    await street.read()
    await office.settle_until_idle()
    anomaly: Any = await street.pool.fetchval("SELECT anomaly_id FROM alerting.announcement")
    await snooze(
        street.pool, anomaly, subscription=None, until=NOW + timedelta(days=9), reason="已在核实", by="王芳"
    )
    await street.announce("revised", 2)
    await office.take(street.log.records[-1:])
    await street.read()
    await office.settle_until_idle()
    return office


async def page(street: Street, area: str | None = None) -> list[list[str]]:
    """The rows of the page, as a reader sees them who is bound to an area."""
    async with visit(street) as client:
        key = await add_holder(street.pool, f"李{area}", "reader", area=area)
        answer = await client.get("/pages/alerts", params=DAYS, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    return cells(answer.text)


async def test_the_page_says_what_is_held_back_and_that_nothing_is_lost(
    street: Street, office: Office, browser: httpx.AsyncClient
) -> None:
    text = (await browser.get("/pages/alerts", params=DAYS)).text
    rows = cells(text)
    held = rows[1]
    assert held[1:3] == ["1", "大额支付"] and held[4:9] == ["H1", "2026-03-11 09:00", "已在核实", "王芳", ""]
    assert held[9] == "2", "of the stream and of one subscription"
    assert 'href="/pages/anomalies/00000000-0000-5000-8000-000000000001"' in text
    assert "没有缺失" in text and "缺失 0 条" not in text
    balance = {(row[0], row[1]): row[2:8] for row in rows if row[0].startswith("2026-")}
    assert balance["2026-03-02", "荔枝街道"] == ["2", "1", "0", "1", "0", "0"]
    assert balance["2026-03-02", "实时流"] == ["2", "1", "0", "1", "0", "0"]
    assert ("2026-03-02", "邻街") not in balance


async def test_what_is_in_no_notice_is_said(
    street: Street, office: Office, browser: httpx.AsyncClient
) -> None:
    await street.pool.execute("DELETE FROM alerting.item WHERE notice IS NOT NULL")
    text = (await browser.get("/pages/alerts", params=DAYS)).text
    assert "缺失 2 条" in text and "没有缺失" not in text


async def test_a_reader_of_a_street_sees_what_lies_there(street: Street, office: Office) -> None:
    own, other = await page(street, OWN), await page(street, OTHER)
    assert [row[1] for row in own if row[0].startswith("2026-")] == ["荔枝街道"]
    assert any("已在核实" in row for row in own)
    assert [row for row in other if row[0].startswith("2026-") or "已在核实" in row] == []
    assert {row[1] for row in await page(street) if row[0].startswith("2026-")} == {"荔枝街道", "实时流"}

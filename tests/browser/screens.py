"""Take the pictures of ``docs/screens`` from a running deployment.

``python -m tests.browser.screens http://127.0.0.1:21830 KEYFILE`` after a demonstration (`make demo`).
"""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.browser.conftest import chromium

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SCREENS = {
    "01-entrance": "/enter",
    "02-home": "/",
    "03-anomalies": "/pages/anomalies",
    "04-anomaly": None,
    "05-household": None,
    "06-ledgers": "/pages/ledgers",
    "07-payments": "/pages/ledgers/payments",
    "08-payments-by-month": "/pages/ledgers/payments?by=month",
    "09-recipients": "/pages/ledgers/recipients",
    "10-views": "/pages/views",
    "11-ranking": "/pages/views/ranking",
    "12-progress": "/pages/views/campaign_progress",
    "13-village": "/pages/villages/500102008005",
    "14-annex2": "/pages/annex2?until=2021-12-31",
    "15-cell": "/pages/annex2/cells/A1ch?until=2021-12-31",
    "16-fact": None,
    "17-quarters": "/pages/annex2/frozen",
    "18-compare": "/pages/annex2/compare?from=2021Q3&to=2021Q4&cell=A1ch",
    "19-rules": "/pages/rules",
    "20-refused": "/pages/ledgers/payments?month=2021-13",
    "21-alerts": "/pages/alerts",
}
"""The pages, in the order in which a visitor meets them; without an address: the first link before it."""
_FIRST = {
    "04-anomaly": "tbody a[href^='/pages/anomalies/']",
    "05-household": "dd a[href^='/pages/households/']",
    "16-fact": "tbody a[href^='/pages/facts/']",
}


async def take(address: str, key: str) -> None:
    """Walk through the pages, and keep a picture of each."""
    FOLDER.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        for name, path in SCREENS.items():
            await _go(page, address, name, path)
            await page.screenshot(path=FOLDER / f"{name}.png")
            if path == "/enter":
                await page.fill("#key", key)
                await page.click("button.go")
        await browser.close()


async def _go(page: Page, address: str, name: str, path: str | None) -> None:
    if path is not None:
        await page.goto(address + path)
    else:
        await page.locator(_FIRST[name]).first.click()


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1].rstrip("/"), Path(sys.argv[2]).read_text(encoding="utf-8").strip()))

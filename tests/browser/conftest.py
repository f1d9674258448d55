"""A street that has been read, reporting that listens, and Chromium before it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, async_playwright

from services.platform.access import add_holder
from tests.services.reporting.conftest import Street, standing, street, with_ledgers
from tests.services.reporting.serving import listening

__all__ = ["standing", "street", "with_ledgers"]


def chromium() -> str:
    """Return Chromium's program; `make tools` installs it, and without it these tests fail."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise FileNotFoundError("Chromium is not installed: `make tools` installs it where it may.")
    return found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, without a window."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield running
        await running.close()


@dataclass
class Site:
    """Reporting that listens, and who enters it. ``errors``: what the browser complained of."""

    street: Street
    address: str
    browser: Browser
    errors: list[str]

    async def entered(self, *, area: str | None = None, script: bool = True) -> Page:
        """Return a page of a reader who has given their key."""
        key = await add_holder(self.street.pool, f"读者{area}{script}", "reader", area=area)
        context = await self.browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", java_script_enabled=script
        )
        page = await context.new_page()
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: self._own(asked.url))
        await page.goto(self.address)
        await page.fill("#key", key)
        await page.click("button.go")
        await page.wait_for_url(self.address + "/")
        return page

    def _own(self, url: str) -> None:
        if not url.startswith(self.address):
            self.errors.append(f"asked elsewhere: {url}")


@pytest.fixture
async def site(street: Street, browser: Browser) -> AsyncIterator[Site]:
    """The street's pages, with an anomaly, on a port of their own."""
    await street.announce("raised")
    await street.read()
    async with listening(street.pool) as address:
        yield Site(street, address, browser, [])

"""A browser before reporting's pages: it says that it wants HTML, and keeps what it is given."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.services.reporting.conftest import Street


def visit(street: Street) -> httpx.AsyncClient:
    """Return a browser that has entered nowhere yet."""
    transport = httpx.ASGITransport(street.reporting)
    headers = {"Accept": "text/html,application/xhtml+xml"}
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


def cells(page: str) -> list[list[str]]:
    """The rows of every table of a page, tags taken out."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.S)
    return [
        [re.sub(r"<[^>]+>", "", it).strip() for it in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)]
        for row in rows
    ]


@pytest.fixture
async def browser(street: Street) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of a reader, before a street that has been read."""
    await street.read()
    async with visit(street) as client:
        client.headers["Authorization"] = f"Bearer {await street.reader()}"
        yield client

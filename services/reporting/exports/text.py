"""Rows as the text of a .csv that a spreadsheet opens as it is meant."""

import csv
from collections.abc import AsyncIterator, Iterable
from io import StringIO
from typing import Any, Literal

from services.reporting.exports.listing import Listing

Encoding = Literal["utf-8", "gb18030"]

_BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take UTF-8 for GBK."""

_COMPUTED = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would compute."""


async def csv_of(listing: Listing, encoding: Encoding = "utf-8") -> AsyncIterator[bytes]:
    """Yield a list as a .csv, a page at a time."""
    above = lines([[column.text for column in listing.columns]])
    first = True
    async for rows in listing.pages:
        text = above + lines(listing.values(row, listing.columns) for row in rows)
        yield encoded(text, encoding, first=first)
        above, first = "", False


def encoded(text: str, encoding: Encoding, *, first: bool = True) -> bytes:
    """Return text of a .csv as bytes; ``first``: it is the beginning."""
    mark = _BYTE_ORDER_MARK if first and encoding == "utf-8" else ""
    return (mark + text).encode(encoding)


def lines(rows: Iterable[Iterable[Any]]) -> str:
    """Return rows as text; an apostrophe stands before what would be computed."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_safe(value) for value in row] for row in rows)
    return text.getvalue()


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_COMPUTED) else value

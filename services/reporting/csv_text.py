"""Rows as the text of a .csv that a spreadsheet opens as it is meant."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take UTF-8 for GBK."""

_COMPUTED = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would compute."""


def lines(rows: Iterable[Iterable[Any]]) -> str:
    """Return rows as text; an apostrophe stands before what would be computed."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_safe(value) for value in row] for row in rows)
    return text.getvalue()


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_COMPUTED) else value

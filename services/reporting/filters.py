"""What rows are asked for, and where a page goes on."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date
from typing import Literal

import orjson


class BadCursorError(ValueError):
    """The value of ``after`` was not given out by this list."""


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Rows of a ledger.

    ``village``: a division code, or the beginning of one (nine digits: a street). ``month`` as 2021-06: the
    month paid for; a month of a spell; a month in which a custody was in force; the month of filing.
    ``until``: business date up to and including. ``as_of``: recorded by the close of that day. ``after``: the
    ``next`` of the page before. ``limit``: rows of a page; None is all of them.
    """

    village: str | None = None
    month: str | None = None
    household_no: str | None = None
    programme: str | None = None
    until: date | None = None
    as_of: date | None = None
    after: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class AnomalyFilter:
    """Anomalies. ``state``: open, withdrawn, or None for both. The rest as in LedgerFilter."""

    rule: str | None = None
    state: Literal["open", "withdrawn"] | None = "open"
    severity: str | None = None
    village: str | None = None
    household_no: str | None = None
    as_of: date | None = None
    after: str | None = None
    limit: int | None = None


def cursor_of(values: list[str]) -> str:
    """Return the place after a row as opaque text: the values of the columns that rows are sorted by."""
    return urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def values_of(cursor: str, count: int | None) -> list[str]:
    """Return the values in a cursor, ``count`` of them (None: any number). Raises BadCursorError."""
    try:
        values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        values = None
    fits = isinstance(values, list) and count in (None, len(values))
    if not fits or not all(isinstance(value, str) for value in values):
        raise BadCursorError("after: expected the `next` of the page before")
    return [str(value) for value in values]

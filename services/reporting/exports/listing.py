"""A list as a file for people: every column under its heading, codes in Chinese words, amounts in 元.

What a list is made of stands here; how each kind of file shows it, in ``excel``, ``text`` and ``pdf``.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from events.values import SHANGHAI
from projections import labels
from projections.ledger import Heading, Totals
from services.reporting.filters import WrongQuestionError
from services.reporting.paging import Row

Value = str | int | Decimal | date | None

CHINESE = 2
"""The width of a Chinese character; that of a Latin one is 1."""


class TooManyRowsError(WrongQuestionError):
    """More rows than a file of this kind is made of."""

    def __init__(self, kind: str, most: int, instead: str) -> None:
        super().__init__(kind, f"at most {most:,} rows: ask for fewer, or for {instead}")


@dataclass(frozen=True, slots=True)
class Basis:
    """What stands above a list and below it, beside its title.

    ``office``: who reports (填报单位), empty where it is written in by hand; ``until`` and ``as_of``: as
    asked for; ``printed``: the day of the printing.
    """

    office: str
    until: date | None
    as_of: date | None
    printed: date

    @property
    def text(self) -> str:
        """Up to when facts count, in Chinese."""
        closed = labels.RECORDED_BY.format(self.as_of) if self.as_of else ""
        return f"{labels.UNTIL}{self.until or self.printed}{closed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list and its rows, page by page. ``area``: the column that holds division codes."""

    title: str
    columns: tuple[Heading, ...]
    basis: Basis
    pages: AsyncIterator[Sequence[Row]]
    area: str | None = None
    totals: Totals | None = None

    @property
    def listed(self) -> tuple[Heading, ...]:
        """The columns that are printed."""
        return tuple(column for column in self.columns if column.listed)

    @property
    def line(self) -> str:
        """The line below the title: who reports, up to when, printed when, and the unit of amounts."""
        parts = [
            f"{labels.OFFICE}：{self.basis.office or labels.BLANK}",
            self.basis.text,
            f"{labels.PRINTED}：{self.basis.printed}",
        ]
        if any(is_money(column) for column in self.listed):
            parts.append(labels.IN_YUAN)
        return "    ".join(parts)

    def values(self, row: Row, columns: Iterable[Heading]) -> list[Value]:
        """Return what a row shows in columns; amounts in 元."""
        return [self._value(column, row[column.name]) for column in columns]

    def _value(self, column: Heading, value: Any) -> Value:
        if column.name == self.area and value is not None:
            return labels.place(value)
        if isinstance(value, list):
            return "；".join(_joined(column, item) for item in value)
        if is_money(column) and value is not None:
            return Decimal(value).scaleb(-2)
        return _plain(column, value)


@dataclass(slots=True)
class Sums:
    """What is added up below a list: rows, and the columns of its totals (amounts in 分)."""

    listing: Listing
    rows: int = 0
    totals: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        totals = self.listing.totals
        if totals is not None:
            self.totals = dict.fromkeys(totals.columns, 0)

    def add(self, rows: Sequence[Row]) -> None:
        """Count and add up further rows."""
        self.rows += len(rows)
        totals = self.listing.totals
        if totals is None:
            return
        if totals.where is not None:
            column, codes = totals.where
            rows = [row for row in rows if row[column] in codes]
        for name in self.totals:
            self.totals[name] += sum(row[name] or 0 for row in rows)

    def amount(self, column: Heading) -> Decimal | int | None:
        """Return the total of a column, of amounts in 元; None where it has none."""
        total = self.totals.get(column.name)
        return Decimal(total).scaleb(-2) if total is not None and is_money(column) else total

    @property
    def label(self) -> str:
        """What the row of totals is called: whose amounts it has, and how many rows the list."""
        totals, count = self.listing.totals, labels.ROWS.format(self.rows)
        if totals is None:
            return count
        if totals.where is None:
            return f"{labels.TOTAL}（{count}）"
        name, codes = totals.where
        words = next(column.words for column in self.listing.columns if column.name == name)
        only = "、".join(words.get(code, code) for code in codes)
        return f"{labels.TOTAL}（{labels.ONLY.format(only)}；{count}）"


def is_money(column: Heading) -> bool:
    """Return whether a column holds amounts."""
    return column.name.endswith("_fen")


def width(value: Value) -> int:
    """Return how wide a value is shown, in Latin characters."""
    text = f"{value:,.2f}" if isinstance(value, Decimal) else "" if value is None else str(value)
    # A Chinese character has three bytes.
    return len(text) if text.isascii() else (len(text) + len(text.encode())) // CHINESE


def _joined(column: Heading, item: Any) -> str:
    parts = item.values() if isinstance(item, dict) else [item]
    return " ".join(str(_plain(column, part)) for part in parts if part is not None)


def _plain(column: Heading, value: Any) -> Value:
    if isinstance(value, bool):
        return labels.YES if value else labels.NO
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if value is None or isinstance(value, date | int):
        return value
    return column.words.get(str(value), str(value))

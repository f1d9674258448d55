"""A list as an Excel sheet that is printed as it is: title, heads on every page, totals, signatures.

Rows are written as they come, to a file; what is in memory is a page of them.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import IO, Any

from xlsxwriter import Workbook

from projections import labels
from projections.ledger import Heading
from services.reporting.exports.listing import (
    CHINESE,
    Listing,
    Sums,
    TooManyRowsError,
    Value,
    is_money,
    width,
)
from services.reporting.paging import Row

MOST_IN_A_WORKBOOK = 300_000
"""Rows; of more than that a .csv is made."""

A3, A4 = 8, 9
"""Papers, as Excel numbers them."""
_WIDE = 165
"""Characters that A4 in landscape has room for before it gets too small to read."""

FONT = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
TITLE_FONT = {"font_name": "方正小标宋_GBK", "font_size": 18, "align": "center", "valign": "vcenter"}
_TITLE, _LINE, _HEADS, _FIRST = 0, 1, 2, 3
"""Rows of the sheet."""
_NARROWEST, _WIDEST, _MARGIN = 6, 44, 3
"""Of a column, in characters; what is longer wraps."""
_LINE_HEIGHT = 13
"""In points."""


async def write_workbook(listing: Listing, into: IO[bytes]) -> None:
    """Write a list as an .xlsx file. Raises TooManyRowsError, and what reading its pages raises."""
    with TemporaryDirectory() as folder:
        book = Workbook(into, {"constant_memory": True, "tmpdir": folder})
        try:
            sheet = _Sheet(book, listing)
            async for rows in listing.pages:
                if sheet.sums.rows + len(rows) > MOST_IN_A_WORKBOOK:
                    raise TooManyRowsError("xlsx", MOST_IN_A_WORKBOOK, "a .csv")
                # A page takes a moment, in which others are answered.
                await asyncio.to_thread(sheet.add, rows)
            sheet.finish()
        finally:
            await asyncio.to_thread(book.close)


class _Sheet:
    """The sheet as it grows. Columns that are printed come first."""

    def __init__(self, book: Workbook, listing: Listing) -> None:
        self._listing = listing
        self._columns = (*listing.listed, *(column for column in listing.columns if not column.listed))
        self._last = len(listing.listed) - 1
        self._widths = [_narrowest(column) for column in self._columns]
        self.sums = Sums(listing)
        boxed = FONT | {"border": 1}
        self._text = book.add_format(boxed | {"num_format": "@", "text_wrap": True, "indent": 1})
        self._beside = book.add_format(boxed | {"num_format": "@", "indent": 1})
        self._number = book.add_format(boxed | {"num_format": "0", "align": "center"})
        self._money = book.add_format(boxed | {"num_format": "#,##0.00"})
        self._day = book.add_format(boxed | {"num_format": "yyyy-mm-dd", "align": "center"})
        bold = boxed | {"bold": True}
        self._total = book.add_format(bold | {"text_wrap": True})
        self._total_money = book.add_format(bold | {"num_format": "#,##0.00"})
        self._total_count = book.add_format(bold | {"num_format": "#,##0"})
        head = book.add_format(bold | {"align": "center", "text_wrap": True, "bg_color": "#EDEDED"})
        self._plain = book.add_format(FONT)
        self._sheet = book.add_worksheet(listing.title[:31])
        self._row = _FIRST
        self._put_over(_TITLE, listing.title, book.add_format(TITLE_FONT), 34)
        self._put_over(_LINE, listing.line, self._plain, 20)
        self._sheet.set_row(_HEADS, 30)
        for at, column in enumerate(self._columns):
            self._sheet.write_string(_HEADS, at, column.text, head)

    def add(self, rows: Sequence[Row]) -> None:
        """Write further rows."""
        for row in rows:
            values = self._listing.values(row, self._columns)
            lines = max(-(-width(value) // (_WIDEST - _MARGIN)) for value in values[: self._last + 1])
            if lines > 1:
                # Not every program finds by itself how high a row is.
                self._sheet.set_row(self._row, lines * _LINE_HEIGHT + 3)
            for at, value in enumerate(values):
                self._put(at, value, is_money(self._columns[at]))
            self._row += 1
        self.sums.add(rows)

    def _put(self, at: int, value: Value, money: bool) -> None:
        if value is None:
            self._sheet.write_blank(self._row, at, None, self._text)
            return
        self._widths[at] = max(self._widths[at], min(width(value) + _MARGIN, _WIDEST))
        if isinstance(value, Decimal):
            self._sheet.write_number(self._row, at, float(value), self._money)
        elif isinstance(value, date):
            self._sheet.write_datetime(self._row, at, value, self._day)
        elif isinstance(value, int):
            self._sheet.write_number(self._row, at, value, self._number)
        else:
            # Not write(), which makes a formula of what begins with =.
            printed = at <= self._last
            self._sheet.write_string(self._row, at, value, self._text if printed else self._beside)

    def finish(self) -> None:
        """Write what stands below the rows, and how the sheet is printed."""
        below = max(self._row - 1, _FIRST)
        if self._row == _FIRST:
            self._put(0, labels.NO_ROWS, False)
            self._row += 1
        self._totals()
        self._put_over(self._row + 1, labels.SIGNATURES, self._plain, 26)
        sheet, last = self._sheet, len(self._columns) - 1
        for at, characters in enumerate(self._widths):
            sheet.set_column(at, at, characters)
        sheet.freeze_panes(_FIRST, 0)
        sheet.autofilter(_HEADS, 0, below, last)
        sheet.repeat_rows(_TITLE, _HEADS)
        sheet.print_area(0, 0, self._row + 1, self._last)
        print_on(sheet, A4 if sum(self._widths[: self._last + 1]) <= _WIDE else A3)

    def _totals(self) -> None:
        self._sheet.set_row(self._row, 24)
        amounts = [self.sums.amount(column) for column in self._columns]
        # The words go over the columns before the first amount, so that they need not be wide.
        first = next((at for at, amount in enumerate(amounts) if amount is not None), self._last + 1)
        if first > 1:
            self._sheet.merge_range(self._row, 0, self._row, first - 1, self.sums.label, self._total)
        else:
            first = 1
            self._sheet.write_string(self._row, 0, self.sums.label, self._total)
        for at, amount in enumerate(amounts[first:], start=first):
            if amount is not None:
                self._widths[at] = max(self._widths[at], width(amount) + 3)
                form = self._total_count if isinstance(amount, int) else self._total_money
                self._sheet.write_number(self._row, at, float(amount), form)
            elif at <= self._last:
                self._sheet.write_blank(self._row, at, None, self._total)
        self._row += 1

    def _put_over(self, row: int, text: str, form: Any, height: int) -> None:
        self._sheet.set_row(row, height)
        if self._last > 0:
            self._sheet.merge_range(row, 0, row, self._last, text, form)
        else:
            self._sheet.write_string(row, 0, text, form)


def print_on(sheet: Any, paper: int) -> None:
    """Have a sheet printed in landscape, as wide as the paper, with its pages numbered."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.center_horizontally()
    sheet.set_footer(f"&C{labels.PAGE.format('&P', '&N')}")


def _narrowest(column: Heading) -> int:
    """Room for the heading on two lines."""
    return max(_NARROWEST, -(-width(column.text) // (2 * CHINESE)) * CHINESE + 3)

"""Annex 2 as an Excel sheet in the form's own layout."""

from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from projections import labels
from projections.annex2.form import form
from services.reporting.annex2 import Annex2
from services.reporting.exports.annex2_layout import (
    FIRST,
    LEVEL_1,
    LEVEL_2,
    MARK,
    OFFICE,
    TITLE,
    basis_of,
    below,
    heads,
    notes,
    rows,
    stub,
)
from services.reporting.exports.excel import A3, FONT, TITLE_FONT, print_on

_WRAPPED = {"font_size": 9, "text_wrap": True, "align": "center", "border": 1}
_STUB, _CELL = 16, 5.6
"""Widths of columns."""


def annex2_workbook(filled: Annex2, office: str = "", remark: str = "") -> bytes:
    """Return the filled form as an .xlsx file; ``office``: who reports, empty where it is written by hand.

    ``remark``: a line below the form.
    """
    file = BytesIO()
    with Workbook(file) as book:
        _Sheet(book, filled, office, remark)
    return file.getvalue()


class _Sheet:
    """The sheet, from top to bottom. Rows and columns are counted from 1, as Excel shows them."""

    def __init__(self, book: Workbook, filled: Annex2, office: str, remark: str) -> None:
        self._sheet = book.add_worksheet(labels.ANNEX_2)
        self._of, self._filled = form(), filled
        self._width = FIRST + len(self._of.columns) - 1
        self._boxed = book.add_format(FONT | _WRAPPED)
        self._number = book.add_format(FONT | _WRAPPED | {"num_format": "0"})
        self._grey = book.add_format(FONT | _WRAPPED | {"font_color": "#7F7F7F", "font_size": 7})
        self._left = book.add_format(FONT | {"align": "left", "text_wrap": True})
        self._left_boxed = book.add_format(FONT | {"align": "left", "text_wrap": True, "border": 1})
        basis = basis_of(filled, office)
        mark = book.add_format(FONT | {"font_name": "黑体", "font_size": 14})
        self._put(labels.ANNEX_2, MARK, 1, MARK, 1, mark)
        self._put(self._of.title, TITLE, 1, TITLE, self._width, book.add_format(TITLE_FONT))
        line = f"{labels.OFFICE_SEALED}：{office or labels.BLANK}        {basis.text}"
        self._put(line, OFFICE, 1, OFFICE, self._width, self._left)
        depth = self._heads()
        row = self._rows(self._notes(self._units(depth + 1)))
        self._put(self._of.notes["all"], row, 1, row, self._width, self._left_boxed)
        for text in below(filled, basis, remark):
            row += 1
            self._put(text, row, 1, row, self._width, self._left)
        row += 2
        self._put(labels.ANNEX_2_SIGNATURES, row, 1, row, self._width, self._left)
        self._page(depth, row)

    def _heads(self) -> int:
        depth = 0
        for head in heads(self._of):
            text = stub(self._of, self._filled) if head.left == 1 else head.text
            self._put(text, head.top, head.left, head.bottom, head.right, self._boxed)
            depth = max(depth, head.bottom)
        return depth

    def _units(self, row: int) -> int:
        self._put(labels.UNIT_ROW, row, 1, row, 1, self._boxed)
        for at, column in enumerate(self._of.columns, start=FIRST):
            self._put(column.unit, row, at, row, at, self._boxed)
        return row + 1

    def _notes(self, row: int) -> int:
        self._put(labels.NOTE_ROW, row, 1, row, 1, self._boxed)
        for at in range(FIRST, self._width + 1):
            self._sheet.write_blank(row - 1, at - 1, None, self._boxed)
        for text, left, right in notes(self._of):
            self._put(text, row, left, row, right, self._boxed)
        return row + 1

    def _rows(self, row: int) -> int:
        for label, cells in rows(self._filled):
            self._put(label, row, 1, row, 1, self._boxed)
            for at, column in enumerate(self._of.columns, start=FIRST):
                value = cells[column.code]
                if value is None:
                    self._put(labels.NOT_CONNECTED, row, at, row, at, self._grey)
                else:
                    self._sheet.write_number(row - 1, at - 1, value, self._number)
            row += 1
        return row

    def _put(self, text: str, top: int, left: int, bottom: int, right: int, form_: Any) -> None:
        # Not write() nor merge_range() with the text: these make a formula of what begins with =.
        if (top, left) != (bottom, right):
            self._sheet.merge_range(top - 1, left - 1, bottom - 1, right - 1, "", form_)
        self._sheet.write_string(top - 1, left - 1, text, form_)

    def _page(self, depth: int, last: int) -> None:
        sheet = self._sheet
        sheet.set_column(0, 0, _STUB)
        sheet.set_column(FIRST - 1, self._width - 1, _CELL)
        for row, height in {MARK: 22, TITLE: 36, OFFICE: 22, depth: 84, depth + 2: 48, last: 26}.items():
            sheet.set_row(row - 1, height)
        for row in range(LEVEL_1, depth):
            sheet.set_row(row - 1, 54 if row == LEVEL_2 else 22)
        for row in range(depth + 3, depth + 3 + len(self._filled.rows) + 1):
            sheet.set_row(row - 1, 28)
        sheet.freeze_panes(depth + 1, FIRST - 1)
        sheet.repeat_rows(MARK - 1, depth)
        sheet.print_area(0, 0, last - 1, self._width - 1)
        print_on(sheet, A3)

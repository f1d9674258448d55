"""Annex 2 as an Excel sheet in the form's own layout, with the merged heads of several rows.

The layout follows from the data of the form: title; level 1; level 2; then one row a depth of 其中; units;
what the note row says (填报说明); the rows; the bottom note.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from projections import labels
from projections.annex2.form import Column, Form, form
from services.reporting.annex2 import Annex2

_THIN = Side(style="thin")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_HEAD_FONT = Font(name="宋体", size=10)
_TITLE_FONT = Font(name="方正小标宋_GBK", size=18)

TITLE, LEVEL_1, LEVEL_2, HEADS = 1, 2, 3, 4
"""Rows of the sheet; heads of columns begin at HEADS and are as many rows deep as 其中 goes."""
FIRST = 2
"""The column of the first cell; the one before is the stub."""


@dataclass(frozen=True, slots=True)
class Head:
    """A merged head: rows and columns, both ends included."""

    text: str
    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring columns under one name: 户 and 人 of the same thing."""

    columns: tuple[Column, ...]
    left: int

    @property
    def right(self) -> int:
        return self.left + len(self.columns) - 1

    @property
    def name(self) -> str:
        return self.columns[0].name

    @property
    def parent(self) -> str | None:
        return self.columns[0].parent

    def holds(self, code: str | None) -> bool:
        return any(column.code == code for column in self.columns)


def heads(of: Form) -> list[Head]:
    """Return the heads of the form: levels 1 and 2, every column group, every 其中, the stub."""
    groups = list(_groups(of))
    depths = {group.left: _depth(group, groups) for group in groups}
    last = HEADS + max(depths.values())
    found = [Head(of.stub, LEVEL_1, 1, last, 1)]
    found += _levels(of)
    for at, group in enumerate(groups):
        top = HEADS + depths[group.left]
        below = _below(at, groups)
        found.append(Head(group.name, top, group.left, last, group.right))
        if below:
            found.append(Head(labels.OF_WHICH, top, below[0].left, top, below[-1].right))
    return found


def _levels(of: Form) -> Iterator[Head]:
    at = FIRST
    for path, columns in groupby(of.columns, key=lambda column: column.path):
        width = len(list(columns))
        if len(path) == 1:
            yield Head(path[0], LEVEL_1, at, LEVEL_2, at + width - 1)
        else:
            yield Head(path[1], LEVEL_2, at, LEVEL_2, at + width - 1)
        at += width
    at = FIRST
    for first, columns in groupby(of.columns, key=lambda column: column.path[0]):
        group = list(columns)
        if len(group[0].path) > 1:
            yield Head(first, LEVEL_1, at, LEVEL_1, at + len(group) - 1)
        at += len(group)


def _groups(of: Form) -> Iterator[_Group]:
    at = FIRST
    # 户 and 人 of one thing share name and place; their codes differ in the last letter.
    for _, columns in groupby(of.columns, key=lambda column: (column.path, column.name, column.code[:-1])):
        group = tuple(columns)
        if len(group) == 1 or {column.code[-1] for column in group} == {"h", "p"}:
            yield _Group(group, at)
        else:
            for shift, column in enumerate(group):
                yield _Group((column,), at + shift)
        at += len(group)


def _depth(group: _Group, groups: list[_Group]) -> int:
    depth, parent = 0, group.parent
    while parent is not None:
        depth += 1
        parent = next(other for other in groups if other.holds(parent)).parent
    return depth


def _below(at: int, groups: list[_Group]) -> list[_Group]:
    depth = _depth(groups[at], groups)
    below: list[_Group] = []
    for group in groups[at + 1 :]:
        if _depth(group, groups) <= depth:
            break
        below.append(group)
    return below


def notes(of: Form) -> list[tuple[str, int, int]]:
    """Return the notes over columns: text, first and last column; not the bottom row's (``all``)."""
    found = []
    for key, text in of.notes.items():
        if key == "all":
            continue
        places = [FIRST + at for at, column in enumerate(of.columns) if column.code == key]
        places = places or [
            FIRST + at for at, column in enumerate(of.columns) if column.code in (f"{key}h", f"{key}p")
        ]
        places = places or [FIRST + at for at, column in enumerate(of.columns) if column.code.startswith(key)]
        found.append((text, places[0], places[-1]))
    return found


def workbook(filled: Annex2) -> bytes:
    """Return the filled form as an .xlsx file."""
    of = form()
    book = Workbook()
    sheet = book.active
    sheet.title = "附件2"
    width = FIRST + len(of.columns) - 1
    _put(sheet, of.title, TITLE, 1, TITLE, width, font=_TITLE_FONT, border=False)
    depth = 0
    for head in heads(of):
        text = labels.STUBS.get(filled.by or "", head.text) if head.left == 1 else head.text
        _put(sheet, text, head.top, head.left, head.bottom, head.right)
        depth = max(depth, head.bottom)
    row = _units(sheet, of, depth + 1)
    row = _notes(sheet, of, row)
    for label, cells in _rows(filled):
        _put(sheet, label, row, 1, row, 1)
        for at, column in enumerate(of.columns):
            value = cells[column.code]
            _put(sheet, labels.NOT_CONNECTED if value is None else value, row, FIRST + at, row, FIRST + at)
        row += 1
    _put(sheet, of.notes["all"], row, 1, row, width, align=_LEFT)
    basis = f"截至{filled.until}" + (f"，以{filled.as_of}日终入库数据为准" if filled.as_of else "")
    _put(
        sheet,
        f"{labels.PROGRAMMES[filled.programme]}；{basis}",
        row + 1,
        1,
        row + 1,
        width,
        align=_LEFT,
        border=False,
    )
    row += 1
    for result in filled.checks:
        if result.holds is False:
            row += 1
            text = f"{labels.CHECK} {result.check}：{result.verdict}"
            _put(sheet, text, row, 1, row, width, align=_LEFT, border=False)
    _page(sheet, width, depth, row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(filled: Annex2) -> Iterator[tuple[str, dict[str, int | None]]]:
    for area, cells in filled.rows:
        yield area or labels.UNKNOWN_AREA, cells
    yield labels.TOTAL, filled.total


def _units(sheet: Worksheet, of: Form, row: int) -> int:
    _put(sheet, labels.UNIT_ROW, row, 1, row, 1)
    for at, column in enumerate(of.columns):
        _put(sheet, column.unit, row, FIRST + at, row, FIRST + at)
    return row + 1


def _notes(sheet: Worksheet, of: Form, row: int) -> int:
    _put(sheet, labels.NOTE_ROW, row, 1, row, 1)
    for at in range(len(of.columns)):
        sheet.cell(row, FIRST + at).border = _BOX
    for text, left, right in notes(of):
        _put(sheet, text, row, left, row, right)
    return row + 1


def _put(
    sheet: Worksheet,
    value: str | int,
    top: int,
    left: int,
    bottom: int,
    right: int,
    *,
    font: Font = _HEAD_FONT,
    align: Alignment = _CENTRE,
    border: bool = True,
) -> None:
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            if border:
                sheet.cell(row, column).border = _BOX
    cell = sheet.cell(top, left, value)
    if isinstance(value, str):
        cell.data_type = "s"  # else a text that begins with = would be computed where it is opened
    cell.font = font
    cell.alignment = align
    if (top, left) != (bottom, right):
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)


def _page(sheet: Worksheet, width: int, depth: int, last: int) -> None:
    sheet.column_dimensions["A"].width = 16
    for column in range(FIRST, width + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 8.5
    sheet.row_dimensions[TITLE].height = 36
    for row in range(LEVEL_1, depth):
        sheet.row_dimensions[row].height = 40
    sheet.row_dimensions[depth].height = 72
    sheet.row_dimensions[depth + 2].height = 48
    sheet.freeze_panes = sheet.cell(depth + 1, FIRST)
    sheet.print_title_rows = f"{TITLE}:{depth}"
    sheet.print_area = f"A1:{get_column_letter(width)}{last}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True

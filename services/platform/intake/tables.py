"""From the bytes of a csv or xlsx file to rows by header, whichever way an office wrote it."""

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from services.platform.intake.answers import FileRefused
from services.platform.intake.cells import Cell, text_of
from services.platform.intake.columns import Column, Sheet

_TITLE_ROWS = 20
_MAX_COLUMNS = 200
_MAX_UNPACKED = 2 * 1024**3
_MAX_RATIO = 200
_SUMS = {"合计", "总计", "小计", "共计"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its number as a spreadsheet shows it, and its cells by column field."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A recognised table: its form, the headers found by field, and its rows, read once."""

    sheet: Sheet
    headers: dict[str, str]
    rows: Iterator[Row]


def read_csv(file: IO[bytes], sheets: Sequence[Sheet]) -> Table:
    """Return the table of a csv file: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab."""
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    start = text.read(64 * 1024)
    text.seek(0)
    return _table(_csv_rows(text, _delimiter(start)), sheets)


def read_xlsx(file: IO[bytes], sheets: Sequence[Sheet]) -> Table:
    """Return the table of a workbook: the one worksheet that has a header row."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries)
        if len(entries) > 5000 or unpacked > _MAX_UNPACKED or unpacked > max(packed, 100_000) * _MAX_RATIO:
            raise FileRefused("a workbook that does not unpack to far more than its size")
        file.seek(0)
        book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, ValueError, SyntaxError):
        raise FileRefused("a workbook (.xlsx) that can be opened") from None
    found: list[Table] = []
    for worksheet in book.worksheets:
        worksheet.reset_dimensions()
        try:
            found.append(_table(_sheet_rows(worksheet), sheets))
        except FileRefused:
            continue
    if not found:
        raise FileRefused(_headers_expected(sheets))
    if len(found) > 1:
        raise FileRefused("a workbook in which one worksheet only has a table")
    return found[0]


def _csv_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    lines = csv.reader(text, delimiter=delimiter)
    number = 0
    try:
        while True:
            number += 1
            try:
                yield number, next(lines)
            except StopIteration:
                return
            except csv.Error:
                raise FileRefused(f"row {number} that a csv reader can read") from None
    finally:
        text.detach()  # whoever opened the file closes it


def _sheet_rows(worksheet: object) -> Iterator[tuple[int, Sequence[Cell]]]:
    rows = worksheet.iter_rows(max_col=_MAX_COLUMNS, values_only=True)  # type: ignore[attr-defined]
    try:
        yield from enumerate(rows, start=1)
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile, EOFError, OSError):
        raise FileRefused("a workbook (.xlsx) that can be read to its end") from None


def _encoding(file: IO[bytes]) -> str:
    start = file.read(3)
    file.seek(0)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while chunk := file.read(1024 * 1024):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileRefused("text in UTF-8 or GB18030")


def _delimiter(start: str) -> str:
    # The header is the line with the most separators of one kind, whatever titles stand above it.
    counts = {mark: max(line.count(mark) for line in start.splitlines() or [""]) for mark in (",", ";", "\t")}
    return max(counts, key=lambda mark: counts[mark])


def _table(rows: Iterator[tuple[int, Sequence[Cell]]], sheets: Sequence[Sheet]) -> Table:
    for number, cells in rows:
        if number > _TITLE_ROWS:
            break
        texts = [_folded(text_of(cell)) for cell in cells]
        matches = [(sheet, places) for sheet in sheets if (places := _places(sheet, texts)) is not None]
        if matches:
            # The form of which most columns are there: of two forms one may hold all that the other needs.
            sheet, places = max(matches, key=lambda match: len(match[1]))
            headers = {column.field: text_of(cells[place]) for column, place in places}
            return Table(sheet, headers, _body(rows, places))
    raise FileRefused(_headers_expected(sheets))


def _places(sheet: Sheet, texts: Sequence[str]) -> list[tuple[Column, int]] | None:
    places: list[tuple[Column, int]] = []
    for column in sheet.columns:
        names = {_folded(name) for name in (column.header, *column.aliases)}
        at = [place for place, text in enumerate(texts) if text in names]
        if len(at) > 1:
            raise FileRefused(f"one column {column.header}")
        if at:
            places.append((column, at[0]))
        elif column.required:
            return None
    return places


def _body(rows: Iterator[tuple[int, Sequence[Cell]]], places: list[tuple[Column, int]]) -> Iterator[Row]:
    for number, cells in rows:
        width = len(cells)
        found = {
            column.field: cells[place]
            for column, place in places
            if place < width and cells[place] not in (None, "")
        }
        shown = [text_of(cell) for cell in cells if cell is not None]
        if not any(shown):
            continue
        if "household_no" not in found and any("".join(text.split()) in _SUMS for text in shown):
            continue
        yield Row(number, found)


def _folded(header: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", header).split()).strip("*:")
    return re.sub(r"\((?:元|必填|选填|是/否)\)$", "", text)


def _headers_expected(sheets: Sequence[Sheet]) -> str:
    forms = "; ".join(
        f"{sheet.title}: " + "、".join(column.header for column in sheet.columns if column.required)
        for sheet in sheets
    )
    return f"a header row with the columns of one form ({forms})"

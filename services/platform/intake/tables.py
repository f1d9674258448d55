"""From the bytes of a csv or xlsx file to rows by header, whichever way an office wrote it."""

import csv
import io
import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import IO

from services.platform.intake.answers import FileRefused
from services.platform.intake.cells import text_of
from services.platform.intake.forms import Column, Form
from services.platform.intake.sentences import Sentence, say
from services.platform.intake.workbook import Cell, Workbook, WorkbookError

_TITLE_ROWS = 20
_LINES_OF_A_CELL = 100
_KNOWN = 50_000
_UNDECODED = re.compile("[\ud800-\udfff]")
_SUMS = {"合计", "总计", "小计", "共计"}

NumberedRow = tuple[int, Sequence[Cell] | None]
"""A row with its number; ``None`` where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its number as a spreadsheet shows it, and a cell for each column of the table.

    ``broken``: what was expected of a row that cannot be read at all; it has no cells.
    """

    number: int
    cells: tuple[Cell, ...] = ()
    broken: Sentence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something about the file that is to be said although its rows go in."""

    row: int
    column: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Table:
    """A recognised table: its form, those of the form's columns that it has, their headers, its rows.

    The rows can be read once. ``header_row`` is the number of the row of headers; ``unread`` are the letters,
    as a spreadsheet shows them, of the columns that have a header which the form does not know.
    """

    form: Form
    columns: tuple[Column, ...]
    headers: tuple[str, ...]
    rows: Iterator[Row]
    header_row: int
    units: Mapping[int, int] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def read_csv(file: IO[bytes], forms: Sequence[Form]) -> Table:
    """Return the table of a csv file: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab.

    The encoding is the one in which there is a header row. A row in another one cannot be read; the others
    can.
    """
    decoded = False
    for encoding in ("utf-8-sig", "gb18030"):
        file.seek(0)
        text = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")
        start = text.read(64 * 1024)
        text.seek(0)
        decoded = decoded or not _UNDECODED.search(start)
        table = _table(_csv_rows(text, _delimiter(start)), forms, ragged=False)
        if table is not None:
            return table
    raise FileRefused(_headers_expected(forms) if decoded else say("utf-8-or-gb18030"))


def read_xlsx(file: IO[bytes], forms: Sequence[Form]) -> Table:
    """Return the table of a workbook: of the worksheets with a header row, the one that has rows below it."""
    try:
        workbook = Workbook(file)
        found: list[Table] = []
        for worksheet in workbook.worksheets:
            table = _table(_checked(workbook.rows(worksheet)), forms, ragged=True)
            if table is not None:
                found.append(table)
    except WorkbookError as error:
        raise FileRefused(error.sentence) from None
    if not found:
        raise FileRefused(_headers_expected(forms))
    filled = [
        replace(table, rows=chain([first], table.rows))
        for table in found
        if (first := next(table.rows, None)) is not None
    ]
    if len(filled) > 1:
        raise FileRefused(say("one-worksheet"))
    return filled[0] if filled else found[0]


def _csv_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[NumberedRow]:
    try:
        yield from enumerate(_csv_records(text, delimiter), start=1)
    finally:
        text.detach()  # whoever opened the file closes it


def _csv_records(text: io.TextIOWrapper, delimiter: str) -> Iterator[list[str] | None]:
    # A quotation mark that nobody closes would swallow all the rows after it: a record ends with its line
    # where no near line closes it, and is then ``None``.
    ahead: deque[str] = deque()
    while line := ahead.popleft() if ahead else text.readline():
        lines, marks = [line], line.count('"')
        while marks % 2 and len(lines) < _LINES_OF_A_CELL:
            if not (more := ahead.popleft() if ahead else text.readline()):
                break
            lines.append(more)
            marks += more.count('"')
        if marks % 2:
            ahead.extendleft(reversed(lines[1:]))
            lines = lines[:1]
        try:
            yield from list(csv.reader(lines, delimiter=delimiter, strict=bool(marks % 2)))
        except csv.Error:
            ahead.extendleft(reversed(lines[1:]))
            yield None


def _checked(rows: Iterator[tuple[int, Sequence[Cell]]]) -> Iterator[NumberedRow]:
    try:
        yield from rows
    except WorkbookError as error:
        raise FileRefused(error.sentence) from None


def _delimiter(start: str) -> str:
    # The header is the line with the most separators of one kind, whatever titles stand above it.
    counts = {mark: max(line.count(mark) for line in start.splitlines() or [""]) for mark in (",", ";", "\t")}
    return max(counts, key=lambda mark: counts[mark])


def _table(rows: Iterator[NumberedRow], forms: Sequence[Form], *, ragged: bool) -> Table | None:
    # ``ragged``: whether something may stand beside the table.
    for number, cells in rows:
        if number > _TITLE_ROWS:
            break
        if cells is None:
            continue
        texts = [folded_header(text_of(cell)) for cell in cells]
        matches = [(form, places) for form in forms if (places := _places(form, texts)) is not None]
        if matches:
            form, places = _best(matches)
            columns = tuple(column for column, _ in places)
            found = [at[0] for _, at in places]
            headers = tuple(text_of(cells[at]) for at in found)
            doubts = [
                Doubt(
                    row=number,
                    column=f"列{_letters(at)}“{text_of(cells[at])}”",
                    sentence=say("unread-column"),
                )
                for at, text in enumerate(texts)
                if text and at not in found
            ]
            body = _body(rows, columns, found, None if ragged else len(cells))
            return Table(form, columns, headers, body, number, doubts=doubts)
    return None


Places = list[tuple[Column, list[int]]]


def _places(form: Form, texts: Sequence[str]) -> Places | None:
    places: Places = []
    for column in form.columns:
        at = [place for place, text in enumerate(texts) if text in column.names]
        if at:
            places.append((column, at))
        elif column.required:
            return None
    return places


def _best(matches: list[tuple[Form, Places]]) -> tuple[Form, Places]:
    # The form of which most columns are there: of two forms one may hold all that the other needs.
    most = max(len(places) for _, places in matches)
    best = [match for match in matches if len(match[1]) == most]
    if len(best) > 1:
        titles = "、".join(form.title for form, _ in best)
        raise FileRefused(say("type-of-rows", titles=titles))
    form, places = best[0]
    doubled = next((column.header for column, at in places if len(at) > 1), None)
    if doubled is not None:
        raise FileRefused(say("one-column", header=doubled))
    return form, places


def _body(
    rows: Iterator[NumberedRow], columns: Sequence[Column], found: Sequence[int], most: int | None
) -> Iterator[Row]:
    required = [place for place, column in enumerate(columns) if column.required]
    known: dict[str, str] = {}  # equal texts of many rows are kept once
    for number, cells in rows:
        if cells is None:
            yield Row(number, broken=say("csv-quotes", most=csv.field_size_limit()))
            continue
        width = len(cells)
        if most is not None and width > most and any(map(text_of, cells[most:])):
            broken = say("more-cells")
        else:
            broken = None
        taken = tuple(
            None
            if at >= width or (cell := cells[at]) is None or cell == ""
            else known.setdefault(cell, cell)
            if isinstance(cell, str)
            else cell
            for at in found
        )
        if not any(map(text_of, cells)):
            continue
        if any(taken[place] is None for place in required) and any(
            isinstance(cell, str) and "".join(cell.split()) in _SUMS for cell in cells
        ):
            continue
        if len(known) > _KNOWN:
            known.clear()
        yield Row(number, taken, broken)


def _letters(place: int) -> str:
    # A, B, ... Z, AA: bijective base 26.
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def folded_header(header: str) -> str:
    """Return a header as it is compared: without blanks, a colon, a star, or a unit behind it."""
    text = "".join(unicodedata.normalize("NFKC", header).split()).strip("*:")
    return re.sub(r"\((?:元|必填|选填|是/否)\)$", "", text)


def _headers_expected(forms: Sequence[Form]) -> Sentence:
    expected = "; ".join(
        f"{form.title}: " + "、".join(column.header for column in form.columns if column.required)
        for form in forms
    )
    return say("header-row", expected=expected)

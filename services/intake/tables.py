"""From the bytes of a csv or xlsx file to rows by header, whichever way an office wrote it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import IO, NamedTuple

from services.intake.answers import FileRefused
from services.intake.cells import text_of
from services.intake.delimited import LONGEST_CELL, Text, texts_of
from services.intake.footers import Footers, Numbers
from services.intake.foreign import foreign, is_workbook, no_archive
from services.intake.forms import Column, Form
from services.intake.headers import (
    YUAN,
    Found,
    Missed,
    begins_with_header,
    find_header,
    headers_expected,
    letters,
    missed_header,
    names_many,
    quoted,
    unit_above,
    unit_alone,
    unit_factor,
)
from services.intake.merges import Merges
from services.intake.sentences import Sentence, say
from services.intake.workbook import Cell, Workbook, WorkbookError, Worksheet
from services.platform.limits import COLUMNS, ROWS

_TITLE_ROWS = 20
_KNOWN = 50_000
_VALUE = re.compile(r"\d{4}|\d\.\d")  # what no header row has: a day, an amount, a number
_LONG_DIGITS = re.compile(r"\d{6,}[Xx]?")

NumberedRow = tuple[int, Sequence[Cell] | None, bool]
"""A row with its number, and whether it is hidden; no cells where it cannot be read."""


class Row(NamedTuple):
    """A row of a table: its number as a spreadsheet shows it, and a cell for each column of the table.

    ``broken``: what was expected of a row that nothing may be made of, nor of the fact that it belongs to.
    Where it can be told which fact that is, it has its cells.
    """

    number: int
    cells: tuple[Cell, ...] = ()
    broken: Sentence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What is to be said of a table though its rows go in.

    ``row`` is 0 where it is about the whole file; ``column`` names the column that it is about, if any.
    """

    row: int
    sentence: Sentence
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A recognised table: its form, those of the form's columns that it has, their headers, its rows.

    The rows can be read once. ``header_row`` is the number of the row of headers. ``units`` says by the place
    of a column how many 元 its amounts are counted in, where that is not one: 10000 for 万元. ``doubts``
    fills while the rows are read, and is complete when the last was. ``composed``: fields that are put
    together of others.
    """

    form: Form
    columns: tuple[Column, ...]
    headers: tuple[str, ...]
    rows: Iterator[Row]
    header_row: int
    units: Mapping[int, Decimal]
    doubts: list[Doubt] = field(default_factory=list)
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_csv(file: IO[bytes], forms: Sequence[Form]) -> Table:
    """Return the table of a csv file: UTF-8, GB18030 or marked UTF-16; parted by comma, semicolon, tab or |.

    Encoding and separator are those with which there is a header row. A row in another encoding cannot be
    read; the others can. Raises FileRefused.
    """
    if (refusal := foreign(file)) is not None:
        raise FileRefused(refusal)
    if is_workbook(file):
        raise FileRefused(say("file-is-workbook"))
    missed: list[Missed] = []
    texts = texts_of(file)
    for text in texts:
        best: tuple[int, str] | None = None
        for separator in text.separators:
            head = _head(_plain(text.sample(separator)), forms, ())
            if head.found is not None and (best is None or len(head.found.columns) > best[0]):
                best = (len(head.found.columns), separator)
            if head.missed is not None:
                missed.append(head.missed)
        if best is not None:
            return _csv_table(text, best[1], forms)
    readable = [text for text in texts if text.decoded]
    if missed:
        if any(text.one_line and _VALUE.search(text.start) for text in readable):
            raise FileRefused(say("csv-one-line"))
        raise FileRefused(_nearest(missed))
    if not readable:
        raise FileRefused(say("utf-8-or-gb18030"))
    lines = readable[0].start.splitlines()[:_TITLE_ROWS]
    unparted = any(names_many(line, forms) for line in lines)
    raise FileRefused(say("csv-separator") if unparted else headers_expected(forms))


def read_xlsx(file: IO[bytes], forms: Sequence[Form]) -> Table:
    """Return the table of a workbook: of the worksheets with a header row, the one that has rows below it.

    One that is seen counts before those that are hidden. Raises FileRefused.
    """
    if (refusal := foreign(file) or no_archive(file)) is not None:
        raise FileRefused(refusal)
    try:
        return _xlsx_table(Workbook(file), forms)
    except WorkbookError as error:
        raise FileRefused(error.sentence) from None


def _csv_table(text: Text, separator: str, forms: Sequence[Form]) -> Table:
    rows = _plain(text.records(separator))
    head = _head(rows, forms, ())
    assert head.found is not None
    if text.one_line and _VALUE.search(text.start) and _runs_on(head, head.found):
        raise FileRefused(say("csv-one-line"))
    return _table(head, rows, len(head.texts), None)


def _runs_on(head: "_Head", found: Found) -> bool:
    # The header row goes on with what was filled in: 区划代码R91-1, FR911, …
    beside = [text for at, text in enumerate(head.texts) if text and at not in found.places]
    return len(beside) >= len(found.places) or any(begins_with_header(text, found.form) for text in beside)


def _plain(records: Iterator[tuple[int, list[str] | None]]) -> Iterator[NumberedRow]:
    for number, record in records:
        if record is not None and len(record) > COLUMNS:
            # That something stands behind the last column is all that is to be known of it.
            record[COLUMNS:] = [next((cell for cell in record[COLUMNS:] if cell), "")]
        yield number, record, False


def _xlsx_table(workbook: Workbook, forms: Sequence[Form]) -> Table:
    tables: list[tuple[Worksheet, Table, bool]] = []
    others: list[Worksheet] = []
    missed: list[Missed] = []
    for sheet in workbook.worksheets:
        rows = _checked(sheet.rows())
        head = _head(rows, forms, (sheet.name,))
        if head.found is not None:
            table = _table(head, rows, None, sheet)
            first = next(table.rows, None)
            if first is not None:
                table = _with_rows(table, chain([first], table.rows))
            tables.append((sheet, table, first is not None))
            continue
        if head.missed is not None:
            several = len(workbook.worksheets) > 1
            missed.append(head.missed.of_sheet(_named([sheet])) if several else head.missed)
        if head.filled or any(any(map(text_of, cells or ())) for _, cells, _ in rows):
            others.append(sheet)
    if not tables:
        raise FileRefused(_nearest(missed) if missed else headers_expected(forms))
    filled = [(sheet, table) for sheet, table, has_rows in tables if has_rows]
    if not filled and others:
        # What was filled in stands where no header row was found.
        if missed:
            raise FileRefused(_nearest(missed))
        raise FileRefused(say("no-lines-but", sheets=_named(others)))
    shown = [(sheet, table) for sheet, table in filled if not sheet.hidden] or filled
    if len(shown) > 1:
        raise FileRefused(say("one-worksheet", sheets=_named(sheet for sheet, _ in shown)))
    sheet, table = shown[0] if shown else tables[0][:2]
    others += [other for other, _ in filled if other is not sheet]
    if others:
        table.doubts.append(Doubt(row=0, sentence=say("sheets-unread", sheets=_named(others))))
    if sheet.hidden and filled:
        table.doubts.append(Doubt(row=0, sentence=say("sheet-hidden", sheet=_named([sheet]))))
    return table


def _nearest(missed: Sequence[Missed]) -> Sentence:
    return max(missed, key=lambda each: each.known).sentence


def _with_rows(table: Table, rows: Iterator[Row]) -> Table:
    return Table(
        form=table.form,
        columns=table.columns,
        headers=table.headers,
        rows=rows,
        header_row=table.header_row,
        units=table.units,
        doubts=table.doubts,
    )


def _checked(rows: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    try:
        yield from rows
    except WorkbookError as error:
        raise FileRefused(error.sentence) from None


def _named(sheets: "Iterator[Worksheet] | Sequence[Worksheet]") -> str:
    return "、".join(f"“{_LONG_DIGITS.sub('*', sheet.name)}”" for sheet in sheets)


@dataclass(slots=True)
class _Head:
    """The rows down to the header row: what they hold, and which form it is of, or why it is of none."""

    titles: list[str] = field(default_factory=list)
    filled: bool = False
    found: Found | None = None
    missed: Missed | None = None
    number: int = 0
    texts: list[str] = field(default_factory=list)


def _head(rows: Iterator[NumberedRow], forms: Sequence[Form], titles: Sequence[str]) -> _Head:
    head = _Head(list(titles))
    for number, cells, _ in rows:
        if number > _TITLE_ROWS:
            head.filled = head.filled or any(map(text_of, cells or ()))
            break
        if cells is None:
            continue
        texts = [text_of(cell) for cell in cells[:COLUMNS]]
        head.filled = head.filled or any(texts)
        found = find_header(texts, forms)
        if found:
            _check(found, head.titles, texts)
            head.found, head.number, head.texts = found[0], number, texts
            break
        head.titles += [text for text in texts if text]
        missed = missed_header(number, texts, forms)
        if missed is not None and (head.missed is None or missed.known > head.missed.known):
            head.missed = missed
    return head


def _check(found: Sequence[Found], titles: Sequence[str], texts: Sequence[str]) -> None:
    if len(found) > 1:
        raise FileRefused(say("type-of-rows", titles="、".join(each.form.title for each in found)))
    if found[0].doubled is not None:
        raise FileRefused(say("one-column", header=found[0].doubled))
    if (unit := unit_above(titles)) is not None:
        if found[0].unstated:
            raise FileRefused(say("unit-above", unit=unit))
        if (place := found[0].contradicts(unit_factor(unit))) is not None:
            raise FileRefused(say("unit-contradicts", unit=unit, header=texts[found[0].places[place]]))


def _table(head: _Head, rows: Iterator[NumberedRow], most: int | None, sheet: Worksheet | None) -> Table:
    # ``most``: how many cells a row may have, where nothing may stand beside the table.
    found = head.found
    assert found is not None
    doubts: list[Doubt] = []
    unread = say("unread-column", among=found.form.called)
    for at, text in enumerate(head.texts):
        if text and at not in found.places:
            column = f"列{letters(at)}{quoted(text, [found.form])}"
            doubts.append(Doubt(row=head.number, column=column, sentence=unread))
    if sheet is not None:
        hidden = [letters(at) for at in found.places if at + 1 in sheet.hidden_columns]
        if hidden:
            doubts.append(Doubt(row=head.number, sentence=say("columns-hidden", columns="、".join(hidden))))
    units = dict(found.units)
    first = next(rows, None)
    if first is not None:
        below = _units_below(first, found)
        if below is None:
            rows = chain([first], rows)
        else:
            for place, unit in below.items():
                if found.amounts.get(place) not in (None, unit):
                    said = text_of((first[1] or ())[found.places[place]])
                    header = head.texts[found.places[place]]
                    raise FileRefused(say("unit-contradicts", unit=said.strip("()（）"), header=header))
            units |= below
    body = _Body(head, found, most, sheet, doubts)
    return Table(
        form=found.form,
        columns=found.columns,
        headers=tuple(head.texts[at] for at in found.places),
        rows=body.rows(rows),
        header_row=head.number,
        units={place: unit for place, unit in units.items() if unit != YUAN},
        doubts=doubts,
    )


def _units_below(row: NumberedRow, found: Found) -> Mapping[int, Decimal] | None:
    # A row of units right below the headers: 万元 below 金额, and nothing else in the form's columns.
    units: dict[int, Decimal] = {}
    for place, at in enumerate(found.places):
        text = text_of(row[1][at]) if row[1] is not None and at < len(row[1]) else ""
        if text:
            unit = unit_alone(text)
            if unit is None or found.columns[place].kind != "amount":
                return None
            units[place] = unit
    return units or None


class _Body:
    """The rows below a header row."""

    def __init__(
        self, head: _Head, found: Found, most: int | None, sheet: Worksheet | None, doubts: list[Doubt]
    ) -> None:
        self._found = found
        self._most = most
        self._sheet = sheet
        self._doubts = doubts
        self._header_row = head.number
        self._width = len(head.texts)
        self._headless = [at for at, text in enumerate(head.texts) if not text]
        self._required = [place for place, column in enumerate(found.columns) if column.required]
        self._first_header = head.texts[found.places[0]]
        self._footers = Footers(head.titles, head.texts, found)

    def rows(self, rows: Iterator[NumberedRow]) -> Iterator[Row]:
        """Yield the rows that state something, and say at the end what was passed over or looks wrong."""
        found, required, most = self._found.places, self._required, self._most
        merges = None
        if self._sheet is not None and (merged := self._sheet.merges()):
            merges = Merges.of(merged, self._found, self._header_row)
        known: dict[str, str] = {}  # equal texts of many rows are kept once
        hidden_rows = Numbers()
        without_header: set[int] = set()
        first_header, width_of_header, headless = self._first_header, self._width, bool(self._headless)
        for number, cells, hidden in rows:
            if number > ROWS:
                raise FileRefused(say("too-many-rows", most=ROWS))
            if cells is None:
                yield Row(number, broken=say("csv-quotes", most=LONGEST_CELL))
                continue
            width = len(cells)
            taken = tuple(
                [
                    None
                    if at >= width or (cell := cells[at]) is None or cell == ""
                    else known.setdefault(cell, cell)
                    if isinstance(cell, str)
                    else cell
                    for at in found
                ]
            )
            if not any(map(text_of, cells)):
                continue
            missing = any(taken[place] is None for place in required)
            told_again = isinstance(taken[0], str) and first_header in taken[0]
            if (missing or told_again) and self._footers.take(number, cells, taken):
                continue
            if headless or width > width_of_header:
                without_header.update(self._without_header(cells))
            broken = None
            if merges is not None:
                taken, broken = merges.shown(number, taken)
            if most is not None and width > most and any(map(text_of, cells[most:])):
                broken = say("more-cells")
            if hidden:
                hidden_rows.add(number)
            if len(known) > _KNOWN:
                known.clear()
            yield Row(number, taken, broken)
        self._say(hidden_rows, without_header)

    def _without_header(self, cells: Sequence[Cell]) -> Iterator[int]:
        for at in (*self._headless, *range(self._width, len(cells))):
            if at < len(cells) and text_of(cells[at]):
                yield at

    def _say(self, hidden_rows: Numbers, without_header: set[int]) -> None:
        say_it = self._doubts.append
        for first, sentence in self._footers.said():
            say_it(Doubt(row=first, sentence=sentence))
        if hidden_rows:
            say_it(Doubt(row=hidden_rows.first, sentence=say("rows-hidden", rows=str(hidden_rows))))
        if without_header and self._most is None:
            columns = "、".join(letters(at) for at in sorted(without_header))
            say_it(Doubt(row=self._header_row, sentence=say("columns-without-header", columns=columns)))
        if self._sheet is not None and self._sheet.beyond:
            beyond = sorted(self._sheet.beyond)
            columns = "、".join(letters(at - 1) for at in beyond[:10]) + ("…" if len(beyond) > 10 else "")
            say_it(Doubt(row=self._header_row, sentence=say("columns-beyond", most=COLUMNS, columns=columns)))

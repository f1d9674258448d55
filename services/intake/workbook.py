"""Reading an .xlsx file row by row, in little memory, whatever is in it: what its sheets show.

Of the libraries, openpyxl takes more than three times as long, and calamine lays a worksheet out as one block
(a file of 2 KB with a cell in the last corner ends the process) and says of no cell that it is computed.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from string import ascii_uppercase
from typing import IO, Any
from xml.parsers import expat

from services.intake.number_formats import NumberFormat, format_numbered, is_plain, read_format
from services.intake.package import BROKEN, Package, Part, TooLarge
from services.intake.sentences import Sentence, say
from services.platform.limits import CELL, COLUMNS, ROWS


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A cell that holds an error of the spreadsheet (``#N/A``), or something that is no value of its kind."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """A number that its format shows as something else: 000817, QP000817, 100%, 1.3万, a time of day.

    ``shown`` is what the sheet shows, ``None`` where we do not know that. Where ``shown`` is another number
    than ``value`` (rounded, scaled, percent), it is what counts, or the cell is refused. ``moment``: it
    shows a day or a time of a kind that no column takes.
    """

    value: int | float
    shown: str | None
    moment: bool = False

    def __str__(self) -> str:
        return str(self.value) if self.shown is None else self.shown


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """A spreadsheet's day of which the format shows year and month only; it is a month, never a day.

    ``clock`` is the time of that day, which the format does not show.
    """

    year: int
    month: int
    clock: time = time()

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


Cell = str | int | float | bool | datetime | ErrorValue | ShownNumber | ShownMonth | None
"""What a cell shows. ``datetime``: a cell whose format shows year, month and day."""

SheetRow = tuple[int, list[Cell], bool]
"""A row of a worksheet: its number, its cells, whether it is hidden."""

_LAST_COLUMN = 16_384
_MAX_STRINGS = 256 * 1024**2  # of the texts that cells share, which stay in memory
_MAX_MERGES = 100_000
_CHUNK = 64 * 1024
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how old workbooks begin, and locked ones
_EPOCH = datetime(1899, 12, 30)  # day 0, for days after February 1900
_EPOCH_1904 = datetime(1904, 1, 1)
_LAST_DAY = datetime(9999, 12, 31)
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
_ROW = re.compile(r"\d{1,7}", re.ASCII)
_YES = frozenset({"1", "true"})
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class WorkbookError(ValueError):
    """The file cannot be read as a workbook; ``sentence`` says what was expected."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.english)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells that are merged to one, with both corners; rows and columns from 1."""

    name: str
    top: int
    left: int
    bottom: int
    right: int


class Workbook:
    """An open .xlsx file. Raises WorkbookError where it is none, or unpacks to far more than its size."""

    def __init__(self, file: IO[bytes]) -> None:
        if file.read(len(_OLE)) == _OLE:
            raise WorkbookError(say("workbook-old-or-locked"))
        try:
            self._package = Package(file)
            self.worksheets = self._open()
        except TooLarge:
            raise WorkbookError(say("workbook-bomb")) from None
        except (*BROKEN, StopIteration):
            raise WorkbookError(say("workbook-unopened")) from None

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_: object) -> None:
        self._package.close()

    def _open(self) -> tuple["Worksheet", ...]:
        package = self._package
        main = package.main()
        related = package.relations(main)
        by_id = {relation: (kind, target) for kind, relation, target in related}
        parts = {kind.rpartition("/")[2]: target for kind, _, target in related}
        root = package.whole(main)
        properties = root.find("{*}workbookPr")
        dates_1904 = properties is not None and properties.get("date1904") in _YES
        formats = self._formats(parts["styles"]) if "styles" in parts else {}
        strings = list(self._texts(parts["sharedStrings"])) if "sharedStrings" in parts else []
        epoch = _EPOCH_1904 if dates_1904 else _EPOCH
        sheets = []
        for sheet in root.iterfind("{*}sheets/{*}sheet"):
            kind, target = by_id[next(value for name, value in sheet.items() if name.endswith("}id"))]
            if kind.endswith("/worksheet"):
                state = sheet.get("state", "visible")
                sheets.append(
                    Worksheet(
                        package,
                        target,
                        name=sheet.get("name", ""),
                        hidden=state != "visible",
                        values=_Values(strings, formats, epoch),
                    )
                )
        return tuple(sheets)

    def _formats(self, part: str) -> dict[str, NumberFormat]:
        # By the number of the style that cells name; without those that show every number plainly.
        root = self._package.whole(part)
        own = {
            int(item.get("numFmtId", "")): item.get("formatCode", "")
            for item in root.iterfind("{*}numFmts/{*}numFmt")
        }
        read: dict[int, NumberFormat | None] = {}
        found = {}
        for place, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
            number = int(style.get("numFmtId", "0"))
            if number not in read:
                read[number] = read_format(own[number] if number in own else format_numbered(number))
            if (number_format := read[number]) is not None:
                found[str(place)] = number_format
        return found

    def _texts(self, name: str) -> Iterator[str]:
        if self._package.size(name) > _MAX_STRINGS:
            raise ValueError("too large")
        with self._package.open(name) as part:
            yield from _texts(part)


@dataclass(frozen=True, slots=True)
class _Values:
    """What cells name by a number: the texts that they share, the formats of their styles; and day 0."""

    strings: Sequence[str]
    formats: Mapping[str, NumberFormat]
    epoch: datetime


class Worksheet:
    """A worksheet of an open workbook.

    ``hidden_columns`` are known when the first row was read, ``beyond`` (columns after the 200th that hold
    something, which are not read) when the last was.
    """

    def __init__(self, package: Package, target: str, *, name: str, hidden: bool, values: _Values) -> None:
        self._package = package
        self._target = target
        self._values = values
        self.name = name
        self.hidden = hidden
        self.hidden_columns: set[int] = set()
        self.beyond: set[int] = set()

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows that have a cell, in order; formulas begin with ``=``.

        Columns after the 200th are left out. Raises WorkbookError where the worksheet cannot be read to its
        end, or a spreadsheet could not tell which of two cells counts.
        """
        with self._reading(), self._package.open(self._target) as part:
            yield from _rows(part, self._values, self.hidden_columns, self.beyond)

    def merges(self) -> tuple[Merge, ...]:
        """Return the cells that are merged, in order. They stand behind the rows, which are passed over."""
        with self._reading(), self._package.open(self._target) as part:
            return tuple(_merges(part))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except BROKEN as error:
            if isinstance(error, WorkbookError):
                raise
            raise WorkbookError(say("workbook-cut")) from None


_SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)


def _parse(parser: expat.XMLParserType, chunks: Iterator[bytes], found: list[Any]) -> Iterator[Any]:
    # Feeds a part to the parser and yields what its handlers have put into ``found``.
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    for chunk in chunks:
        parser.Parse(chunk)
        yield from found
        found.clear()
    parser.Parse(b"", True)
    yield from found


def _chunks(part: Part) -> Iterator[bytes]:
    while chunk := part.read(_CHUNK):
        yield chunk


def _refuse(*_: object) -> None:
    raise ValueError("a document type: no workbook has one")


def _names(*local: str) -> dict[str, str]:
    return {f"{space} {name}": name for space in _SPACES for name in local}


def _texts(part: Part) -> Iterator[str]:
    # The texts that cells share, in order; without the pronunciation that may stand beside them.
    found: list[str] = []
    text: list[str] = []
    kinds = _names("si", "t", "rPh")
    wanted, aside, size = False, False, 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal wanted, aside, size
        kind = kinds.get(name)
        if kind == "t":
            wanted = not aside
        elif kind == "rPh":
            aside = True
        elif kind == "si":
            text.clear()
            size = 0

    def data(part: str) -> None:
        nonlocal size
        if wanted and size <= CELL:  # more need not be kept to know that it is too long
            text.append(part)
            size += len(part)

    def end(name: str) -> None:
        nonlocal wanted, aside
        kind = kinds.get(name)
        if kind == "t":
            wanted = False
        elif kind == "rPh":
            aside = False
        elif kind == "si":
            found.append(_unescaped("".join(text)))

    parser = expat.ParserCreate(part.encoding, " ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    return _parse(parser, _chunks(part), found)


def _rows(part: Part, values: _Values, hidden_columns: set[int], beyond: set[int]) -> Iterator[SheetRow]:
    found: list[SheetRow] = []
    kinds = _names("row", "c", "v", "t", "f", "rPh", "col")
    row: list[Cell] = []
    digits, hidden = "", False
    number = place = size = 0
    text: list[str] = []
    into: list[str] | None = None
    kind, style, aside, computed = "n", "", False, False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, digits, hidden, number, place, into, kind, style, aside, computed, size
        element = kinds.get(name)
        if element == "c":
            kind = attributes.get("t", "n")
            style = attributes.get("s", "0")
            if "r" not in attributes:
                place += 1
            elif (reference := attributes["r"]).endswith(digits):
                place = _column(reference[: -len(digits)])
            else:
                raise ValueError("a cell of another row")
            computed, size = False, 0
            text.clear()
        elif element == "v" or element == "t":
            into = None if aside or computed else text
        elif element == "f":
            into, computed = text, True
        elif element == "row":
            digits = attributes.get("r") or str(number + 1)
            if not _ROW.fullmatch(digits) or not number < int(digits) <= ROWS:
                raise WorkbookError(say("workbook-repaired"))
            number = int(digits)
            hidden = attributes.get("hidden") in _YES or attributes.get("ht") == "0"
            row, place = [], 0
        elif element == "rPh":
            aside = True
        elif element == "col" and (attributes.get("hidden") in _YES or attributes.get("width") == "0"):
            hidden_columns.update(range(int(attributes["min"]), min(int(attributes["max"]), COLUMNS) + 1))

    def data(part: str) -> None:
        nonlocal size
        if into is not None and size <= CELL:
            into.append(part)
            size += len(part)

    def end(name: str) -> None:
        nonlocal into, aside
        element = kinds.get(name)
        if element == "c":
            if text or computed:
                if place > COLUMNS:
                    beyond.add(place)
                    return
                joined = text[0] if len(text) == 1 else "".join(text)
                if len(row) >= place:
                    if row[place - 1] is not None:
                        raise WorkbookError(say("workbook-repaired"))
                else:
                    row.extend([None] * (place - len(row)))
                row[place - 1] = "=" + joined if computed else _value(joined, kind, style, values)
        elif element == "row":
            found.append((number, row, hidden))
        elif element == "rPh":
            aside = False
        else:
            into = None

    parser = expat.ParserCreate(part.encoding, " ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    return _parse(parser, _without_empty(part), found)


def _value(text: str, kind: str, style: str, values: _Values) -> Cell:
    if kind == "s":
        return values.strings[int(text)]
    if kind in ("inlineStr", "str"):
        return _unescaped(text)
    if kind == "n":
        if style in values.formats:
            return _shown(text, values.formats[style], values.epoch)
        return _number(text)
    if kind == "b":
        flag = text.strip()
        return flag in _YES if flag in ("0", "1", "true", "false") else ErrorValue(text)
    if kind == "d":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    return ErrorValue(text)


def _unescaped(text: str) -> str:
    # Characters that XML has no place for are written as their numbers: _x000D_.
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


@lru_cache(1000)
def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + ascii_uppercase.index(letter.upper()) + 1
    if not 0 < place <= _LAST_COLUMN:
        raise ValueError("a column that no spreadsheet has")
    return place


def _number(text: str) -> int | float | ErrorValue:
    # What is no number, or none that a spreadsheet can have, is refused as the text of its own cell.
    if text.isdigit() and text.isascii():
        return int(text) if len(text) < 400 else ErrorValue(text)
    if not _NUMBER.fullmatch(text):
        return ErrorValue(text)
    number = float(text)
    if not math.isfinite(number):
        return ErrorValue(text)
    return number if "." in text or "E" in text or "e" in text else int(text)


@lru_cache(10_000)  # the days of a file are few, and so are its amounts
def _shown(text: str, number_format: NumberFormat, epoch: datetime) -> Cell:
    number = _number(text)
    if isinstance(number, ErrorValue):
        return number
    if number_format.shows == "number":
        if number_format.plain and number and _is_rounded(number, number_format.decimals):
            return number
        shown = number_format.shown(number)
        return number if is_plain(shown, number) else ShownNumber(number, shown)
    # Days before March 1900 are others in Excel than in LibreOffice; what is below 1 is a time of day.
    first = 1 if epoch == _EPOCH_1904 else 61
    if number_format.shows in ("moment", "unknown") or not first <= number < (_LAST_DAY - epoch).days + 1:
        return ShownNumber(number, None, number_format.shows != "unknown")
    moment = epoch + timedelta(days=int(number), seconds=round(number % 1 * 86_400))
    return moment if number_format.shows == "day" else ShownMonth(moment.year, moment.month, moment.time())


def _is_rounded(number: int | float, decimals: int) -> bool:
    return isinstance(number, int) or abs(round(number, decimals) - number) <= 1e-9 * max(1.0, abs(number))


# Sheets that were formatted to their last row hold millions of cells and rows with nothing in them: they are
# taken out before the parser sees them. Only what names its own place is, before something that does, too.
_EMPTY_CELL = rb'<(?:\w+:)?c r="[A-Z]+\d+"[^<>]*+>(?:(?<=/>)|</(?:\w+:)?c>)\s*+'
_EMPTY_CELLS = re.compile(rb"(?:" + _EMPTY_CELL + rb')+(?=<(?:\w+:)?c r="|</(?:\w+:)?row>)')
_EMPTY_ROWS = re.compile(
    rb'(?:<(\w+:)?row r="(\d+)"[^<>]*+>(?:(?<=/>)|(?:' + _EMPTY_CELL + rb")*+</(?:\w+:)?row>)\s*+)+"
)


def _without_empty(part: Part) -> Iterator[bytes]:
    rest, plain = b"", True
    while chunk := part.read(_CHUNK):
        whole = rest + chunk
        at = whole.rfind(b"<")
        whole, rest = (whole[:at], whole[at:]) if at >= 0 else (whole, b"")
        # In a comment or a CDATA section what looks like a cell is none.
        plain = plain and b"<!" not in whole
        if plain and (b"/>" in whole or b'"></c>' in whole or b'"></row>' in whole):
            whole = _EMPTY_ROWS.sub(rb'<\1row r="\2"/>', whole)
            whole = _EMPTY_CELLS.sub(b"", whole)
        yield whole
    yield rest


_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*["\']([^"\'<>]*)["\']')
_CORNERS = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_TAG = 1000  # no tag of a range is longer


def _merges(part: Part) -> Iterator[Merge]:
    rest, count = b"", 0
    while chunk := part.read(_CHUNK):
        whole = rest + chunk
        at = whole.rfind(b"<")
        whole, rest = (whole[:at], whole[at:]) if len(whole) - at < _TAG else (whole, b"")
        if b"mergeCell" not in whole:
            continue
        for match in _MERGE.finditer(whole):
            count += 1
            name = match[1].decode("ascii", "replace")
            corners = _CORNERS.fullmatch(name)
            if corners is None or count > _MAX_MERGES:
                raise ValueError("no range of cells, or too many")
            left, top, right, bottom = corners.groups()
            yield Merge(
                name.replace("$", ""),
                int(top),
                _column(left),
                int(bottom or top),
                _column(right or left),
            )

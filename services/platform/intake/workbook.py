"""Reading an .xlsx file row by row, in little memory, whatever is in it.

Of the libraries, openpyxl takes more than three times as long, and calamine lays a worksheet out as one block
(a file of 2 KB with a cell in the last corner ends the process) and says of no cell that it is computed.
"""

import math
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.escape import unescape

from services.platform.intake.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """What a cell shows whose formula failed."""

    text: str


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """A number that the sheet shows otherwise; ``shown`` is ``None`` where that cannot be told."""

    value: int | float
    shown: str | None


Cell = str | int | float | bool | datetime | ErrorValue | ShownNumber | None

MAX_COLUMNS = 200
_MAX_ENTRIES = 5000
_MAX_UNPACKED = 2 * 1024**3
_MAX_RATIO = 200
_MAX_PART = 16 * 1024**2  # of the parts that are read as a whole
_MAX_STRINGS = 256 * 1024**2  # of the texts that cells share, which stay in memory
_CHUNK = 64 * 1024
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how old workbooks begin, and locked ones
_EPOCH = datetime(1899, 12, 30)  # day 0, for days after February 1900
_EPOCH_1904 = datetime(1904, 1, 1)
_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)


class WorkbookError(ValueError):
    """The file cannot be read as a workbook; the sentence says what was expected."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.english)
        self.sentence = sentence


class Workbook:
    """An open .xlsx file. Raises WorkbookError where it is none, or unpacks to far more than its size."""

    def __init__(self, file: IO[bytes]) -> None:
        if file.read(len(_OLE)) == _OLE:
            raise WorkbookError(say("workbook-old-or-locked"))
        try:
            self._archive = zipfile.ZipFile(file)
        except _BROKEN:
            raise WorkbookError(say("workbook-unopened")) from None
        entries = self._archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        # What an entry says of its size holds: the archive reads no further.
        if (
            len(entries) > _MAX_ENTRIES
            or unpacked > _MAX_UNPACKED
            or unpacked > max(packed, 100_000) * _MAX_RATIO
        ):
            raise WorkbookError(say("workbook-bomb"))
        try:
            self._open()
        except (*_BROKEN, ElementTree.ParseError, StopIteration):
            raise WorkbookError(say("workbook-unopened")) from None

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def _open(self) -> None:
        main = next(
            target
            for kind, _, target in self._relations("_rels/.rels", "")
            if kind.endswith("/officeDocument")
        )
        folder, name = posixpath.split(main)
        related = self._relations(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels", folder)
        by_id = {relation: (kind, target) for kind, relation, target in related}
        parts = {kind.rpartition("/")[2]: target for kind, _, target in related}
        root = self._whole(main)
        properties = root.find("{*}workbookPr")
        dates_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._epoch = _EPOCH_1904 if dates_1904 else _EPOCH
        self.worksheets: list[str] = []
        for sheet in root.iterfind("{*}sheets/{*}sheet"):
            relation = next(
                sheet.get(f"{{{space}}}id") for space in _RELATIONS if sheet.get(f"{{{space}}}id")
            )
            kind, target = by_id[relation or ""]
            if kind.endswith("/worksheet"):
                self.worksheets.append(target)
        self._dates = self._date_styles(parts["styles"]) if "styles" in parts else frozenset()
        self._strings = list(self._texts(parts["sharedStrings"])) if "sharedStrings" in parts else []

    def rows(self, worksheet: str) -> Iterator[tuple[int, list[Cell]]]:
        """Yield the rows of a worksheet that have a cell, with their numbers; formulas begin with ``=``.

        Columns after the 200th are left out. Raises WorkbookError where the worksheet cannot be read to its
        end.
        """
        try:
            with self._archive.open(worksheet) as stream:
                yield from _rows(stream, self._strings, self._dates, self._epoch)
        except _BROKEN:
            raise WorkbookError(say("workbook-cut")) from None

    def _relations(self, part: str, folder: str) -> list[tuple[str, str, str]]:
        found = []
        for item in self._whole(part):
            target = item.get("Target", "")
            path = (
                target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            )
            found.append((item.get("Type", ""), item.get("Id", ""), path))
        return found

    def _whole(self, part: str) -> ElementTree.Element:
        if self._archive.getinfo(part).file_size > _MAX_PART:
            raise ValueError("too large")
        text = self._archive.read(part)
        if b"<!DOCTYPE" in text:
            raise ValueError("no workbook has one")
        return ElementTree.fromstring(text)  # noqa: S314 - expat limits what entities become, and there are none

    def _date_styles(self, part: str) -> frozenset[str]:
        root = self._whole(part)
        own = {
            int(item.get("numFmtId", "")): item.get("formatCode", "")
            for item in root.iterfind("{*}numFmts/{*}numFmt")
        }
        found = set()
        for place, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
            number = int(style.get("numFmtId", "0"))
            code = own.get(number) or BUILTIN_FORMATS.get(number) or _EASTERN.get(number, "General")
            if is_date_format(code) and not is_timedelta_format(code):
                found.add(str(place))
        return frozenset(found)

    def _texts(self, part: str) -> Iterator[str]:
        if self._archive.getinfo(part).file_size > _MAX_STRINGS:
            raise ValueError("too large")
        with self._archive.open(part) as stream:
            yield from _texts(stream)


_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # an entry that is locked with a password, or packed in a way that is unknown
    LookupError,
)
# Formats that Chinese editions number themselves: 年月日 dates, and times of day.
_EASTERN = dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy-mm-dd")


_SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)


def _parse(parser: expat.XMLParserType, stream: IO[bytes], found: list[Any]) -> Iterator[Any]:
    # Feeds a part to the parser and yields what its handlers have put into ``found``.
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk)
        yield from found
        found.clear()
    parser.Parse(b"", True)
    yield from found


def _refuse(*_: object) -> None:
    raise ValueError("a document type: no workbook has one")


def _names(*local: str) -> dict[str, str]:
    return {f"{space} {name}": name for space in _SPACES for name in local}


def _texts(stream: IO[bytes]) -> Iterator[str]:
    # The texts that cells share, in order; without the pronunciation that may stand beside them.
    found: list[str] = []
    text: list[str] = []
    kinds = _names("si", "t", "rPh")
    wanted, aside = False, False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal wanted, aside
        kind = kinds.get(name)
        if kind == "t":
            wanted = not aside
        elif kind == "rPh":
            aside = True
        elif kind == "si":
            text.clear()

    def data(part: str) -> None:
        if wanted:
            text.append(part)

    def end(name: str) -> None:
        nonlocal wanted, aside
        kind = kinds.get(name)
        if kind == "t":
            wanted = False
        elif kind == "rPh":
            aside = False
        elif kind == "si":
            found.append(unescape("".join(text)))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    return _parse(parser, stream, found)


def _rows(
    stream: IO[bytes], strings: list[str], dates: frozenset[str], epoch: datetime
) -> Iterator[tuple[int, list[Cell]]]:
    found: list[tuple[int, list[Cell]]] = []
    kinds = _names("row", "c", "v", "t", "f", "rPh")
    row: list[Cell] = []
    number = place = 0
    text: list[str] = []
    into: list[str] | None = None
    kind, style, aside, computed = "n", "", False, False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, number, place, into, kind, style, aside, computed
        element = kinds.get(name)
        if element == "c":
            kind = attributes.get("t", "n")
            style = attributes.get("s", "")
            place = _column(attributes["r"].rstrip("0123456789")) if "r" in attributes else place + 1
            computed = False
            text.clear()
        elif element == "v" or element == "t":
            into = None if aside or computed else text
        elif element == "f":
            into, computed = text, True
        elif element == "row":
            number = int(attributes.get("r", number + 1))
            row, place = [], 0
        elif element == "rPh":
            aside = True

    def data(part: str) -> None:
        if into is not None:
            into.append(part)

    def end(name: str) -> None:
        nonlocal into, aside
        element = kinds.get(name)
        if element == "c":
            if (text or computed) and place <= MAX_COLUMNS:
                joined = text[0] if len(text) == 1 else "".join(text)
                row.extend([None] * (place - len(row)))
                row[place - 1] = (
                    "=" + joined if computed else _value(joined, kind, style, strings, dates, epoch)
                )
        elif element == "row":
            found.append((number, row))
        elif element == "rPh":
            aside = False
        else:
            into = None

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    return _parse(parser, stream, found)


def _value(
    text: str, kind: str, style: str, strings: list[str], dates: frozenset[str], epoch: datetime
) -> Cell:
    if kind == "s":
        return strings[int(text)]
    if kind in ("inlineStr", "str"):
        return unescape(text) if "_x" in text else text
    if kind == "n":
        return _moment(text, epoch) if style in dates else _number(text)
    if kind == "b":
        return text.strip() == "1"
    if kind == "d":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    return text


@lru_cache(1000)
def _column(letters: str) -> int:
    return int(column_index_from_string(letters))


def _number(text: str) -> int | float | str:
    # What is no number, or none that a spreadsheet can have, is refused as the text of its own cell.
    try:
        number = float(text) if "." in text or "E" in text or "e" in text else int(text)
    except ValueError:
        return text
    return number if isinstance(number, int) or math.isfinite(number) else text


@lru_cache(10_000)  # the days of a file are few
def _moment(text: str, epoch: datetime) -> Cell:
    number = _number(text)
    if isinstance(number, str):
        return number
    try:
        return (
            epoch + timedelta(days=int(number), seconds=round(number % 1 * 86_400)) if number >= 1 else number
        )
    except OverflowError:
        return number

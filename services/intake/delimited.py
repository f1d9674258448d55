"""Delimited text (csv): its encoding, its separator, its records, as offices and banks write them."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TextIO

from services.intake.answers import FileRefused
from services.intake.sentences import say
from services.platform.limits import LINE

SEPARATORS = (",", ";", "\t", "|")
LONGEST_CELL = csv.field_size_limit()
_LINES_OF_A_CELL = 100
_START = 64 * 1024
_SEP = re.compile(r"\ufeff*sep=(.)\r?\n?", re.IGNORECASE)
_UNDECODED = re.compile("[\ud800-\udfff]")
_NULS = 0.05  # a cell with a NUL is that row's fault alone
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

_UNDECODABLE = "dibao.undecodable"


def _undecodable(error: UnicodeError) -> tuple[str, int]:
    # ``surrogateescape`` knows bytes from 0x80 on, and half of a character of UTF-16 may be any byte.
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff" * (error.end - error.start), error.end


codecs.register_error(_UNDECODABLE, _undecodable)

Record = tuple[int, list[str] | None]
"""A record with its number, from 1; ``None`` where it cannot be read."""


class Text:
    """The text of a file in one encoding, with its beginning; what cannot be decoded is surrogates in it."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        with self._open() as text:
            self.start = text.read(_START)
        said = _SEP.match(self.start)
        self._skipped = said is not None
        self.separators = (said[1],) if said else SEPARATORS
        """The separators that it may have: the one that it says itself (``sep=;``), or any."""

    @property
    def decoded(self) -> bool:
        """Whether its beginning is text of the encoding, as somebody would write it."""
        if _UNDECODED.search(self.start):
            return False
        return self._encoding != "gb18030" or _is_chinese(self.start)

    @property
    def one_line(self) -> bool:
        """Whether all of it, as far as it was looked at, is one line."""
        return len(self.start.splitlines()) <= 1

    def sample(self, separator: str) -> Iterator[Record]:
        """Yield the records of its beginning as one separator parts them."""
        return self._numbered(io.StringIO(self.start, newline=""), separator)

    def records(self, separator: str) -> Iterator[Record]:
        """Yield all records that are more than separators and blanks.

        Raises FileRefused at a line that is too long for one.
        """
        with self._open() as text:
            yield from self._numbered(text, separator)

    @contextmanager
    def _open(self) -> Iterator[io.TextIOWrapper]:
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding=self._encoding, errors=_UNDECODABLE, newline="")
        try:
            yield text
        finally:
            with suppress(ValueError):  # it was closed before all of it was read
                text.detach()  # whoever opened the file closes it

    def _numbered(self, text: TextIO, separator: str) -> Iterator[Record]:
        if self._skipped:
            text.readline()  # a spreadsheet does not count it among the rows
        return _records(text, separator)


def texts_of(file: IO[bytes]) -> list[Text]:
    """Return a file's text in each encoding that it may be in: UTF-16 by its mark, else UTF-8 and GB18030."""
    file.seek(0)
    start = file.read(4096)
    if start[:2] in _UTF16 and b"\0\0" not in start[:4]:
        return [Text(file, "utf-16")]
    if start.count(0) > len(start) * _NULS:
        return []  # UTF-16 without its mark, or UTF-32
    return [Text(file, "utf-8-sig"), Text(file, "gb18030")]


def _line(text: TextIO) -> str:
    line = text.readline(LINE + 1)
    if len(line) > LINE:
        raise FileRefused(say("line-too-long", most=LINE))
    return line


def _is_chinese(text: str) -> bool:
    # Any bytes decode as GB18030; what somebody wrote is nearly all in the 6,763 characters of GB 2312.
    wide = [mark for mark in text if not mark.isascii()]
    known = 0
    for mark in wide:
        try:
            known += bool(mark.encode("gb2312"))
        except UnicodeEncodeError:
            continue
    return known >= 0.9 * len(wide)


def _records(text: TextIO, separator: str) -> Iterator[Record]:
    # A quotation mark that nobody closes would swallow all the rows after it: a record ends with its line
    # where no near line closes it, and is then ``None``.
    ahead: deque[str] = deque()
    blank = f"{separator} \t\r\n\u3000"
    number = 0
    while line := ahead.popleft() if ahead else _line(text):
        number += 1
        if not line.strip(blank):
            continue  # a sheet that was formatted to its last row: a million lines of commas
        lines, marks, size = [line], line.count('"'), len(line)
        while marks % 2 and len(lines) < _LINES_OF_A_CELL and size <= LINE:
            if not (more := ahead.popleft() if ahead else _line(text)):
                break
            lines.append(more)
            marks += more.count('"')
            size += len(more)
        if marks % 2:
            ahead.extendleft(reversed(lines[1:]))
            lines = lines[:1]
        try:
            records = list(csv.reader(lines, delimiter=separator, strict=bool(marks % 2)))
        except csv.Error:
            ahead.extendleft(reversed(lines[1:]))
            yield number, None
            continue
        for at, record in enumerate(records):
            number += at > 0
            yield number, record

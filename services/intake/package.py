"""The parts of an Office file (a zip archive of XML), found as Excel and LibreOffice find them."""

import codecs
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.parsers import expat

_MAX_ENTRIES = 5000
_MAX_UNPACKED = 2 * 1024**3
_MAX_RATIO = 200
_MAX_PART = 16 * 1024**2  # of the parts that are read as a whole
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    ElementTree.ParseError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # an entry that is locked with a password, or packed in a way that is unknown
    LookupError,
)
"""What reading a part of a file raises that is broken, or made to do harm."""


class TooLarge(Exception):  # noqa: N818 - of the archive, not a fault of the program
    """The archive unpacks to far more than its size."""


class Part:
    """A part that is read piece by piece, always in an encoding that has ASCII's bytes.

    ``encoding`` overrides what the XML says of itself, where the part is another encoding recoded.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._start = stream.read(2)
        name = _UTF16.get(self._start)
        self._decoder = codecs.getincrementaldecoder(name)() if name else None
        self.encoding = "utf-8" if name else None

    def read(self, size: int) -> bytes:
        """Return the next bytes, none at the end."""
        while True:
            raw, self._start = self._start + self._stream.read(size), b""
            if self._decoder is None or not raw:
                return raw
            if text := self._decoder.decode(raw):
                return text.encode()


class Package:
    """An open archive. Raises TooLarge where it unpacks to far more than its size, else one of BROKEN."""

    def __init__(self, file: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(file)
        entries = self._archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        # What an entry says of its size holds: the archive reads no further.
        if (
            len(entries) > _MAX_ENTRIES
            or unpacked > _MAX_UNPACKED
            or unpacked > max(packed, 100_000) * _MAX_RATIO
        ):
            raise TooLarge
        self._exact = {entry.filename: entry for entry in entries}
        self._loose: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in self._exact.values():
            self._loose.setdefault(_loose(entry.filename), []).append(entry)

    def close(self) -> None:
        """Close the archive; whoever opened the file closes that."""
        self._archive.close()

    @contextmanager
    def open(self, part: str) -> Iterator[Part]:
        """Open a part to be read piece by piece."""
        with self._archive.open(self._entry(part)) as stream:
            yield Part(stream)

    def size(self, part: str) -> int:
        """Return the size of a part, unpacked."""
        return self._entry(part).file_size

    def whole(self, part: str) -> ElementTree.Element:
        """Return a part as a tree."""
        entry = self._entry(part)
        if entry.file_size > _MAX_PART:
            raise ValueError("too large")
        text = self._archive.read(entry)
        if any("<!DOCTYPE".encode(name) in text for name in ("ascii", "utf-16-le", "utf-16-be")):
            raise ValueError("no workbook has one")
        return ElementTree.fromstring(text)  # noqa: S314 - expat limits what entities become, and there are none

    def main(self) -> str:
        """Return the part that the file is about."""
        return next(
            target
            for kind, _, target in self._relations("_rels/.rels", "")
            if kind.endswith("/officeDocument")
        )

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """Return what a part relates to: the kind of each relation, its id, and the part."""
        folder, name = posixpath.split(part)
        return self._relations(posixpath.join(folder, "_rels", f"{name}.rels"), folder)

    def _relations(self, part: str, folder: str) -> list[tuple[str, str, str]]:
        found = []
        for item in self.whole(part):
            target = item.get("Target", "").replace("\\", "/")
            # Some write /xl/worksheets/…, some ../xl/…, and some the name of the archive's root alone.
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found.append((item.get("Type", ""), item.get("Id", ""), path))
        return found

    def _entry(self, part: str) -> zipfile.ZipInfo:
        if part in self._exact:
            return self._exact[part]
        for name in (part, unquote(part)):
            entries = self._loose.get(_loose(name), [])
            if len(entries) == 1:
                return entries[0]
        raise LookupError("no such part, or two")


def _loose(name: str) -> str:
    # Excel tells parts apart neither by their case nor by which way their slashes lean.
    return name.replace("\\", "/").lstrip("/").casefold()

"""Files of other kinds than intake reads, known by their first bytes: named, with what to do."""

import zipfile
from typing import IO

from services.intake.sentences import Sentence, say

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x09\x08", "Excel 95 (.xls)"),
)
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<workbook", "XML (Excel 2003)"),
    (b"<html", "HTML"),
    (b"<!doctype html", "HTML"),
    (b"<table", "HTML"),
    (b"<?xml", "XML"),
)
_PARTS: tuple[tuple[str, str], ...] = (
    ("xl/workbook.bin", ".xlsb"),
    ("word/document.xml", "Word (.docx)"),
    ("ppt/presentation.xml", "PowerPoint (.pptx)"),
    ("index/document.iwa", "Numbers (.numbers)"),
)
_START = 4096
_NOTHING = b' \t\r\n,;|"\xef\xbb\xbf\xff\xfe'


def foreign(file: IO[bytes]) -> Sentence | None:
    """Return what is said of a file of another kind or of nothing; ``None`` of text and of workbooks.

    The file is read from its beginning, and stands there again.
    """
    file.seek(0)
    start = file.read(_START)
    if len(start) < _START and not start.strip(_NOTHING):
        file.seek(0)
        return say("file-empty")
    try:
        kind = _kind(start, file)
    finally:
        file.seek(0)
    if kind is None:
        return None
    if kind == _OLE.hex():
        return say("file-old-or-locked")
    return say("file-of-another-kind", kind=kind)


def is_workbook(file: IO[bytes]) -> bool:
    """Return whether a file is a workbook (.xlsx), whatever its name."""
    file.seek(0)
    try:
        found = file.read(4) == b"PK\x03\x04" and any(name.endswith("workbook.xml") for name in _names(file))
    finally:
        file.seek(0)
    return found


def no_archive(file: IO[bytes]) -> Sentence | None:
    """Return what is said of a file that is no archive at all, as every workbook is."""
    file.seek(0)
    try:
        start = file.read(4)
    finally:
        file.seek(0)
    return say("file-is-no-workbook") if start and start[:2] != b"PK" else None


def _kind(start: bytes, file: IO[bytes]) -> str | None:
    if start.startswith(_OLE):
        return _OLE.hex()
    for sign, kind in _SIGNS:
        if start.startswith(sign):
            return kind
    if start.startswith(b"PK\x03\x04"):
        return _archive(file)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<"):
        return next((kind for sign, kind in _MARKUP if sign in text), "XML")
    return None


def _archive(file: IO[bytes]) -> str | None:
    names = _names(file)
    if "mimetype" in names:
        return "OpenDocument (.ods)"
    return next((kind for part, kind in _PARTS if part in names), None)


def _names(file: IO[bytes]) -> set[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return {name.replace("\\", "/").casefold() for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return set()

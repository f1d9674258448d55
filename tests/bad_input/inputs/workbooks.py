"""Workbooks that compute, that are none, that are locked, cut off, or far larger than they look."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl

from tests.bad_input import sentences as says
from tests.bad_input.sending import Shown, csv_bytes, xlsx_bytes
from tests.bad_input.table import (
    CSV,
    NO_EVENT,
    XLSX,
    Input,
    InputClass,
    Upload,
    except_by,
    given,
    row,
)

PAID = "payments.paid"
_ONLY_XLSX = NO_EVENT | except_by("a csv file is no workbook", CSV)


def _file(name: str, expected: str, content: Any, **more: Any) -> Input:
    return given(name, Upload(XLSX, expected, content, **more), not_by=_ONLY_XLSX)


def _part(table: list[list[Any]], name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook of a table with a part that is another."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_bytes(table))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            raw = old.read(item)
            new.writestr(item.filename, change(raw) if item.filename.endswith(name) else raw)
    return out.getvalue()


def _archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _two_tables(table: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for number in (0, 1):
        sheet = book.create_sheet(f"表{number}")
        for each in table:
            sheet.append(each)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _flipped(content: bytes) -> bytes:
    """A byte in the middle of the first large part changed, so that its sum is another."""
    at = content.index(b"xl/worksheets/sheet1.xml") + 200
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def _numbered(number: bytes, masked: str) -> Upload:
    """A workbook whose third row has a number that is none for a day."""

    def change(raw: bytes) -> bytes:
        start = raw.index(b'<c r="F3"')
        end = raw.index(b"</c>", start) + len(b"</c>")
        return raw[:start] + b'<c r="F3"><v>' + number + b"</v></c>" + raw[end:]

    return Upload(
        XLSX,
        "",
        lambda table: _part(table, "sheet1.xml", change),
        status=207,
        counts=(3, 2, 0, 1, 0),
        rejects=((3, "到账日", masked, says.CELL_ERROR),),
    )


def _locked(content: bytes) -> bytes:
    """The archive with the sign that its parts are locked with a password."""
    out = bytearray(content)
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = out.find(sign)
        while place >= 0:
            out[place + at] |= 1
            place = out.find(sign, place + 1)
    return bytes(out)


_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "'
    + b"a" * 1000
    + b'">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(8))
    + b"]><worksheet>&i;</worksheet>"
)
_OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'
)

WORKBOOKS = InputClass(
    "workbooks",
    (
        given("a formula", row(PAID, {"金额": "=SUM(A1:A9)"}, "金额", "=*********)", says.FORMULA),
            not_by=_ONLY_XLSX),
        given("a formula that looks into another workbook",
            row(PAID, {"户名": "='[内部.xlsx]表1'!$B$2"}, "户名", "='***************$2", says.FORMULA),
            not_by=_ONLY_XLSX),
        given("a formula that came out as an error",
            row(PAID, {"金额": Shown("#REF!")}, "金额", "#***!", says.CELL_ERROR), not_by=NO_EVENT),
        given("a value that was not found",
            row(PAID, {"户名": Shown("#N/A")}, "户名", "#**A", says.CELL_ERROR), not_by=NO_EVENT),
        _file("bytes", says.NO_WORKBOOK, b"workbook" * 100),
        _file("nothing", says.EMPTY, b""),
        _file("a csv file by the name of a workbook", says.NO_WORKBOOK, csv_bytes),
        given("a workbook by the name of a csv file", Upload(CSV, says.A_WORKBOOK, xlsx_bytes),
            not_by=NO_EVENT | except_by("it has the name of a csv file", XLSX)),
        _file("an old workbook, or one that is locked", says.UNLOCKED,
            bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600),
        _file("a workbook without its end", says.WORKBOOK, lambda table: xlsx_bytes(table)[:-200]),
        _file("a workbook in which a byte is another", says.WHOLE_WORKBOOK,
            lambda table: _flipped(xlsx_bytes(table))),
        _file("an archive that is no workbook", says.WORKBOOK, _archive(readme=b"x")),
        _file("a spreadsheet of LibreOffice's own kind", says.other_kind("OpenDocument (.ods)"),
            _archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet")),
        _file("a page of a web site", says.other_kind("HTML"), b"<html><table><tr><td>1"),
        _file("a printed document", says.other_kind("PDF"), b"%PDF-1.7"),
        _file("a workbook in an archive", says.WORKBOOK, lambda table: _archive(book=xlsx_bytes(table))),
        _file("an archive that unpacks to far more than its size", says.NO_BOMB,
            _archive(bomb=b"\0" * 60_000_000)),
        _file("an archive of 5,001 parts", says.NO_BOMB,
            _archive(**{f"p{number}": b"" for number in range(5001)})),
        _file("entities that grow without end", says.WHOLE_WORKBOOK,
            lambda table: _part(table, "sheet1.xml", lambda _: _LAUGHS)),
        _file("an entity that is a file of the server", says.WHOLE_WORKBOOK,
            lambda table: _part(table, "sheet1.xml", lambda _: _OUTSIDE)),
        _file("an archive of a version to come", says.WORKBOOK,
            lambda table: xlsx_bytes(table).replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xff")),
        _file("parts that are locked with a password", says.WORKBOOK,
            lambda table: _locked(xlsx_bytes(table))),
        _file("a worksheet that is no XML", says.WHOLE_WORKBOOK,
            lambda table: _part(table, "sheet1.xml", lambda raw: raw[:-40])),
        _file("a text that is not there", says.WHOLE_WORKBOOK,
            lambda table: _part(table, "sheet1.xml",
                lambda raw: raw.replace(b'<c r="A1" t="inlineStr">',
                    b'<c r="A1" t="s"><v>99999</v></c><c r="A1" t="inlineStr">', 1))),
        given("a number that is none", _numbered(b"1e999", "1***9"), _numbered(b"NaN", "N**"),
            _numbered(b"4-4", "4**"), _numbered(b"9" * 5000, "99****************99"), not_by=_ONLY_XLSX),
        _file("a control character that XML spells out", "",
            lambda table: _part(table, "sheet1.xml", lambda raw: raw.replace(b"LZ000817", b"LZ_x001B_7", 1)),
            status=207, counts=(3, 2, 0, 1, 0), rejects=((2, "户号", "L**7", says.NUMBER),)),
        _file("two worksheets with a table",
            "a workbook in which one worksheet only has rows: “表0”、“表1” have", _two_tables),
        _file("a cell that stands twice", says.REPAIRED,
            lambda table: _part(table, "sheet1.xml",
                lambda raw: raw.replace(b"</row>", b'<c r="A1"><v>1</v></c></row>', 1))),
        _file("a row that stands twice", says.REPAIRED,
            lambda table: _part(table, "sheet1.xml",
                lambda raw: raw.replace(b'<row r="2"', b'<row r="1"', 1))),
        _file("a cell in the last corner, which is no fault", "",
            lambda table: _part(table, "sheet1.xml",
                lambda raw: raw.replace(b"</sheetData>",
                    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')), status=202,
            counts=(3, 3, 0, 0, 0)),
    ),
)  # fmt: skip

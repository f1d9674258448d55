"""Bytes that are not the text they should be: other encodings, broken ones, halves of characters."""

from tests.bad_input import sentences as says
from tests.bad_input.sending import csv_bytes
from tests.bad_input.table import (
    ARRAY,
    CSV,
    EVENT_WAYS,
    KAFKA,
    LINES,
    NDJSON,
    NO_EVENT,
    ROW_WAYS,
    SINGLE,
    XLSX,
    Encoded,
    InputClass,
    Request,
    Upload,
    event,
    except_by,
    given,
    put,
    row,
)

PAID = "payments.paid"
NAME = "金和义"
_NO_LINES = except_by("its line breaks are two bytes, so that lines are none", LINES, NDJSON)
_NO_ARRAY = except_by("the array with it is no JSON as a whole: see structure", ARRAY)
_A_CELL_IS_TEXT = except_by("a cell is text already: the encoding is that of the file", *ROW_WAYS)
_NOT_AS_EVENT = except_by("see the events of this class", *EVENT_WAYS)
_NOT_IN_XLSX = except_by("a workbook is XML, which has no such character", XLSX)


def _in(encoding: str) -> Encoded:
    return lambda raw: raw.decode().encode(encoding)


ENCODING = InputClass(
    "encoding",
    (
        given("bytes of no encoding in a name",
            event(PAID, None, "event", says.JSON, named=False,
                encoded=lambda raw: raw.replace(NAME.encode(), b"\xff\xfe")),
            row(PAID, {"户名": "金\udcff义"}, "户名", "金**", says.ENCODED), not_by=_NOT_IN_XLSX),
        given("an event in GB18030",
            event(PAID, None, "event", says.JSON, named=False, encoded=_in("gb18030")),
            not_by=_A_CELL_IS_TEXT),
        given("a row in GB18030 in a file in UTF-8",
            row(PAID, {"户名": NAME.encode("gb18030").decode("utf-8", "surrogateescape")}, "户名",
                "\ufffd****\ufffd", says.ENCODED), not_by=NO_EVENT | _NOT_IN_XLSX),
        given("UTF-16 with a byte order mark",
            event(PAID, None, "event", says.JSON, named=False, encoded=_in("utf-16")),
            Upload(CSV, "", lambda table: csv_bytes(table).decode().encode("utf-16"), status=202,
                counts=(3, 3, 0, 0, 0)),
            not_by=_NO_LINES | _NO_ARRAY | _NOT_IN_XLSX),
        given("UTF-16 without one",
            event(PAID, None, "event", says.JSON, named=False, encoded=_in("utf-16-be")),
            Upload(CSV, says.TEXT_FILE, lambda table: csv_bytes(table).decode().encode("utf-16-be")),
            not_by=_NO_LINES | _NO_ARRAY | _NOT_IN_XLSX),
        given("UTF-32", event(PAID, None, "event", says.JSON, named=False, encoded=_in("utf-32")),
            Upload(CSV, says.TEXT_FILE, lambda table: csv_bytes(table).decode().encode("utf-32")),
            not_by=_NO_LINES | _NO_ARRAY | _NOT_IN_XLSX),
        given("a file in Big5", Upload(CSV, says.TEXT_FILE,
                lambda table: csv_bytes(table).decode().encode("big5", "replace")),
            not_by=_NOT_AS_EVENT | _NOT_IN_XLSX),
        given("a slash of two bytes, as UTF-8 forbids it",
            event(PAID, None, "event", says.JSON, named=False,
                encoded=lambda raw: raw.replace(b'"id": "', b'"id": "\xc0\xaf')), not_by=_A_CELL_IS_TEXT),
        given("half of a surrogate pair as UTF-8",
            event(PAID, put("data.account.holder_name", "金\ud83d"), "event", says.JSON, named=False),
            not_by=_A_CELL_IS_TEXT),
        given("half of a surrogate pair as an escape in the id",
            event(PAID, None, "event", says.JSON, named=False,
                encoded=lambda raw: raw.replace(b'"id": "', b'"id": "\\ud800')),
            not_by=_NO_ARRAY | _A_CELL_IS_TEXT),
        given("half of a surrogate pair as an escape in a name",
            event(PAID, None, "event", says.JSON, named=False,
                encoded=lambda raw: raw.replace(b'"holder_name": "', b'"holder_name": "\\udc00')),
            not_by=_NO_ARRAY | _A_CELL_IS_TEXT),
        given("an event cut off in the middle of a character",
            event(PAID, None, "event", says.JSON, named=False,
                encoded=lambda raw: raw[: raw.index("金".encode()) + 1]), not_by=_NO_ARRAY | _A_CELL_IS_TEXT),
        given("UTF-8 that somebody took for Latin-1",
            event(PAID, put("data.account.holder_name", NAME.encode().decode("latin-1")),
                "data.account.holder_name", says.NAME),
            row(PAID, {"户名": NAME.encode().decode("latin-1")}, "户名", "é******¹", says.NAME),
            not_by=_NOT_IN_XLSX),
        given("a lost character",
            event(PAID, put("data.account.holder_name", "王\ufffd"), "data.account.holder_name", says.NAME),
            row(PAID, {"户名": "王\ufffd"}, "户名", "王*", says.NAME)),
        given("a NUL in a household's number",
            event(PAID, put("data.household_no", "LZ\x00817"), "data.household_no", says.NUMBER),
            row(PAID, {"户号": "LZ\x00817"}, "户号", "L****7", says.NUMBER), not_by=_NOT_IN_XLSX),
        given("a file of bytes", Upload(CSV, says.TEXT_FILE, bytes(range(255, 127, -1)) * 20),
            Upload(XLSX, says.NO_WORKBOOK, bytes(range(256)) * 20), not_by=_NOT_AS_EVENT),
        given("a byte order mark, which is no fault",
            Request(SINGLE, 202, body=lambda events: b"\xef\xbb\xbf" + events[0], accepts=1),
            Request(ARRAY, 202, body=lambda events: b"\xef\xbb\xbf[" + events[0] + b"]", accepts=1),
            not_by=except_by("see the tests of each", LINES, NDJSON, KAFKA, *ROW_WAYS)),
    ),
)  # fmt: skip

"""JSON that is none, is something else, says a thing twice, or never ends; rows that are torn."""

from collections.abc import Callable
from typing import Any

from tests.bad_input import sentences as says
from tests.bad_input.sending import csv_bytes
from tests.bad_input.table import (
    ARRAY,
    CSV,
    EVENT_WAYS,
    FILE_WAYS,
    HTTP_WAYS,
    KAFKA,
    LINES,
    NDJSON,
    NO_VALUE,
    ROW_WAYS,
    SINGLE,
    XLSX,
    Encoded,
    Event,
    InputClass,
    Request,
    Upload,
    event,
    except_by,
    given,
)

PAID = "payments.paid"
_NO_ARRAY = except_by("the array with it is no JSON as a whole", ARRAY)
_NO_ROW = except_by("a row is no JSON", *ROW_WAYS)
_ONLY_CSV = except_by("only csv has quotation marks and separators", *EVENT_WAYS, XLSX)
_ONLY_HTTP = except_by("only an HTTP body is a whole", NDJSON, CSV, XLSX, KAFKA)


def _event(encoded: Encoded, expected: str = says.JSON) -> Event:
    return event(PAID, None, "event", expected, named=False, encoded=encoded)


def _line(table: list[list[Any]], at: int, change: Callable[[str], str]) -> bytes:
    lines = csv_bytes(table).decode().splitlines()
    lines[at] = change(lines[at])
    return "\r\n".join(lines).encode()


_DEEP = b"[" * 50_000 + b"]" * 50_000

STRUCTURE = InputClass(
    "structure",
    (
        given("JSON without its end", _event(lambda raw: raw[:-1]), not_by=_NO_ARRAY | _NO_ROW),
        given("a comma before the end", _event(lambda raw: raw[:-1] + b",}"), not_by=_NO_ARRAY | _NO_ROW),
        given("two events on a line", _event(lambda raw: raw + b" " + raw),
            not_by=except_by("in an array it is two items without a comma", ARRAY) | _NO_ROW),
        given("a comment", _event(lambda raw: b"/* */" + raw), not_by=_NO_ARRAY | _NO_ROW),
        given("single quotation marks", _event(lambda raw: raw.replace(b'"', b"'")),
            not_by=_NO_ARRAY | _NO_ROW),
        given("null", _event(lambda raw: b"null", says.OBJECT), not_by=_NO_ROW),
        given("a text", _event(lambda raw: b'"payments"', says.OBJECT), not_by=_NO_ROW),
        given("a number", _event(lambda raw: b"17", says.OBJECT), not_by=_NO_ROW),
        given("an array in the place of an event", _event(lambda raw: b"[" + raw + b"]", says.OBJECT),
            not_by=except_by("an array over HTTP is a batch", SINGLE) | _NO_ROW),
        given("NaN", _event(lambda raw: raw.replace(b"54000", b"NaN")), not_by=_NO_ARRAY | _NO_ROW),
        given("infinity", _event(lambda raw: raw.replace(b"54000", b"-Infinity")),
            not_by=_NO_ARRAY | _NO_ROW),
        given("data that are nested without end",
            _event(lambda raw: raw[:-1] + b', "extension": ' + _DEEP + b"}", says.FLAT),
            not_by=except_by("the array with it is nested too deeply as a whole", ARRAY) | _NO_ROW),
        given("data that are nested deeply",
            event(PAID, None, "data", says.FLAT,
                encoded=lambda raw: raw.replace(b"54000", b"[" * 300 + b"]" * 300)), not_by=_NO_ROW),
        given("an array that is nested without end",
            Request(ARRAY, 422, "body", "a JSON array of structured CloudEvents", _DEEP),
            not_by=_ONLY_HTTP | except_by("it is an array", SINGLE, LINES)),
        given("an id said twice",
            _event(lambda raw: raw.replace(b'"id": ', b'"id": "other", "id": '), says.ONCE), not_by=_NO_ROW),
        given("an amount said twice",
            _event(lambda raw: raw.replace(b'"amount_fen": ', b'"amount_fen": 1, "amount_fen": '),
                says.ONCE), not_by=_NO_ROW),
        given("an account's number said twice, once with an escape",
            _event(
                lambda raw: raw.replace(b'"number": ', b'"num\\u0062er": "6217\\u0022\\u0022", "number": '),
                says.ONCE), not_by=_NO_ROW),
        given("an array without its end",
            Request(ARRAY, 422, "body", "a JSON array of structured CloudEvents",
                lambda events: b"[" + b",".join(events)),
            not_by=_ONLY_HTTP | except_by("it is an array", SINGLE, LINES)),
        given("nothing",
            Request(SINGLE, 422, "event", says.JSON),
            Request(ARRAY, 422, "body", "at least one event", b"[]"),
            Request(LINES, 422, "body", "at least one event", b"\n\n", "application/x-ndjson"),
            event(PAID, None, "event", says.JSON, named=False, encoded=lambda raw: b"", ways=(KAFKA,)),
            Upload(NDJSON, says.EMPTY, b""),
            Upload(CSV, says.NO_LINES, lambda table: csv_bytes(table[:1])),
            not_by=except_by("see the headers of forms", XLSX)),
        given("a record without a value",
            event(PAID, None, "event", "a structured CloudEvent", named=False, encoded=lambda raw: NO_VALUE,
                ways=(KAFKA,)), not_by=except_by("only Kafka has it", *HTTP_WAYS, *FILE_WAYS)),
        given("a quotation mark that nobody closes",
            Upload(CSV, "",
                lambda table: _line(table, 2, lambda line: line.replace("LZ000817", '"LZ000817')),
                counts=(3, 2, 0, 1, 0), status=207, rejects=((3, says.WHOLE_ROW, "", says.QUOTES),)),
            not_by=_ONLY_CSV),
        given("a comma in a cell without quotation marks",
            Upload(CSV, "",
                lambda table: _line(table, 2,
                    lambda line: line.replace("邮储银行", "邮储银行,涪陵分行") + "x"),
                counts=(3, 2, 0, 1, 0), status=207, rejects=((3, says.WHOLE_ROW, "", says.SURPLUS),)),
            not_by=_ONLY_CSV),
        given("a row that ends too early",
            Upload(CSV, "", lambda table: _line(table, 2, lambda line: line[: line.index("540.00") - 1]),
                counts=(3, 2, 0, 1, 0), status=207, rejects=tuple((3, header, "", says.REQUIRED)
                    for header in ("金额", "发放类型", "账号", "户名", "批次"))),
            not_by=_ONLY_CSV),
        given("a cell longer than a csv reader takes",
            Upload(CSV, "",
                lambda table: _line(table, 2, lambda line: line.replace("邮储银行", "银" * 140_000)),
                counts=(3, 2, 0, 1, 0), status=207, rejects=((3, says.WHOLE_ROW, "", says.QUOTES),)),
            not_by=_ONLY_CSV),
    ),
)  # fmt: skip

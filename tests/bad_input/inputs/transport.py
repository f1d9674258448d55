"""How it comes: content types, compression, methods, multipart forms, names of files."""

import gzip
import zlib
from collections.abc import Callable

from tests.bad_input import sentences as says
from tests.bad_input.sending import csv_bytes
from tests.bad_input.table import (
    ARRAY,
    CSV,
    EVENT_WAYS,
    HTTP_WAYS,
    KAFKA,
    LINES,
    NDJSON,
    ROW_WAYS,
    SINGLE,
    XLSX,
    Input,
    InputClass,
    Request,
    Upload,
    event,
    except_by,
    given,
)

KINDS = (
    "application/cloudevents+json, application/cloudevents-batch+json, application/json, application/jsonl, "
    "application/ndjson, application/x-ndjson"
)
PLAIN = "identity: a body that is not compressed"
FORM = "multipart/form-data with one file"
_AS_ONE = except_by("as one event", ARRAY, LINES)
_ONLY_HTTP = except_by("a header of HTTP", KAFKA) | except_by("as events", NDJSON, *ROW_WAYS)
_PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx\r\n'
_NOT_IN_A_BATCH = except_by("its bytes may be line breaks", LINES, NDJSON) | except_by(
    "the array is then no JSON", ARRAY
)
_ONLY_FORM = except_by("a form of a browser", *HTTP_WAYS, KAFKA, XLSX, NDJSON)


def _kind(name: str, kind: str | None) -> Input:
    return given(
        name,
        Request(SINGLE, 415, "content-type", KINDS, lambda events: events[0], kind),
        not_by=_AS_ONE | _ONLY_HTTP,
    )


def _packed(name: str, coding: str, body: Callable[[bytes], bytes]) -> Input:
    return given(
        name,
        Request(
            SINGLE,
            415,
            "content-encoding",
            PLAIN,
            lambda events: body(events[0]),
            headers={"Content-Encoding": coding},
        ),
        Request(
            LINES,
            415,
            "content-encoding",
            PLAIN,
            lambda events: body(b"\n".join(events)),
            "application/x-ndjson",
            {"Content-Encoding": coding},
        ),
        Request(
            CSV,
            415,
            "content-encoding",
            PLAIN,
            body(b"x"),
            "text/csv",
            {"Content-Encoding": coding},
            path="/files?name=a.csv",
        ),
        not_by=except_by("as one event", ARRAY)
        | except_by("as csv", XLSX, NDJSON)
        | except_by("see gzip in a record", KAFKA),
    )


def _form(
    boundary: str, body: bytes, content_type: str | None = None, *, field: str = "body", expected: str = FORM
) -> Request:
    kind = content_type or f"multipart/form-data; boundary={boundary}"
    return Request(CSV, 422, field, expected, body, kind, path="/files")


TRANSPORT = InputClass(
    "transport",
    (
        _kind("no content type", None),
        _kind("plain text", "text/plain"),
        _kind("XML", "application/xml"),
        _kind("a form", "application/x-www-form-urlencoded"),
        _kind("a content type that is none", "json"),
        given("JSON in GB18030, and said so",
            Request(SINGLE, 415, "content-type", "the charset UTF-8",
                lambda events: events[0].decode().encode("gb18030"), "application/json; charset=GB18030"),
            not_by=_AS_ONE | _ONLY_HTTP),
        given("one event as a batch",
            Request(ARRAY, 422, "body", "a JSON array of structured CloudEvents", lambda events: events[0],
                "application/cloudevents-batch+json"),
            not_by=except_by("it is not wrong", SINGLE, LINES) | _ONLY_HTTP),
        _packed("gzip", "gzip", gzip.compress),
        _packed("deflate", "deflate", zlib.compress),
        _packed("a coding that is none", "x-zstd, gzip", lambda body: body),
        given("gzip that nobody mentions",
            event("payments.paid", None, "event", says.JSON, named=False,
                encoded=lambda raw: gzip.compress(raw, mtime=0)),
            not_by=_NOT_IN_A_BATCH | except_by("see the class of encodings", *ROW_WAYS)),
        given("a multipart form without a boundary", _form("", b"x", "multipart/form-data"),
            not_by=_ONLY_FORM),
        given("a multipart form with another boundary", _form("here", b"--there\r\n\r\nx\r\n--there--"),
            not_by=_ONLY_FORM),
        given("a multipart form without a file",
            _form("b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
                field="file", expected="a file in the part named file"), not_by=_ONLY_FORM),
        given("a multipart form with two files",
            _form("b", _PART + _PART + b"--b--\r\n"), not_by=_ONLY_FORM),
        given("a multipart form that ends too early",
            _form("b", b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx',
                field="file", expected="a file in the part named file"), not_by=_ONLY_FORM),
        given("another method",
            Request(SINGLE, 405, method="PUT", answer={"detail": "Method Not Allowed"},
                body=lambda events: events[0]), not_by=_AS_ONE | _ONLY_HTTP),
        given("another address",
            Request(SINGLE, 404, path="/event", answer={"detail": "Not Found"},
                body=lambda events: events[0]), not_by=_AS_ONE | _ONLY_HTTP),
        given("a file of another kind",
            Upload(CSV, "a file name that ends in .csv, .xlsx, .ndjson", csv_bytes, name="6月.doc",
                status=415, field="name"),
            not_by=except_by("see the events of this class", *EVENT_WAYS) | except_by("as csv", XLSX)),
        given("an old workbook by its name",
            Upload(XLSX, "a file name that ends in .csv, .xlsx, .ndjson", b"x", name="6月.xls", status=415,
                field="name"),
            not_by=except_by("see the events of this class", *EVENT_WAYS) | except_by("as xlsx", CSV)),
    ),
)  # fmt: skip

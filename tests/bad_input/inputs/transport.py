"""How it comes: content types, compression, methods, multipart forms, names of files."""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

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

SUFFIX = "a file name that ends in .csv, .xlsx, .ndjson"
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
    boundary: str,
    body: bytes,
    content_type: str | None = None,
    *,
    status: int = 422,
    field: str = "body",
    expected: str = FORM,
) -> Request:
    kind = content_type or f"multipart/form-data; boundary={boundary}"
    return Request(CSV, status, field, expected, body, kind, path="/files")


def _binary(name: str, field: str, expected: str, headers: dict[str, str], cut: int = 0) -> Input:
    return given(
        f"binary mode, {name}",
        Request(
            SINGLE,
            422,
            field,
            expected,
            lambda events: json.dumps(json.loads(events[0])["data"])[: -cut or None].encode(),
            headers={**_ATTRIBUTES, **headers},
        ),
        not_by=_AS_ONE | _ONLY_HTTP,
    )


_ATTRIBUTES = {
    "ce-specversion": "1.0",
    "ce-id": "binary-1",
    "ce-source": "/office/500102",
    "ce-type": "dibao.payments.paid.v1",
    "ce-time": "2021-06-28T09:30:00+08:00",
}
_BINARY: tuple[tuple[Any, ...], ...] = (
    ("of another version", "specversion", "1.0", {"ce-specversion": "0.3"}),
    ("an empty id", "id", says.ID, {"ce-id": ""}),
    ("an id of other bytes", "id", "a header in UTF-8", {"ce-id": "%ff%fe"}),
    ("an id with something invisible", "id", says.CLEAN, {"ce-id": "R%E2%80%8B1"}),
    ("a time without a zone", "time", says.INSTANT, {"ce-time": "2021-06-28T09:30:00"}),
    ("a type that is none", "type", says.TYPE_UNKNOWN, {"ce-type": "dibao.none.v1"}),
    ("data that are cut off", "data", "JSON in UTF-8", {}, 5),
)


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
            _form("b", b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nx\r\n--b--\r\n',
                field="file", expected="a file in the part named file"), not_by=_ONLY_FORM),
        given("a multipart form whose file has no name",
            _form("b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
                status=415, field="name", expected=SUFFIX), not_by=_ONLY_FORM),
        given("a multipart form whose file has a name in a charset that is none",
            _form("b", _PART.replace(b'filename="a.csv"', b"filename*=x''a.csv") + b"--b--\r\n"),
            not_by=_ONLY_FORM),
        given("a multipart form whose file is of another kind, as filename* says",
            _form("b", _PART.replace(b'"a.csv"', b"\"a.csv\"; filename*=UTF-8''a.doc") + b"--b--\r\n",
                status=415, field="name", expected=SUFFIX), not_by=_ONLY_FORM),
        *(_binary(name, *of) for name, *of in _BINARY),
        given("a multipart form with two files",
            _form("b", _PART + _PART + b"--b--\r\n"), not_by=_ONLY_FORM),
        given("a multipart form that ends too early",
            _form("b", b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx',
                field="file", expected="a file in the part named file"), not_by=_ONLY_FORM),
        given("another method",
            Request(SINGLE, 405, "method", "one of the methods POST", method="PUT",
                body=lambda events: events[0]), not_by=_AS_ONE | _ONLY_HTTP),
        given("another address",
            Request(SINGLE, 404, "path", "an address that this service has: see /docs", path="/event",
                body=lambda events: events[0]), not_by=_AS_ONE | _ONLY_HTTP),
        given("a file of another kind",
            Upload(CSV, SUFFIX, csv_bytes, name="6月.doc",
                status=415, field="name"),
            not_by=except_by("see the events of this class", *EVENT_WAYS) | except_by("as csv", XLSX)),
        given("an old workbook by its name",
            Upload(XLSX, SUFFIX, b"x", name="6月.xls", status=415,
                field="name"),
            not_by=except_by("see the events of this class", *EVENT_WAYS) | except_by("as xlsx", CSV)),
    ),
)  # fmt: skip

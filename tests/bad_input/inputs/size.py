"""What is too large: events, bodies, files, cells, and the number of things in them."""

from tests.bad_input import sentences as says
from tests.bad_input.desk import MAX_BODY_BYTES, MAX_FILE_BYTES
from tests.bad_input.table import (
    ARRAY,
    CSV,
    EVENT_WAYS,
    HTTP_WAYS,
    KAFKA,
    LINES,
    NDJSON,
    NO_ROW,
    ROW_WAYS,
    SINGLE,
    XLSX,
    InputClass,
    Request,
    Upload,
    event,
    except_by,
    given,
    put,
    row,
)

PAID, VOIDED = "payments.paid", "enrollment.voided"
MEGABYTE = 1024 * 1024
_NOT_ON_KAFKA = except_by("the broker takes no record of more than 1 MiB", KAFKA)
_NO_FILE = except_by("it is a body of events", *ROW_WAYS, NDJSON, KAFKA)
_PEOPLE = [{"name": f"成员{number}", "local_no": f"L{number}"} for number in range(101)]
_TOO_LARGE = f"at most {MAX_BODY_BYTES} bytes"
_LARGE_FILE = f"at most {MAX_FILE_BYTES} bytes"

SIZE = InputClass(
    "size",
    (
        given("an event of more than 1 MiB",
            event(PAID, put("data.surplus", "x" * MEGABYTE), "event", f"at most {MEGABYTE} bytes",
                named=False), not_by=_NOT_ON_KAFKA | NO_ROW),
        given("an event of more than 1 MiB of blanks",
            event(PAID, None, "event", f"at most {MEGABYTE} bytes", named=False,
                encoded=lambda raw: raw[:-1] + b" " * MEGABYTE + b"}"), not_by=_NOT_ON_KAFKA | NO_ROW),
        given("a field of nearly 1 MiB that there is not",
            event(PAID, put("data.surplus", "x" * 1_000_000), "data.surplus", says.UNKNOWN), not_by=NO_ROW),
        given("a field whose name is as long",
            event(PAID, put("data." + "x" * 200_000, 1), "data.?", says.UNKNOWN), not_by=NO_ROW),
        given("5,000 fields that there are not",
            event(PAID, lambda fact: fact["data"].update({f"x{number}": number for number in range(5000)}),
                "data.?", says.UNKNOWN), not_by=NO_ROW),
        given("a list of 20,000 members",
            event("enrollment.enrolled", put("data.members", [{}] * 20_000), "event",
                "an event of at most 10000 values", named=False), not_by=NO_ROW),
        given("a void of 101 members",
            event(VOIDED, put("data.members", _PEOPLE), "data.members", "at most 100 items"), not_by=NO_ROW),
        given("a body that is longer than bodies may be",
            Request(SINGLE, 413, "body", _TOO_LARGE, b" " * (MAX_BODY_BYTES + 1)),
            Request(ARRAY, 413, "body", _TOO_LARGE,
                lambda events: b"[" + b",".join(events) + b" " * MAX_BODY_BYTES + b"]"),
            Request(LINES, 413, "body", _TOO_LARGE,
                lambda events: b"\n".join(events) + b"\n" * MAX_BODY_BYTES, "application/x-ndjson"),
            not_by=_NO_FILE),
        given("a body that is longer than it said, as it comes in pieces",
            Request(SINGLE, 413, "body", _TOO_LARGE, b" " * (MAX_BODY_BYTES + 1), chunked=True),
            not_by=_NO_FILE | except_by("as one event", ARRAY, LINES)),
        given("a file that is longer than files may be",
            Upload(CSV, _LARGE_FILE, b"x" * (MAX_FILE_BYTES + 1), status=413, field="body"),
            Upload(XLSX, _LARGE_FILE, b"PK" * MAX_FILE_BYTES, status=413, field="body"),
            Upload(NDJSON, _LARGE_FILE, b"\n" * (MAX_FILE_BYTES + 1), status=413, field="body"),
            not_by=except_by("it is a file", *HTTP_WAYS, KAFKA)),
        given("a cell of 30,000 characters",
            row(PAID, {"户号": "L" * 30_000}, "户号", "LL****************LL", "at most 64 characters"),
            not_by=except_by("see the class of texts", *EVENT_WAYS)),
        given("a line of more than 1 MiB that ends nowhere",
            Upload(NDJSON, "", b"x" * (2 * MEGABYTE), status=422, counts=(1, 0, 0, 1, 0),
                rejects=((1, "event", "", f"at most {MEGABYTE} bytes"),)),
            not_by=except_by("it is a file", *HTTP_WAYS, KAFKA, *ROW_WAYS)),
    ),
)  # fmt: skip

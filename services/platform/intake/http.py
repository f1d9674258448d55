"""Intake over HTTP: events one by one or in batches, files, receipts."""

import asyncio
import codecs
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import IO, Any
from uuid import UUID

import msgspec
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from services.platform.failure import is_infrastructure
from services.platform.intake.answers import Answer, FileRefused, Rejection, Unavailable
from services.platform.intake.context import Intake
from services.platform.intake.envelope import read_event
from services.platform.intake.files import SUFFIXES, Upload, spool, take_file
from services.platform.intake.forms import Form, forms_of
from services.platform.intake.receipts import Tally, leave_incomplete, open_receipt, read_receipt
from services.platform.intake.sources import OPERATOR_NAME, Source
from services.platform.intake.templates import template
from services.platform.intake.warnings import FactWarning, warnings_of
from services.platform.protection import ReadableFact

_CHUNK = 1000
_RETRY_AFTER = "5"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SINGLE = frozenset({"application/cloudevents+json", "application/json"})
_ARRAY = frozenset({"application/cloudevents-batch+json", "application/json"})
_LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """The request as a whole is refused, with an HTTP status."""

    def __init__(self, status: int, field: str, expected: str) -> None:
        super().__init__(expected)
        self.status = status
        self.field = field
        self.expected = expected


def application(intake: Intake) -> FastAPI:
    """Return the web application of a context's intake."""
    app = FastAPI(title=f"dibao {intake.context}", description=intake.declaration.title, version="1")

    async def guarded(work: Callable[[], Awaitable[Response]]) -> Response:
        try:
            return await work()
        except Refused as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else None
            body = {"error": {"field": refused.field, "expected": refused.expected}}
            return _json(refused.status, body, headers)
        except Unavailable as error:
            return _away(str(error), error.tally)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            return _away("PostgreSQL does not answer")

    @app.post("/events")
    async def events(request: Request) -> Response:
        """State one fact (a structured CloudEvent) or a batch (an array, or NDJSON)."""
        return await guarded(lambda: _events(intake, request))

    @app.post("/files")
    async def files(request: Request) -> Response:
        """Hand over a file: multipart (file, source, batch, type), or its bytes with ``?name=…&source=…``."""
        return await guarded(lambda: _files(intake, request))

    @app.get("/receipts/{receipt_id}")
    async def receipt(receipt_id: str, request: Request) -> Response:
        """Ask again what became of a file or batch."""
        return await guarded(lambda: _receipt(intake, request, receipt_id))

    @app.get("/templates")
    async def templates() -> Response:
        """Fetch a workbook with an empty form, a worksheet each, for every type of the context."""
        return _workbook(intake.context, forms_of(intake.context))

    @app.get("/templates/{name}")
    async def one_template(name: str) -> Response:
        """Fetch a workbook with the empty form of one type: ``paid``, or the type in full."""
        forms = [form for form in forms_of(intake.context) if name in (form.type, form.verb)]
        if not forms:
            known = ", ".join(form.verb for form in forms_of(intake.context))
            return _json(404, {"error": {"field": "type", "expected": f"one of {known}"}})
        return _workbook(forms[0].short_name, forms)

    @app.get("/health")
    async def health() -> Response:
        """Say whether this intake can work: 200, or 503 where its database is away."""

        async def work() -> Response:
            async with asyncio.timeout(2):
                await intake.pool.fetchval("SELECT 1")
            return _json(200, {"status": "ok", "context": intake.context})

        return await guarded(work)

    return app


def gateway(intakes: Sequence[Intake]) -> FastAPI:
    """Return the web application of one context, or of several, each below ``/<context>``."""
    if len(intakes) == 1:
        return application(intakes[0])
    app = FastAPI(
        title="dibao", description="、".join(item.declaration.title for item in intakes), version="1"
    )
    for intake in intakes:
        app.mount(f"/{intake.context}", application(intake))

    @app.get("/health")
    async def health() -> RedirectResponse:
        """Say whether this process can work: what its contexts share answers for all."""
        return RedirectResponse(f"/{intakes[0].context}/health")

    return app


async def authenticated(intake: Intake, request: Request) -> Source:
    """Return who asks. Raises Refused: 401 without a good key, 403 with one for other contexts."""
    async with asyncio.timeout(intake.settings.ack_timeout_seconds):
        caller = await intake.caller(request.headers.get("authorization"))
    if caller is None:
        raise Refused(401, "authorization", "Bearer and a key that is not revoked")
    if not caller.may_speak_of(intake.context):
        raise Refused(403, "authorization", f"a key for the context {intake.context}")
    return caller


async def body_chunks(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """Yield the body as it arrives. Raises Refused: 413 as soon as it is too long, 415 if it is packed."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "content-encoding", "identity: a body that is not compressed")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise Refused(413, "body", f"at most {limit} bytes")
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Refused(413, "body", f"at most {limit} bytes")
        yield chunk


def content_type(request: Request) -> str:
    """Return the media type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _events(intake: Intake, request: Request) -> Response:
    caller = await authenticated(intake, request)
    kind = content_type(request)
    if kind not in _SINGLE | _ARRAY | _LINES:
        raise Refused(415, "content-type", ", ".join(sorted(_SINGLE | _ARRAY | _LINES)))
    charset = _CHARSET.search(request.headers.get("content-type", ""))
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise Refused(415, "content-type", "the charset UTF-8")
    body = b"".join([chunk async for chunk in body_chunks(request, intake.settings.max_body_bytes)])
    body = body.removeprefix(codecs.BOM_UTF8)
    if kind in _LINES:
        return await _batch(intake, caller, [line for line in body.split(b"\n") if line.strip()])
    if kind == "application/cloudevents-batch+json" or (kind in _ARRAY and body.lstrip()[:1] == b"["):
        try:
            items = _RAW_LIST.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refused(422, "body", "a JSON array of structured CloudEvents") from None
        return await _batch(intake, caller, items)
    return await _one(intake, caller, body)


async def _one(intake: Intake, caller: Source, body: bytes) -> Response:
    fact = read_event(body, caller, intake.context, intake.horizon())
    outcome = await intake.acceptor.accept([fact])
    answer = outcome.answers[0]
    if answer is None:
        raise Unavailable("Kafka did not acknowledge in time")
    return _json(_status([answer]), _item(0, answer, _warnings(fact, answer)))


async def _batch(intake: Intake, caller: Source, items: Sequence[bytes | msgspec.Raw]) -> Response:
    if not items:
        raise Refused(422, "body", "at least one event")
    tally = Tally()
    async with asyncio.timeout(intake.settings.ack_timeout_seconds):
        await open_receipt(intake.pool, tally, caller.name or OPERATOR_NAME, intake.context, "events")
    answers: list[Answer] = []
    told: list[dict[str, Any]] = []
    try:
        for start in range(0, len(items), _CHUNK):
            horizon = intake.horizon()
            facts = [
                read_event(item, caller, intake.context, horizon, str(tally.id))
                for item in items[start : start + _CHUNK]
            ]
            outcome = await intake.acceptor.accept(facts)
            for fact, answer in zip(facts, outcome.answers, strict=True):
                if answer is None:
                    continue
                tally.add(answer)
                if warnings := _warnings(fact, answer):
                    tally.warn(())
                told.append(_item(len(answers), answer, warnings))
                answers.append(answer)
            if not outcome.complete:
                raise Unavailable("Kafka did not acknowledge in time")
    except Unavailable as error:
        await leave_incomplete(intake.pool, tally)
        return _away(str(error), tally)
    await tally.write(intake.pool, "complete")
    receipt = await read_receipt(intake.pool, tally.id)
    assert receipt is not None
    return _json(
        _status(answers),
        {"receipt": receipt.as_json(), "items": told},
    )


def _warnings(fact: ReadableFact | Rejection, answer: Answer) -> tuple[FactWarning, ...]:
    return warnings_of(fact) if isinstance(fact, ReadableFact) and answer.error is None else ()


def _item(index: int, answer: Answer, warnings: Sequence[FactWarning]) -> dict[str, Any]:
    item = answer.as_json(index)
    if warnings:
        item["warnings"] = [warning.as_json() for warning in warnings]
    return item


async def _files(intake: Intake, request: Request) -> Response:
    caller = await authenticated(intake, request)
    limit = intake.settings.max_file_bytes
    fields = dict(request.query_params)
    if content_type(request) == "multipart/form-data":
        file, fields = await _form(request, limit, fields)
    else:
        file = await spool(body_chunks(request, limit))
    with file:
        upload = _upload(caller, fields)
        try:
            receipt = await take_file(intake, caller, upload, file)
        except FileRefused as refused:
            body: dict[str, Any] = {"error": {"field": "file", "expected": str(refused)}}
            if refused.tally is not None:
                body["receipt"] = str(refused.tally.id)
            return _json(422, body)
    good = receipt.lines - receipt.rejected
    return _json(202 if not receipt.rejected else 207 if good else 422, receipt.as_json())


async def _form(request: Request, limit: int, fields: dict[str, str]) -> tuple[IO[bytes], dict[str, str]]:
    chunks = body_chunks(request, limit + 64 * 1024)
    parser = MultiPartParser(request.headers, chunks, max_files=1, max_fields=10)
    file = None
    try:
        parts = await parser.parse()
        file = parts.get("file")
    except MultiPartException:
        raise Refused(422, "body", "multipart/form-data with one file") from None
    finally:
        if not isinstance(file, UploadFile):
            # A file that ended too early is in no part.
            for left in parser._files_to_close_on_error:
                left.close()
    if not isinstance(file, UploadFile):
        raise Refused(422, "file", "a file in the part named file")
    fields |= {name: value for name, value in parts.items() if isinstance(value, str)}
    fields.setdefault("name", file.filename or "")
    return file.file, fields


def _upload(caller: Source, fields: dict[str, str]) -> Upload:
    name, source = fields.get("name", ""), fields.get("source") or caller.name
    if not name.lower().endswith(SUFFIXES):
        raise Refused(415, "name", "a file name that ends in " + ", ".join(SUFFIXES))
    if not source and not name.lower().endswith(".ndjson"):
        raise Refused(422, "source", "the URI of the source whose file this is")
    return Upload(name, source, fields.get("batch") or None, fields.get("type") or None)


async def _receipt(intake: Intake, request: Request, receipt_id: str) -> Response:
    caller = await authenticated(intake, request)
    receipt = await read_receipt(intake.pool, UUID(receipt_id)) if _UUID.fullmatch(receipt_id) else None
    if receipt is None or not (caller.name == "" or caller.name == receipt.source):
        raise Refused(404, "receipt", "the id of a receipt of this source")
    return _json(200, receipt.as_json())


def _workbook(name: str, forms: Sequence[Form]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(template(forms), headers=headers, media_type=_XLSX)


def _status(answers: Sequence[Answer]) -> int:
    rejected = [answer.error for answer in answers if answer.status == "rejected"]
    if not rejected:
        return 202
    if len(rejected) < len(answers):
        return 207
    return 403 if all(error is not None and error.forbidden for error in rejected) else 422


def _away(reason: str, tally: Tally | None = None) -> Response:
    body: dict[str, Any] = {
        "error": {
            "field": "",
            "expected": f"{reason}; send all of it again later: what was accepted is repeated",
        }
    }
    if tally is not None:
        body["receipt"] = {"id": str(tally.id), "status": "incomplete", **tally.counts}
    return _json(503, body, {"Retry-After": _RETRY_AFTER})


def _json(status: int, body: object, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")

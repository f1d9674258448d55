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
from services.platform.intake.answers import Answer, Fault, FileRefused, Unavailable
from services.platform.intake.context import Intake
from services.platform.intake.envelope import read_event, source_fault
from services.platform.intake.files import SUFFIXES, Upload, spool, take_file
from services.platform.intake.forms import Form, forms_of
from services.platform.intake.mapping_store import (
    find_mapping,
    list_mappings,
    remove_mapping,
    save_mapping,
)
from services.platform.intake.mappings import FileMapping, MappingRefused, checked, read_draft
from services.platform.intake.problems import problem
from services.platform.intake.receipts import Tally, leave_incomplete, open_receipt, read_receipt
from services.platform.intake.sentences import Sentence, say
from services.platform.intake.sources import OPERATOR_NAME, Source
from services.platform.intake.templates import template

_CHUNK = 1000
_RETRY_AFTER = "5"
_LONGEST_MAPPING = 256 * 1024
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SINGLE = frozenset({"application/cloudevents+json", "application/json"})
_ARRAY = frozenset({"application/cloudevents-batch+json", "application/json"})
_LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """The request as a whole is refused, with an HTTP status."""

    def __init__(self, status: int, field: str, sentence: Sentence) -> None:
        super().__init__(sentence.english)
        self.status = status
        self.fault = Fault(field, sentence)


def application(intake: Intake) -> FastAPI:
    """Return the web application of a context's intake."""
    app = FastAPI(title=f"dibao {intake.context}", description=intake.declaration.title, version="1")

    async def guarded(work: Callable[[], Awaitable[Response]]) -> Response:
        try:
            return await work()
        except MappingRefused as refused:
            return problem(422, refused.faults)
        except Refused as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else None
            return problem(refused.status, [refused.fault], headers=headers)
        except Unavailable as error:
            return _away(error.sentence, error.tally)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            return _away(say("postgresql-away"))

    @app.post("/events")
    async def events(request: Request) -> Response:
        """State one fact (a structured CloudEvent) or a batch (an array, or NDJSON)."""
        return await guarded(lambda: _events(intake, request))

    @app.post("/files")
    async def files(request: Request) -> Response:
        """Hand over a file: multipart (file, source, batch, type, mapping), or its bytes with ``?name=…``."""
        return await guarded(lambda: _files(intake, request))

    @app.get("/mappings")
    async def mappings(request: Request) -> Response:
        """List the mappings by which the source's own files are read."""
        return await guarded(lambda: _mappings(intake, request))

    @app.get("/mappings/{name}")
    async def one_mapping(name: str, request: Request) -> Response:
        """Fetch a mapping."""
        return await guarded(lambda: _one_mapping(intake, request, name))

    @app.put("/mappings/{name}")
    async def put_mapping(name: str, request: Request) -> Response:
        """Save a mapping: which column of the source's own files fills which column of a form."""
        return await guarded(lambda: _put_mapping(intake, request, name))

    @app.delete("/mappings/{name}")
    async def delete_mapping(name: str, request: Request) -> Response:
        """End the use of a mapping."""
        return await guarded(lambda: _delete_mapping(intake, request, name))

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
            return problem(404, [Fault("type", say("word", words=known))])
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
        raise Refused(401, "authorization", say("authorization"))
    if not caller.may_speak_of(intake.context):
        raise Refused(403, "authorization", say("authorization-context", context=intake.context))
    return caller


async def body_chunks(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """Yield the body as it arrives. Raises Refused: 413 as soon as it is too long, 415 if it is packed."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "content-encoding", say("identity-encoding"))
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise Refused(413, "body", say("body-too-long", most=limit))
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Refused(413, "body", say("body-too-long", most=limit))
        yield chunk


def content_type(request: Request) -> str:
    """Return the media type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _events(intake: Intake, request: Request) -> Response:
    caller = await authenticated(intake, request)
    kind = content_type(request)
    if kind not in _SINGLE | _ARRAY | _LINES:
        raise Refused(
            415, "content-type", say("content-types", names=", ".join(sorted(_SINGLE | _ARRAY | _LINES)))
        )
    charset = _CHARSET.search(request.headers.get("content-type", ""))
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise Refused(415, "content-type", say("charset"))
    body = b"".join([chunk async for chunk in body_chunks(request, intake.settings.max_body_bytes)])
    body = body.removeprefix(codecs.BOM_UTF8)
    if kind in _LINES:
        return await _batch(intake, caller, [line for line in body.split(b"\n") if line.strip()])
    if kind == "application/cloudevents-batch+json" or (kind in _ARRAY and body.lstrip()[:1] == b"["):
        try:
            items = _RAW_LIST.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refused(422, "body", say("array-expected")) from None
        return await _batch(intake, caller, items)
    return await _one(intake, caller, body)


async def _one(intake: Intake, caller: Source, body: bytes) -> Response:
    fact = read_event(body, caller, intake.context, intake.horizon())
    outcome = await intake.acceptor.accept([fact])
    answer = outcome.answers[0]
    if answer is None:
        raise Unavailable(say("kafka-silent"))
    if answer.rejection is not None:
        return problem(_status([answer]), answer.rejection.faults, more={"id": answer.serial})
    return _json(202, answer.as_json(0))


async def _batch(intake: Intake, caller: Source, items: Sequence[bytes | msgspec.Raw]) -> Response:
    if not items:
        raise Refused(422, "body", say("one-event"))
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
            for answer in outcome.answers:
                if answer is None:
                    continue
                tally.add(answer)
                if answer.doubts:
                    tally.warn(())
                told.append(answer.as_json(len(answers)))
                answers.append(answer)
            if not outcome.complete:
                raise Unavailable(say("kafka-silent"))
    except Unavailable as error:
        await leave_incomplete(intake.pool, tally)
        return _away(error.sentence, tally)
    await tally.write(intake.pool, "complete")
    receipt = await read_receipt(intake.pool, tally.id)
    assert receipt is not None
    return _json(
        _status(answers),
        {"receipt": receipt.as_json(), "items": told},
    )


async def _files(intake: Intake, request: Request) -> Response:
    caller = await authenticated(intake, request)
    limit = intake.settings.max_file_bytes
    fields = dict(request.query_params)
    if content_type(request) == "multipart/form-data":
        file, fields = await _form(request, limit, fields)
    else:
        file = await spool(body_chunks(request, limit))
    with file:
        upload = await _upload(intake, caller, fields)
        try:
            receipt = await take_file(intake, caller, upload, file)
        except FileRefused as refused:
            more = {"receipt": str(refused.tally.id)} if refused.tally is not None else None
            return problem(422, [Fault("file", refused.sentence)], more=more)
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
        raise Refused(422, "body", say("multipart")) from None
    finally:
        if not isinstance(file, UploadFile):
            # A file that ended too early is in no part.
            for left in parser._files_to_close_on_error:
                left.close()
    if not isinstance(file, UploadFile):
        raise Refused(422, "file", say("part-named-file"))
    fields |= {name: value for name, value in parts.items() if isinstance(value, str)}
    fields.setdefault("name", file.filename or "")
    return file.file, fields


async def _upload(intake: Intake, caller: Source, fields: dict[str, str]) -> Upload:
    name, source = fields.get("name", ""), fields.get("source") or caller.name
    if not name.lower().endswith(SUFFIXES):
        raise Refused(415, "name", say("suffix", suffixes=", ".join(SUFFIXES)))
    if not source and not name.lower().endswith(".ndjson"):
        raise Refused(422, "source", say("source-of-file"))
    mapping = await _mapping_of(intake, caller, fields, source) if fields.get("mapping") else None
    return Upload(
        name=name,
        source=source,
        batch=fields.get("batch") or None,
        type=fields.get("type") or None,
        mapping=mapping,
        trial=fields.get("dry_run", "").lower() in ("1", "true", "yes"),
    )


async def _mapping_of(intake: Intake, caller: Source, fields: dict[str, str], source: str) -> FileMapping:
    if fields["name"].lower().endswith(".ndjson"):
        raise Refused(422, "mapping", say("mapping-of-table"))
    mapping = await find_mapping(intake.pool, caller, source, intake.context, fields["mapping"])
    if mapping is None:
        raise Refused(404, "mapping", say("mapping-unknown"))
    if fields.get("type") not in (None, "", mapping.form.type):
        raise Refused(422, "type", say("mapping-of-type", type=mapping.form.type))
    return mapping


async def _mappings(intake: Intake, request: Request) -> Response:
    caller, source = await _owner(intake, request, required=False)
    sources = [source] if source else None
    found = await list_mappings(intake.pool, intake.context, sources)
    return _json(200, [mapping.as_json() for mapping in found if caller.may_speak_as(mapping.source)])


async def _one_mapping(intake: Intake, request: Request, name: str) -> Response:
    _, source = await _owner(intake, request)
    found = await list_mappings(intake.pool, intake.context, [source])
    mapping = next((each for each in found if each.name == name), None)
    if mapping is None:
        raise Refused(404, "mapping", say("mapping-unknown"))
    return _json(200, mapping.as_json())


async def _put_mapping(intake: Intake, request: Request, name: str) -> Response:
    caller, source = await _owner(intake, request)
    body = b"".join([chunk async for chunk in body_chunks(request, _LONGEST_MAPPING)])
    mapping = checked(read_draft(body), source=source, context=intake.context, name=name)
    saved = await save_mapping(intake.pool, mapping, caller.name or OPERATOR_NAME)
    return _json(200, saved.as_json())


async def _delete_mapping(intake: Intake, request: Request, name: str) -> Response:
    caller, source = await _owner(intake, request)
    if not await remove_mapping(intake.pool, source, intake.context, name, caller.name or OPERATOR_NAME):
        raise Refused(404, "mapping", say("mapping-unknown"))
    return Response(status_code=204)


async def _owner(intake: Intake, request: Request, *, required: bool = True) -> tuple[Source, str]:
    """Return who asks, and whose mappings are meant: ``?source=``, or the key's own."""
    caller = await authenticated(intake, request)
    source = request.query_params.get("source") or caller.name
    if not source and not required:
        return caller, ""
    if (expected := source_fault(source)) is not None:
        raise Refused(422, "source", expected)
    if not caller.may_speak_as(source):
        raise Refused(403, "source", say("source-of-key", source=caller.name))
    return caller, source


async def _receipt(intake: Intake, request: Request, receipt_id: str) -> Response:
    caller = await authenticated(intake, request)
    receipt = await read_receipt(intake.pool, UUID(receipt_id)) if _UUID.fullmatch(receipt_id) else None
    if receipt is None or not (caller.name == "" or caller.name == receipt.source):
        raise Refused(404, "receipt", say("receipt-expected"))
    return _json(200, receipt.as_json())


def _workbook(name: str, forms: Sequence[Form]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(template(forms), headers=headers, media_type=_XLSX)


def _status(answers: Sequence[Answer]) -> int:
    rejected = [answer.rejection for answer in answers if answer.rejection is not None]
    if not rejected:
        return 202
    if len(rejected) < len(answers):
        return 207
    return 403 if all(rejection.forbidden for rejection in rejected) else 422


def _away(sentence: Sentence, tally: Tally | None = None) -> Response:
    more = None
    if tally is not None:
        more = {"receipt": {"id": str(tally.id), "status": "incomplete", **tally.counts}}
    return problem(503, [Fault("", sentence)], headers={"Retry-After": _RETRY_AFTER}, more=more)


def _json(status: int, body: object, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")

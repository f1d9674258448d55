"""Intake over HTTP: events one by one or in batches, files, receipts."""

import asyncio
import codecs
import pickle
import re
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping, Sequence
from contextlib import aclosing
from hashlib import sha256
from itertools import islice
from typing import IO, Any
from uuid import UUID

import msgspec
import orjson
from fastapi import FastAPI, Request, Response
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect

from events.catalogue import intake_topic
from events.envelope import event_id_of
from services.intake.admission import CrowdedError, TooFastError
from services.intake.answers import Answer, Fault, FileRefused, Rejection, Unavailable, settled
from services.intake.context import Intake
from services.intake.envelope import read_binary_event, read_event
from services.intake.files import Upload, spool, take_file
from services.intake.forms import Form
from services.intake.heads import HTTP, attributes_of
from services.intake.inquiries import Refusal, ask_after, note_refusals, origin_of
from services.intake.mapping_store import (
    find_mapping,
    list_mappings,
    remove_mapping,
    save_mapping,
)
from services.intake.mappings import (
    FileMapping,
    MappingRefused,
    checked,
    form_expected,
    read_draft,
)
from services.intake.media import BATCH, EVENT_TYPES, JSON, LINES, WORKBOOK
from services.intake.multipart import NoFileError, read_form
from services.intake.problems import answer_for_the_framework, failed, problem
from services.intake.readers import SHARED
from services.intake.reading import SUFFIXES, read_array
from services.intake.receipts import (
    Receipt,
    Remark,
    State,
    Tally,
    leave_incomplete,
    open_receipt,
    read_receipt,
)
from services.intake.reference import serve_index, serve_reference
from services.intake.sentences import Sentence, say
from services.intake.sources import OPERATOR_NAME, Source, source_fault, unregistered
from services.platform.failure import is_infrastructure
from services.platform.limits import (
    BATCH_ITEMS,
    BODY_PACE,
    BODY_SECONDS,
    FAULTS_OF_AN_ANSWER,
    PARSED_AT_ONCE,
    READ_AT_ONCE,
    SILENCE_SECONDS,
)
from services.platform.protection import ReadableFact, holds_id_number

_CHUNK = 1000
_RETRY_AFTER = "5"
_HEADERS_OF = {401: {"WWW-Authenticate": "Bearer"}, 408: {"Connection": "close"}}
_LONGEST_MAPPING = 256 * 1024
_FIELDS_BYTES = 64 * 1024
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_LINE = re.compile(rb"\S[^\n]*")
_ARRAY = re.compile(rb"\s*\[")


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """The request as a whole is refused, with an HTTP status."""

    def __init__(self, status: int, field: str, sentence: Sentence) -> None:
        super().__init__(sentence.english)
        self.status = status
        self.fault = Fault(field, sentence)


def application(intake: Intake) -> FastAPI:
    """Return the web application of a context's intake."""
    app = _application()

    @app.post("/events")
    async def events(request: Request) -> Response:
        return await _guarded(_events(intake, request))

    @app.post("/files")
    async def files(request: Request) -> Response:
        return await _guarded(_files(intake, request))

    @app.get("/receipts")
    async def fact(request: Request) -> Response:
        return await _guarded(_fact(intake, request))

    @app.get("/mappings")
    async def mappings(request: Request) -> Response:
        return await _guarded(_mappings(intake, request))

    @app.get("/mappings/{name}")
    async def one_mapping(name: str, request: Request) -> Response:
        return await _guarded(_one_mapping(intake, request, name))

    @app.put("/mappings/{name}")
    async def put_mapping(name: str, request: Request) -> Response:
        return await _guarded(_put_mapping(intake, request, name))

    @app.delete("/mappings/{name}")
    async def delete_mapping(name: str, request: Request) -> Response:
        return await _guarded(_delete_mapping(intake, request, name))

    @app.get("/receipts/{receipt_id}")
    async def receipt(receipt_id: str, request: Request) -> Response:
        return await _guarded(_receipt(intake, request, receipt_id))

    @app.get("/templates")
    async def templates(request: Request) -> Response:
        return await _guarded(_template(intake, request, None))

    @app.get("/templates/{name}")
    async def one_template(name: str, request: Request) -> Response:
        return await _guarded(_template(intake, request, name))

    @app.get("/health")
    async def health() -> Response:
        return await _guarded(_health([intake]))

    serve_reference(app, intake.context)
    return app


def gateway(intakes: Sequence[Intake]) -> FastAPI:
    """Return the web application of one context, or of several, each below ``/<context>``."""
    if len(intakes) == 1:
        return application(intakes[0])
    app = _application()
    for intake in intakes:
        app.mount(f"/{intake.context}", application(intake))

    @app.get("/health")
    async def health() -> Response:
        return await _guarded(_health(intakes))

    serve_index(app, {intake.context: intake.declaration.title for intake in intakes})
    return app


def _application() -> FastAPI:
    # Its description and the page that shows it are ours: the framework knows neither bodies nor answers, and
    # its page asks another host for what it shows.
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    answer_for_the_framework(app)
    return app


async def _guarded(work: Awaitable[Response]) -> Response:
    try:
        return await work
    except MappingRefused as refused:
        return problem(422, refused.faults)
    except Refused as refused:
        return problem(refused.status, [refused.fault], headers=_HEADERS_OF.get(refused.status))
    except CrowdedError as crowded:
        fault = Fault("authorization", say("too-much-at-once", most=crowded.most))
        return problem(429, [fault], headers={"Retry-After": _RETRY_AFTER})
    except TooFastError as fast:
        said = say("too-fast", rate=fast.rate, burst=fast.burst, seconds=fast.seconds)
        limit = {"facts_per_second": fast.rate, "facts_at_once": fast.burst}
        headers = {"Retry-After": str(fast.seconds)}
        return problem(429, [Fault("authorization", said)], headers=headers, more={"limit": limit})
    except Unavailable as error:
        return _away(error.sentence, error.receipt)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    except Exception as error:
        return _away(say("postgresql-away")) if is_infrastructure(error) else failed(error)


async def authenticated(intake: Intake, request: Request) -> Source:
    """Return who asks.

    Raises Refused: 401 without a good key, 403 with one for other contexts, 422 where what is asked holds
    control characters.
    """
    async with asyncio.timeout(intake.settings.ack_timeout_seconds):
        caller = await intake.caller(request.headers.get("authorization"))
    if caller is None:
        raise Refused(401, "authorization", say("authorization"))
    if not caller.may_speak_of(intake.context):
        raise Refused(403, "authorization", say("authorization-context", context=intake.context))
    _check_seen([*request.query_params.multi_items(), *request.path_params.items()])
    return caller


def _check_seen(said: Iterable[tuple[str, str]]) -> None:
    for name, value in said:
        if _CONTROL.search(name + value):
            raise Refused(422, name if name.isidentifier() else "query", say("control-characters"))


async def body_chunks(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """Yield the body as it arrives.

    Raises Refused: 413 as soon as it is too long, 415 if it is packed, 408 if it hardly comes.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(415, "content-encoding", say("identity-encoding"))
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise Refused(413, "body", say("body-too-long", most=limit))
    size, loop, stream = 0, asyncio.get_running_loop(), request.stream()
    began = loop.time()
    while True:
        left = began + BODY_SECONDS + size / BODY_PACE - loop.time()
        try:
            async with asyncio.timeout(min(SILENCE_SECONDS, left)):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise Refused(408, "body", say("body-too-slow", pace=BODY_PACE)) from None
        if chunk is None:
            return
        size += len(chunk)
        if size > limit:
            raise Refused(413, "body", say("body-too-long", most=limit))
        yield chunk


def content_type(request: Request) -> str:
    """Return the media type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _events(intake: Intake, request: Request) -> Response:
    caller = await authenticated(intake, request)
    async with intake.admission.admitted("events", caller.name):
        return await _events_of(intake, request, caller)


async def _events_of(intake: Intake, request: Request, caller: Source) -> Response:
    kind, said = content_type(request), request.headers.get("content-type", "")
    headers = ((name.decode("latin-1"), value) for name, value in request.headers.raw)
    attributes = attributes_of(headers, HTTP, said)
    if attributes is None and kind not in EVENT_TYPES:
        raise Refused(415, "content-type", say("content-types", names=", ".join(sorted(EVENT_TYPES))))
    charset = _CHARSET.search(said)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise Refused(415, "content-type", say("charset"))
    trial = _trial(request.query_params)
    body = b"".join([chunk async for chunk in body_chunks(request, intake.settings.max_body_bytes)])
    body = body.removeprefix(codecs.BOM_UTF8)
    if attributes is not None:
        if isinstance(attributes, Rejection):
            return await _one(intake, caller, attributes, None, trial)
        fact = read_binary_event(attributes, body, caller, intake.context, intake.horizon())
        return await _one(intake, caller, fact, (attributes.get("source"), attributes.get("id")), trial)
    if kind in LINES:
        lines = (match[0] for match in _LINE.finditer(body))
        return await _batch(intake, caller, list(islice(lines, BATCH_ITEMS + 1)), trial)
    if kind == BATCH or (kind == JSON and _ARRAY.match(body)):
        return await _batch(intake, caller, await _items(intake, body), trial)
    fact = read_event(body, caller, intake.context, intake.horizon())
    return await _one(intake, caller, fact, origin_of(body), trial)


async def _items(intake: Intake, body: bytes) -> Sequence[bytes | msgspec.Raw]:
    try:
        if len(body) <= PARSED_AT_ONCE:
            return _RAW_LIST.decode(body)
        settings, items = intake.settings, list[bytes]()
        with tempfile.TemporaryFile() as file:
            await asyncio.to_thread(_write, file, body)
            memory, seconds = settings.reader_memory, settings.reader_seconds
            async with aclosing(SHARED.read(read_array, file, memory=memory, seconds=seconds)) as read:
                async for found in read:
                    items += await asyncio.to_thread(pickle.loads, found)
        return items
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(422, "body", say("array-expected")) from None
    except FileRefused as refused:
        status = 413 if refused.sentence.code == "too-many-events" else 422
        raise Refused(status, "body", refused.sentence) from None


def _write(file: IO[bytes], content: bytes) -> None:
    file.write(content)
    file.flush()


async def _one(
    intake: Intake,
    caller: Source,
    fact: ReadableFact | Rejection,
    origin: tuple[str | None, str | None] | None,
    trial: bool,
) -> Response:
    intake.admission.count(caller.name, 1)
    outcome = await intake.acceptor.accept([fact], trial=trial)
    answer = (await _doubted(intake, caller, [fact], outcome.answers, set()))[0]
    if answer is None:
        raise Unavailable(say("kafka-silent"))
    if answer.rejection is not None:
        if not trial:
            await _note(intake, [_refusal(caller, origin, answer.rejection)])
        return problem(_status([answer]), answer.rejection.faults, more={"id": answer.serial})
    return _json(202, answer.as_json(0))


async def _batch(
    intake: Intake, caller: Source, items: Sequence[bytes | msgspec.Raw], trial: bool
) -> Response:
    if not items:
        raise Refused(422, "body", say("one-event"))
    if len(items) > BATCH_ITEMS:
        raise Refused(413, "body", say("too-many-events", most=BATCH_ITEMS))
    intake.admission.count(caller.name, len(items))
    tally, source = Tally(), caller.name or OPERATOR_NAME
    if not trial:
        async with asyncio.timeout(intake.settings.ack_timeout_seconds):
            await open_receipt(intake.pool, tally, source, intake.context, "events")
    answers: list[Answer] = []
    told: list[dict[str, Any]] = []
    asked: set[str] = set()

    def count() -> None:
        undone = {answer.undoes for answer in answers if answer.undoes is not None}
        faults = 0
        for index, answer in enumerate(settled(answer, undone) for answer in answers):
            tally.add(answer)
            _keep(tally, answer, index)
            said = answer.as_json(index)
            if answer.rejection is not None:
                faults += len(answer.rejection.faults)
                if faults > FAULTS_OF_AN_ANSWER:
                    del said["errors"][1:]
            told.append(said)

    def receipt(status: State = "complete") -> Receipt:
        return tally.receipt(source=source, context=intake.context, name="events", status=status)

    try:
        for start in range(0, len(items), _CHUNK):
            horizon, correlation_id = intake.horizon(), str(tally.id)
            facts, size = [], 0
            for item in items[start : start + _CHUNK]:
                raw = bytes(item)
                facts.append(read_event(raw, caller, intake.context, horizon, correlation_id))
                size += len(raw)
                if size > READ_AT_ONCE:
                    await asyncio.sleep(0)  # the others go on meanwhile
                    size = 0
            outcome = await intake.acceptor.accept(facts, trial=trial)
            refusals: list[Refusal | None] = []
            found = await _doubted(intake, caller, facts, outcome.answers, asked)
            for item, answer in zip(items[start:], found, strict=False):
                if answer is None:
                    continue
                if answer.rejection is not None:
                    refusals.append(_refusal(caller, origin_of(bytes(item)), answer.rejection, tally.id))
                answers.append(answer)
            if not trial:
                await _note(intake, refusals)
            if not outcome.complete:
                raise Unavailable(say("kafka-silent"))
    except Unavailable as error:
        count()
        if not trial:
            await leave_incomplete(intake.pool, tally)
            error.receipt = receipt("incomplete")
        raise
    count()
    if not trial:
        await tally.write(intake.pool, "complete")
    told_of = {"receipt": receipt().as_json(), "items": told}
    status = _status(answers)
    if status >= 400:
        return problem(status, [Fault("items", say("all-rejected", count=len(answers)))], more=told_of)
    return _json(status, told_of)


async def _doubted(
    intake: Intake,
    caller: Source,
    facts: Sequence[ReadableFact | Rejection],
    answers: Sequence[Answer | None],
    asked: set[str],
) -> list[Answer | None]:
    """Return answers with a warning at the first fact of each source that nobody has registered.

    ``asked``: the sources that were looked at before, to which these are added.
    """
    first: dict[str, int] = {}
    for index, (fact, answer) in enumerate(zip(facts, answers, strict=True)):
        if isinstance(fact, ReadableFact) and answer is not None and answer.rejection is None:
            first.setdefault(fact.source, index)
    new = first.keys() - asked
    asked |= new
    found = list(answers)
    for source in await unregistered(intake.pool, caller, new):
        answer = found[first[source]]
        assert answer is not None
        doubt = Fault("source", say("source-unregistered", source=source))
        found[first[source]] = msgspec.structs.replace(answer, doubts=(*answer.doubts, doubt))
    return found


def _refusal(
    caller: Source,
    origin: tuple[str | None, str | None] | None,
    rejection: Rejection,
    receipt: UUID | None = None,
) -> Refusal | None:
    # Who may not speak as a source may not have it said that one of its facts is rejected.
    source, serial = origin or (None, None)
    if source is None or serial is None or not caller.may_speak_as(source):
        return None
    return Refusal(event_id_of(source, serial), rejection, receipt=receipt)


async def _note(intake: Intake, refusals: Sequence[Refusal | None]) -> None:
    known = [refusal for refusal in refusals if refusal is not None]
    if known:
        await note_refusals(intake.pool, known)


def _keep(tally: Tally, answer: Answer, index: int) -> None:
    """Keep what is said of an event of a batch, whose rows are its events."""

    def said(faults: Iterable[Fault]) -> list[Remark]:
        serial = answer.serial
        # Whoever names his facts by ID numbers has it said in the answer only, of which nothing is kept.
        shown = serial is not None and not holds_id_number(serial.encode())
        name = serial if shown else f"第{index + 1}条"
        return [
            Remark(
                row=index + 1,
                column=fault.field,
                code=fault.sentence.code,
                reason=f"{name} {fault.field}：{fault.sentence.chinese}",
                expected=fault.sentence.english,
            )
            for fault in faults
        ]

    if answer.rejection is not None and tally.has_room("reject"):
        tally.reject(said(answer.rejection.faults))
    if answer.aside is not None and tally.has_room("aside"):
        tally.set_aside(*said([Fault("id", answer.aside.sentence())]))
    if answer.doubts:
        tally.warn(said(answer.doubts) if tally.has_room("warning") else ())


async def _files(intake: Intake, request: Request) -> Response:
    caller = await authenticated(intake, request)
    async with intake.admission.admitted("files", caller.name):
        return await _files_of(intake, request, caller)


async def _files_of(intake: Intake, request: Request, caller: Source) -> Response:
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
            more = {"receipt": refused.receipt.as_json()} if refused.receipt is not None else None
            return problem(422, [Fault("file", refused.sentence)], more=more)
    if receipt.rejected and receipt.rejected == receipt.lines:
        said = say("all-rejected", count=receipt.lines)
        return problem(422, [Fault("file", said)], more={"receipt": receipt.as_json()})
    return _json(207 if receipt.rejected else 202, receipt.as_json())


async def _form(request: Request, limit: int, fields: dict[str, str]) -> tuple[IO[bytes], dict[str, str]]:
    try:
        file, said = await read_form(request.headers, body_chunks(request, limit + _FIELDS_BYTES))
    except MultiPartException:
        raise Refused(422, "body", say("multipart")) from None
    except NoFileError:
        raise Refused(422, "file", say("part-named-file")) from None
    try:
        _check_seen(said.items())
    except Refused:
        file.close()
        raise
    return file, {**fields, **{name: value for name, value in said.items() if value}}


async def _upload(intake: Intake, caller: Source, fields: dict[str, str]) -> Upload:
    name, source = fields.get("name", ""), fields.get("source") or caller.name
    if not name.lower().endswith(SUFFIXES):
        raise Refused(415, "name", say("suffix", suffixes=", ".join(SUFFIXES)))
    if not source and not name.lower().endswith(".ndjson"):
        raise Refused(422, "source", say("source-of-file"))
    form = _form_of(intake, fields)
    mapping = await _mapping_of(intake, caller, fields, source, form) if fields.get("mapping") else None
    return Upload(
        name=name,
        source=source,
        batch=fields.get("batch") or None,
        type=form.type if form is not None else None,
        mapping=mapping,
        trial=_trial(fields),
    )


def _form_of(intake: Intake, fields: dict[str, str]) -> Form | None:
    if not fields.get("type") or fields["name"].lower().endswith(".ndjson"):
        return None
    form = intake.declaration.form_named(fields["type"])
    if form is None:
        raise Refused(422, "type", form_expected(intake.declaration))
    return form


async def _mapping_of(
    intake: Intake, caller: Source, fields: dict[str, str], source: str, form: Form | None
) -> FileMapping:
    if fields["name"].lower().endswith(".ndjson"):
        raise Refused(422, "mapping", say("mapping-of-table"))
    mapping = await find_mapping(intake.pool, caller, source, intake.declaration, fields["mapping"])
    if mapping is None:
        raise Refused(404, "mapping", say("mapping-unknown"))
    if form not in (None, mapping.form):
        raise Refused(422, "type", say("mapping-of-type", type=mapping.form.type))
    return mapping


async def _mappings(intake: Intake, request: Request) -> Response:
    caller, source = await _owner(intake, request, required=False)
    sources = [source] if source else None
    found = await list_mappings(intake.pool, [intake.declaration], sources)
    return _json(200, [mapping.as_json() for mapping in found if caller.may_speak_as(mapping.source)])


async def _one_mapping(intake: Intake, request: Request, name: str) -> Response:
    _, source = await _owner(intake, request)
    found = await list_mappings(intake.pool, [intake.declaration], [source])
    mapping = next((each for each in found if each.name == name), None)
    if mapping is None:
        raise Refused(404, "mapping", say("mapping-unknown"))
    return _json(200, mapping.as_json())


async def _put_mapping(intake: Intake, request: Request, name: str) -> Response:
    caller, source = await _owner(intake, request)
    body = b"".join([chunk async for chunk in body_chunks(request, _LONGEST_MAPPING)])
    mapping = checked(read_draft(body), source=source, declared=intake.declaration, name=name)
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
    source = request.query_params.get("source", caller.name)
    if not source and not required and "source" not in request.query_params:
        return caller, ""
    if (expected := source_fault(source)) is not None:
        raise Refused(422, "source", expected)
    if not caller.may_speak_as(source):
        raise Refused(403, "source", say("source-of-key", source=caller.name))
    return caller, source


def _trial(fields: Mapping[str, str]) -> bool:
    said = fields.get("dry_run", "").lower()
    if said in ("1", "true", "yes"):
        return True
    if said in ("", "0", "false", "no"):
        return False
    raise Refused(422, "dry_run", say("boolean-expected"))


async def _receipt(intake: Intake, request: Request, receipt_id: str) -> Response:
    caller = await authenticated(intake, request)
    if not _UUID.fullmatch(receipt_id):
        raise Refused(422, "receipt", say("receipt-expected"))
    receipt = await read_receipt(intake.pool, UUID(receipt_id))
    if receipt is None or not (caller.name == "" or caller.name == receipt.source):
        raise Refused(404, "receipt", say("receipt-expected"))
    return _json(200, receipt.as_json())


async def _fact(intake: Intake, request: Request) -> Response:
    caller = await authenticated(intake, request)
    asked: dict[str, str] = {}
    for name in ("source", "id"):
        values = request.query_params.getlist(name)
        if len(values) != 1 or not values[0]:
            raise Refused(422, name, say("said-once" if values[1:] else "value-required"))
        asked[name] = values[0]
    if not caller.may_speak_as(asked["source"]):
        raise Refused(403, "source", say("source-of-key", source=caller.name))
    found = await ask_after(intake.pool, await intake.acceptor.topic(), asked["source"], asked["id"])
    if found is None:
        raise Refused(404, "id", say("record-unknown"))
    return _json(200, found)


async def _template(intake: Intake, request: Request, name: str | None) -> Response:
    forms, called = intake.declaration.forms, intake.context
    if name is not None:
        named = [form for form in forms if name in (form.type, form.verb)]
        if not named:
            raise Refused(404, "type", say("word", words=", ".join(form.verb for form in forms)))
        forms, called = (named[0],), named[0].short_name
    content = await intake.templates.of(forms)
    headers = {
        "Content-Disposition": f'attachment; filename="{called}.xlsx"',
        "ETag": f'"{sha256(content).hexdigest()[:32]}"',
        "Cache-Control": "no-cache",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=WORKBOOK)


async def _health(intakes: Sequence[Intake]) -> Response:
    # 200 where the database answers: what stands still on a topic keeps nobody from handing over by HTTP.
    async with asyncio.timeout(2):
        await intakes[0].pool.fetchval("SELECT 1")
    stalls = {
        intake.context: Fault(intake_topic(intake.settings.topic_prefix, intake.context), stall.sentence())
        for intake in intakes
        if (stall := intake.backlog.stall()) is not None
    }
    found: dict[str, Any] = {"status": "degraded" if stalls else "ok"}
    if len(intakes) == 1:
        found["context"] = intakes[0].context
    else:
        found["contexts"] = {
            intake.context: "degraded" if intake.context in stalls else "ok" for intake in intakes
        }
    if stalls:
        found["errors"] = [fault.as_json() for fault in stalls.values()]
    return _json(200, found)


def _status(answers: Sequence[Answer]) -> int:
    rejected = [answer.rejection for answer in answers if answer.rejection is not None]
    if not rejected:
        return 202
    if len(rejected) < len(answers):
        return 207
    return 403 if all(rejection.forbidden for rejection in rejected) else 422


def _away(sentence: Sentence, receipt: Receipt | None = None) -> Response:
    more = {"receipt": receipt.as_json()} if receipt is not None else None
    return problem(503, [Fault("", sentence)], headers={"Retry-After": _RETRY_AFTER}, more=more)


def _json(status: int, body: object, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")

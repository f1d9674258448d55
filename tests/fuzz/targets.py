"""What an input may become, for every way in: functions of its bytes that raise where a promise is broken.

The first byte of an input says of which context (of a record: how it is packed), the rest is what was handed
over. Nothing is asked of servers here; ``test_served.py`` hands the corpus over to real ones.
"""

import asyncio
import io
from base64 import b64decode
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

import msgspec
import orjson
from aiokafka import ConsumerRecord, TopicPartition
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException

from deploy.contexts import DECLARATIONS
from events.catalogue import UPSTREAM_CONTEXTS, intake_topic
from services.intake.answers import Fault, FileRefused, Rejection
from services.intake.dead_letters import Seal, seal_letter, seal_place
from services.intake.entries import Delivery, Head, Statements
from services.intake.envelope import read_binary_event, read_event
from services.intake.heads import HTTP, attributes_of, read_head
from services.intake.horizon import Horizon
from services.intake.inquiries import origin_of
from services.intake.multipart import NoFileError, read_form
from services.intake.reading import Read, read_array, read_table
from services.intake.sources import Source
from services.platform.batches import Unreadable, read_batches
from services.platform.keys import Keys
from services.platform.protection import Protector, ReadableFact
from services.platform.vault import Sealer, Vault
from tests.services.intake.kafka_bytes import batch

CONTEXTS: Final = UPSTREAM_CONTEXTS
SOURCE: Final = "/office/500102"
_OFFICE: Final = Source(SOURCE, CONTEXTS, ("",))
_HORIZON: Final = Horizon.now(24)
_SEAL: Final = Seal("dead-letters:2026-01-01", Sealer(bytes(32)))
_OURS: Final = {"fault-of-ours"}
_PROTECTOR: Final = Protector(Keys.of(bytes(32)), Vault(None, Keys.of(bytes(32))))
_MOST_RECORDS: Final = 50


class BrokenPromiseError(AssertionError):
    """Something else than a fact or a refusal came of an input."""


def _context(data: bytes) -> str:
    return CONTEXTS[data[0] % len(CONTEXTS)]


def _told(faults: Sequence[Fault], *, of_rows: bool = False) -> None:
    if not faults:
        raise BrokenPromiseError("refused without a reason")
    for fault in faults:
        if fault.sentence.code in _OURS:
            raise BrokenPromiseError(f"our own code failed: {fault.sentence.english}")
        # What is wrong with a row as a whole names its row, and the report of it a place there.
        if not (fault.field or of_rows) or not fault.sentence.english or not fault.sentence.chinese:
            raise BrokenPromiseError(f"refused without a field or a sentence: {fault}")
        orjson.dumps(fault.as_json())


def _judged(found: ReadableFact | Rejection) -> None:
    if isinstance(found, Rejection):
        _told(found.faults)
        return
    # What is accepted can be kept, and is kept whole: written down and read again it is the same fact.
    digest = _PROTECTOR.prepare(found).digest
    data = found.data.model_dump(mode="json", by_alias=True, exclude_none=True)
    event = {
        "specversion": "1.0",
        "id": found.serial,
        "source": found.source,
        "type": found.entry.name,
        "time": found.time.isoformat(),
        "data": data,
    }
    again = read_event(orjson.dumps(event), _OFFICE, found.entry.context, _HORIZON)
    if isinstance(again, Rejection):
        said = [f"{fault.field}: {fault.sentence.english}" for fault in again.faults]
        raise BrokenPromiseError(f"accepted, and refused as it was written down: {said}")
    if _PROTECTOR.prepare(again).digest != digest:
        raise BrokenPromiseError("accepted, and another fact as it was written down")


def event(data: bytes) -> None:
    """An event in structured mode: a body over HTTP, an item of an array, a line, the value of a record."""
    raw = data[1:]
    _judged(read_event(raw, _OFFICE, _context(data), _HORIZON))
    origin_of(raw)


def array(data: bytes) -> None:
    """An array of events, over HTTP."""
    try:
        (items,) = read_array(io.BytesIO(data[1:]))
    except FileRefused as refused:
        _told([Fault("body", refused.sentence)])
        return
    for item in items[:_MOST_RECORDS]:
        _judged(read_event(msgspec.Raw(item), _OFFICE, _context(data), _HORIZON))


def binary(data: bytes) -> None:
    """An event in binary mode: lines of headers, an empty one, and the data alone."""
    head, _, body = data[1:].partition(b"\n\n")
    headers = [
        (name.decode("latin-1").strip(), value.decode("latin-1").strip().encode("latin-1"))
        for name, _, value in (line.partition(b":") for line in head.split(b"\n"))
    ]
    said = next((value.decode("latin-1") for name, value in headers if name.lower() == "content-type"), "")
    attributes = attributes_of(headers, HTTP, said)
    if isinstance(attributes, Rejection):
        _told(attributes.faults)
    elif attributes is not None:
        _judged(read_binary_event(attributes, body, _OFFICE, _context(data), _HORIZON))


def _table(data: bytes, name: str) -> None:
    context = _context(data)
    declared = DECLARATIONS[context]
    delivery = Delivery(
        caller=_OFFICE,
        source=SOURCE,
        context=context,
        horizon=_HORIZON,
        batch="batch",
        correlation_id="receipt",
    )
    asked = Read(name, declared, None, None, "batch", _HORIZON.day.year + 1)
    statements: Statements | None = None
    rows: set[int] = set()
    try:
        for said in read_table(io.BytesIO(data[1:]), asked):
            if isinstance(said, Head):
                statements = Statements(said, delivery, bytes(32))
                continue
            for entry in said:
                if not hasattr(entry, "rows"):
                    orjson.dumps([entry.sentence.english, entry.sentence.chinese])
                    continue
                assert statements is not None
                stated = statements.state(entry)  # type: ignore[arg-type]
                if twice := rows & set(stated.numbers):
                    raise BrokenPromiseError(f"rows that count twice: {sorted(twice)}")
                rows |= set(stated.numbers)
                if isinstance(stated.fact, ReadableFact):
                    _judged(stated.fact)
                elif isinstance(stated.fact, Rejection):
                    _told(stated.fact.faults, of_rows=True)
                    for fault in stated.fact.faults:
                        remark = stated.report(stated, fault)
                        if not remark.column or not remark.reason.startswith(f"第{remark.row}行"):
                            raise BrokenPromiseError(f"a refusal of no place: {remark}")
                        orjson.dumps([remark.column, remark.masked, remark.reason, remark.expected])
    except FileRefused as refused:
        _told([Fault("file", refused.sentence)])


def csv(data: bytes) -> None:
    """A table as text."""
    _table(data, "a.csv")


def xlsx(data: bytes) -> None:
    """A workbook."""
    _table(data, "a.xlsx")


def form(data: bytes) -> None:
    """A file from a form: a line with its content type, and the body."""
    kind, _, body = data[1:].partition(b"\n")

    async def chunks() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), 700):
            yield body[start : start + 700]

    async def read() -> None:
        headers = Headers(raw=[(b"content-type", b"multipart/form-data" + kind)])
        try:
            file, fields = await read_form(headers, chunks())
        except (MultiPartException, NoFileError):
            return
        with file:
            file.read()
        if "name" not in fields:
            raise BrokenPromiseError("a file without a name, which its kind is told by")

    asyncio.run(read())


def place_of(prefix: str) -> TopicPartition:
    """Return where records of an input would stand."""
    return TopicPartition(intake_topic(prefix, "payments"), 0)


def packed(data: bytes) -> bytes:
    """Return the batch of an input, with the checksum that it must have to be looked into."""
    return batch([b""] * (1 + (data[0] >> 3)), codec=data[0] & 0x07, packed=data[1:])


def records(data: bytes) -> None:
    """Records of an intake topic, as Kafka keeps them: the first byte says how packed and how many."""
    found, position = read_batches(packed(data), place_of("fuzz"), 0)
    if position != 1 + (data[0] >> 3):
        raise BrokenPromiseError("the records behind are never taken")
    if not found:
        raise BrokenPromiseError("records that nobody was told of")
    for record in found:
        if isinstance(record, Unreadable):
            seal_place(_SEAL, record, "Rejected", "record: unreadable")
            continue
        head = read_head(record.headers)
        if head.refused is not None:
            _told(head.refused.faults)
        elif record.value is not None:
            if head.attributes is not None:
                _judged(read_binary_event(head.attributes, record.value, _OFFICE, "payments", _HORIZON))
            else:
                _judged(read_event(record.value, _OFFICE, "payments", _HORIZON))
        _kept_whole(record)


def _kept_whole(record: ConsumerRecord) -> None:
    letter = seal_letter(_SEAL, record, "Rejected", "event: none")
    place = dict(letter.headers)
    bound = b"\n".join(place[name] for name in ("topic", "partition", "offset"))
    opened = orjson.loads(_SEAL.sealer.open(letter.value.decode(), bound))
    if "sha256" in opened:
        return
    value = None if opened["value"] is None else b64decode(opened["value"])
    headers = [(name, None if held is None else b64decode(held)) for name, held in opened["headers"]]
    if value != record.value or headers != [(name, held) for name, held in record.headers]:
        raise BrokenPromiseError("a dead letter that is not its record")


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    each.__name__: each for each in (event, array, binary, csv, xlsx, form, records)
}

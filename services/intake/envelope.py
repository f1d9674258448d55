"""From the bytes of one structured CloudEvent to a readable fact, or to the reason why it is none."""

import base64
import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

import msgspec
import orjson
from pydantic import ValidationError

from events.catalogue import BY_TYPE, UPSTREAM_CONTEXTS
from events.envelope import event_id_of
from events.event_type import EventType
from events.fillers import WORDS, without_fillers
from events.form import Fact
from events.undoing import without_the_rest
from events.values import Division
from events.voids import Void
from services.intake.answers import Fault, Rejection, fault_of_ours
from services.intake.horizon import Horizon
from services.intake.places import Places
from services.intake.sentences import SENTENCES, Sentence, say
from services.intake.sources import LONGEST, Source, clean, source_fault
from services.platform.limits import EVENT_BYTES, EVENT_VALUES, FAULTS_OF_A_FACT
from services.platform.protection import ReadableFact

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


class Envelope(msgspec.Struct, gc=False, kw_only=True):
    """The parts of a CloudEvent that intake reads; extensions are passed over. ``data`` is JSON."""

    specversion: str
    id: _Text
    source: _Text
    type: _Text
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: msgspec.Raw
    datacontenttype: str = "application/json"


_DECODER = msgspec.json.Decoder(Envelope)
_RAW_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_EXPECTED = {
    "specversion": say("specversion"),
    "id": say("id-expected"),
    "source": say("source-expected"),
    "type": say("type-expected"),
    "time": say("time-expected"),
    "data": say("data-expected"),
    "datacontenttype": say("media-type"),
}


def read_event(
    raw: bytes | msgspec.Raw,
    caller: Source,
    context: str,
    horizon: Horizon,
    correlation_id: str | None = None,
) -> ReadableFact | Rejection:
    """Return the fact that a caller states in a context, or why it is refused."""
    try:
        return _read(raw, caller, context, horizon, correlation_id)
    except Exception as error:
        return fault_of_ours(error)


def read_binary_event(
    attributes: Mapping[str, str], data: bytes, caller: Source, context: str, horizon: Horizon
) -> ReadableFact | Rejection:
    """Return the fact of an event in binary mode, whose attributes stand in headers, or why it is refused."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        # It is JSON by itself, so that it cannot say more than what stands in ``data``.
        msgspec.json.decode(data)
    except RecursionError:
        return Rejection.of("data", say("json-nested"))
    except (msgspec.DecodeError, ValueError):
        return Rejection.of("data", say("json-invalid"))
    named = msgspec.json.encode(attributes)
    return read_event(named[:-1] + b',"data":' + data + b"}", caller, context, horizon)


def _read(
    raw: bytes | msgspec.Raw, caller: Source, context: str, horizon: Horizon, correlation_id: str | None
) -> ReadableFact | Rejection:
    raw = _bytes(raw).removeprefix(codecs.BOM_UTF8)
    if len(raw) > EVENT_BYTES:
        return Rejection.of("event", say("event-too-long", most=EVENT_BYTES))
    if raw.count(b",") > EVENT_VALUES:
        return Rejection.of("event", say("event-values", most=EVENT_VALUES))
    try:
        if b'"data_base64"' in raw:
            plain = _plain(raw)
            if isinstance(plain, Rejection):
                return plain
            raw = plain
        envelope = _DECODER.decode(raw)
        if _says_twice(raw):
            return Rejection.of("event", say("field-twice"))
    except msgspec.ValidationError as error:
        if "out of range" in str(error):
            return Rejection.of("event", say("number-64-bits"))
        return Rejection(tuple(_faults_of(raw, context)))
    except RecursionError:
        return Rejection.of("event", say("json-nested"))
    except (msgspec.DecodeError, ValueError):
        return Rejection.of("event", say("json-expected"))
    return build_fact(
        envelope, caller=caller, context=context, horizon=horizon, correlation_id=correlation_id
    )


def _plain(raw: bytes) -> bytes | Rejection:
    """Return an event with its data as they are, where they are packed: SDKs pack what they hold as bytes."""
    parts = _RAW_FIELDS.decode(raw)
    if "data_base64" not in parts:
        return raw
    if "data" in parts or _says_twice(raw):
        return Rejection.of("event", say("data-once"))
    try:
        packed = msgspec.json.decode(parts.pop("data_base64"), type=str)
        data = base64.b64decode(packed, validate=True).removeprefix(codecs.BOM_UTF8)
        # It is JSON by itself, so that it cannot say more than what stands in ``data``.
        msgspec.json.decode(data)
    except (msgspec.DecodeError, ValueError):
        return Rejection.of("data_base64", say("base64-of-json"))
    return msgspec.json.encode({**parts, "data": msgspec.Raw(data)})


def _faults_of(raw: bytes, context: str) -> Iterator[Fault]:
    # The decoder names the first thing only.
    try:
        parts = _RAW_FIELDS.decode(raw)
    except (msgspec.DecodeError, ValueError):
        yield Fault("event", say("event-expected"))
        return
    try:
        # Of a field that is said twice the decoder may have met the one that is wrong, and here the other.
        twice = _says_twice(raw)
    except RecursionError:
        yield Fault("event", say("json-nested"))
        return
    except (msgspec.DecodeError, ValueError):
        yield Fault("event", say("json-expected"))
        return
    if twice:
        yield Fault("event", say("field-twice"))
    for name in Envelope.__struct_fields__:
        kind = Envelope.__annotations__[name]
        if name not in parts:
            if name != "datacontenttype":
                yield Fault(name, _EXPECTED[name])
            continue
        try:
            msgspec.json.decode(parts[name], type=kind)
        except (msgspec.DecodeError, ValueError):
            yield Fault(name, _EXPECTED[name])
    try:
        entry = BY_TYPE.get(msgspec.json.decode(parts.get("type", b"null"), type=str))
    except (msgspec.DecodeError, ValueError):
        return
    if entry is not None and entry.context == context and "data" in parts:
        _, faults = validated(entry, bytes(parts["data"]))
        yield from faults


def _says_twice(raw: bytes) -> bool:
    # Of two fields of one name every parser takes one and says nothing, not all the same one. Written again
    # the other is missing, and with it its quotation marks; an escaped one (\\u0022) might make up for them.
    written = msgspec.json.encode(msgspec.json.decode(raw))
    if raw.count(b'"') == written.count(b'"') and b"\\u00" not in raw:
        return False
    twice = False

    def once(pairs: list[tuple[str, Any]]) -> None:
        nonlocal twice
        twice = twice or len({name for name, _ in pairs}) < len(pairs)

    json.loads(raw, object_pairs_hook=once)
    return twice


def build_fact(
    envelope: Envelope,
    *,
    caller: Source,
    context: str,
    horizon: Horizon,
    correlation_id: str | None,
    dated: bool = False,
) -> ReadableFact | Rejection:
    """Return the fact of an envelope, or everything that is wrong with it.

    ``dated``: the time is the day or month of a field, which may lie ahead where the field may.
    """
    serial, source, kind = envelope.id, envelope.source, envelope.datacontenttype
    faults: list[Fault] = []
    if envelope.specversion != "1.0":
        faults.append(Fault("specversion", _EXPECTED["specversion"]))
    if kind != "application/json" and kind.partition(";")[0].strip().lower() != "application/json":
        faults.append(Fault("datacontenttype", _EXPECTED["datacontenttype"]))
    # Of a row they are not read from an envelope.
    if len(serial) > LONGEST:
        faults.append(Fault("id", _EXPECTED["id"]))
    elif not clean(serial):
        faults.append(Fault("id", say("id-hidden")))
    elif serial.lower() in WORDS:
        faults.append(Fault("id", say("value-required")))
    if (expected := source_fault(source)) is not None:
        faults.append(Fault("source", expected))
    time = envelope.time
    if time.year < 1900:
        faults.append(Fault("time", say("time-too-early")))
    # In UTC from here on, so that nobody has to convert it again; the last year has instants that have none.
    instant = time.astimezone(UTC) if 1900 <= time.year < 9999 else time
    if not dated and (expected := horizon.exceeded(instant)) is not None:
        faults.append(Fault("time", expected))
    # An id that hides something is not said again.
    named = serial if not faults or all(fault.field != "id" for fault in faults) else None
    entry = BY_TYPE.get(envelope.type)
    if entry is None or entry.context != context or not entry.from_upstream:
        faults.append(Fault("type", _type_expected(envelope.type, context)))
        unknown = envelope.type if entry is None and clean(envelope.type) else None
        return Rejection(tuple(faults), serial=named, unknown=unknown)
    if not caller.may_speak_of(context):
        names = ", ".join(caller.contexts)
        return Rejection.of("type", say("type-of-key", names=names), forbidden=True, serial=named)
    if not caller.may_speak_as(source) and not any(fault.field == "source" for fault in faults):
        said = say("source-of-key", source=caller.name)
        return Rejection.of("source", said, forbidden=True, serial=named)
    fact, wrong = validated(entry, _bytes(envelope.data))
    if fact is None:
        return Rejection((*faults, *wrong), serial=named)
    faults += horizon.exceeding(fact)
    if isinstance(fact, Void) and (fact.source, fact.id) == (source, serial):
        faults.append(Fault("id", say("void-of-itself")))
    if (outside := _outside(entry, fact, caller)) is not None:
        fault, forbidden = outside
        if forbidden:
            return Rejection((fault,), forbidden=True, serial=named)
        faults.append(fault)
    if faults:
        undone = fact.type if isinstance(fact, Void) and fact.type not in BY_TYPE else None
        return Rejection(tuple(faults), serial=named, unknown=undone)
    return ReadableFact(
        entry,
        event_id_of(source, serial),
        source,
        serial,
        instant,
        fact,
        correlation_id,
        None,
        caller.area,
        caller.new_households,
    )


def validated(entry: EventType, data: bytes) -> tuple[Fact | None, Sequence[Fault]]:
    """Return the fact that JSON data states, or everything that is wrong with it."""
    validator = entry.readable.__pydantic_validator__
    try:
        # What model_validate_json does, less its many keywords.
        return validator.validate_json(data), ()
    except ValidationError as error:
        wrong = error
    if entry.void and (said := _json(data)) is not None:
        # It may repeat all of the original.
        data = orjson.dumps(without_the_rest(entry, said))
        try:
            return validator.validate_json(data), ()
        except ValidationError as error:
            wrong = error
    if fillers := [item["loc"] for item in wrong.errors() if item["type"] == "value-required"]:
        try:
            return validator.validate_json(orjson.dumps(without_fillers(orjson.loads(data), fillers))), ()
        except ValidationError as error:
            wrong = error
    return None, explain(wrong)


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def _bytes(data: bytes | msgspec.Raw) -> bytes:
    return data if isinstance(data, bytes) else bytes(data)


_CONTEXTS = frozenset(entry.context for entry in BY_TYPE.values())


def _type_expected(name: str, context: str) -> Sentence:
    # Whoever hands over events of several contexts has not chosen this one: it took what is of none.
    words = name.lower().split(".")
    if len(words) < 2 or words[1] not in _CONTEXTS:
        return say("type-unknown", contexts=", ".join(UPSTREAM_CONTEXTS))
    return say("type-of-context", context=context, names=_types_of(context))


def _types_of(context: str) -> str:
    return ", ".join(
        entry.name for entry in BY_TYPE.values() if entry.context == context and entry.from_upstream
    )


def _outside(entry: EventType, fact: Fact, caller: Source) -> tuple[Fault, bool] | None:
    if caller.area is not None:
        for _, place, division in _DIVISIONS.values(fact):
            if not caller.may_reach(division):
                return Fault(f"data.{place}", _area(caller)), True
    if entry.context == "policy" and not entry.void:
        prefix = getattr(getattr(fact, "scope", None), "division_prefix", None) or ""
        if not caller.may_reach(prefix):
            return Fault("data.scope.division_prefix", _area(caller)), True
    if isinstance(fact, Void):
        undone = BY_TYPE.get(fact.type)
        if undone is None or undone.name not in entry.undoes or not undone.from_upstream:
            return Fault("data.type", say("void-type", context=entry.context)), False
        key = entry.undoes[fact.type][0]
        if getattr(fact, key, None) is None:
            return Fault(f"data.{key}", say("void-key", type=fact.type)), False
        if not clean(fact.id):
            return Fault("data.id", say("id-hidden")), False
        if (expected := source_fault(fact.source)) is not None:
            return Fault("data.source", expected), False
        if not caller.may_speak_as(fact.source):
            return Fault("data.source", say("void-source", source=caller.name)), True
    return None


def _area(caller: Source) -> Sentence:
    return say("area-of-key", areas=", ".join(caller.areas))


_DIVISIONS = Places(Division)

_CODES = {
    "missing": "value-required",
    "extra_forbidden": "no-such-field",
    "string_type": "text-expected",
    "int_type": "integer-expected",
    "int_from_float": "integer-expected",
    "int_parsing": "integer-expected",
    "bool_type": "boolean-expected",
    "list_type": "list-expected",
    "date_type": "date-expected",
    "date_parsing": "date-expected",
    "date_from_datetime_parsing": "date-expected",
    "date_from_datetime_inexact": "date-expected",
    "model_type": "object-expected",
    "model_attributes_type": "object-expected",
    "dict_type": "object-expected",
    "json_invalid": "json-invalid",
    "greater_than": "more-than",
    "greater_than_equal": "at-least",
    "less_than_equal": "at-most",
    "string_too_short": "too-short",
    "string_too_long": "too-long",
    "too_short": "too-few-items",
    "too_long": "too-many-items",
    "literal_error": "code-expected",
}
"""Pydantic's kinds of errors to codes."""
_PATTERNS = {
    r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$": "month-pattern",
    r"^[0-9]{12}$": "division-pattern",
    r"^[0-9]{2,12}$": "division-prefix-pattern",
    r"^[0-9a-f]{32}$": "digest-pattern",
}


def explain(error: ValidationError) -> tuple[Fault, ...]:
    """Return each field that does not fit, and what was expected there; never the value."""
    found: dict[str, Sentence] = {}
    for item in error.errors(include_url=False, include_input=False):
        field, sentence = _explained(dict(item))
        # Of a value that may be of several kinds it is said once that it is none of them.
        found.setdefault(field, sentence)
    faults = (Fault(f"data.{field}" if field else "data", said) for field, said in found.items())
    return tuple(islice(faults, FAULTS_OF_A_FACT))


def _explained(item: dict[str, Any]) -> tuple[str, Sentence]:
    field = ".".join(_name(part) for part in item["loc"])
    kind, context = item["type"], item.get("ctx", {})
    if kind in SENTENCES:
        # A validator of ours. One that looks at several fields says which of them it means.
        named = context.get("field")
        place = ".".join(filter(None, (field, named))) if named else field
        return place, say(kind, **{name: value for name, value in context.items() if name != "field"})
    if kind == "json_invalid" and "recursion" in str(context.get("error", "")):
        return field, say("json-nested")
    if kind == "string_pattern_mismatch":
        pattern = context["pattern"]
        code = _PATTERNS.get(pattern)
        return field, say(code) if code else say("pattern", pattern=pattern)
    code = _CODES.get(kind)
    return field, say(code, **context) if code else say("other-kind")


def _name(part: int | str) -> str:
    # The name of an unknown field is the sender's, and could be anything.
    return str(part) if isinstance(part, int) or re.fullmatch(r"[A-Za-z_]{1,40}", part) else "?"

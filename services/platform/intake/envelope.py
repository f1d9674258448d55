"""From the bytes of one structured CloudEvent to a readable fact, or to the reason why it is none."""

import codecs
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from pydantic import ValidationError

from events.catalogue import BY_TYPE
from events.envelope import event_id_of
from events.event_type import EventType
from events.form import Fact
from events.voids import Void
from services.platform.intake.answers import Rejection, fault
from services.platform.intake.horizon import Horizon
from services.platform.intake.sources import Source
from services.platform.protection import ReadableFact

MAX_EVENT_BYTES = 1024 * 1024
"""A fact is small; a larger one would not fit into a message after sealing."""

_LONGEST = 256
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST)]


class _Envelope(msgspec.Struct, gc=False):
    specversion: str
    id: _Text
    source: _Text
    type: _Text
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: msgspec.Raw
    datacontenttype: str = "application/json"


_DECODER = msgspec.json.Decoder(_Envelope)
_FLAT = "JSON that is nested less deeply"
_EXPECTED = {
    "specversion": "1.0",
    "id": "a text of 1 to 256 characters, unique within the source",
    "source": "a URI of 1 to 256 characters: who states the fact",
    "type": "the name of an event type",
    "time": "an instant with its zone, like 2021-06-28T09:30:00+08:00",
    "data": "an object with the fact's fields",
    "datacontenttype": "application/json",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_FIELD = re.compile(r"`\$\.?(\w*)|field `(\w+)`")


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
        return fault(error)


def read_binary_event(
    attributes: Mapping[str, str], data: bytes, caller: Source, context: str, horizon: Horizon
) -> ReadableFact | Rejection:
    """Return the fact of an event in binary mode, whose attributes stand in headers, or why it is refused."""
    try:
        return _read_binary(attributes, data, caller, context, horizon)
    except Exception as error:
        return fault(error)


def _read_binary(
    attributes: Mapping[str, str], data: bytes, caller: Source, context: str, horizon: Horizon
) -> ReadableFact | Rejection:
    data = data.removeprefix(codecs.BOM_UTF8)
    if len(data) > MAX_EVENT_BYTES:
        return Rejection("event", f"at most {MAX_EVENT_BYTES} bytes")
    try:
        envelope = msgspec.convert({**attributes, "data": msgspec.Raw(data)}, _Envelope)
    except msgspec.ValidationError as error:
        return _wrong_envelope(error)
    try:
        if _says_twice(data):
            return Rejection("data", "every field once in an object")
    except RecursionError:
        return Rejection("data", _FLAT)
    except (msgspec.DecodeError, ValueError):
        return Rejection("data", "JSON in UTF-8")
    return _fact_of(envelope, caller, context, horizon, None)


def _read(
    raw: bytes | msgspec.Raw, caller: Source, context: str, horizon: Horizon, correlation_id: str | None
) -> ReadableFact | Rejection:
    raw = _bytes(raw).removeprefix(codecs.BOM_UTF8)
    if len(raw) > MAX_EVENT_BYTES:
        return Rejection("event", f"at most {MAX_EVENT_BYTES} bytes")
    try:
        envelope = _DECODER.decode(raw)
        if _says_twice(raw):
            return Rejection("event", "every field once in an object")
    except msgspec.ValidationError as error:
        return _wrong_envelope(error)
    except RecursionError:
        return Rejection("event", _FLAT)
    except (msgspec.DecodeError, ValueError):
        return Rejection("event", "JSON in UTF-8: a structured CloudEvent")
    return _fact_of(envelope, caller, context, horizon, correlation_id)


def _wrong_envelope(error: msgspec.ValidationError) -> Rejection:
    if "out of range" in str(error):
        return Rejection("event", "numbers of at most 64 bits")
    match = _FIELD.search(str(error))
    field = ((match[1] or match[2]) if match else "") or "event"
    return Rejection(field, _EXPECTED.get(field, "a JSON object: a structured CloudEvent"))


def _fact_of(
    envelope: _Envelope, caller: Source, context: str, horizon: Horizon, correlation_id: str | None
) -> ReadableFact | Rejection:
    return build_fact(
        envelope.specversion,
        envelope.id,
        envelope.source,
        envelope.type,
        envelope.time,
        envelope.data,
        caller,
        context,
        horizon,
        correlation_id,
        envelope.datacontenttype,
    )


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
    specversion: str,
    serial: str,
    source: str,
    event_type: str,
    time: datetime,
    data: bytes | msgspec.Raw,
    caller: Source,
    context: str,
    horizon: Horizon,
    correlation_id: str | None,
    datacontenttype: str = "application/json",
    *,
    dated: bool = False,
) -> ReadableFact | Rejection:
    """Return the fact of an envelope's parts, or why it is refused; data as JSON bytes.

    ``dated``: the time is the day or month of a field, which may lie ahead where the field may.
    """

    def refused(field: str, expected: str, *, forbidden: bool = False) -> Rejection:
        named = field != "id" and not _CONTROL.search(serial)
        return Rejection(field, expected, forbidden, serial if named else None)

    if specversion != "1.0":
        return refused("specversion", _EXPECTED["specversion"])
    if (
        datacontenttype != "application/json"
        and datacontenttype.partition(";")[0].strip().lower() != "application/json"
    ):
        return refused("datacontenttype", _EXPECTED["datacontenttype"])
    # Of a row they are not read from an envelope.
    if len(serial) > _LONGEST:
        return refused("id", _EXPECTED["id"])
    if len(source) > _LONGEST:
        return refused("source", _EXPECTED["source"])
    if not _clean(serial):
        return refused("id", "no control characters, and no blanks before or after it")
    if not _clean(source):
        return refused("source", "no control characters, and no blanks before or after it")
    if time.year < 1900:
        return refused("time", "an instant from the year 1900 on")
    # In UTC from here on, so that nobody has to convert it again; the last year has instants that have none.
    instant = time.astimezone(UTC) if time.year < 9999 else time
    if not dated and (expected := horizon.exceeded(instant)) is not None:
        return refused("time", expected)
    entry = BY_TYPE.get(event_type)
    if entry is None or entry.context != context or not entry.from_upstream:
        names = ", ".join(_types_of(context))
        return refused("type", f"a type of the context {context}: {names}")
    if not caller.may_speak_of(context):
        return refused(
            "type", f"a type of the contexts of this key: {', '.join(caller.contexts)}", forbidden=True
        )
    if not caller.may_speak_as(source):
        return refused("source", f"{caller.name}, or below it, as this key belongs to it", forbidden=True)
    try:
        # What model_validate_json does, less its many keywords.
        fact = entry.readable.__pydantic_validator__.validate_json(_bytes(data))
    except ValidationError as error:
        field, expected = explain(error)
        return refused(f"data.{field}" if field else "data", expected)
    if (beyond := horizon.exceeding(fact)) is not None:
        return refused(f"data.{beyond[0]}", beyond[1])
    if isinstance(fact, Void) and (fact.source, fact.id) == (source, serial):
        return refused("id", "an id of the void's own, not that of the fact that it undoes")
    if (outside := _outside(entry, fact, caller)) is not None:
        return refused(outside[0], outside[1], forbidden=outside[2])
    return ReadableFact(entry, event_id_of(source, serial), source, serial, instant, fact, correlation_id)


def _clean(text: str) -> bool:
    # Most texts are plain ASCII, for which the pattern need not be tried.
    plain = text.isascii() and text.isprintable()
    return (plain or _CONTROL.search(text) is None) and text == text.strip()


def _bytes(data: bytes | msgspec.Raw) -> bytes:
    return data if isinstance(data, bytes) else bytes(data)


def _types_of(context: str) -> Iterable[str]:
    return (entry.name for entry in BY_TYPE.values() if entry.context == context and entry.from_upstream)


def _outside(entry: EventType, fact: Fact, caller: Source) -> tuple[str, str, bool] | None:
    if fact.division is not None and not caller.may_reach(fact.division):
        return "data.division", _area(caller), True
    if entry.context == "policy" and not entry.void:
        prefix = getattr(getattr(fact, "scope", None), "division_prefix", None) or ""
        if not caller.may_reach(prefix):
            return "data.scope.division_prefix", _area(caller), True
    if isinstance(fact, Void):
        undone = BY_TYPE.get(fact.type)
        if undone is None or undone.context != entry.context or undone.void:
            return (
                "data.type",
                f"the type that is undone, one of the context {entry.context}, not a void",
                False,
            )
        if getattr(fact, entry.undoes[fact.type][0], None) is None:
            return f"data.{entry.undoes[fact.type][0]}", f"a value: it is the key of {fact.type}", False
        if _CONTROL.search(fact.source) or _CONTROL.search(fact.id):
            return "data.id", "no control characters", False
        if not caller.may_speak_as(fact.source):
            return "data.source", f"{caller.name}, or below it: a void undoes the key's own facts", True
    return None


def _area(caller: Source) -> str:
    return "a division in the area of this key: " + ", ".join(caller.areas)


_SENTENCES = {
    "missing": "a value: it is required",
    "extra_forbidden": "no such field",
    "string_type": "a text",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "bool_type": "true or false",
    "list_type": "a list",
    "date_type": "a date like 2021-06-28",
    "date_parsing": "a date like 2021-06-28",
    "date_from_datetime_parsing": "a date like 2021-06-28",
    "date_from_datetime_inexact": "a date like 2021-06-28",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dict_type": "an object",
    "json_invalid": "JSON in UTF-8",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} items",
    "too_long": "at most {max_length} items",
    "literal_error": "{expected}",
}
_PATTERNS = {
    r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$": "a month like 2021-06",
    r"^[0-9]{12}$": "a division code of 12 digits",
    r"^[0-9]{2,12}$": "2 to 12 digits of a division code",
    r"^[0-9a-f]{32}$": "a digest of 32 hex digits",
}


def explain(error: ValidationError) -> tuple[str, str]:
    """Return the first field that does not fit, and what was expected there; never the value."""
    first: dict[str, Any] = dict(error.errors(include_url=False, include_input=False)[0])
    field = ".".join(_name(part) for part in first["loc"])
    kind, context = first["type"], first.get("ctx", {})
    if kind == "value_error":
        return _own_words(field, str(context.get("error", "")))
    if kind == "json_invalid" and "recursion" in str(context.get("error", "")):
        return field, _FLAT
    if kind == "string_pattern_mismatch":
        pattern = context["pattern"]
        return field, _PATTERNS.get(pattern, f"text like {pattern}")
    sentence = _SENTENCES.get(kind)
    return field, sentence.format(**context) if sentence else "another kind of value"


def _own_words(field: str, words: str) -> tuple[str, str]:
    # Our validators never repeat the value.
    name, colon, rest = words.partition(": ")
    if not field and colon and re.fullmatch(r"[a-z_]+", name):
        return name, rest.removeprefix("expected ")
    return field, words.removeprefix("expected ")


def _name(part: int | str) -> str:
    # The name of an unknown field is the sender's, and could be anything.
    return str(part) if isinstance(part, int) or re.fullmatch(r"[A-Za-z_]{1,40}", part) else "?"

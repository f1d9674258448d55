"""The log read at the speed of the wire: records as structs, generated from the models of the catalogue.

A struct has the attributes of its model, but for sealed values that are always there, since no reader of the
log opens them: they are opened on record, by ``codec.decode``. One that may be absent stays, sealed, for
whether it was given is a fact (``data.evidence is not None``). What is on the log was judged at intake, so
types are looked at here, not patterns; what a struct cannot take is read as a model, which says what is wrong
with it.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import msgspec
from pydantic import AwareDatetime, BaseModel

from events.codec import READINGS, Headers, decode
from events.envelope import Event, uuid_of
from events.form import Sealed
from events.upcasting import UpcastingError, upcast

_PLAIN = (str, int, float, bool, date, datetime, UUID, NoneType)


def read(value: bytes, headers: Headers) -> Event:
    """Return the event of a log record, as ``codec.decode`` does, with a struct for its data.

    Raises UnreadableEventError where this version cannot read it.
    """
    try:
        if not _in_order(headers):
            return decode(value, headers)
        name, of = _readers(headers[3][1])
        correlation = causation = area = None
        for header, text in headers[10:]:
            if header == "ce_correlationid":
                correlation = text.decode()
            elif header == "ce_sourcearea":
                area = text.decode()
            elif header == "ce_causationid":
                causation = text.decode()
        return Event(
            _uuid(headers[1][1]),
            name,
            headers[2][1].decode(),
            headers[8][1].decode(),
            datetime.fromisoformat(headers[4][1].decode()),
            headers[9][1].decode(),
            of(value),
            correlation,
            causation,
            area,
        )
    except (msgspec.MsgspecError, UpcastingError, ValueError, LookupError):
        # Whatever it is, the slow way reads it or says what is wrong.
        return decode(value, headers)


def values_of(event: Event) -> dict[str, Any]:
    """Return the data of an event that was read, as JSON has them; nothing of them is opened."""
    data = event.data
    if isinstance(data, BaseModel):
        return data.model_dump(mode="json", by_alias=True)
    found: dict[str, Any] = msgspec.to_builtins(data)
    return found


def _in_order(headers: Headers) -> bool:
    """Whether the headers stand where ``codec.encode_headers`` puts them."""
    return (
        headers[1][0] == "ce_id"
        and headers[2][0] == "ce_source"
        and headers[3][0] == "ce_type"
        and headers[4][0] == "ce_time"
        and headers[8][0] == "ce_serial"
        and headers[9][0] == "ce_digest"
    )


def _uuid(text: bytes) -> UUID:
    """Return ``UUID(text)`` of the canonical form in half the time."""
    digits = text.replace(b"-", b"")
    if len(digits) != 32:
        raise ValueError("no UUID in its canonical form")
    return uuid_of(int(digits, 16))


@cache
def _readers(event_type: bytes) -> tuple[str, Callable[[bytes], Any]]:
    reading = READINGS[event_type.decode()]
    decode_value: Callable[[bytes], Any] = msgspec.json.Decoder(struct_of(reading.entry.model)).decode
    if not reading.steps:
        return reading.entry.name, decode_value
    return reading.entry.name, lambda value: decode_value(upcast(value, reading.steps))


@cache
def struct_of(model: type[BaseModel]) -> type[msgspec.Struct]:
    """Return the struct of a model: the same attributes and defaults, less sealed values always there."""
    required: list[tuple[str, Any]] = []
    optional: list[tuple[str, Any, Any]] = []
    renamed: dict[str, str] = {}
    for name, info in model.model_fields.items():
        hint = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        if info.is_required() and hint == Sealed:
            continue
        if info.alias:
            renamed[name] = info.alias
        if info.is_required():
            required.append((name, _type_of(info.annotation)))
        elif info.default_factory is not None:
            default = msgspec.field(default_factory=info.default_factory)  # type: ignore[arg-type]
            optional.append((name, _type_of(info.annotation), default))
        else:
            # Lists and dicts that stand as defaults are copied by msgspec where they are empty, as all are.
            optional.append((name, _type_of(info.annotation), info.default))
    return msgspec.defstruct(
        model.__name__.partition("[")[0], [*required, *optional], rename=renamed or None, frozen=True
    )


def _type_of(hint: Any) -> Any:
    """Return what msgspec is to read for a model's annotation."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        found: Any = hint
    elif hint is AwareDatetime:
        found = datetime
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        found = struct_of(hint)
    elif origin is Annotated:
        found = _type_of(parts[0])
    elif origin in (Union, UnionType):
        found = Union[tuple(_type_of(part) for part in parts)]  # noqa: UP007
    elif origin is Literal:
        found = Union[tuple({type(part) for part in parts})]  # noqa: UP007
    elif origin is list:
        found = list[_type_of(parts[0])]  # type: ignore[misc]
    elif origin is dict:
        found = dict[_type_of(parts[0]), _type_of(parts[1])]  # type: ignore[misc]
    elif origin is tuple:
        found = tuple[tuple(part if part is Ellipsis else _type_of(part) for part in parts)]  # type: ignore[misc]
    elif hint is Any:
        found = Any
    else:
        raise TypeError(f"no struct can hold {hint}")
    return found

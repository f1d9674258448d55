"""What stands in headers, of a request or a record: who sends it, and the attributes of binary mode."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from services.intake.answers import Rejection
from services.intake.sentences import say

SIGNATURE = "dibao-signature"
"""The header by which a source signs a record (``signatures.py``)."""

HTTP, KAFKA = "ce-", "ce_"
"""How the CloudEvents bindings begin the name of a header that is an attribute."""

_STRUCTURED = "application/cloudevents"
_READ = frozenset({"specversion", "id", "source", "type", "time"})
"""Attributes that are read, and tell binary mode: others (``traceparent`` …) may be a proxy's."""
_QUOTED = re.compile(rb'"(.*)"', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers of a record say; ``attributes`` are those of an event in binary mode."""

    authorization: str = ""
    signature: bytes | None = None
    attributes: Attributes | None = None
    refused: Rejection | None = None


def read_head(headers: Sequence[tuple[str, bytes | None]]) -> Head:
    """Return what the headers of a Kafka record say, whatever their names and values are."""
    if len(headers) == 1 and headers[0][0] == SIGNATURE:  # as most
        return Head(signature=headers[0][1])
    said: dict[str, set[bytes]] = {"authorization": set(), "content-type": set(), SIGNATURE: set()}
    for name, value in headers:
        if value is not None and (held := said.get(name.lower())) is not None:
            held.add(value)
    for name, values in said.items():
        if len(values) > 1:
            return Head(refused=Rejection.of(name, say("header-once")))
    authorization, kind, _ = (b"".join(values).decode("utf-8", "replace") for values in said.values())
    attributes = attributes_of(headers, KAFKA, kind)
    if isinstance(attributes, Rejection):
        return Head(refused=attributes)
    return Head(authorization, next(iter(said[SIGNATURE]), None), attributes)


def attributes_of(
    headers: Iterable[tuple[str, bytes | None]], prefix: str, content_type: str
) -> Attributes | Rejection | None:
    """Return the attributes of an event in binary mode, or ``None`` where it is none; or why neither."""
    if content_type.lower().startswith(_STRUCTURED):
        return None
    said: dict[str, bytes] = {}
    for header, value in headers:
        name = header.lower()
        if value is None or not name.startswith(prefix):
            continue
        name = name[len(prefix) :]
        if said.setdefault(name, value) != value and name in _READ:
            return Rejection.of(name, say("header-once"))
    if not said.keys() & _READ:
        return None
    attributes: Attributes = {}
    for name in _READ & said.keys():
        try:
            attributes[name] = (_unescaped(said[name]) if prefix == HTTP else said[name]).decode()
        except UnicodeDecodeError:
            return Rejection.of(name, say("header-utf-8"))
    # The content type is the data's.
    kind = content_type or said.get("datacontenttype", b"").decode("utf-8", "replace")
    return {**attributes, "datacontenttype": kind} if kind else attributes


def _unescaped(value: bytes) -> bytes:
    # As the HTTP binding says: quotation marks first, then %XX.
    if (quoted := _QUOTED.fullmatch(value)) is not None:
        value = _ESCAPED.sub(rb"\1", quoted[1])
    return unquote_to_bytes(value)

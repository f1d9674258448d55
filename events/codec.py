"""Events to Kafka records and back: CloudEvents binary mode, JSON values, headers that a person can read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from events.catalogue import BY_TYPE
from events.envelope import Event, rfc3339
from events.upcasting import UPCASTERS, Reading, UpcastingError, readings, upcast
from events.values import ON_LOG

Headers = Sequence[tuple[str, bytes]]


class UnreadableEventError(Exception):
    """A record on the log that this version cannot read. The message carries no data of the record."""


def dataschema(event_type: str) -> str:
    """Return the URI of the JSON Schema of a type."""
    return f"urn:dibao:schema:{event_type}"


_SPECVERSION = ("ce_specversion", b"1.0")
_CONTENT_TYPE = ("content-type", b"application/json")


@cache
def _of_type(event_type: str) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    return ("ce_type", event_type.encode()), ("ce_dataschema", dataschema(event_type).encode())


def encode_headers(
    event_id: UUID | str,
    event_type: str,
    source: str,
    serial: str,
    time: datetime,
    subject: str,
    digest: str,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    source_area: str | None = None,
) -> list[tuple[str, bytes]]:
    """Return the ``ce_*`` headers of a record."""
    named, schema = _of_type(event_type)
    headers = [
        _SPECVERSION,
        ("ce_id", str(event_id).encode()),
        ("ce_source", source.encode()),
        named,
        ("ce_time", rfc3339(time).encode()),
        ("ce_subject", subject.encode()),
        schema,
        _CONTENT_TYPE,
        ("ce_serial", serial.encode()),
        ("ce_digest", digest.encode()),
    ]
    if correlation_id is not None:
        headers.append(("ce_correlationid", correlation_id.encode()))
    if causation_id is not None:
        headers.append(("ce_causationid", causation_id.encode()))
    if source_area is not None:
        headers.append(("ce_sourcearea", source_area.encode()))
    return headers


def encode(event: Event) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Return key, value and headers of an event."""
    entry = BY_TYPE[event.type]
    value = event.fact.model_dump_json(by_alias=True, exclude_none=True).encode()
    key = entry.key_of(event.fact.model_dump(mode="json", by_alias=True))
    headers = encode_headers(
        event.event_id,
        event.type,
        event.source,
        event.serial,
        event.time,
        key,
        event.digest,
        event.correlation_id,
        event.causation_id,
        event.source_area,
    )
    return key.encode(), value, headers


READINGS: Mapping[str, Reading] = readings(BY_TYPE, UPCASTERS)
"""How records of each type on the log are read."""


def decode(value: bytes, headers: Headers, known: Mapping[str, Reading] = READINGS) -> Event:
    """Return the event of a log record, brought to the newest version of its type.

    Raises UnreadableEventError, naming the type and the field, where the record is of a version that this
    code does not know. Unknown optional fields are passed over: within a version they change no meaning.
    """
    found: dict[str, Any] = dict(headers)
    try:
        event_type = found["ce_type"].decode()
        reading = known.get(event_type)
        if reading is None:
            raise UnreadableEventError(
                f"the log has an event of an unknown type, {event_type}: a newer version wrote it"
            )
        entry = reading.entry
        if reading.steps:
            value = upcast(value, reading.steps)
        correlation = found.get("ce_correlationid")
        causation = found.get("ce_causationid")
        area = found.get("ce_sourcearea")
        return Event(
            event_id=UUID(found["ce_id"].decode()),
            type=entry.name,
            source=found["ce_source"].decode(),
            serial=found["ce_serial"].decode(),
            time=datetime.fromisoformat(found["ce_time"].decode()),
            digest=found["ce_digest"].decode(),
            data=entry.model.model_validate_json(value, extra="ignore", context=ON_LOG),
            correlation_id=correlation.decode() if correlation is not None else None,
            causation_id=causation.decode() if causation is not None else None,
            source_area=area.decode() if area is not None else None,
        )
    except UpcastingError as error:
        raise UnreadableEventError(f"an event of an older version cannot be brought {error}") from None
    except KeyError as error:
        raise UnreadableEventError(f"a record on the log lacks the header {error.args[0]}") from None
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, item["loc"])) for item in error.errors()[:3])
        raise UnreadableEventError(
            f"an event of type {event_type} does not fit its schema in: {fields}"
        ) from None
    except (UnicodeDecodeError, ValueError):
        raise UnreadableEventError("a record on the log has a header that cannot be read") from None

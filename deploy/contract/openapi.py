"""The intake of each context as an OpenAPI 3.1 document, for programs that hand over by HTTP.

What a body and an answer are is said here once; a context differs by its types and their examples.
"""

from typing import Any

from deploy.contract.specimens import specimens
from deploy.contract.titles import title_of
from events.catalogue import TYPES, VERSION
from events.event_type import EventType
from events.schema import json_schema, plain
from services.intake import media
from services.intake.inquiries import KEPT_WEEKS
from services.intake.problems import MEDIA_TYPE as PROBLEM
from services.intake.reading import SUFFIXES
from services.platform.limits import BATCH_ITEMS
from services.platform.settings import Settings

Json = dict[str, Any]

_LONGEST = 256
_TEXT: Json = {"type": "string"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_ROWS = "What is said of rows, the first 1,000."

_ABOUT = """\
Facts of the context {context} ({title}), handed over by HTTP: events (CloudEvents 1.0, in structured, batch
or binary mode, or a line each) and files as offices have them. The same fact may be sent again, in any way:
it counts once.

What refuses is always a problem document (RFC 9457): `errors` has every fault with its field, a stable
`code`, what was expected (English), and the same for a clerk (`detail`, Chinese). No answer repeats a value.
"""


def document(context: str) -> Json:
    """Return the document of a context, as JSON values."""
    entries = [entry for entry in TYPES if entry.context == context and entry.from_upstream]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"dibao {context}",
            "summary": title_of(context),
            "version": VERSION,
            "description": _ABOUT.format(context=context, title=title_of(context)),
        },
        "servers": [{"url": "/", "description": "The address of the context: `dibao status` says it."}],
        "security": [{"key": []}],
        "paths": {
            "/events": {"post": _events(entries)},
            "/files": {"post": _files(entries)},
            "/receipts": {"get": _fact()},
            "/receipts/{receipt_id}": {"get": _receipt()},
            "/mappings": {"get": _mappings()},
            "/mappings/{name}": {"get": _mapping(), "put": _save_mapping(), "delete": _remove_mapping()},
            "/templates": {"get": _templates()},
            "/templates/{name}": {"get": _template(entries)},
            "/health": {"get": _health()},
        },
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The key that `dibao source add` gave to the source.",
                }
            },
            "schemas": {**_events_of(entries), **_ANSWERS, **_MAPPINGS},
        },
    }


def _events(entries: list[EventType]) -> Json:
    facts = {entry.name: specimens()[entry.name].fact for entry in entries}
    examples = {_short(name): {"value": fact} for name, fact in facts.items()}
    one = next(iter(facts.values()))
    return {
        "operationId": "stateFacts",
        "summary": "State one fact, or a batch of facts",
        "description": (
            "A structured CloudEvent; an array of them (batch mode); one a line (NDJSON); or binary mode, "
            "where the headers `ce-…` are the attributes and the body is the data alone. "
            f"Not compressed, at most {_mib('max_body_bytes')} MiB and {BATCH_ITEMS:,} events. "
            "An array is JSON as a whole or not at all; of lines each stands for itself."
        ),
        "parameters": [*_ATTRIBUTES, _DRY_RUN],
        "requestBody": {
            "required": True,
            "content": {
                media.EVENT: {"schema": _ref("Event"), "examples": examples},
                media.BATCH: {
                    "schema": _EVENTS,
                    "example": list(facts.values()),
                },
                media.JSON: {
                    "schema": {
                        "description": "An event, an array of events, or in binary mode the data of one.",
                        "anyOf": [
                            _ref("Event"),
                            _EVENTS,
                            *(_ref(_data_name(entry)) for entry in entries),
                        ],
                    },
                    "examples": {
                        "event": {"value": one},
                        "array": {"value": list(facts.values())[:2]},
                    },
                },
                "application/x-ndjson": {
                    "schema": {"type": "string", "description": "A structured CloudEvent a line."}
                },
            },
        },
        "responses": {
            "202": _answer(
                "Acknowledged by Kafka: every item accepted, repeated, or set aside.",
                {"anyOf": [_ref("Item"), _ref("Batch")]},
            ),
            "207": _answer("Some items are rejected: each says what was expected.", _ref("Batch")),
            **_problems(401, 403, 408, 413, 415, 422, 429, 500, 503),
        },
    }


def _files(entries: list[EventType]) -> Json:
    binary = {"schema": {"type": "string", "format": "binary"}}
    types = {"type": "string", "enum": [entry.name for entry in entries if not entry.void]}
    more = {
        "source": {**_TEXT, "description": "The URI that the facts' `source` is; by default the key's own."},
        "batch": {**_TEXT, "description": "The batch number, for rows without a serial (流水号)."},
        "type": {**types, "description": "The form, where the headers alone do not tell it."},
        "name": {**_TEXT, "description": "The file's name; it ends in " + ", ".join(SUFFIXES) + "."},
        "mapping": {
            **_TEXT,
            "description": "A mapping of this source by its name: the file is its own, not a template.",
        },
        "dry_run": _DRY_RUN["schema"],
    }
    return {
        "operationId": "handOverFile",
        "summary": "Hand over a file",
        "description": (
            "As a form with one file, or the bytes of the file with `name` in the address. "
            f"At most {_mib('max_file_bytes')} MiB. Rows that are wrong are reported; the others go in."
        ),
        "parameters": [
            {
                "name": name,
                "in": "query",
                "description": schema.get("description", ""),
                "schema": {word: value for word, value in schema.items() if word != "description"},
            }
            for name, schema in more.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "file": {"type": "string", "format": "binary", "description": "The file."},
                            **more,
                        },
                        "required": ["file"],
                    },
                    "encoding": {
                        "file": {"contentType": f"text/csv, {media.WORKBOOK}, application/octet-stream"}
                    },
                },
                "application/octet-stream": binary,
                "text/csv": {"schema": _TEXT},
                media.WORKBOOK: binary,
            },
        },
        "responses": {
            "202": _answer("Every row accepted, repeated, or set aside.", _ref("Receipt")),
            "207": _answer("Some rows are rejected: the receipt names them.", _ref("Receipt")),
            **_problems(401, 403, 404, 408, 413, 415, 422, 429, 500, 503),
        },
    }


def _fact() -> Json:
    return {
        "operationId": "askAfterFact",
        "summary": "Ask what became of one fact, by its source and id",
        "description": (
            "Also of a record on an intake topic, to which nobody answers: of a rejected one it is known for "
            f"{KEPT_WEEKS} weeks why, and which dead letter it is. Of the key's own source only."
        ),
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": True,
                "description": f"The `{name}` of the event.",
                "schema": {"type": "string", "minLength": 1},
            }
            for name in ("source", "id")
        ],
        "responses": {
            "200": _answer("What became of it.", _ref("FactState")),
            **_problems(401, 403, 404, 422, 500, 503),
        },
    }


def _receipt() -> Json:
    return {
        "operationId": "getReceipt",
        "summary": "Ask again what became of a file or batch",
        "parameters": [
            {
                "name": "receipt_id",
                "in": "path",
                "required": True,
                "description": "The `id` of the receipt.",
                "schema": {"type": "string", "format": "uuid"},
            }
        ],
        "responses": {
            "200": _answer("The receipt.", _ref("Receipt")),
            **_problems(401, 403, 404, 422, 500, 503),
        },
    }


def _mappings() -> Json:
    return {
        "operationId": "listMappings",
        "summary": "List the mappings by which the source's own files are read",
        "parameters": [_MAPPED_SOURCE],
        "responses": {
            "200": _answer("Those in use.", {"type": "array", "items": _ref("Mapping")}),
            **_problems(401, 403, 422, 500, 503),
        },
    }


def _mapping() -> Json:
    return {
        "operationId": "fetchMapping",
        "summary": "Fetch a mapping",
        "parameters": [_MAPPING_NAME, _MAPPED_SOURCE],
        "responses": {"200": _answer("It.", _ref("Mapping")), **_problems(401, 403, 404, 422, 500, 503)},
    }


def _save_mapping() -> Json:
    return {
        "operationId": "saveMapping",
        "summary": "Save a mapping: which column of the source's own files fills which column of a form",
        "description": "The same name again is its next version; an equal one changes nothing.",
        "parameters": [_MAPPING_NAME, _MAPPED_SOURCE],
        "requestBody": {"required": True, "content": {media.JSON: {"schema": _ref("MappingDraft")}}},
        "responses": {
            "200": _answer("As it is kept.", _ref("Mapping")),
            **_problems(401, 403, 408, 413, 415, 422, 500, 503),
        },
    }


def _remove_mapping() -> Json:
    return {
        "operationId": "removeMapping",
        "summary": "End the use of a mapping",
        "parameters": [_MAPPING_NAME, _MAPPED_SOURCE],
        "responses": {
            "204": {"description": "It is no longer used."},
            **_problems(401, 403, 404, 422, 500, 503),
        },
    }


def _templates() -> Json:
    return {
        "operationId": "getTemplates",
        "summary": "Fetch a workbook with an empty form, a worksheet each, for every type",
        "security": [],
        "responses": {"200": _WORKBOOK, "304": _UNCHANGED, **_problems(500)},
    }


def _template(entries: list[EventType]) -> Json:
    return {
        "operationId": "getTemplate",
        "summary": "Fetch a workbook with the empty form of one type",
        "security": [],
        "parameters": [
            {
                "name": "name",
                "in": "path",
                "required": True,
                "description": "The type, in full or by its verb.",
                "schema": {"type": "string", "minLength": 1, "examples": [_verb(entries[0].name)]},
            }
        ],
        "responses": {"200": _WORKBOOK, "304": _UNCHANGED, **_problems(404, 500)},
    }


def _health() -> Json:
    return {
        "operationId": "getHealth",
        "summary": "Ask whether this intake works",
        "description": (
            "`degraded`: by HTTP everything goes in, but the intake topic on Kafka stands still over a "
            "backlog. 503: the database is away."
        ),
        "security": [],
        "responses": {"200": _answer("It works.", _ref("Health")), **_problems(500, 503)},
    }


def _events_of(entries: list[EventType]) -> Json:
    schemas: Json = {}
    for entry in entries:
        schema = json_schema(entry, "readable")
        schemas |= {word: _moved(each) for word, each in schema.get("$defs", {}).items()}
        schemas[_data_name(entry)] = {**_moved(schema), "title": _data_name(entry)}
        schemas[_event_name(entry)] = {
            "title": _event_name(entry),
            "description": plain(entry.meaning),
            "type": "object",
            "properties": {
                "specversion": {"type": "string", "const": "1.0"},
                "id": {**_NAMED, "description": "Unique within the source: the business serial (流水号)."},
                "source": {**_NAMED, "description": "Who states it, as the key belongs to it."},
                "type": {"type": "string", "const": entry.name},
                "time": {"type": "string", "format": "date-time", "description": "When, with its zone."},
                "datacontenttype": {"type": "string", "const": media.JSON},
                "data": _ref(_data_name(entry)),
            },
            "required": ["specversion", "id", "source", "type", "time", "data"],
        }
    names = {entry.name: _event_name(entry) for entry in entries}
    schemas["Event"] = {
        "description": "A structured CloudEvent 1.0.",
        "oneOf": [_ref(name) for name in names.values()],
        "discriminator": {
            "propertyName": "type",
            "mapping": {name: f"#/components/schemas/{event}" for name, event in names.items()},
        },
    }
    return dict(sorted(schemas.items()))


def _moved(node: Any) -> Any:
    # Definitions are the document's.
    if isinstance(node, list):
        return [_moved(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        word: f"#/components/schemas/{value.rpartition('/')[2]}" if word == "$ref" else _moved(value)
        for word, value in node.items()
        if word not in ("$schema", "$id", "$defs")
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(description: str, schema: Json) -> Json:
    return {"description": description, "content": {media.JSON: {"schema": schema}}}


_WHY = {
    401: "No good key.",
    403: "Not this key's context, source or area.",
    404: "There is none, or it is another source's.",
    408: "It hardly arrives: send it again over a better line.",
    413: "Too long, or too many events.",
    415: "Of another media type, packed, or a file of another kind.",
    422: "Rejected: every fault with its field and what was expected there.",
    429: "This source has too much under way, or is faster than its rate: wait as `Retry-After` says.",
    500: "dibao failed at this; nothing of it is accepted that no receipt names.",
    503: "Kafka or the database is away: wait as `Retry-After` says, and send all of it again.",
}


def _problems(*statuses: int) -> Json:
    found: Json = {}
    for status in statuses:
        found[str(status)] = {"description": _WHY[status], "content": {PROBLEM: {"schema": _ref("Problem")}}}
        if status in (429, 503):
            found[str(status)]["headers"] = {
                "Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}
            }
        if status == 401:
            found["401"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return found


def _short(name: str) -> str:
    return name.partition(".")[2]


def _verb(name: str) -> str:
    return name.split(".")[2]


def _event_name(entry: EventType) -> str:
    return "".join(word.title() for word in _verb(entry.name).split("_")) + "Event"


def _data_name(entry: EventType) -> str:
    return "".join(word.title() for word in _verb(entry.name).split("_")) + "Data"


def _mib(setting: str) -> int:
    size: int = Settings.model_fields[setting].default
    return size // 1024**2


# Not with items of its own: openapi-python-client would ask whether a body is an instance of list[…], which
# raises, and no method of the client would work. A body that it does not understand it leaves out.
_EVENTS: Json = {"type": "array", "minItems": 1, "allOf": [{"items": _ref("Event")}]}
_NAMED: Json = {"type": "string", "minLength": 1, "maxLength": _LONGEST}
_DRY_RUN: Json = {
    "name": "dry_run",
    "in": "query",
    "description": "Only say what would become of it: nothing goes onto the log.",
    "schema": {"type": "boolean", "default": False},
}
_ATTRIBUTES = [
    {
        "name": f"ce-{name}",
        "in": "header",
        "description": f"Binary mode: the attribute `{name}`, percent-encoded.",
        "schema": _TEXT,
    }
    for name in ("specversion", "id", "source", "type", "time")
]
_UNCHANGED: Json = {"description": "It is the one that `If-None-Match` names."}
_WORKBOOK: Json = {
    "description": "A workbook (.xlsx).",
    "headers": {"ETag": {"schema": {"type": "string"}}},
    "content": {media.WORKBOOK: {"schema": {"type": "string", "format": "binary"}}},
}


def _object(description: str, required: Json, optional: Json | None = None) -> Json:
    return {
        "type": "object",
        "description": description,
        "properties": {**required, **(optional or {})},
        "required": list(required),
    }


_FAULTS: Json = {"type": "array", "items": _ref("Fault")}
_RECEIPT_STATUS: Json = {"type": "string", "enum": ["open", "complete", "incomplete"]}
_UUID: Json = {"type": "string", "format": "uuid"}
_TIME: Json = {"type": "string", "format": "date-time"}
_DIGESTS: Json = {
    "type": "array",
    "items": _TEXT,
    "description": "Of what is set aside: every content's digest, so that one can be voided.",
}

_ANSWERS: Json = {
    "Fault": _object(
        "One thing that is wrong, or doubtful; never the value.",
        {
            "field": {**_TEXT, "description": "Where: a field, a header, a parameter."},
            "code": {**_TEXT, "description": "What: stable, for programs."},
            "expected": {**_TEXT, "description": "What was expected, in English."},
            "detail": {**_TEXT, "description": "The same for a clerk, in Chinese."},
        },
    ),
    "Problem": _object(
        "Why a request is refused (RFC 9457).",
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": {**_TEXT, "description": "All of `errors` for a clerk, in Chinese."},
            "errors": _FAULTS,
        },
        {
            "id": {"type": ["string", "null"], "description": "The event's, where it could be read."},
            "receipt": {**_ref("Receipt"), "description": "How far a delivery came that has a receipt."},
            "items": {"type": "array", "items": _ref("Item")},
            "limit": _object(
                "The rate that a source has exceeded (429).",
                {"facts_per_second": {"type": "number"}, "facts_at_once": _COUNT},
            ),
        },
    ),
    "Item": _object(
        "What became of one event.",
        {
            "index": {**_COUNT, "description": "Its place in the batch, from 0 on."},
            "id": {"type": ["string", "null"]},
            "status": {"type": "string", "enum": ["accepted", "repeated", "set_aside", "rejected"]},
        },
        {
            "event_id": _UUID,
            "position": {
                **_TEXT,
                "description": "Where it stands on the log, topic/partition/offset: what `min_position` of "
                "reporting takes. Absent where Kafka did not say.",
            },
            "digests": _DIGESTS,
            "reason": {**_ref("Fault"), "description": "Why it is set aside."},
            "errors": {**_FAULTS, "description": "Why it is rejected."},
            "warnings": {**_FAULTS, "description": "What is doubtful though it is accepted."},
        },
    ),
    "Batch": _object(
        "What became of a batch.",
        {"receipt": _ref("Receipt"), "items": {"type": "array", "items": _ref("Item")}},
    ),
    "Remark": _object(
        "What is said of a row.",
        {
            "row": {**_COUNT, "description": "As a spreadsheet counts."},
            "column": _TEXT,
            "masked": {**_TEXT, "description": "The value, masked."},
            "code": _TEXT,
            "reason": {**_TEXT, "description": "For a clerk, in Chinese."},
            "expected": {**_TEXT, "description": "The same in English."},
        },
    ),
    "Receipt": _object(
        "What became of a file or batch; `lines` = accepted + repeated + rejected + set_aside.",
        {
            "id": _UUID,
            "source": {**_TEXT, "description": "Whose key it was handed over with."},
            "context": _TEXT,
            "name": {**_TEXT, "description": "The file's name; `events` of a batch."},
            "received_at": _TIME,
            "lines": _COUNT,
            "accepted": _COUNT,
            "repeated": _COUNT,
            "rejected": _COUNT,
            "set_aside": _COUNT,
            "control_total_fen": {"type": "integer", "description": "Sum of what is new, in 分."},
            "file_total_fen": {"type": "integer", "description": "Repeated ones too, in 分."},
            "facts": {**_COUNT, "description": "How many facts it put onto the log."},
            "status": _RECEIPT_STATUS,
            "warned": {**_COUNT, "description": "How many lines went in with a warning."},
            "voids": {**_COUNT, "description": "How many of `facts` undo another."},
            "rejects": {"type": "array", "items": _ref("Remark"), "description": _ROWS},
            "asides": {"type": "array", "items": _ref("Remark"), "description": _ROWS},
            "warnings": {"type": "array", "items": _ref("Remark"), "description": _ROWS},
            "min_position": {
                **_TEXT,
                "description": "The last position on the log of each partition that its facts stand on, as "
                "reporting takes it to wait until they are read; empty where Kafka did not say.",
            },
        },
    ),
    "FactState": _object(
        "What became of one fact.",
        {
            "source": _TEXT,
            "id": _TEXT,
            "event_id": _UUID,
            "status": {"type": "string", "enum": ["accepted", "set_aside", "rejected"]},
        },
        {
            "digests": _DIGESTS,
            "reason": {**_ref("Fault"), "description": "Why it is set aside."},
            "voided": {
                "type": "array",
                "items": _TEXT,
                "description": "The contents that are voided, by their digests.",
            },
            "rejection": _ref("Rejection"),
        },
    ),
    "Rejection": _object(
        "Why this fact was rejected, the last time that it was.",
        {"at": _TIME, "errors": _FAULTS},
        {
            "record": _object(
                "Where the record of an intake topic stood.",
                {"topic": _TEXT, "partition": _COUNT, "offset": _COUNT},
            ),
            "dead_letter": {
                "type": ["integer", "null"],
                "description": "The number of the record's dead letter, for who runs dibao.",
            },
            "receipt": {**_UUID, "description": "That of its batch over HTTP."},
        },
    ),
    "Health": _object(
        "Whether an intake works.",
        {"status": {"type": "string", "enum": ["ok", "degraded"]}},
        {
            "context": _TEXT,
            "contexts": {"type": "object", "additionalProperties": _TEXT},
            "errors": _FAULTS,
        },
    ),
}

_MAPPED_SOURCE: Json = {
    "name": "source",
    "in": "query",
    "description": "Whose mappings; by default the key's own source.",
    "schema": _NAMED,
}
_MAPPING_NAME: Json = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}


def _mapped(description: str, what: str, schema: Json) -> Json:
    column = {**_TEXT, "description": "The form's column: its header, or its field."}
    return {"type": "array", "items": _object(description, {"column": column, what: schema})}


_STATED: Json = {
    "columns": _mapped("A column of the file.", "header", {**_TEXT, "description": "As it stands there."}),
    "constants": _mapped("The same value in every row.", "value", _TEXT),
    "from_name": _mapped(
        "A value that the file's name has.", "pattern", {**_TEXT, "description": "With one group."}
    ),
    "composed": _mapped(
        "A number put together, with hyphens.", "parts", {"type": "array", "items": _TEXT, "minItems": 1}
    ),
}
_MAPPINGS: Json = {
    "MappingDraft": _object(
        "From where each column of a form comes; all that the form requires.",
        {},
        {
            "type": {**_TEXT, "description": "What a row states, where the columns do not tell it."},
            **_STATED,
            "context": _TEXT,
            **{
                name: {"description": "As a suggestion or a kept mapping has it; not read."}
                for name in ("open", "missing", "unread", "name", "source", "version", "saved_by", "saved_at")
            },
        },
    ),
    "Mapping": _object(
        "A mapping as it is kept.",
        {
            "name": _TEXT,
            "source": _TEXT,
            "type": _TEXT,
            **_STATED,
            "version": {"type": "integer", "minimum": 1},
            "saved_by": {**_TEXT, "description": "The source, or the local operator."},
            "saved_at": _TIME,
        },
    ),
}

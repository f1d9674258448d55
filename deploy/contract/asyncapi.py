"""The contract as an AsyncAPI 3.0 document with Kafka bindings, for those who build a system beside dibao.

Its operations are theirs: they send to the intake topics, and receive from the topics of the log.
"""

from typing import Any

from deploy.contract.specimens import Specimen, specimens
from deploy.contract.titles import title_of
from events import form as forms
from events.catalogue import (
    CONTEXTS,
    TYPES,
    UPSTREAM_CONTEXTS,
    VERSION,
    dead_letter_topic,
    intake_topic,
    log_topic,
)
from events.event_type import EventType
from events.schema import Form, Schema, json_schema, plain
from services.platform.settings import Settings
from services.platform.topics import Topic, topics

_BINDING = "0.5.0"
_EVERYBODYS = frozenset(
    name for name, value in vars(forms).items() if isinstance(value, type) and issubclass(value, forms.Value)
)
"""Values that stand in types of several contexts; those of one context carry its name."""

_ABOUT = """\
Facts about China's minimum living allowance (低保) on their way into dibao, and on its log.

The operations are those of a system beside dibao. To publish, it **sends** structured CloudEvents to an
intake topic `dibao.intake.<context>` (or the same bytes over HTTP). To follow, it **receives** from a topic
of the log, `dibao.<context>`: binary CloudEvents, kept for ever, in which persons and accounts are
pseudonyms with sealed values. `dibao` is the deployment's prefix and may be another word.

Within a version of a type only optional fields are added: pass over what you do not know.
"""


def document() -> dict[str, Any]:
    """Return the document, as JSON values."""
    schemas: dict[str, Schema] = {"LogHeaders": _LOG_HEADERS, "IntakeHeaders": _INTAKE_HEADERS}
    messages: dict[str, Any] = {}
    examples = specimens()
    for entry in TYPES:
        messages[f"log.{_short(entry)}"] = _log_message(entry, examples[entry.name], schemas)
        if entry.from_upstream:
            messages[f"intake.{_short(entry)}"] = _intake_message(entry, examples[entry.name], schemas)
    messages["dead_letter"] = _DEAD_LETTER
    # Not the environment's settings: the document is the same wherever it is written.
    planned = {topic.name: topic for topic in topics(Settings.model_construct())}
    channels = {
        **{
            f"log.{context}": _channel(
                planned[log_topic("dibao", context)],
                f"The log of {context} ({title_of(context)}): append-only, kept for ever.",
                {_verb(entry): f"log.{_short(entry)}" for entry in _of(context)},
            )
            for context in CONTEXTS
        },
        **{
            f"intake.{context}": _channel(
                planned[intake_topic("dibao", context)],
                f"Facts of {context} ({title_of(context)}) handed over to dibao, kept until they are judged.",
                {_verb(entry): f"intake.{_short(entry)}" for entry in _of(context) if entry.from_upstream},
            )
            for context in UPSTREAM_CONTEXTS
        },
        "dead_letters": _channel(
            planned[dead_letter_topic("dibao")],
            "What came on an intake topic and was no fact, sealed; `dibao dlq` shows it and sends it again.",
            {"dead_letter": "dead_letter"},
        ),
    }
    return {
        "asyncapi": "3.0.0",
        "id": "urn:dibao:contract",
        "info": {
            "title": "dibao",
            "version": VERSION,
            "description": _ABOUT,
            "tags": [{"name": context, "description": title_of(context)} for context in CONTEXTS],
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The deployment's Kafka.",
                "variables": {
                    "bootstrap": {
                        "description": "Bootstrap servers, as the deployment gives them.",
                        "default": "kafka.example:9092",
                    }
                },
            }
        },
        "channels": channels,
        "operations": {
            **{
                f"publish.{context}": _operation("send", f"intake.{context}", f"Publish facts of {context}.")
                for context in UPSTREAM_CONTEXTS
            },
            **{
                f"follow.{context}": _operation("receive", f"log.{context}", f"Follow the log of {context}.")
                for context in CONTEXTS
            },
            "follow.dead_letters": _operation(
                "receive", "dead_letters", "See where records came from that were no facts, and why."
            ),
        },
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def _of(context: str) -> list[EventType]:
    return [entry for entry in TYPES if entry.context == context]


def _short(entry: EventType) -> str:
    return entry.name.partition(".")[2]


def _verb(entry: EventType) -> str:
    return _short(entry).partition(".")[2]


def _channel(topic: Topic, description: str, messages: dict[str, str]) -> dict[str, Any]:
    configuration: dict[str, Any] = {"cleanup.policy": ["delete"]}
    for name, value in topic.config.items():
        configuration[name] = int(value) if value.lstrip("-").isdigit() else value
    return {
        "address": topic.name,
        "description": description,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {
            name: {"$ref": f"#/components/messages/{message}"} for name, message in messages.items()
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": configuration,
                "bindingVersion": _BINDING,
            }
        },
    }


def _operation(action: str, channel: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _message(entry: EventType) -> dict[str, Any]:
    meaning = plain(entry.meaning)
    return {
        "name": entry.name,
        "title": entry.name,
        "summary": meaning.partition("\n")[0],
        "description": meaning,
        "tags": [{"name": entry.context}],
        "x-requirements": list(entry.requirements),
        "x-business-date": entry.business_date or "time",
    }


def _log_message(entry: EventType, specimen: Specimen, schemas: dict[str, Schema]) -> dict[str, Any]:
    keys = sorted({".".join(path) for path in (entry.key, *entry.undoes.values()) if path})
    return {
        **_message(entry),
        "contentType": "application/json",
        "headers": {
            "allOf": [
                {"$ref": "#/components/schemas/LogHeaders"},
                {"type": "object", "properties": {"ce_type": {"const": entry.name}}},
            ]
        },
        "payload": {"$ref": _component(entry, "log", schemas)},
        "x-sealed": [".".join(spot.path) for spot in entry.protected],
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"`{'`, `'.join(keys)}` of the data, in UTF-8."},
                "bindingVersion": _BINDING,
            }
        },
        "examples": [
            {
                "name": _short(entry),
                "summary": "An invented fact on a log whose key everybody knows.",
                "headers": {name: value.decode() for name, value in specimen.headers},
                "payload": specimen.data,
            }
        ],
    }


def _intake_message(entry: EventType, specimen: Specimen, schemas: dict[str, Schema]) -> dict[str, Any]:
    return {
        **_message(entry),
        "contentType": "application/cloudevents+json",
        "headers": {"$ref": "#/components/schemas/IntakeHeaders"},
        "payload": _event(entry, _component(entry, "readable", schemas)),
        "bindings": {
            "kafka": {
                "key": {
                    "type": "string",
                    "description": "Not read: the log's key follows from the data.",
                },
                "bindingVersion": _BINDING,
            }
        },
        "examples": [{"name": _short(entry), "summary": "An invented fact.", "payload": specimen.fact}],
    }


def _event(entry: EventType, data: str) -> Schema:
    text = {"type": "string", "minLength": 1, "maxLength": 256}
    return {
        "type": "object",
        "description": "A structured CloudEvent 1.0.",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**text, "description": "Unique within the source: the business serial (流水号)."},
            "source": {**text, "description": "Who states it, as the key given to them belongs to it."},
            "type": {"const": entry.name},
            "time": {
                "type": "string",
                "format": "date-time",
                "description": "With its zone.",
            },
            "datacontenttype": {"const": "application/json"},
            "data": {"$ref": data},
        },
        "required": ["specversion", "id", "source", "type", "time", "data"],
    }


def _component(entry: EventType, form: Form, schemas: dict[str, Schema]) -> str:
    # Component names are the document's own: a value of one context carries its name.
    suffix = "" if form == "log" else ".readable"
    schema = json_schema(entry, form)

    def named(word: str) -> str:
        return word if word in _EVERYBODYS else f"{entry.context}.{word}{suffix}"

    def moved(node: Any) -> Any:
        if isinstance(node, list):
            return [moved(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            reference = {"$ref": "#/components/schemas/" + named(node["$ref"].rpartition("/")[2])}
            # Beside a reference nothing is read (draft-07).
            rest = {word: value for word, value in node.items() if word != "$ref"}
            return {**rest, "allOf": [reference]} if rest else reference
        return {word: moved(value) for word, value in node.items() if word not in ("$schema", "$id", "$defs")}

    found = {named(word): moved(each) for word, each in schema.get("$defs", {}).items()}
    found[_short(entry) + suffix] = moved(schema)
    for name, each in found.items():
        if schemas.setdefault(name, each) != each:
            raise ValueError(f"two values of the contract are called {name}")
    return f"#/components/schemas/{_short(entry)}{suffix}"


def _text(description: str, **words: Any) -> Schema:
    return {"type": "string", "description": description, **words}


_LOG_HEADERS: Schema = {
    "type": "object",
    "description": "CloudEvents 1.0 in Kafka's binary mode; every value is UTF-8 text.",
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": _text("The event id: uuid5(NAMESPACE_URL, source + newline + serial).", format="uuid"),
        "ce_source": _text("Who stated it."),
        "ce_type": _text("The type, with its version."),
        "ce_time": _text("When it happened, in UTC.", format="date-time"),
        "ce_subject": _text("The topic key."),
        "ce_dataschema": _text("The `$id` of the log's schema of the type."),
        "content-type": {"const": "application/json"},
        "ce_serial": _text("The upstream's own id."),
        "ce_digest": _text(
            "Keyed digest of the readable content: two digests of one id are a conflict.",
            pattern="^[0-9a-f]{32}$",
        ),
        "ce_correlationid": _text("The receipt of the file or batch that it came with."),
        "ce_sourcearea": _text("The area of the key that stated it: prefixes of divisions, commas between."),
        "ce_causationid": _text("The event that led to it."),
        "ce_traceparent": _text(
            "The trace of the request that stated it, where that is followed (CloudEvents' extension for "
            "distributed tracing). It is no part of the fact: two records of one fact may differ in it.",
            pattern="^00-[0-9a-f]{32}-[0-9a-f]{16}-01$",
        ),
        "dibao-mac": _text(
            "The last header: the MAC of the process that wrote the record, over its context, key, value and "
            "all other headers. Who has no log key passes over it.",
            pattern="^[0-9a-f]{8}[.][0-9a-f]{32}$",
        ),
    },
    "required": [
        *("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_dataschema"),
        *("content-type", "ce_serial", "ce_digest"),
    ],
}

_INTAKE_HEADERS: Schema = {
    "type": "object",
    "properties": {
        "content-type": {
            "enum": ["application/cloudevents+json", "application/json"],
            "description": "`application/json` in binary mode: it is the data's.",
        },
        "dibao-signature": _text(
            "`v1`, the source and the HMAC of the record (publishing.md). Left out only where the broker "
            "alone says who may write."
        ),
        **{
            f"ce_{name}": _text(f"Binary mode only: the attribute `{name}`; the value is the data alone.")
            for name in ("specversion", "id", "source", "type", "time")
        },
    },
}

_DEAD_LETTER: dict[str, Any] = {
    "name": "dead_letter",
    "title": "A record that was no fact",
    "summary": "Where it came from and why it was refused; the record itself is sealed.",
    "contentType": "text/plain",
    "headers": {
        "type": "object",
        "properties": {
            "topic": _text("The intake topic."),
            "partition": _text("Its partition there."),
            "offset": _text("Its offset there."),
            "error": _text("`Rejected`, or `Forbidden` where the key does not allow it."),
            "reason": _text("Which field, and what was expected there; never the value."),
        },
        "required": ["topic", "partition", "offset", "error", "reason"],
    },
    "payload": _text("Key, value and headers of the record, sealed.", pattern="^s1\\.[A-Za-z0-9_-]+$"),
    "bindings": {"kafka": {"bindingVersion": _BINDING}},
}

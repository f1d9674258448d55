"""What a release of the contract fixes of every type, as JSON values: small enough to be kept for ever."""

from collections.abc import Iterable
from typing import Any

from events.catalogue import ONE_PARTITION, TYPES
from events.event_type import EventType
from events.schema import FORMS, Schema, json_schema

Contract = dict[str, dict[str, Any]]
"""What is fixed, by the name of the type."""

_TOLD = frozenset({"$schema", "$id", "title", "description"})
"""Words of a schema that rule nothing out."""


def contract(types: Iterable[EventType] = TYPES) -> Contract:
    """Return what is fixed of these types: schemas, key, business date, what is sealed and under whose key.

    Paths are written with dots; ``*`` is each item of a list.
    """
    return {entry.name: fixed(entry) for entry in types}


def fixed(entry: EventType) -> dict[str, Any]:
    """Return what is fixed of a type."""
    return {
        "from_upstream": entry.from_upstream,
        "one_partition": entry.context in ONE_PARTITION,
        "key": ".".join(entry.key),
        "business_date": entry.business_date or "",
        "undoes": {name: ".".join(path) for name, path in entry.undoes.items()},
        "protected": {".".join(spot.path): spot.protection for spot in entry.protected},
        "seal_under": [".".join(path) for path in entry.seal_under],
        **{form: _ruling(json_schema(entry, form)) for form in FORMS},
    }


def _ruling(node: Schema) -> Schema:
    found: Schema = {}
    for word, value in node.items():
        if word in ("properties", "$defs"):
            found[word] = {name: _ruling(each) for name, each in value.items()}
        elif word in _TOLD:
            continue
        elif word == "anyOf":
            found[word] = [_ruling(option) for option in value]
        elif isinstance(value, dict) and word != "default":
            found[word] = _ruling(value)
        else:
            found[word] = value
    return found

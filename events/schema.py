"""JSON Schema export of the contract."""

from typing import Any

from events.catalogue import TYPES
from events.codec import dataschema


def json_schemas(form: str = "readable") -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of every type by name; ``form`` is ``readable`` or ``log``."""
    schemas: dict[str, dict[str, Any]] = {}
    for entry in TYPES:
        model = entry.readable if form == "readable" else entry.model
        schema = model.model_json_schema(by_alias=True)
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": dataschema(entry.name) + ("" if form == "readable" else ":log"),
            **schema,
            "title": entry.name,
        }
        schemas[entry.name] = schema
    return schemas

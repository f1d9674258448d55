"""The schemas: JSON Schema 2020-12 of both forms, in which every field says what it means."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from events.catalogue import BY_TYPE, TYPES
from events.event_type import EventType
from events.examples import examples_of
from events.glossary import FIELDS
from events.schema import FORMS, Form, Schema, json_schema

CASES = [(entry, form) for entry in TYPES for form in FORMS]


def fields(node: Any) -> Iterator[tuple[str, Schema]]:
    """Every field of a schema, with those of the values in it."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "properties":
                yield from value.items()
            yield from fields(value)
    elif isinstance(node, list):
        for value in node:
            yield from fields(value)


def unbounded(node: Any, path: str = "") -> Iterator[str]:
    """Where a schema lets a text, a list or a number be as large as it likes, or digits be of any script."""
    if isinstance(node, dict):
        bounds = {
            "string": {"maxLength", "pattern", "enum", "const", "format"},
            "array": {"maxItems"},
            "integer": {"maximum"},
            "number": {"maximum"},
        }
        kind = node.get("type")
        if isinstance(kind, str) and kind in bounds and not bounds[kind] & node.keys():
            yield path
        if isinstance(node.get("pattern"), str) and "\\d" in node["pattern"]:
            yield path
        for name, value in node.items():
            yield from unbounded(value, f"{path}/{name}")
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from unbounded(value, f"{path}/{at}")


@pytest.mark.parametrize(
    "entry", [entry for entry in TYPES if entry.from_upstream], ids=lambda each: each.name
)
def test_nothing_of_an_upstream_is_larger_than_a_message_can_be(entry: EventType) -> None:
    # The value of a policy is bounded by its validator.
    found = [path for path in unbounded(json_schema(entry, "readable")) if "/properties/value/" not in path]
    assert found == []


@pytest.mark.parametrize(("entry", "form"), CASES, ids=lambda each: getattr(each, "name", each))
def test_a_schema_is_one_and_every_field_in_it_says_what_it_means(entry: EventType, form: Form) -> None:
    schema = json_schema(entry, form)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == entry.name
    assert [
        name for name, field in fields(schema) if not field["description"].endswith((".", "…", "}"))
    ] == []
    assert not re.search(r"``|\n ", str(schema["description"]))


def test_every_word_of_the_glossary_is_needed() -> None:
    own = {name for entry in TYPES for name, info in entry.readable.model_fields.items() if info.description}
    used = {name for entry, form in CASES for name, _ in fields(json_schema(entry, form))}
    assert FIELDS.keys() - used == set()
    assert own & FIELDS.keys()  # where a type says it itself, its own words go before


def test_amounts_say_their_unit() -> None:
    amounts = [
        field
        for entry, form in CASES
        for name, field in fields(json_schema(entry, form))
        if name.endswith("_fen")
    ]
    assert len(amounts) > 20
    assert all("分" in field["description"] for field in amounts)


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: str(entry.name))
def test_an_example_fits_the_readable_schema_and_a_misspelt_field_does_not(entry: EventType) -> None:
    [example] = [each for each in examples_of(entry.context) if each["type"] == entry.name]
    validator = Draft202012Validator(json_schema(entry, "readable"))
    assert list(validator.iter_errors(example["data"])) == []
    assert list(validator.iter_errors({**example["data"], "househld_no": "LZ1"})) != []


def test_the_schema_that_a_record_names_is_the_logs_and_readers_pass_over_what_they_do_not_know() -> None:
    paid = BY_TYPE["dibao.payments.paid.v1"]
    log, readable = (json_schema(paid, form) for form in ("log", "readable"))
    assert log["$id"] == "urn:dibao:schema:dibao.payments.paid.v1"
    assert readable["$id"] == "urn:dibao:schema:dibao.payments.paid.v1:readable"
    assert readable["additionalProperties"] is False
    assert "additionalProperties" not in log
    assert log["properties"]["account"]["$ref"] == "#/$defs/ProtectedAccount"
    assert readable["properties"]["account"]["$ref"] == "#/$defs/Account"
    assert '"null"' not in str(log).replace("'", '"')

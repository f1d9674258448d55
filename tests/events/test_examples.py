"""The examples: one of every fact that upstream states, each valid, about people who do not exist."""

import json
import re
from typing import Any

import pytest

from events.catalogue import BY_TYPE, CONTEXTS, TYPES, WITHOUT_FACTS
from events.examples import examples_of
from events.id_numbers import id_check_digit
from events.requirements import REQUIREMENTS

EXAMPLES = [example for context in CONTEXTS for example in examples_of(context)]


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_type_has_an_example_in_the_catalogues_order(context: str) -> None:
    types = [entry.name for entry in TYPES if entry.context == context]
    assert [example["type"] for example in examples_of(context)] == types


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["type"]))
def test_an_example_validates_and_comes_back_equal(example: dict[str, Any]) -> None:
    model = BY_TYPE[example["type"]].readable
    fact = model.model_validate_json(json.dumps(example["data"]))
    assert model.model_validate_json(fact.model_dump_json(by_alias=True, exclude_none=True)) == fact


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["type"]))
def test_an_example_shows_every_field_that_its_type_requires_and_most_others(example: dict[str, Any]) -> None:
    fields = BY_TYPE[example["type"]].readable.model_fields
    names = {info.alias or name for name, info in fields.items()}
    required = {info.alias or name for name, info in fields.items() if info.is_required()}
    assert required <= example["data"].keys() <= names


def test_ids_are_unique_and_people_have_valid_check_digits() -> None:
    ids = [(example["source"], example["id"]) for example in EXAMPLES]
    assert len(set(ids)) == len(ids)
    numbers = set(re.findall(r'"id_number": "(\d{17}[\dX])"', json.dumps(EXAMPLES)))
    assert len(numbers) > 10
    assert all(id_check_digit(number[:17]) == number[17] for number in numbers)


def test_every_requirement_of_the_plan_is_served_by_a_fact_or_says_what_serves_it() -> None:
    served = {requirement for entry in TYPES for requirement in entry.requirements}
    every = {f"R{number}" for number in range(1, 71)}
    assert REQUIREMENTS.keys() == every
    assert served <= every
    assert served.isdisjoint(WITHOUT_FACTS)
    assert served | WITHOUT_FACTS.keys() == every


def test_every_upstream_type_serves_a_requirement_and_says_what_it_means() -> None:
    for entry in TYPES:
        if entry.from_upstream and not entry.void:
            assert entry.requirements, entry.name
            assert entry.meaning.endswith("."), entry.name


@pytest.mark.parametrize("entry", [entry for entry in TYPES if entry.void], ids=lambda entry: str(entry.name))
def test_a_void_can_repeat_the_key_of_every_fact_of_its_context(entry: Any) -> None:
    undone = {other.name for other in TYPES if other.context == entry.context and not other.void}
    assert entry.undoes.keys() == undone
    for path in entry.undoes.values():
        assert path[0] in entry.readable.model_fields

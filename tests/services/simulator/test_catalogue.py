"""Every fact is one of the contract's, in the form in which upstream states it."""

import msgspec
from pydantic import ValidationError

from events.catalogue import BY_TYPE
from tests.services.simulator.conftest import run


def test_every_fact_is_what_the_contract_expects() -> None:
    wrong = []
    for fact in run(1200, 1).facts:
        entry = BY_TYPE[fact["type"]]
        assert entry.from_upstream
        try:
            entry.readable.model_validate_json(msgspec.json.encode(fact["data"]))
        except ValidationError as error:
            wrong.append((fact["type"], str(error)))
    assert wrong == []


def test_a_void_names_a_fact_of_its_context_and_repeats_its_key() -> None:
    stated = {(fact["source"], fact["id"]): fact for fact in run(1200, 1).facts}
    for fact in stated.values():
        entry = BY_TYPE[fact["type"]]
        if entry.void:
            original = stated[fact["data"]["source"], fact["data"]["id"]]
            assert original["type"] == fact["data"]["type"] in entry.undoes
            path = BY_TYPE[original["type"]].key
            if path[-1] == "person_id":
                path = path[:-1]
            assert all(fact["data"][name] == original["data"][name] for name in path)


def test_four_years_of_a_street_have_every_fact_that_upstream_can_state() -> None:
    happened = {fact["type"] for fact in run(1200, 1).facts}
    assert happened == {name for name, entry in BY_TYPE.items() if entry.from_upstream}

"""A void may repeat all of the original, or only what makes its key and its persons: it says the same."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from events.catalogue import BY_TYPE, UPSTREAM_CONTEXTS
from events.digest import canonical_content
from events.event_type import EventType
from events.examples import examples_of
from services.intake.envelope import validated

TIME = datetime(2021, 6, 28, tzinfo=UTC)
ORIGINALS = [
    fact for context in UPSTREAM_CONTEXTS for fact in examples_of(context) if not BY_TYPE[fact["type"]].void
]


def void_of(fact: dict[str, Any]) -> EventType:
    return BY_TYPE[f"dibao.{BY_TYPE[fact['type']].context}.voided.v1"]


def stated(fact: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The data of a void of a fact, with ``data`` repeated."""
    own = {"source": fact["source"], "id": fact["id"], "type": fact["type"], "reason": "录入错误"}
    return {**data, **own}


def judged(entry: EventType, data: dict[str, Any]) -> tuple[bytes | None, list[str]]:
    """The canonical content of a void, and what is wrong with it."""
    void, faults = validated(entry, orjson.dumps(data))
    content = None if void is None else canonical_content(entry.name, TIME, void)
    return content, [f"{fault.field}: {fault.sentence.code}" for fault in faults]


@pytest.mark.parametrize("fact", ORIGINALS, ids=lambda fact: fact["type"])
def test_a_void_of_all_says_the_same_as_one_of_key_and_persons(fact: dict[str, Any]) -> None:
    entry = void_of(fact)
    kept = {name: value for name, value in fact["data"].items() if name in entry.readable.model_fields}
    if fact["type"] == "dibao.enrollment.enrolled.v1":
        kept["members"] = [member["person"] for member in kept["members"]]
    whole, least = judged(entry, stated(fact, fact["data"])), judged(entry, stated(fact, kept))
    assert whole == least
    assert whole[0] is not None and whole[1] == []
    content = orjson.loads(whole[0])["data"]
    [key] = entry.undoes[fact["type"]][:1]
    assert content[key] == judged_original(fact)[key]
    assert content["reason"] == "录入错误"
    assert set(content) <= set(entry.readable.model_fields)


def judged_original(fact: dict[str, Any]) -> dict[str, Any]:
    """The data of a fact in canonical form."""
    entry = BY_TYPE[fact["type"]]
    original, faults = validated(entry, orjson.dumps(fact["data"]))
    assert original is not None, faults
    data: dict[str, Any] = orjson.loads(canonical_content(entry.name, TIME, original))["data"]
    return data


@pytest.mark.parametrize("fact", ORIGINALS, ids=lambda fact: fact["type"])
def test_a_field_that_neither_has_is_refused_by_name(fact: dict[str, Any]) -> None:
    data = {**stated(fact, fact["data"]), "amount_yuan": 1}
    assert judged(void_of(fact), data) == (None, ["data.amount_yuan: no-such-field"])


def test_nor_is_one_of_a_member() -> None:
    fact = next(fact for fact in ORIGINALS if fact["type"] == "dibao.enrollment.enrolled.v1")
    members = [{**fact["data"]["members"][0], "relationship": "本人"}]
    data = stated(fact, {**fact["data"], "members": members})
    assert judged(void_of(fact), data) == (None, ["data.members.0.relationship: no-such-field"])


@pytest.mark.parametrize("kind", [None, 7, "dibao.payments.refunded.v1", "dibao.petitions.filed.v1"])
def test_a_void_of_what_its_context_does_not_have_is_judged_as_it_stands(kind: Any) -> None:
    fact = next(fact for fact in ORIGINALS if fact["type"] == "dibao.payments.paid.v1")
    _, faults = judged(void_of(fact), {**stated(fact, fact["data"]), "type": kind})
    assert "data.amount_fen: no-such-field" in faults

"""The fast reader and the models read the same: the golden log of all releases, and a lived year."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from pydantic import BaseModel

from events import reading
from events.catalogue import BY_TYPE
from events.codec import UnreadableEventError, decode
from events.envelope import Event, Record
from events.form import Sealed
from events.reading import read, struct_of
from projections.schema import rows_of
from services.detection.rows import fact_rows
from services.simulator import Settings, World
from tests.contract.golden import Golden, records, versions
from tests.services.detection.upstream import message_of

ENVELOPE = (
    *("event_id", "type", "source", "serial", "time", "digest"),
    *("correlation_id", "causation_id", "source_area"),
)
GOLDEN = [record for version in versions() for record in records(version)]


def assert_same(struct: Any, model: Any, where: str) -> None:
    """Every attribute of the model is the struct's, in value and type, but for sealed ones always there."""
    if isinstance(model, BaseModel):
        assert isinstance(struct, msgspec.Struct), where
        assert set(struct.__struct_fields__) == open_fields(type(model)), where
        for name in struct.__struct_fields__:
            assert_same(getattr(struct, name), getattr(model, name), f"{where}.{name}")
    elif isinstance(model, list):
        assert len(struct) == len(model), where
        for at, (one, other) in enumerate(zip(struct, model, strict=True)):
            assert_same(one, other, f"{where}[{at}]")
    else:
        assert struct == model, where
        assert type(struct) is type(model), where


def open_fields(model: type[BaseModel]) -> set[str]:
    return {
        name
        for name, info in model.model_fields.items()
        if not info.is_required()
        or "s1" not in str(info.metadata) + str(info.annotation)
        or _values_of(info.annotation)
    }


def _values_of(hint: Any) -> bool:
    """Whether a hint is of a model, or of many: those have sealed values of their own."""
    return "events." in str(hint)


def check(value: bytes, headers: list[tuple[str, bytes]]) -> Event:
    fast, slow = read(value, headers), decode(value, headers)
    for name in ENVELOPE:
        assert getattr(fast, name) == getattr(slow, name), name
        assert type(getattr(fast, name)) is type(getattr(slow, name)), name
    assert_same(fast.data, slow.data, fast.type)
    assert fact_rows(fast) == fact_rows(slow)
    assert [*rows_of(Record("t", 0, 0, fast))] == [*rows_of(Record("t", 0, 0, slow))]
    return fast


@pytest.mark.parametrize("record", GOLDEN, ids=lambda record: f"{record.version} {record.type}")
def test_the_golden_log_is_read_alike(record: Golden) -> None:
    check(record.value, record.headers)


def test_a_lived_year_is_read_alike_and_none_of_it_the_slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Settings(households=60, first="2021-01", last="2021-12", seed=7))
    messages = [message_of(fact) for day in world.days() for fact in day.facts]
    seen = {check(message.value, message.headers).type for message in messages}
    assert len(seen) > 70
    monkeypatch.delattr(reading, "decode")
    for message in messages:
        read(message.value, message.headers)


def test_of_sealed_values_only_those_are_read_that_may_be_absent() -> None:
    assert "content" not in struct_of(BY_TYPE["dibao.clues.received.v1"].model).__struct_fields__
    assert "evidence" in struct_of(BY_TYPE["dibao.petitions.closed.v1"].model).__struct_fields__
    assert _values_of(Sealed) is False


RECORD = GOLDEN[0]


@pytest.mark.parametrize(
    ("value", "says"),
    [(b"", "does not fit"), (b"{", "does not fit"), (b"[]", "does not fit"), (b"{}", "does not fit")],
)
def test_what_cannot_be_read_is_refused_in_the_same_words(value: bytes, says: str) -> None:
    with pytest.raises(UnreadableEventError, match=says) as fast:
        read(value, RECORD.headers)
    with pytest.raises(UnreadableEventError) as slow:
        decode(value, RECORD.headers)
    assert str(fast.value) == str(slow.value)


def test_headers_may_stand_in_any_order_and_one_may_be_missing() -> None:
    assert read(RECORD.value, RECORD.headers[::-1]) == decode(RECORD.value, RECORD.headers)
    for at, (name, _) in enumerate(RECORD.headers):
        fewer = RECORD.headers[:at] + RECORD.headers[at + 1 :]
        if name in ("ce_id", "ce_source", "ce_type", "ce_time", "ce_serial", "ce_digest"):
            with pytest.raises(UnreadableEventError, match=f"lacks the header {name}"):
                read(RECORD.value, fewer)
        else:
            assert read(RECORD.value, fewer).event_id == read(RECORD.value, RECORD.headers).event_id

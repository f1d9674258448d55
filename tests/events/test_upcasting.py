"""Records of an older version are read as the newest. No type has a second version yet: these are made up."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from events.catalogue import BY_TYPE
from events.codec import READINGS, UnreadableEventError, decode, encode_headers
from events.envelope import event_id_of
from events.event_type import EventType
from events.form import Fact
from events.petitions import Accepted
from events.upcasting import Upcaster, readings
from events.values import Day, Label, Number

V1, V2, V3 = (f"dibao.petitions.accepted.v{version}" for version in (1, 2, 3))


class AcceptedByOffices(Fact):
    """Version 2: a petition may be dealt with by several offices."""

    petition_no: Number
    accepted_on: Day
    offices: list[Label]
    due_on: Day


class AcceptedInTime(AcceptedByOffices):
    """Version 3: whether it was accepted within 15 days."""

    in_time: bool


def offices(data: dict[str, Any]) -> dict[str, Any]:
    data["offices"] = [data.pop("handled_by")]
    return data


def newer(model: type[Fact], name: str) -> EventType:
    return replace(BY_TYPE[V1], name=name, readable=model, model=model)


TWO = readings(
    {**BY_TYPE, V2: newer(AcceptedByOffices, V2)},
    [Upcaster(V1, V2, offices)],
)
THREE = readings(
    {**BY_TYPE, V2: newer(AcceptedByOffices, V2), V3: newer(AcceptedInTime, V3)},
    [Upcaster(V2, V3, lambda data: {**data, "in_time": True}), Upcaster(V1, V2, offices)],
)

VALUE = (
    '{"petition_no":"XF1","accepted_on":"2021-06-01","handled_by":"社保所","due_on":"2021-07-30"}'.encode()
)


def headers_of(event_type: str) -> list[tuple[str, bytes]]:
    return encode_headers(
        event_id_of("/petitions", "XF1-SL"),
        event_type,
        "/petitions",
        "XF1-SL",
        datetime(2021, 6, 1, 1, tzinfo=UTC),
        "XF1",
        "0" * 32,
    )


def test_today_every_record_is_read_as_the_type_that_it_has() -> None:
    assert {name: reading.entry.name for name, reading in READINGS.items()} == {
        name: name for name in BY_TYPE
    }
    assert isinstance(decode(VALUE, headers_of(V1)).data, Accepted)


def test_a_record_of_version_1_is_read_as_version_2() -> None:
    event = decode(VALUE, headers_of(V1), TWO)
    assert event.type == V2
    assert event.data == AcceptedByOffices(
        petition_no="XF1", accepted_on=date(2021, 6, 1), offices=["社保所"], due_on=date(2021, 7, 30)
    )
    assert event.serial == "XF1-SL"
    assert event.event_id == event_id_of("/petitions", "XF1-SL")


def test_steps_follow_one_another_in_the_order_of_versions() -> None:
    event = decode(VALUE, headers_of(V1), THREE)
    assert event.type == V3
    assert event.data.offices == ["社保所"]
    assert event.data.in_time is True


def test_a_record_of_the_newest_version_is_taken_as_it_is() -> None:
    value = VALUE.replace('"handled_by":"社保所"'.encode(), '"offices":["社保所","民政所"]'.encode())
    assert decode(value, headers_of(V2), TWO).data.offices == ["社保所", "民政所"]


def test_an_unknown_newer_version_still_stops_the_reader() -> None:
    with pytest.raises(UnreadableEventError, match=f"unknown type, {V3}: a newer version wrote it"):
        decode(VALUE, headers_of(V3), TWO)


@pytest.mark.parametrize("value", [VALUE.replace(b"handled_by", b"handler"), b"[]", b"not JSON"])
def test_data_that_cannot_be_brought_on_stop_the_reader_and_are_not_shown(value: bytes) -> None:
    with pytest.raises(
        UnreadableEventError, match=rf"older version cannot be brought from {V1} to {V2}"
    ) as caught:
        decode(value, headers_of(V1), TWO)
    assert "XF1" not in str(caught.value)


def test_data_that_do_not_fit_after_the_step_name_the_field() -> None:
    with pytest.raises(UnreadableEventError, match=rf"{V1} does not fit its schema in: accepted_on"):
        decode(VALUE.replace(b"2021-06-01", b"today"), headers_of(V1), TWO)


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ([Upcaster(V1, V3, offices)], f"leads to {V2}, not to {V3}"),
        ([Upcaster(V1, V2, offices), Upcaster(V1, V2, offices)], f"two upcasters begin at {V1}"),
        ([Upcaster(V1, V2, offices)], f"lead from {V1} to {V2}, which the catalogue does not have"),
    ],
)
def test_steps_that_lead_nowhere_are_refused(steps: list[Upcaster], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        readings(BY_TYPE, steps)

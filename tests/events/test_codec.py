"""Records on the log: binary CloudEvents, read back as what was written."""

from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest

from events.calendar import DayClosed
from events.codec import UnreadableEventError, decode, encode, encode_headers
from events.envelope import Event, event_id_of

CLOSED = Event(
    event_id=event_id_of("/dibao/calendar", "2021-06-30"),
    type="dibao.calendar.day_closed.v1",
    source="/dibao/calendar",
    serial="2021-06-30",
    time=datetime(2021, 6, 30, 16, tzinfo=UTC),
    digest="0" * 32,
    data=DayClosed.model_validate_json(b'{"day":"2021-06-30","cut":{"dibao.payments":{"0":17}}}'),
    correlation_id="r1",
)


def test_the_event_id_is_a_function_of_source_and_serial() -> None:
    assert event_id_of("/bank", "1") == UUID("3d9c2866-710e-54da-b05f-2e39f88c0d4b")
    assert event_id_of("/bank", "1") == event_id_of("/bank", "1") != event_id_of("/bank1", "")


def test_an_event_comes_back_as_it_was() -> None:
    key, value, headers = encode(CLOSED)
    assert key == b"2021-06-30"
    assert dict(headers)["ce_type"] == b"dibao.calendar.day_closed.v1"
    assert decode(value, headers) == CLOSED


def test_an_unknown_optional_field_is_passed_over() -> None:
    _, value, headers = encode(CLOSED)
    assert decode(value[:-1] + b',"news":1}', headers) == CLOSED


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ce_type", b"dibao.calendar.day_closed.v9", "unknown type, dibao.calendar.day_closed.v9"),
        ("ce_type", None, "lacks the header ce_type"),
        ("ce_id", b"17", "header that cannot be read"),
        ("ce_time", b"\xff", "header that cannot be read"),
    ],
)
def test_a_record_that_cannot_be_read_says_why(name: str, value: bytes | None, sentence: str) -> None:
    _, body, headers = encode(CLOSED)
    changed = [
        (key, value if key == name else old) for key, old in headers if key != name or value is not None
    ]
    with pytest.raises(UnreadableEventError, match=sentence):
        decode(body, [(key, text) for key, text in changed if text is not None])


def test_a_record_of_another_shape_names_the_field_only() -> None:
    _, _, headers = encode(CLOSED)
    with pytest.raises(UnreadableEventError, match=r"does not fit its schema in: day") as caught:
        decode(b'{"day":"secret","cut":{}}', headers)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("number", ["无", "nan", "ＬＺ１", "LZ 1", "LZ\u200d1", "0"])
def test_numbers_that_are_refused_today_are_read_as_they_were_written(number: str) -> None:
    time = datetime(2021, 6, 28, tzinfo=UTC)
    headers = encode_headers(
        UUID(int=1), "dibao.custody.agreement_filed.v1", "/a", "1", time, number, "0" * 32
    )
    data = {
        "custody_no": number,
        "household_no": number,
        "agreement_no": number,
        "signed_on": "2021-06-01",
        "filed_on": "2021-06-02",
        "filed_with": "village",
    }
    event = decode(orjson.dumps(data), headers)
    assert (event.data.custody_no, event.data.agreement_no) == (number, number)
    assert event.entry.key_of(event.fact.model_dump(mode="json")) == number

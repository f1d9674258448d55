"""Bad input: the status, the field and what was expected, exactly; and never the value."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from services.platform.intake.answers import Rejection
from services.platform.intake.envelope import MAX_EVENT_BYTES, read_event
from services.platform.intake.horizon import Horizon
from services.platform.intake.sources import OPERATOR
from services.platform.protection import ReadableFact
from tests.services.platform.golden import facts_of
from tests.services.platform.intake.conftest import OpenIntake, client, read

PAID = facts_of("payments")[0]
Change = Callable[[dict[str, Any]], object]
TYPES = (
    "a type of the context payments: "
    "dibao.payments.paid.v1, dibao.payments.returned.v1, "
    "dibao.payments.recovered.v1, dibao.payments.voided.v1"
)
INSTANT = "an instant with its zone, like 2021-06-28T09:30:00+08:00"
ID = "a text of 1 to 256 characters, unique within the source"
CLEAN = "no control characters, and no blanks before or after it"
REQUIRED = "a value: it is required"
DAY = "a date like 2021-06-28"

CASES: list[tuple[str, Change, str, str]] = [
    ("no id", lambda f: f.pop("id"), "id", ID),
    ("empty id", lambda f: f.update(id=""), "id", ID),
    ("number as id", lambda f: f.update(id=17), "id", ID),
    ("line in id", lambda f: f.update(id="a\nb"), "id", CLEAN),
    ("line in source", lambda f: f.update(source="a\nb"), "source",
     CLEAN),
    ("no source", lambda f: f.pop("source"), "source", "a URI of 1 to 256 characters: who states the fact"),
    ("other version", lambda f: f.update(specversion="0.3"), "specversion", "1.0"),
    ("no type", lambda f: f.pop("type"), "type", "the name of an event type"),
    ("unknown type", lambda f: f.update(type="dibao.payments.paid.v9"), "type", TYPES),
    ("other context", lambda f: f.update(type="dibao.vitals.died.v1"), "type", TYPES),
    ("our own type", lambda f: f.update(type="dibao.calendar.day_closed.v1"), "type", TYPES),
    ("no zone", lambda f: f.update(time="2021-06-28T09:30:00"), "time", INSTANT),
    ("no instant", lambda f: f.update(time="yesterday"), "time", INSTANT),
    ("long ago", lambda f: f.update(time="0001-01-01T00:00:00Z"), "time",
     "an instant from the year 1900 on"),
    ("no data", lambda f: f.pop("data"), "data", "an object with the fact's fields"),
    ("data as list", lambda f: f.update(data=[]), "data", "an object"),
    ("xml", lambda f: f.update(datacontenttype="text/xml"), "datacontenttype", "application/json"),
    ("field missing", lambda f: f["data"].pop("month"), "data.month", REQUIRED),
    ("field unknown", lambda f: f["data"].update(surplus=1), "data.surplus", "no such field"),
    ("field that is a name", lambda f: f["data"].update({"白云飞": 1}), "data.?", "no such field"),
    ("amount as text", lambda f: f["data"].update(amount_fen="463"), "data.amount_fen", "an integer"),
    ("amount in yuan", lambda f: f["data"].update(amount_fen=463.5), "data.amount_fen", "an integer"),
    ("amount of nothing", lambda f: f["data"].update(amount_fen=0), "data.amount_fen", "more than 0"),
    ("amount below", lambda f: f["data"].update(amount_fen=-1), "data.amount_fen", "more than 0"),
    ("amount beyond", lambda f: f["data"].update(amount_fen=10**13), "data.amount_fen",
     "at most 1000000000000"),
    ("month 13", lambda f: f["data"].update(month="2021-13"), "data.month", "a month like 2021-06"),
    ("month without dash", lambda f: f["data"].update(month="202106"), "data.month", "a month like 2021-06"),
    ("day 30 February", lambda f: f["data"].update(paid_on="2021-02-30"), "data.paid_on", DAY),
    ("day without dashes", lambda f: f["data"].update(paid_on="20210628"), "data.paid_on", DAY),
    ("day with letters", lambda f: f["data"].update(paid_on="2021-ab-28"), "data.paid_on", DAY),
    ("day as number", lambda f: f["data"].update(paid_on=20210628), "data.paid_on", DAY),
    ("programme", lambda f: f["data"].update(programme="dibao"), "data.programme",
     "'urban_dibao', 'rural_dibao', 'tekun' or 'temporary_relief'"),
    ("no account", lambda f: f["data"].update(account=None), "data.account", "an object"),
    ("short account", lambda f: f["data"]["account"].update(number="12"), "data.account.number",
     "an account number has 4 to 34 digits or Latin letters"),
    ("no holder", lambda f: f["data"]["account"].update(holder_name=" "), "data.account.holder_name",
     "a name is not blank"),
    ("short division", lambda f: f["data"].update(division="500102"), "data.division",
     "a division code of 12 digits"),
    ("blank in number", lambda f: f["data"].update(household_no=" H"), "data.household_no",
     "a number has no blanks before or after it"),
]  # fmt: skip


def changed(fact: dict[str, Any], change: Change) -> bytes:
    """The fact with a change."""
    other = copy.deepcopy(fact)
    change(other)
    return json.dumps(other, ensure_ascii=False).encode()


@pytest.mark.parametrize(("name", "change", "field", "expected"), CASES, ids=[case[0] for case in CASES])
def test_the_field_and_what_was_expected(name: str, change: Change, field: str, expected: str) -> None:
    found = read_event(changed(PAID, change), OPERATOR, "payments", Horizon.now(24))
    assert isinstance(found, Rejection), found
    assert (found.field, found.expected) == (field, expected)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b'{"id": NaN}', b"{" * 10_000]
)
def test_what_is_no_event(raw: bytes) -> None:
    found = read_event(raw, OPERATOR, "payments", Horizon.now(24))
    assert isinstance(found, Rejection)


def test_an_event_that_is_too_large() -> None:
    raw = changed(PAID, lambda fact: fact["data"].update(surplus="x" * MAX_EVENT_BYTES))
    found = read_event(raw, OPERATOR, "payments", Horizon.now(24))
    assert found == Rejection("event", "at most 1048576 bytes")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("500102196011093455", "the ID number's check digit is wrong"),
        ("500102196013093454", "the ID number's date of birth (characters 7 to 14) is not a date"),
        ("50010219601109345", "an ID number has 18 characters (17 digits and a digit or X), or 15 digits"),
    ],
)
def test_an_id_number_that_is_none_is_not_repeated(number: str, expected: str) -> None:
    fact = facts_of("vitals")[0]
    raw = changed(fact, lambda fact: fact["data"]["person"].update(id_number=number))
    found = read_event(raw, OPERATOR, "vitals", Horizon.now(24))
    assert found == Rejection("data.person.id_number", expected, serial=fact["id"])


def test_rules_between_fields_name_a_field() -> None:
    fact = facts_of("vitals")[0]
    raw = changed(fact, lambda fact: fact["data"].update(registered_on="2001-01-01"))
    found = read_event(raw, OPERATOR, "vitals", Horizon.now(24))
    assert isinstance(found, Rejection)
    assert (found.field, found.expected) == ("data.registered_on", "the day of death or later")


def test_attributes_that_cloudevents_allows_are_allowed() -> None:
    raw = changed(PAID, lambda fact: fact.update(subject="s", dataschema="urn:x", traceparent="00-1"))
    assert isinstance(read_event(raw, OPERATOR, "payments", Horizon.now(24)), ReadableFact)


@pytest.mark.parametrize(
    ("body", "kind", "status", "field"),
    [
        (b"{}", "text/plain", 415, "content-type"),
        (b"{}", "", 415, "content-type"),
        (b"{", "application/json", 422, "event"),
        (b"[", "application/json", 422, "body"),
        (b"[]", "application/json", 422, "body"),
        (b"", "application/x-ndjson", 422, "body"),
        (b"{}", "application/cloudevents-batch+json", 422, "body"),
        (changed(PAID, lambda f: f["data"].pop("month")), "application/cloudevents+json", 422, "data.month"),
    ],
)
async def test_the_request_as_a_whole(
    open_context: OpenIntake, body: bytes, kind: str, status: int, field: str
) -> None:
    async with client(await open_context("payments")) as http:
        answer = await http.post("/events", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)


async def test_a_batch_is_answered_item_by_item(open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    lines = [json.dumps(PAID).encode(), changed(PAID, lambda f: f["data"].pop("month")), b"{"]
    async with client(intake) as http:
        answer = await http.post(
            "/events", content=b"\n".join(lines), headers={"content-type": "application/x-ndjson"}
        )
        bad = await http.post("/events", json=[{}, {}])
    assert (answer.status_code, bad.status_code) == (207, 422)
    items = answer.json()["items"]
    assert [(item["index"], item["status"]) for item in items] == [
        (0, "accepted"),
        (1, "rejected"),
        (2, "rejected"),
    ]
    assert items[1]["error"] == {"field": "data.month", "expected": REQUIRED}
    assert len(await read(intake.settings)) == 1

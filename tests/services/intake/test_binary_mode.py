"""CloudEvents in binary mode, over HTTP and Kafka: the same facts as structured ones."""

import json
from typing import Any
from urllib.parse import quote

import httpx
from aiokafka import AIOKafkaProducer

from events.catalogue import intake_topic
from services.intake.dead_letters import list_letters
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.platform.settings import Settings
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import OpenIntake, client, read
from tests.services.intake.handing_over import consume_until
from tests.services.platform.golden import facts_of

PAID = [fact for fact in facts_of("payments") if fact["type"] == "dibao.payments.paid.v1"]
READ = ("specversion", "id", "source", "type", "time")


def body(fact: dict[str, Any]) -> bytes:
    return json.dumps(fact["data"], ensure_ascii=False).encode()


def headers(fact: dict[str, Any], **changed: str | None) -> dict[str, str]:
    """The headers of a fact over HTTP; ``None`` leaves one out."""
    said: dict[str, str | None] = {"content-type": "application/json"}
    said |= {f"ce-{name}": quote(fact[name], safe="!#$&'()*+,-./:;<=>?@[]^_`{|}~") for name in READ}
    said |= {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in said.items() if value is not None}


async def test_the_same_fact_in_either_mode_is_one(settings: Settings, open_context: OpenIntake) -> None:
    async with client(await open_context("payments")) as http:
        binary = await http.post("/events", content=body(PAID[0]), headers=headers(PAID[0]))
        structured = await http.post("/events", json=PAID[0])
    assert (binary.status_code, binary.json()["status"]) == (202, "accepted"), binary.text
    assert binary.json()["event_id"] == structured.json()["event_id"]
    assert structured.json()["status"] == "repeated"
    [event] = await read(settings)
    assert (event.serial, event.source) == (PAID[0]["id"], PAID[0]["source"])


SPELT: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("a-1", {"content_type": "application/json; charset=utf-8"}),
    ("a-2", {"content_type": None}),
    ("a-3", {"ce_subject": "%E4", "ce_traceparent": "00-1", "ce_datacontenttype": "text/xml"}),
    ("发-4", {}),
    ("发-5", {"ce_id": "%e5%8f%91-5"}),
    ("a 6", {"ce_id": '"a 6"'}),
    ('a"7', {"ce_id": '"a\\"7"'}),
    ("50%", {"ce_id": "50%"}),
    ("a-9", {"CE_ID": "a-9", "ce_id": None}),
)


async def test_headers_as_clients_write_them(open_context: OpenIntake) -> None:
    async with client(await open_context("payments")) as http:
        for serial, changed in SPELT:
            fact = {**PAID[0], "id": serial}
            answer = await http.post("/events", content=body(fact), headers=headers(fact, **changed))
            assert (answer.status_code, answer.json().get("id")) == (202, serial), answer.text


async def test_every_fault_of_an_event_in_binary_mode_is_said(open_context: OpenIntake) -> None:
    fact = PAID[0]
    broken = json.dumps({**fact["data"], "amount_fen": 0, "paid_on": "2021-02-30"}).encode()
    cases: list[tuple[bytes, dict[str, str], list[str]]] = [
        (body(fact), headers(fact, ce_specversion="0.3"), ["specversion"]),
        (body(fact), headers(fact, ce_time=None, ce_id=None), ["id", "time"]),
        (body(fact), headers(fact, ce_time="2021-06-28 09:30"), ["time"]),
        (body(fact), headers(fact, ce_source="/a//b"), ["source"]),
        (body(fact), headers(fact, ce_id="%FF"), ["id"]),
        (body(fact), headers(fact, content_type="text/xml"), ["datacontenttype"]),
        (broken, headers(fact), ["data.paid_on", "data.amount_fen"]),
        (b"", headers(fact), ["data"]),
        (body(fact)[:-1], headers(fact), ["data"]),
        (body(fact) + b',"id":"other"', headers(fact), ["data"]),
        (json.dumps(fact).encode(), headers(fact), []),
    ]
    async with client(await open_context("payments")) as http:
        for content, said, fields in cases:
            answer = await http.post("/events", content=content, headers=said)
            found = answer.json()
            assert (answer.status_code, found["status"]) == (422, 422), answer.text
            assert not fields or sorted(e["field"] for e in found["errors"]) == sorted(fields), answer.text


async def test_two_headers_that_differ_are_refused(open_context: OpenIntake) -> None:
    said = [*headers(PAID[0]).items(), ("ce-id", "another")]
    async with client(await open_context("payments")) as http:
        answer = await http.post("/events", content=body(PAID[0]), headers=httpx.Headers(said))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "header-once")


async def test_structured_mode_is_what_the_content_type_says(open_context: OpenIntake) -> None:
    async with client(await open_context("payments")) as http:
        kind = {"content-type": "application/cloudevents+json", "ce-id": "of a proxy"}
        answer = await http.post("/events", content=json.dumps(PAID[0]), headers=kind)
        traced = await http.post("/events", json=PAID[1], headers={"ce-traceparent": "00-1"})
    assert (answer.status_code, answer.json()["id"]) == (202, PAID[0]["id"])
    assert (traced.status_code, traced.json()["id"]) == (202, PAID[1]["id"])


async def test_binary_mode_on_the_intake_topic(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("payments")

    def named(fact: dict[str, Any], **changed: bytes | None) -> list[tuple[str, bytes | None]]:
        said: dict[str, bytes | None] = {f"ce_{name}": fact[name].encode() for name in READ}
        return list({**said, "content-type": b"application/json", **changed}.items())

    records = [
        (PAID[0], named(PAID[0])),
        ({**PAID[1], "id": "发 1"}, named({**PAID[1], "id": "发 1"}, **{"content-type": None})),
        (PAID[2], named(PAID[2], ce_id=b"\xff")),
        (PAID[3], named(PAID[3], ce_time=None)),
        (PAID[4], named(PAID[4], **{"content-type": b"application/avro"})),
        (PAID[5], [*named(PAID[5]), ("ce_id", b"another")]),
    ]
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    await producer.start()
    for fact, said in records:
        topic = intake_topic(settings.topic_prefix, "payments")
        headers = [*said, sign(OPERATOR_KEY, OPERATOR_SIGN, body(fact), said)]
        await producer.send_and_wait(topic, body(fact), headers=headers)
    await producer.stop()
    await consume_until(intake, 4, letters=True)
    assert {event.serial for event in await read(settings)} == {PAID[0]["id"], "发 1"}
    reasons = [letter.reason.partition(":")[0] for letter in await list_letters(settings, intake.pool)]
    assert reasons == ["id", "time", "datacontenttype", "id"]

"""Batches under way at the same time are answered as if one came after the other."""

import asyncio
import io
import json
import zipfile
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.partitioner import DefaultPartitioner

from events.catalogue import log_topic
from events.envelope import event_id_of
from services.intake import acceptance, files, publisher, topic, workbook
from services.intake.acceptance import Acceptor
from services.intake.answers import Answer, Unavailable
from services.intake.envelope import read_event
from services.intake.horizon import Horizon
from services.intake.publisher import TOO_LARGE, Acknowledged, Place
from services.intake.sources import OPERATOR
from services.platform.protection import Message
from services.platform.settings import Settings
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import OpenIntake, client, raw, read
from tests.services.intake.handing_over import consume_until, hand_over, lines, payment
from tests.services.intake.uploads import PAID as PAID_ROW
from tests.services.intake.uploads import PAYMENTS, counts, upload, with_cells, xlsx_bytes


async def accept(acceptor: Acceptor, *facts: dict[str, Any]) -> list[str]:
    """The statuses that a batch is told."""
    horizon = Horizon.now(24)
    items = [read_event(json.dumps(fact).encode(), OPERATOR, "payments", horizon) for fact in facts]
    outcome = await acceptor.accept(items)
    return [answer.status if isinstance(answer, Answer) else "" for answer in outcome.answers]


def ndjson(facts: list[dict[str, Any]]) -> bytes:
    """The facts as a file."""
    return b"\n".join(lines(facts))


async def test_a_file_repeats_itself_and_contradicts_itself_chunks_apart(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_CHUNK", 4)
    facts = [payment(f"N{number}") for number in range(20)]
    facts.insert(6, payment("N1"))
    facts.insert(11, payment("N1"))
    facts.insert(13, payment("N2", fen=999))
    answer = await upload(await open_context("payments"), "a.ndjson", ndjson(facts))
    assert counts(answer) == (23, 20, 2, 0, 1)
    assert (answer.json()["facts"], answer.json()["control_total_fen"]) == (21, 20 * 100 + 999)
    serials = Counter(event.serial for event in await read(settings))
    assert serials == Counter({f"N{number}": 1 for number in range(20)} | {"N2": 2})


async def test_the_same_facts_in_several_requests_at_once_are_accepted_once(
    settings: Settings, open_context: OpenIntake
) -> None:
    acceptor = (await open_context("payments")).acceptor
    facts = [payment(f"N{number}") for number in range(50)]
    told = await asyncio.gather(*(accept(acceptor, *facts[start:]) for start in (0, 10, 0, 25)))
    assert [Counter(statuses) for statuses in told] == [
        {"accepted": 50},
        {"repeated": 40},
        {"repeated": 50},
        {"repeated": 25},
    ]
    assert len(await read(settings)) == 50


async def test_a_short_batch_does_not_overtake_a_long_one_that_lets_others_have_their_turn(
    open_context: OpenIntake,
) -> None:
    acceptor = (await open_context("payments")).acceptor
    facts = [payment(f"N{number}") for number in range(350)]
    told = await asyncio.gather(accept(acceptor, *facts), accept(acceptor, facts[-1]))
    assert [Counter(statuses) for statuses in told] == [{"accepted": 350}, {"repeated": 1}]


async def test_a_batch_that_is_given_up_lets_nobody_overtake_those_before_it() -> None:
    under_way, event_id = acceptance._UnderWay(), uuid4().int
    with under_way.enter({event_id}) as none:
        assert none == set()
        with pytest.raises(asyncio.CancelledError), under_way.enter({event_id}) as first:
            raise asyncio.CancelledError
        with under_way.enter({event_id, uuid4().int}) as third:
            assert first <= third and not any(future.done() for future in first)
    assert all(future.done() for future in first)
    assert not under_way._held


async def test_a_chunk_that_kafka_does_not_acknowledge_stops_the_file_and_the_receipt_is_exact(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_CHUNK", 10)
    intake = await open_context("payments")
    publish, calls = intake.publisher.publish, 0

    async def once_in_vain(topic: str, messages: Any) -> list[Acknowledged]:
        nonlocal calls
        calls += 1
        return await publish(topic, messages) if calls != 2 else [None] * len(messages)

    monkeypatch.setattr(intake.publisher, "publish", once_in_vain)
    content = ndjson([payment(f"N{number}") for number in range(100)])
    async with client(intake) as http:
        answer = await http.post("/files", params={"name": "a.ndjson"}, content=content)
        assert answer.status_code == 503
        receipt = (await http.get(f"/receipts/{answer.json()['receipt']['id']}")).json()
        on_the_log = len(await read(settings))
        assert (receipt["status"], receipt["accepted"]) == ("incomplete", on_the_log)
        assert 10 <= on_the_log < 90 and on_the_log % 10 == 0
        again = await http.post("/files", params={"name": "a.ndjson"}, content=content)
    assert counts(again) == (100, 100 - on_the_log, on_the_log, 0, 0)
    assert len(await read(settings)) == 100


async def test_a_workbook_that_cannot_be_read_to_its_end_counts_what_went_before(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_CHUNK", 10)
    monkeypatch.setattr(workbook, "_CHUNK", 16 * 1024)
    intake = await open_context("payments")
    rows = [with_cells(PAID_ROW, PAYMENTS, 流水号=f"S{number}") for number in range(5000)]
    broken = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_bytes([PAYMENTS, *rows]))) as whole,
        zipfile.ZipFile(broken, "w") as torn,
    ):
        for name in whole.namelist():
            torn.writestr(name, whole.read(name).replace(b"</sheetData>", b"<row"))
    answer = await upload(intake, "a.xlsx", broken.getvalue())
    assert answer.status_code == 422
    async with client(intake) as http:
        receipt = (await http.get(f"/receipts/{answer.json()['receipt']['id']}")).json()
    on_the_log = len(await read(settings))
    assert receipt["status"] == "incomplete"
    assert 10 <= receipt["lines"] == receipt["accepted"] == on_the_log < 5000


async def test_batches_of_the_intake_topic_overlap_and_repeats_in_them_count_once(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic, "_BATCH", 3)
    intake = await open_context("payments")
    facts = [payment(f"N{number % 17}") for number in range(40)]
    await hand_over(settings, "payments", OPERATOR_KEY, *lines(facts))
    await consume_until(intake, 17)
    assert Counter(event.serial for event in await read(settings)) == {
        f"N{number}": 1 for number in range(17)
    }


async def test_records_go_to_the_partitions_of_their_keys_in_their_order(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake, name = await open_context("payments"), log_topic(settings.topic_prefix, "payments")
    # More than fits into one of Kafka's batches, in each partition.
    messages = [
        Message(event_id_of("/a", str(number)), "", f"H{number % 40}".encode(), b"%06d" % number * 300, [])
        for number in range(1000)
    ]
    places = await intake.publisher.publish(name, messages)
    records = await raw(settings, name)
    found: dict[int, list[tuple[bytes, bytes]]] = {0: [], 1: []}
    kept = {Place(record.partition, record.offset): record.value for record in records}
    assert [kept[place] for place in places if isinstance(place, Place)] == [each.value for each in messages]
    for record in sorted(records, key=lambda record: record.offset):
        found[record.partition].append((record.key, record.value))
    for partition, held in found.items():
        partitioner = DefaultPartitioner()
        assert held == [
            (message.key, message.value)
            for message in messages
            if partitioner(message.key, [0, 1], [0, 1]) == partition
        ]


async def test_a_record_that_kafka_refuses_is_not_acknowledged_and_the_others_are_another_time(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake, name = await open_context("payments"), log_topic(settings.topic_prefix, "payments")
    good = Message(event_id_of("/a", "1"), "", b"H1", b"{}", [])
    large = Message(event_id_of("/a", "2"), "", b"H1", b"x" * 9_000_000, [])
    assert await intake.publisher.publish(name, [large]) == [TOO_LARGE]
    assert None not in await intake.publisher.publish(name, [good])
    with pytest.raises(Unavailable):
        nowhere = settings.model_copy(update={"kafka": "127.0.0.1:1"})
        await publisher.Publisher(nowhere, intake.pool).publish(name, [good])

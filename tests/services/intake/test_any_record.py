"""Whatever stands on an intake topic is a fact or a dead letter, and what stands behind it is taken."""

import asyncio
import gzip
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from deploy.cli.progress import progress
from events.catalogue import dead_letter_topic, intake_topic
from services.intake import envelope
from services.intake import topic as intake_topic_module
from services.intake.context import Intake
from services.intake.dead_letters import (
    DeadLetter,
    NoSuchLetterError,
    list_letters,
    redrive,
    show_letter,
)
from services.intake.heads import SIGNATURE
from services.intake.service import serve_contexts
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.payments.service import DECLARATION as PAYMENTS
from services.platform.batches import Unreadable, fetch_batches
from services.platform.settings import Settings
from services.vitals.service import DECLARATION as VITALS
from tests.operator import OPERATOR_KEY
from tests.ports import free_port
from tests.services.intake.conftest import OpenIntake, opening, raw, read
from tests.services.intake.handing_over import consume_until, lines
from tests.services.intake.kafka_bytes import GZIP, batch, produce, record
from tests.services.platform.golden import facts_of

Headers = list[tuple[str, bytes | None]]

PAID = [fact for fact in facts_of("payments") if fact["type"] == "dibao.payments.paid.v1"]
KINDS = (b"application/cloudevents+json", b"text/xml")


def signed(value: bytes | None) -> bytes:
    """What the operator's signature of a record says."""
    return sign(OPERATOR_KEY, OPERATOR_SIGN, value or b"")[1]


def plain(value: bytes | None) -> tuple[Headers, bytes | None]:
    """A record with its signature, and no other header."""
    return [(SIGNATURE, signed(value))], value


def topic_of(settings: Settings) -> str:
    return intake_topic(settings.topic_prefix, "payments")


async def send(settings: Settings, *records: tuple[Headers, bytes | None], **more: Any) -> None:
    """Put records onto the intake topic of payments, in one batch."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, linger_ms=50, **more)
    await producer.start()
    try:
        sent = [
            await producer.send(topic_of(settings), value, key=b"k", headers=head) for head, value in records
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def taken(intake: Intake, facts: int, letters: int) -> list[DeadLetter]:
    """Run the consumer until so many facts and dead letters are there, and no more."""
    # Facts first: whoever is stopped half way through records one by one takes them all again, letters too.
    await consume_until(intake, facts)
    if letters:
        await consume_until(intake, letters, letters=True)
    assert len(await read(intake.settings)) == facts
    found = await list_letters(intake.settings, intake.pool)
    assert len(found) == letters
    return found


Told = Callable[[bytes], Headers]
"""Headers, by a good signature."""

REFUSED: tuple[tuple[str, Told], ...] = (
    (SIGNATURE, lambda good: [(SIGNATURE, None)]),
    (SIGNATURE, lambda good: []),
    (SIGNATURE, lambda good: [(SIGNATURE, b"v1 \xff\xfe\x00 " + good[-64:])]),
    (SIGNATURE, lambda good: [(SIGNATURE, b"v1 a\x00b " + good[-64:])]),
    (SIGNATURE, lambda good: [(SIGNATURE, good.removeprefix(b"v1 "))]),
    (SIGNATURE, lambda good: [(SIGNATURE, good[:-64] + b"\xe4" * 64)]),
    (SIGNATURE, lambda good: [(SIGNATURE, b"v1 * 00"), (SIGNATURE, good)]),
    (SIGNATURE, lambda good: [(SIGNATURE, good), ("Dibao-Signature", b"x")]),
    ("authorization", lambda good: [("authorization", f"Bearer {OPERATOR_KEY}".encode())]),
    ("authorization", lambda good: [("authorization", b"\xff\xfe\x00")]),
    ("content-type", lambda good: [(SIGNATURE, good), *(("content-type", kind) for kind in KINDS)]),
)
"""Headers that nobody may send a fact with, and which of them is wrong."""

TAKEN: tuple[Told, ...] = (
    lambda good: [(SIGNATURE, good), (SIGNATURE, good)],
    lambda good: [("Dibao-Signature", good), ("Content-Type", KINDS[0])],
    lambda good: [(SIGNATURE, good), ("trace", None), ("content-type", None)],
    lambda good: [(SIGNATURE, good), ("", b""), ("trace\0", b"\xff\xfe")],
    lambda good: [(SIGNATURE, good), ("发送", "民政局".encode("gb18030"))],
    lambda good: [(SIGNATURE, None), (SIGNATURE, good)],
    lambda good: [(SIGNATURE, good), *((f"h{number}", None) for number in range(500))],
)
"""Headers that are odd and say nothing wrong."""


async def test_any_headers_are_a_fact_or_a_dead_letter(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    values = iter(lines(PAID))
    bad = [(headers(signed(value := next(values))), value) for _, headers in REFUSED]
    good = [(headers(signed(value := next(values))), value) for headers in TAKEN]
    await send(settings, *bad, *good, *map(plain, (None, b"", b"\x00", next(values))))
    letters = await taken(intake, len(good) + 1, len(bad) + 3)
    fields = [letter.reason.partition(":")[0] for letter in letters]
    assert fields == [field for field, _ in REFUSED] + ["event"] * 3

    # Opened and sent again a letter is what it was.
    original = await show_letter(settings, opening(intake), letters[0].offset)
    assert original.headers == [(SIGNATURE, None)]
    await redrive(settings, opening(intake), letters[0].offset)
    again = (await taken(intake, len(good) + 1, len(bad) + 4))[-1]
    assert (await show_letter(settings, opening(intake), again.offset)).headers == original.headers


async def test_names_of_headers_in_any_bytes_spoil_nothing_in_their_batch_and_behind_it(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    values = lines(PAID)

    def by(value: bytes) -> tuple[bytes, bytes]:
        return SIGNATURE.encode(), signed(value)

    content = batch(
        [
            record(0, values[0], [by(values[0])]),
            record(1, values[1], [by(values[1]), (b"\xff\xfe", b"1")]),
            record(2, values[2], [("姓名".encode("gb18030"), None)]),
            record(3, values[3], [by(values[3]), (b"\xed\xa0\x80", None), (b"\x80" * 300, b"")]),
            record(4, b"no fact", [by(b"no fact"), (b"\xc3", None)]),
            record(5, values[4], [by(values[4])]),
        ]
    )
    await produce(settings, topic_of(settings), content)
    await send(settings, plain(values[5]))
    letters = await taken(intake, 5, 2)
    assert [letter.source_offset for letter in letters] == [2, 4]
    original = await show_letter(settings, opening(intake), letters[1].offset)
    assert (original.value, original.headers[1]) == (b"no fact", ("\ufffd", None))
    await redrive(settings, opening(intake), letters[0].offset)
    assert (await taken(intake, 5, 3))[-1].reason.startswith(SIGNATURE)


async def test_records_that_no_client_can_read_are_named_by_their_place(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker keeps none; a disk may."""
    intake = await open_context("payments")
    values = lines(PAID)
    first, second = ((SIGNATURE.encode(), signed(value)) for value in values[:2])
    await produce(settings, topic_of(settings), batch([record(0, values[0], [first, (b"\xff", b"")])]))
    await produce(settings, topic_of(settings), batch([record(0, values[1], [second])] * 1))

    async def rotten(client: Any, leader: int, partition: Any, position: int, size: int) -> Any:
        found, end = await fetch_batches(client, leader, partition, position, size)
        return [Unreadable(partition, found[0].offset, found[0].offset), *found[1:]], end

    monkeypatch.setattr(intake_topic_module, "fetch_batches", rotten)
    [letter] = await taken(intake, 1, 1)
    assert (letter.topic, letter.source_offset, letter.error) == (topic_of(settings), 0, "Rejected")
    with pytest.raises(NoSuchLetterError, match="nothing of it could be read"):
        await show_letter(settings, opening(intake), letter.offset)


async def test_of_a_record_that_is_too_long_for_a_dead_letter_the_beginning_is_kept(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    many: Headers = [(SIGNATURE, signed(b"x")), *(("h", b"1") for _ in range(200_000))]
    big = (b"a" * 1_040_000, b'{"specversion":"1.0","id":"' + b"x" * 1_040_000 + b'"}')
    await send(settings, (many, b"x"), *map(plain, big), max_request_size=2**22)
    await send(settings, plain(lines(PAID)[0]))
    letters = await taken(intake, 1, 3)
    cut = await show_letter(settings, opening(intake), letters[0].offset)
    assert (cut.value, cut.cut) == (b"x", f"1 bytes, SHA-256 {sha256(b'x').hexdigest()}")
    assert len(cut.headers) == 20
    with pytest.raises(NoSuchLetterError, match="only the beginning of its record"):
        await redrive(settings, opening(intake), letters[0].offset)
    assert (await show_letter(settings, opening(intake), letters[1].offset)).value == big[0]


async def test_what_nobody_foresaw_at_one_record_is_a_dead_letter_too(
    settings: Settings,
    open_context: OpenIntake,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    intake = await open_context("payments")
    values = lines(PAID)[:5]

    def fails(value: bytes, *rest: Any) -> Any:
        if value == values[2]:
            raise ZeroDivisionError(value)
        return envelope.read_event(value, *rest)

    monkeypatch.setattr(intake_topic_module, "read_event", fails)
    await send(settings, *map(plain, values))
    [letter] = await taken(intake, 4, 1)
    assert (letter.source_offset, letter.reason) == (
        2,
        "event: dibao to be mended: it failed at this (ZeroDivisionError)",
    )
    assert PAID[2]["data"]["account"]["number"] not in caplog.text
    assert (await show_letter(settings, opening(intake), letter.offset)).value == values[2]


async def test_a_fault_of_ours_at_one_topic_stops_neither_the_process_nor_other_contexts(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    consume = intake_topic_module._consume

    async def fails(mine: Intake, stop: asyncio.Event) -> None:
        if mine.context == "vitals":
            raise ZeroDivisionError
        await consume(mine, stop)

    monkeypatch.setattr(intake_topic_module, "_consume", fails)
    await send(settings, plain(lines(PAID)[0]))
    stop = asyncio.Event()
    declared = [VITALS, PAYMENTS]
    serving = asyncio.ensure_future(
        serve_contexts(declared, settings.model_copy(update={"port": free_port()}), stop)
    )
    async with asyncio.timeout(60):
        while not await read(settings):
            assert not serving.done()
            await asyncio.sleep(0.2)
    stop.set()
    await serving


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_every_codec_is_taken(settings: Settings, open_context: OpenIntake, codec: str) -> None:
    intake = await open_context("payments")
    values = lines(PAID)[:40]
    await send(settings, *map(plain, values[:20]), compression_type=codec)
    kcat = shutil.which("kcat")
    assert kcat is not None, "make tools installs it"
    command = [kcat, "-P", "-b", settings.kafka, "-t", topic_of(settings), "-z", codec]
    # kcat gives all its records the same headers.
    for value in values[20:23]:
        said = ["-H", f"{SIGNATURE}={signed(value).decode()}"]
        await asyncio.to_thread(subprocess.run, [*command, *said], input=value, check=True)
    await taken(intake, 23, 0)


async def test_a_batch_that_unpacks_to_far_more_is_refused_by_the_broker(
    settings: Settings, open_context: OpenIntake
) -> None:
    packed = gzip.compress(record(0, b" " * (32 * 1024**2), []))
    with pytest.raises(MessageSizeTooLargeError):
        await produce(settings, topic_of(settings), batch([b""], codec=GZIP, packed=packed))


async def test_aborted_transactions_are_not_taken_and_leave_no_lag(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    values = lines(PAID)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, transactional_id=settings.topic_prefix)
    await producer.start()
    for value, counts in ((values[0], False), (values[1], True), (values[2], False)):
        await producer.begin_transaction()
        await producer.send_and_wait(topic_of(settings), value, headers=plain(value)[0])
        await (producer.commit_transaction() if counts else producer.abort_transaction())
    await producer.stop()
    await send(settings, plain(values[3]))
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, transactional_id=settings.topic_prefix)
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(topic_of(settings), values[4], headers=plain(values[4])[0])
    await producer.abort_transaction()
    await producer.stop()

    stop = asyncio.Event()
    running = asyncio.ensure_future(intake_topic_module.consume_intake(intake, stop))
    async with asyncio.timeout(60):
        while (await progress(settings, intake.pool)).intake:
            await asyncio.sleep(0.2)
    stop.set()
    await running
    assert {event.serial for event in await read(settings)} == {PAID[1]["id"], PAID[3]["id"]}
    assert await list_letters(settings, intake.pool) == []


async def test_nothing_of_a_dead_letter_is_readable(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    secret = PAID[0]["data"]["account"]["holder_name"].encode()
    await send(settings, ([(SIGNATURE, None), ("holder", secret)], lines(PAID)[0]))
    await taken(intake, 0, 1)
    [letter] = await raw(settings, dead_letter_topic(settings.topic_prefix))
    assert secret not in letter.value + b"".join(value for _, value in letter.headers)

"""An intake topic that stands still over a backlog is seen, by whoever asks."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from deploy.cli.progress import StandstillError, wait_until_done
from events.catalogue import intake_topic
from services.intake import backlog, topic
from services.intake.backlog import Backlog
from services.platform.settings import Settings
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import OpenIntake, client, read
from tests.services.intake.handing_over import hand_over, lines
from tests.services.platform.golden import facts_of


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(backlog, "monotonic", made)
    return made


def test_taking_is_progress_and_so_is_having_nothing_to_take(clock: Clock) -> None:
    found = Backlog()
    assert found.stall() is None
    clock.now += 100
    assert found.stall() is None, "nothing is expected before the consumer begins"
    found.begin()
    for taken, lag in ((0, 0), (0, 5), (1, 4), (1, 4), (5, 0), (5, 0)):
        clock.now += 20
        found.note(taken, lag)
        assert found.stall() is None, (taken, lag)


def test_it_stands_still_where_nothing_moves_and_where_nobody_says_anything(clock: Clock) -> None:
    found = Backlog()
    found.begin()
    found.note(3, 7)
    clock.now += 29
    found.note(3, 7, "an open transaction")
    assert found.stall() is None
    clock.now += 1
    stall = found.stall()
    assert stall is not None
    assert (stall.lag, stall.seconds, stall.why) == (7, 30, "an open transaction")
    assert "积压7条" in stall.sentence().chinese
    found.note(4, 6)
    assert found.stall() is None
    clock.now += 60
    assert found.stall() is not None


async def test_it_is_said_by_health_and_by_wait_and_passes(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "STALL_SECONDS", 2.0)
    intake = await open_context("payments")
    fact = facts_of("payments")[0]
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, transactional_id=settings.topic_prefix)
    await producer.start()
    await producer.begin_transaction()
    name = intake_topic(settings.topic_prefix, "payments")
    await producer.send_and_wait(name, b"of a sender that went to lunch")
    await hand_over(settings, "payments", OPERATOR_KEY, *lines([fact]))

    stop = asyncio.Event()
    running = asyncio.ensure_future(topic.consume_intake(intake, stop))
    try:
        with pytest.raises(StandstillError, match=rf"2 records wait on {name}"):
            await wait_until_done(settings, intake.pool, patience=60, standstill=4)
        async with client(intake, "") as http:
            found = (await http.get("/health")).json()
            assert found["status"] == "degraded"
            [error] = found["errors"]
            assert (error["field"], error["code"]) == (name, "topic-stands-still")
            assert "an open transaction" in error["expected"]
            assert await read(settings) == []

            await producer.abort_transaction()
            async with asyncio.timeout(30):
                while (await http.get("/health")).json()["status"] != "ok":
                    await asyncio.sleep(0.2)
        assert len(await read(settings)) == 1
    finally:
        stop.set()
        await running
        await producer.stop()


async def test_what_the_client_fails_at_again_and_again_is_a_standstill(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "STALL_SECONDS", 1.0)
    intake = await open_context("payments")

    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(topic, "_consume", fails)
    stop = asyncio.Event()
    running = asyncio.ensure_future(topic.consume_intake(intake, stop))
    async with client(intake, "") as http:
        assert (await http.get("/health")).json()["status"] == "ok"
        await asyncio.sleep(1.2)
        found = (await http.get("/health")).json()
    stop.set()
    await running
    assert found["status"] == "degraded"
    assert "ZeroDivisionError" in found["errors"][0]["expected"]

"""A day is closed once, in order, with the cut of the log."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local import Stack
from events.catalogue import CONTEXTS, ONE_PARTITION, log_topic
from services.closer.closing import Closer, DayRefusedError, close_day, latest_closed, today, undo_day
from services.closer.service import serve
from services.platform.keys import Keys
from services.platform.log import read_log
from services.platform.producer import open_producer
from services.platform.settings import Settings
from services.platform.topics import create_topics


@pytest.fixture
async def settings(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of an empty log."""
    settings = Settings(
        kafka=stack.kafka,
        database_url=database,
        topic_prefix=f"t{uuid.uuid4().hex[:8]}",
        partitions=3,
        master_key_file=tmp_path / "master.key",
    )
    Keys.create(settings.master_key_file)
    await create_topics(settings)
    yield settings


async def test_a_day_is_closed_with_the_next_offset_of_every_partition(settings: Settings) -> None:
    producer = await open_producer(settings)
    for _ in range(4):
        await producer.send_and_wait(log_topic(settings.topic_prefix, "payments"), b"x", partition=1)
    await producer.stop()

    closed = await close_day(settings, date(2021, 6, 30))
    assert not closed.already
    assert set(closed.cut) == {
        log_topic(settings.topic_prefix, name) for name in CONTEXTS if name != "calendar"
    }
    for name in CONTEXTS:
        if name != "calendar":
            partitions = closed.cut[log_topic(settings.topic_prefix, name)]
            assert len(partitions) == (1 if name in ONE_PARTITION else 3)
            assert partitions == {
                number: 4 if (name, number) == ("payments", "1") else 0 for number in partitions
            }

    [record] = [item async for batch in read_log(settings, ("calendar",)) for item in batch]
    assert record.event.serial == "2021-06-30"
    assert record.event.time == datetime(2021, 6, 30, 16, tzinfo=UTC)  # midnight in Asia/Shanghai
    assert record.event.data.cut == closed.cut


async def test_days_are_closed_once_and_in_order(settings: Settings) -> None:
    assert await latest_closed(settings) is None
    first = await close_day(settings, date(2021, 6, 30))
    again = await close_day(settings, date(2021, 6, 30))
    assert (again.already, again.cut) == (True, first.cut)
    with pytest.raises(DayRefusedError, match="2021-06-29 cannot be closed: 2021-06-30 is"):
        await close_day(settings, date(2021, 6, 29))
    await close_day(settings, date(2021, 7, 2))
    assert (await close_day(settings, date(2021, 6, 30))).already
    assert await latest_closed(settings) == date(2021, 7, 2)


async def test_the_service_closes_the_day_at_midnight_in_shanghai(settings: Settings) -> None:
    # The clock stands 0.2 s before midnight of 30 June, and walks.
    started = asyncio.get_running_loop().time()
    begin = datetime(2021, 6, 30, 15, 59, 59, 800_000, tzinfo=UTC).timestamp()

    def now() -> datetime:
        return datetime.fromtimestamp(begin + asyncio.get_running_loop().time() - started, UTC)

    stop = asyncio.Event()
    serving = asyncio.ensure_future(serve(settings, stop, now=now))
    async with asyncio.timeout(60):
        while await latest_closed(settings) is None:
            await asyncio.sleep(0.2)
    stop.set()
    await serving
    assert await latest_closed(settings) == date(2021, 6, 30)


async def test_a_day_that_is_not_over_cannot_be_closed(settings: Settings) -> None:
    with pytest.raises(DayRefusedError, match="it is not over in Asia/Shanghai"):
        await close_day(settings, today())
    assert not (await close_day(settings, today() - timedelta(days=1))).already


async def days_on_log(settings: Settings) -> list[tuple[str, str]]:
    """Type and serial of what stands on the calendar's topic."""
    batches = [batch async for batch in read_log(settings, ("calendar",))]
    return [(record.event.type.split(".")[2], record.event.serial) for batch in batches for record in batch]


async def test_the_service_makes_up_for_the_nights_that_it_missed(settings: Settings) -> None:
    await close_day(settings, date(2021, 6, 27))
    stop = asyncio.Event()
    serving = asyncio.ensure_future(serve(settings, stop, now=lambda: datetime(2021, 6, 30, 4, tzinfo=UTC)))
    async with asyncio.timeout(60):
        while await latest_closed(settings) != date(2021, 6, 29):
            await asyncio.sleep(0.2)
    stop.set()
    await serving
    assert [serial for _, serial in await days_on_log(settings)] == [
        "2021-06-27", "2021-06-28", "2021-06-29"
    ]  # fmt: skip


async def test_a_deployment_that_lives_in_the_past_is_left_to_a_person(settings: Settings) -> None:
    await close_day(settings, date(2021, 6, 27))
    stop = asyncio.Event()
    serving = asyncio.ensure_future(serve(settings, stop, now=lambda: datetime(2021, 9, 30, 4, tzinfo=UTC)))
    await asyncio.sleep(3)
    stop.set()
    await serving
    assert await latest_closed(settings) == date(2021, 6, 27)


async def test_closers_exclude_one_another_and_never_give_a_day_two_cuts(settings: Settings) -> None:
    """Both are open before either has said anything."""
    days = [date(2021, 6, number) for number in range(1, 11)]

    async def close_all(closer: Closer) -> list[bool]:
        return [(await closer.close(day)).already for day in days]

    async with Closer.open(settings) as one, Closer.open(settings) as other:
        first, second = await asyncio.gather(close_all(one), close_all(other))
    assert [a != b for a, b in zip(first, second, strict=True)] == [True] * 10
    assert await days_on_log(settings) == [("day_closed", day.isoformat()) for day in days]


async def test_a_day_closed_by_error_is_undone_with_what_follows_and_closed_anew(settings: Settings) -> None:
    for number in (1, 2, 3):
        await close_day(settings, date(2021, 6, number))
    producer = await open_producer(settings)
    await producer.send_and_wait(log_topic(settings.topic_prefix, "payments"), b"x", partition=1)
    await producer.stop()
    with pytest.raises(DayRefusedError, match="2021-06-04 is not closed"):
        await undo_day(settings, date(2021, 6, 4), "too early")
    assert await undo_day(settings, date(2021, 6, 2), "too early") == [date(2021, 6, 2), date(2021, 6, 3)]
    assert await latest_closed(settings) == date(2021, 6, 1)
    closed = await close_day(settings, date(2021, 6, 2))
    assert not closed.already
    assert closed.cut[log_topic(settings.topic_prefix, "payments")]["1"] == 1
    assert (await close_day(settings, date(2021, 6, 2))).already
    with pytest.raises(DayRefusedError, match="2021-06-03 is not closed"):
        await undo_day(settings, date(2021, 6, 3), "too early")

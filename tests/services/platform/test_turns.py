"""What is fetched while a batch is in work is the next batch, however many fetches it took."""

from __future__ import annotations

import asyncio
from itertools import count, islice

from services.platform.turns import AHEAD, SMALL, Poll, Turns

A, B = ("a", 0), ("b", 0)
LIMIT = 1000


class Work:
    """Notes what is begun, and ends it when told to."""

    def __init__(self) -> None:
        self.begun: list[Poll] = []
        self._ends: list[asyncio.Event] = []

    async def __call__(self, poll: Poll) -> None:
        self.begun.append(poll)
        end = asyncio.Event()
        self._ends.append(end)
        await end.wait()

    async def end(self, number: int) -> None:
        """Let a batch end, and what follows begin."""
        self._ends[number].set()
        await settled()

    @property
    def records(self) -> list[list[int]]:
        """The records of each batch of one partition that was begun."""
        return [list(*poll.batches.values()) for poll in self.begun]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


RECORDS = count()


def poll(records: int, token: int = 1) -> Poll:
    return Poll(token, {A: list(islice(RECORDS, records))})


def of(*polls: Poll) -> list[int]:
    """Return the records of polls that are one batch."""
    return [record for poll in polls for record in poll.batches[A]]


async def made(*polls: Poll, limit: int = LIMIT) -> tuple[Turns, Work]:
    work = Work()
    turns = Turns(work, limit)
    for one in polls:
        turns.add(one)
        await settled()
    return turns, work


async def test_the_first_begins_at_once_and_few_records_wait_for_its_end_together() -> None:
    first, second, third = poll(1), poll(2), poll(3)
    _, work = await made(first, second, third)
    assert work.records == [of(first)]
    await work.end(0)
    assert work.records == [of(first), of(second, third)]


async def test_many_records_are_begun_while_the_first_are_in_work() -> None:
    first, few, many = poll(1), poll(SMALL // 2), poll(SMALL // 2)
    _, work = await made(first, few, many)
    assert work.records == [of(first), of(few, many)]


async def test_no_more_than_two_are_in_work() -> None:
    polls = [poll(SMALL) for _ in range(3)]
    _, work = await made(*polls)
    assert work.records == [of(polls[0]), of(polls[1])]
    await work.end(0)
    assert work.records == [of(polls[0]), of(polls[1]), of(polls[2])]


async def test_a_batch_takes_no_more_than_the_limit_but_for_one_fetch_that_brought_more() -> None:
    first, larger, one, full = poll(1), poll(LIMIT + 1), poll(1), poll(LIMIT)
    _, work = await made(first, larger, one, full)
    await work.end(0)
    await work.end(1)
    assert work.records == [of(first), of(larger), of(one), of(full)]


async def test_where_a_batch_is_small_so_is_what_is_read_ahead() -> None:
    first, second = poll(2), poll(2)
    _, work = await made(first, second, limit=2)
    assert work.records == [of(first), of(second)]


async def test_what_was_fetched_after_a_seek_is_no_batch_with_what_was_fetched_before_it() -> None:
    first, before, after = poll(1), poll(1, token=1), poll(1, token=2)
    _, work = await made(first, before, after)
    await work.end(0)
    assert work.records == [of(first), of(before)]
    await work.end(1)
    assert work.records == [of(first), of(before), of(after)]


async def test_what_is_forgotten_never_begins_and_what_is_in_work_goes_on() -> None:
    first, second, third = poll(1), poll(1), poll(1)
    turns, work = await made(first, second)
    turns.forget()
    assert turns.in_work
    await work.end(0)
    assert not turns.in_work
    turns.add(third)
    await settled()
    assert work.records == [of(first), of(third)]


async def test_there_is_room_until_so_many_records_wait_or_are_in_work() -> None:
    turns, work = await made(*[poll(LIMIT) for _ in range(AHEAD)])
    waiting = asyncio.ensure_future(turns.room())
    await settled()
    assert not waiting.done()
    await work.end(0)
    assert waiting.done()


async def test_what_was_forgotten_makes_room() -> None:
    turns, _ = await made(*[poll(LIMIT) for _ in range(AHEAD)])
    turns.forget()
    await asyncio.wait_for(turns.room(), 1)


async def test_what_is_given_up_ends_and_nothing_follows() -> None:
    turns, work = await made(poll(1), poll(1))
    await turns.abandon()
    assert not turns.in_work
    assert len(work.begun) == 1
    await asyncio.wait_for(turns.room(), 1)


async def test_fetches_are_joined_by_partition_in_their_order() -> None:
    first = Poll(1, {A: [1, 2], B: [7]})
    _, work = await made(first, Poll(1, {B: [8]}), Poll(1, {A: [3]}), Poll(1, {B: [9]}))
    await work.end(0)
    assert [(begun.token, begun.batches) for begun in work.begun] == [
        (1, {A: [1, 2], B: [7]}),
        (1, {B: [8, 9], A: [3]}),
    ]

"""Who is told to end comes to an end, also where a library loses the telling."""

import asyncio
from contextlib import suppress

import pytest

from services.platform import running
from services.platform.running import first_to_end, within


async def over_and_over(limited: bool) -> int:
    """Cancel a loop around a limit in the turn in which its work ends; return its turns after that, to 3."""
    answer = asyncio.get_running_loop().create_future()
    turns = 0

    async def loop() -> None:
        nonlocal turns
        while turns < 3:
            await (within(5, answer) if limited else asyncio.wait_for(answer, 5))
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(loop())
    await asyncio.sleep(0.01)
    answer.set_result(None)
    task.cancel()
    await asyncio.wait({task})
    return turns


async def test_a_cancellation_is_not_lost_where_the_work_ends_in_the_same_turn() -> None:
    assert await over_and_over(limited=True) == 0


async def test_why_not_wait_for() -> None:
    # Python 3.12 mended it; this is told when the workaround may go.
    assert await over_and_over(limited=False) > 0


async def test_within_raises_when_the_time_is_up() -> None:
    with pytest.raises(TimeoutError):
        await within(0.01, asyncio.sleep(60))
    assert await within(5, asyncio.sleep(0, "done")) == "done"


async def test_what_loses_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_AGAIN_SECONDS", 0.05)
    told = 0

    async def deaf() -> None:
        nonlocal told
        while told < 3:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            told += 1

    await asyncio.wait_for(first_to_end(deaf(), asyncio.sleep(0.01)), 10)
    assert told == 3

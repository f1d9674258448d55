"""What waits for a server waits for ever unless it is told otherwise, and says so once, not at every try."""

import asyncio
import logging
import math

import pytest

from services.platform import failure
from services.platform.failure import InfrastructureLostError, Patience, patiently
from services.platform.pipeline import Tuning


@pytest.fixture(autouse=True)
def _no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failure, "_FIRST_DELAY", 0.001)
    monkeypatch.setattr(failure, "_LONGEST_DELAY", 0.001)


async def test_it_says_once_that_it_waits_and_once_that_it_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    patience = Patience(Tuning().retry_seconds, "Pipeline x")
    for _ in range(2):
        for _ in range(20):
            await patience.wait(ConnectionRefusedError())
        patience.reset()
    assert [record.message for record in caplog.records] == [
        "Pipeline x waits since 0 s: ConnectionRefusedError",
        "Pipeline x goes on after 0 s",
    ] * 2


async def test_a_day_without_a_server_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline by its defaults; one with a limit gives up."""
    loop, ahead = asyncio.get_running_loop(), 0.0
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + ahead)
    patient, limited = Patience(Tuning().retry_seconds, "x"), Patience(60, "y")
    for patience in (patient, limited):
        await patience.wait(ConnectionRefusedError())
    ahead = 86400
    await patient.wait(ConnectionRefusedError())
    with pytest.raises(InfrastructureLostError, match="y gave up after 60 s"):
        await limited.wait(ConnectionRefusedError())
    assert math.isfinite(Tuning().batch_seconds), "Kafka's clients want a number"


async def test_work_is_tried_again_while_a_server_is_away_and_not_for_anything_else() -> None:
    answers: list[Exception | str] = [ConnectionRefusedError(), TimeoutError(), "done", ValueError("wrong")]

    async def work() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await patiently(work, 60, "x") == "done"
    with pytest.raises(ValueError, match="wrong"):
        await patiently(work, 60, "x")
    assert answers == []

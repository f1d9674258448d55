"""A topic that was just created is not known to every broker yet; one that nobody created is said."""

from __future__ import annotations

from typing import Any

import pytest

from services.platform import log
from services.platform.failure import PipelineStoppedError
from services.platform.log import check_topics
from services.platform.settings import Settings


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[list[str]]:
    """Let Kafka name these topics, one answer after the other, and then the last again and again."""
    left = list(answers)

    async def asked(*_: Any) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    monkeypatch.setattr(log, "_asked", asked)
    monkeypatch.setattr(log, "_AGAIN_SECONDS", 0.0)
    return left


async def test_a_broker_that_has_not_heard_of_a_topic_yet_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = answering(monkeypatch, [], ["d.payments"], ["d.payments", "d.policy"])
    await check_topics(Settings(kafka="broker:9092"), ["d.payments", "d.policy"])
    assert left == [["d.payments", "d.policy"]]


async def test_what_is_missing_still_is_said_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["d.policy"])
    monkeypatch.setattr(log, "_KNOWN_SECONDS", 0.05)
    with pytest.raises(PipelineStoppedError, match=r"broker:9092 lacks the topics d\.payments: `dibao up`"):
        await check_topics(Settings(kafka="broker:9092"), ["d.payments", "d.policy"])

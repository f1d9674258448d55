"""Kafka is asked seldom where nothing comes, and often from the first record on."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.platform import idling
from services.platform.idling import Idling


def test_waits_are_long_after_a_while_without_records_and_short_with_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(idling, "monotonic", lambda: now)
    fetcher = SimpleNamespace(_fetch_max_wait_ms=500, _fetcher_timeout=0.2)
    consumer: Any = SimpleNamespace(_fetcher=fetcher)
    waits = Idling(consumer, busy_ms=40, idle_ms=1000)
    seen = []
    for came, later in [(False, 2.0), (False, 2.0), (True, 0.0), (False, 1.0)]:
        now += later
        waits.note(came)
        seen.append((fetcher._fetch_max_wait_ms, fetcher._fetcher_timeout))
    assert seen == [(40, 0.2), (1000, 1.0), (40, 0.2), (40, 0.2)]

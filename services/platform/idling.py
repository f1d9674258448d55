"""How a consumer waits where nothing comes: Kafka is asked seldom, and answers as soon as there is something.

aiokafka's fetcher has one wait for all times. A short one costs Kafka and us many requests a second for
nothing; a long one would hold up a partition that a request left out, for its records were not taken out yet.
"""

from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer

_IDLE_SECONDS = 3.0


class Idling:
    """The waits of a consumer that has started, while something comes and after nothing came for a while.

    What else is asked over the same connection, as at a rebalance, waits as long.
    """

    def __init__(self, consumer: AIOKafkaConsumer, *, busy_ms: int, idle_ms: int) -> None:
        self._fetcher: Any = consumer._fetcher
        self._waits = busy_ms, idle_ms
        self._rounds = self._fetcher._fetcher_timeout, idle_ms / 1000
        self._busy_at = monotonic()
        self._set(idle=False)

    def note(self, came: bool) -> None:
        """Note whether something came; call it when it was taken out, before anything is awaited."""
        now = monotonic()
        if came:
            self._busy_at = now
        self._set(idle=now - self._busy_at > _IDLE_SECONDS)

    def _set(self, *, idle: bool) -> None:
        self._fetcher._fetch_max_wait_ms = self._waits[idle]
        self._fetcher._fetcher_timeout = self._rounds[idle]

"""An upstream that publishes throughout, and believes nothing but acknowledgements."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
from aiokafka.errors import KafkaError

from services.calendar.closing import close_day
from services.simulator import Settings as Street
from services.simulator import World
from tests.deployment import Deployment

Raw = dict[str, Any]

_RETRY_SECONDS = 0.3
_ACKNOWLEDGED = frozenset({"accepted", "repeated", "set_aside"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """Facts of one context that are handed over together, or the closing of a day."""

    context: str
    facts: tuple[Raw, ...] = ()
    day: date | None = None


def deliveries_of(street: Street, size: int) -> list[Delivery]:
    """The post of a street, day by day, and each quarter's last day closed when its post is delivered."""
    found: list[Delivery] = []
    waiting: dict[str, list[Raw]] = defaultdict(list)

    def hand_over() -> None:
        for context, facts in waiting.items():
            found.extend(Delivery(context, tuple(facts[at : at + size])) for at in range(0, len(facts), size))
        waiting.clear()

    last = date.min
    for day in World(street).days():
        for fact in day.facts:
            waiting[fact["type"].split(".")[1]].append(fact)
        if sum(map(len, waiting.values())) >= size:
            hand_over()
        if last.month % 3 == 0 and day.day.month != last.month and last != date.min:
            hand_over()
            found.append(Delivery("calendar", day=last))
        last = day.day
    hand_over()
    found.append(Delivery("calendar", day=last))
    return found


@dataclass
class Publisher:
    """Publishes deliveries in their order, at a steady pace, again and again until each is acknowledged.

    ``limit``: the share of all facts beyond which it waits, so that what is to be killed is met on its way.
    """

    deployment: Deployment
    deliveries: Sequence[Delivery]
    seconds: float
    limit: float = 0.0
    acknowledged: list[Raw] = field(default_factory=list)
    closed: list[date] = field(default_factory=list)
    by_context: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many facts are to be published, days left out."""
        return sum(len(delivery.facts) for delivery in self.deliveries)

    def total_of(self, context: str) -> int:
        """How many of them are of one context."""
        return sum(len(delivery.facts) for delivery in self.deliveries if delivery.context == context)

    @property
    def share(self) -> float:
        """The share that is acknowledged."""
        return len(self.acknowledged) / self.total

    async def run(self) -> None:
        """Publish everything."""
        began = time.monotonic()
        async with httpx.AsyncClient(timeout=30) as client:
            for delivery in self.deliveries:
                while self.share >= self.limit or self.share * self.seconds > time.monotonic() - began:
                    if self.limit >= 1.0:
                        break
                    await asyncio.sleep(0.02)
                if delivery.day is not None:
                    await self._close(delivery.day)
                else:
                    await self._publish(client, delivery)

    async def _publish(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        headers = {"authorization": f"Bearer {self.deployment.operator_key}"}
        while True:
            try:
                url = self.deployment.url(delivery.context)
                answer = await client.post(f"{url}/events", json=list(delivery.facts), headers=headers)
            except httpx.HTTPError as error:
                self.failures[type(error).__name__] += 1
            else:
                if answer.status_code == 202:
                    items = answer.json()["items"]
                    assert len(items) == len(delivery.facts)
                    assert {item["status"] for item in items} <= _ACKNOWLEDGED, items
                    self.acknowledged += delivery.facts
                    self.by_context[delivery.context] += len(delivery.facts)
                    return
                assert answer.status_code == 503, (answer.status_code, answer.text)
                assert "retry-after" in answer.headers
                self.failures["503"] += 1
            await asyncio.sleep(_RETRY_SECONDS)

    async def _close(self, day: date) -> None:
        while True:
            try:
                await asyncio.wait_for(close_day(self.deployment.settings, day), 20)
            except (KafkaError, OSError, TimeoutError) as error:
                self.failures[f"closing: {type(error).__name__}"] += 1
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self.closed.append(day)
                return

"""Two upstreams that publish throughout, by HTTP and by Kafka, and believe acknowledgements alone."""

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import orjson
from aiokafka import AIOKafkaProducer

from events.catalogue import intake_topic
from services.closer.closing import close_day
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.platform.failure import is_infrastructure
from services.platform.producer import close_producer, open_producer
from services.simulator import Settings as Street
from services.simulator import World
from tests.deployment import Deployment

Raw = dict[str, Any]

_RETRY_SECONDS = 0.3
_PATIENCE_SECONDS = 5.0
"""Of an upstream, for one answer."""
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
class Upstream:
    """What one of the two was told: what it failed on, and for how long it heard nothing."""

    failures: Counter[str] = field(default_factory=Counter)
    total: int = 0
    acknowledged: int = 0
    waiting: bool = False
    """Whether it has published all that it may."""
    trying: bool = False
    """Whether a delivery is on its way."""
    failing: bool = False
    """Whether it has failed already."""
    silence: float = 0.0
    """The longest time, in seconds, from the first try of a delivery to its acknowledgement."""
    meanwhile: str = ""
    """What happened then."""


@dataclass
class Publisher:
    """Publishes deliveries until each is acknowledged: those of a context by HTTP and by Kafka in turn.

    ``urls``: where each context listens; ``limit``: the share of its facts beyond which each waits, so that
    what is to be killed is met on its way; ``happened`` tells what did since a moment; ``signs``: whether it
    signs what it writes to Kafka.
    """

    deployment: Deployment
    urls: Mapping[str, str]
    deliveries: Sequence[Delivery]
    limit: float = 0.0
    happened: Callable[[float], str] = str
    signs: bool = True
    acknowledged: list[Raw] = field(default_factory=list)
    closed: list[date] = field(default_factory=list)
    by_context: Counter[str] = field(default_factory=Counter)
    besides: int = 0
    """How many facts were acknowledged that are none of ``deliveries``."""
    http: Upstream = field(default_factory=Upstream)
    kafka: Upstream = field(default_factory=Upstream)
    _producer: AIOKafkaProducer | None = None

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
        return (len(self.acknowledged) - self.besides) / self.total

    @property
    def failures(self) -> int:
        """How often either was refused, or not answered."""
        return self.http.failures.total() + self.kafka.failures.total()

    def sentence(self) -> str:
        """Say for how long each upstream heard nothing, and what it met."""
        told = []
        for name, upstream in (("HTTP", self.http), ("Kafka", self.kafka)):
            failures = ", ".join(f"{count} {failure}" for failure, count in upstream.failures.items())
            told.append(
                f"{name} {upstream.silence:.1f} s ({upstream.meanwhile}), "
                f"{upstream.acknowledged} facts acknowledged after {failures or 'no failure'}"
            )
        return f"upstream's longest silence: {'; '.join(told)}"

    def nudge(self, most: float) -> None:
        """Let a little more be published, where one of both waits; never beyond ``most`` of all."""
        if self.http.waiting or self.kafka.waiting:
            self.limit = max(self.limit, min(self.limit + 0.004, most))

    @property
    def idle(self) -> bool:
        """Whether both have published all that they may."""
        return all(one.waiting or one.acknowledged == one.total for one in (self.http, self.kafka))

    async def hand_over_now(self, delivery: Delivery) -> None:
        """Publish something else by HTTP, beside what both do, until it is acknowledged."""
        async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS) as client:
            while await self._post(client, delivery):
                await asyncio.sleep(_RETRY_SECONDS)
        self.acknowledged += delivery.facts
        self.besides += len(delivery.facts)

    async def run(self) -> None:
        """Publish everything, both at once; days are closed as they go by over HTTP."""
        turns: dict[str, itertools.count[int]] = defaultdict(itertools.count)
        parts: tuple[list[Delivery], list[Delivery]] = [], []
        for delivery in self.deliveries:
            parts[next(turns[delivery.context]) % 2 if delivery.day is None else 0].append(delivery)
        async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS) as client:

            async def post(delivery: Delivery) -> str | None:
                return await self._post(client, delivery)

            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._hand_over(self.http, parts[0], post))
                    group.create_task(self._hand_over(self.kafka, parts[1], self._put))
            finally:
                await self._let_go()

    async def _hand_over(
        self,
        upstream: Upstream,
        deliveries: Sequence[Delivery],
        attempt: Callable[[Delivery], Awaitable[str | None]],
    ) -> None:
        upstream.total = sum(len(delivery.facts) for delivery in deliveries)
        for delivery in deliveries:
            may_wait = delivery.day is None
            while may_wait and upstream.acknowledged >= upstream.total * self.limit and self.limit < 1:
                upstream.waiting = True
                await asyncio.sleep(0.02)
            upstream.waiting = False
            began = time.monotonic()
            upstream.trying = True
            while failure := await attempt(delivery):
                upstream.failing = True
                upstream.failures[failure] += 1
                await asyncio.sleep(_RETRY_SECONDS)
            upstream.trying = upstream.failing = False
            silence = time.monotonic() - began
            if silence > upstream.silence:
                upstream.silence, upstream.meanwhile = silence, self.happened(began)
            upstream.acknowledged += len(delivery.facts)
            self.acknowledged += delivery.facts
            self.by_context[delivery.context] += len(delivery.facts)

    async def _post(self, client: httpx.AsyncClient, delivery: Delivery) -> str | None:
        if delivery.day is not None:
            return await self._close(delivery.day)
        headers = {"authorization": f"Bearer {self.deployment.operator_key}"}
        url = f"{self.urls[delivery.context]}/events"
        try:
            answer = await client.post(url, json=list(delivery.facts), headers=headers)
        except httpx.HTTPError as error:
            return type(error).__name__
        if answer.status_code == 202:
            items = answer.json()["items"]
            assert len(items) == len(delivery.facts)
            assert {item["status"] for item in items} <= _ACKNOWLEDGED, items
            return None
        assert answer.status_code == 503, (answer.status_code, answer.text)
        assert "retry-after" in answer.headers
        return "503"

    async def _put(self, delivery: Delivery) -> str | None:
        topic = intake_topic(self.deployment.settings.topic_prefix, delivery.context)
        lines = [orjson.dumps(fact) for fact in delivery.facts]
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self._producer = self._producer or await open_producer(self.deployment.told)
                sent = [
                    await self._producer.send(topic, line, headers=self._signature(line)) for line in lines
                ]
                await asyncio.gather(*sent)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            await self._let_go()
            return type(error).__name__
        return None

    def _signature(self, line: bytes) -> list[tuple[str, bytes]]:
        return [sign(self.deployment.operator_key, OPERATOR_SIGN, line)] if self.signs else []

    async def _let_go(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer, 0)

    async def _close(self, day: date) -> str | None:
        try:
            await asyncio.wait_for(close_day(self.deployment.settings, day), 20)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            return f"{type(error).__name__} at a closing"
        self.closed.append(day)
        return None

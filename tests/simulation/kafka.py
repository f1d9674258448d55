"""A model of Kafka at the seam of aiokafka: logs, a group that rebalances, producers, and a broker that goes.

The group is of the eager kind, as both transports have it: whoever is told of a rebalance gives all up and
joins again; whoever is not heard of for a session is left out, and may come back with records in its hands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5
from zlib import crc32

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError, NoOffsetForPartitionError, NotEnoughReplicasError

from services.platform.lineage import Lineage, event_id_at
from tests.simulation.choices import Choices
from tests.simulation.faults import FINE, UNANSWERED, UNSENT, Faults
from tests.simulation.loop import Process, SimulatedLoop

Place = tuple[str, int]
T = TypeVar("T")
Headers = Sequence[tuple[str, bytes]]

_AGAIN_SECONDS = 0.5
"""After which a client tries again where no answer came."""


class Broker:
    """Kafka: one broker; topics with their partitions. ``epoch``: seconds since 1970 at time 0."""

    def __init__(
        self,
        loop: SimulatedLoop,
        choices: Choices,
        faults: Faults,
        topics: Mapping[str, int],
        *,
        epoch: float = 1_700_000_000.0,
    ) -> None:
        self.loop = loop
        self.choices = choices
        self.faults = faults
        self.epoch = epoch
        self.process = loop.process("kafka")
        self.partitions = dict(topics)
        self.logs: dict[Place, list[ConsumerRecord]] = {
            (topic, partition): [] for topic, count in topics.items() for partition in range(count)
        }
        self.is_up = True
        self.session = object()
        """The connection over which it is asked who it is: another one after it was away."""
        self.groups: dict[str, Group] = {}
        self.consumers: list[ModelConsumer] = []
        self._left: list[Callable[[], None]] = []

    def append(self, topic: str, partition: int, key: bytes, value: bytes, headers: Headers) -> int:
        """Write a record; return its offset."""
        log = self.logs[topic, partition]
        written = int((self.epoch + self.loop.time()) * 1000)
        log.append(
            ConsumerRecord(
                topic, partition, len(log), written, 0, key, value, None, len(key), len(value), tuple(headers)
            )
        )
        return len(log) - 1

    def tell(self) -> None:
        """Let those who wait for records know of what was written."""
        if self.is_up:
            for consumer in self.consumers:
                consumer.fetch()

    def partition_of(self, topic: str, key: bytes) -> int:
        """The partition of a key."""
        return crc32(key) % self.partitions[topic]

    def go(self) -> None:
        """Go away."""
        self.is_up = False

    def come(self) -> None:
        """Come back, with all that was acknowledged; producers send what they still have."""
        self.is_up = True
        self.session = object()
        left, self._left = self._left, []
        for again in left:
            again()
        self.tell()

    def when_up(self, again: Callable[[], None]) -> None:
        """Do something once it is back."""
        self._left.append(again)

    async def ask(self, act: Callable[[], T]) -> T:
        """Return what the broker answers. Raises KafkaConnectionError where it is away, or the line fails."""
        loop = self.loop
        fate, there, back = self.faults.line()
        heard: asyncio.Future[T] = loop.create_future()
        asking = loop.current

        def arrive() -> None:
            if not self.is_up or fate == UNSENT:
                loop.call_for(asking, back, lose)
                return
            found = act()
            if fate == UNANSWERED:
                loop.call_for(asking, back, lose)
            else:
                loop.call_for(asking, back, hear, found)

        def lose() -> None:
            if not heard.done():
                heard.set_exception(KafkaConnectionError("the connection was lost"))

        def hear(found: T) -> None:
            if not heard.done():
                heard.set_result(found)

        loop.call_for(self.process, there, arrive)
        return await heard

    def group(self, name: str) -> Group:
        """A consumer group."""
        found = self.groups.get(name)
        if found is None:
            found = self.groups[name] = Group(self)
        return found


class Group:
    """A consumer group: who is in it, and who has which partitions."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.members: list[ModelConsumer] = []
        self.joined: dict[ModelConsumer, asyncio.Future[list[Place]]] = {}
        self.is_moving = False
        self.rebalances = 0
        self.heard: dict[ModelConsumer, float] = {}
        self._move = 0

    def join(self, member: ModelConsumer, answer: asyncio.Future[list[Place]]) -> None:
        """Let a member join; it is answered when all others have, or are given up."""
        if member not in self.members:
            self.members.append(member)
        self.hear(member)
        self.joined[member] = answer
        self.move()
        self._settle()

    def hear(self, member: ModelConsumer) -> None:
        """Note that a member lives."""
        now = self._broker.loop.time()
        self.heard[member] = now
        self._broker.loop.call_for(self._broker.process, member.session_seconds + 0.01, self._missed, member)

    def beat(self, member: ModelConsumer) -> str:
        """Say what a member has to do."""
        if member not in self.members:
            return "join"
        self.hear(member)
        return "join" if self.is_moving and member not in self.joined else "stay"

    def leave(self, member: ModelConsumer) -> None:
        """Take a member out."""
        if member in self.members:
            self.members.remove(member)
            self.joined.pop(member, None)
            if self.members:
                self.move()
                self._settle()

    def move(self) -> None:
        """Begin a rebalance."""
        if not self.is_moving:
            self.is_moving = True
            self._move += 1
            seconds = max((one.rebalance_seconds for one in self.members), default=1.0)
            self._broker.loop.call_for(self._broker.process, seconds, self._give_up, self._move)

    def _missed(self, member: ModelConsumer) -> None:
        since = self._broker.loop.time() - self.heard.get(member, 0.0)
        if member in self.members and member not in self.joined and since >= member.session_seconds:
            self.leave(member)

    def _give_up(self, move: int) -> None:
        if self.is_moving and move == self._move:
            for member in [one for one in self.members if one not in self.joined]:
                self.members.remove(member)
            self._settle()

    def _settle(self) -> None:
        if not self.is_moving or len(self.joined) < len(self.members) or not self.members:
            return
        self.is_moving = False
        self.rebalances += 1
        places = sorted({place for one in self.members for place in one.places()})
        dealt: dict[ModelConsumer, list[Place]] = {one: [] for one in self.members}
        for number, place in enumerate(places):
            dealt[self.members[number % len(self.members)]].append(place)
        joined, self.joined = self.joined, {}
        for member, answer in joined.items():
            self.hear(member)
            if not answer.done():
                answer.set_result(dealt[member])


class ModelConsumer:
    """aiokafka's consumer, as far as ``aiokafka_transport`` uses it."""

    _fetch_max_wait_ms = 0
    _fetcher_timeout = 0.2

    def __init__(
        self,
        broker: Broker,
        *,
        group_id: str,
        session_timeout_ms: int,
        heartbeat_interval_ms: int,
        rebalance_timeout_ms: int,
        **_: Any,
    ) -> None:
        self._broker = broker
        self._loop = broker.loop
        self._process: Process = broker.loop.current
        self._group = broker.group(group_id)
        self._fetcher = self._client = self
        self._beat_seconds = heartbeat_interval_ms / 1000
        self.session_seconds = session_timeout_ms / 1000
        self.rebalance_seconds = rebalance_timeout_ms / 1000
        self._topics: Sequence[str] = ()
        self._listener: Any = None
        self._positions: dict[Place, int | None] = {}
        self._fetched: dict[Place, int] = {}
        """Up to where each partition's records have come over the line."""
        self._came = asyncio.Event()
        self._belonging: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start. Raises KafkaConnectionError where no broker answers."""
        await self._broker.ask(lambda: None)
        self._broker.consumers.append(self)

    def subscribe(self, *, topics: Sequence[str], listener: Any) -> None:
        """Join the group, now and whenever it asks for it."""
        self._topics, self._listener = topics, listener
        self._belonging = asyncio.ensure_future(self._belong())

    def places(self) -> list[Place]:
        """The partitions of what is subscribed to."""
        return [place for place in self._broker.logs if place[0] in self._topics]

    async def close(self) -> None:
        """Close what is left of it."""

    async def stop(self) -> None:
        """Leave the group."""
        if self in self._broker.consumers:
            self._broker.consumers.remove(self)
        if self._belonging is not None:
            self._belonging.cancel()
            await asyncio.wait([self._belonging])
            if self._positions:
                await self._listener.on_partitions_revoked(self.assignment())
        self._loop.call_for(self._broker.process, self._broker.faults.delay(), self._group.leave, self)

    async def _belong(self) -> None:
        while True:
            answer: asyncio.Future[list[Place]] = self._loop.create_future()
            try:
                await self._broker.ask(partial(self._group.join, self, answer))
            except KafkaConnectionError:
                await asyncio.sleep(_AGAIN_SECONDS)
                continue
            dealt = await answer
            await asyncio.sleep(self._broker.faults.delay())
            self._positions = dict.fromkeys(dealt)
            self._fetched = {}
            self._came.set()
            await self._listener.on_partitions_assigned(self.assignment())
            while True:
                await asyncio.sleep(self._beat_seconds)
                try:
                    if await self._broker.ask(lambda: self._group.beat(self)) == "join":
                        break
                except KafkaConnectionError:
                    continue
            await self._listener.on_partitions_revoked(self.assignment())

    def assignment(self) -> Collection[TopicPartition]:
        """The partitions held; in the same order in every process, which a set has not."""
        return dict.fromkeys(TopicPartition(*place) for place in self._positions).keys()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read a partition from an offset."""
        place = tuple(partition)
        self._positions[place] = offset
        self._fetch(place)

    def highwater(self, partition: TopicPartition) -> int | None:
        """Where a partition ended when it was last heard of."""
        return self._fetched.get(tuple(partition))

    def fetch(self) -> None:
        """Let records that were written come over the line."""
        for place in self._positions:
            self._fetch(place)

    def _fetch(self, place: Place) -> None:
        if self._broker.is_up:
            end = len(self._broker.logs[place])
            if end > self._fetched.get(place, -1):
                self._loop.call_for(self._process, self._broker.faults.delay(), self._arrived, place, end)

    def _arrived(self, place: Place, end: int) -> None:
        if place in self._positions and end > self._fetched.get(place, -1):
            self._fetched[place] = end
            self._came.set()

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Return what has come; waits for it for a while."""
        until = self._loop.time() + timeout_ms / 1000
        while True:
            taken = self._taken(partitions, max_records)
            left = until - self._loop.time()
            if taken or left <= 0:
                return taken
            self._came.clear()
            try:
                async with asyncio.timeout(left):
                    await self._came.wait()
            except TimeoutError:
                continue

    def _taken(
        self, partitions: Iterable[TopicPartition], most: int
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        found: dict[TopicPartition, list[ConsumerRecord]] = {}
        for partition in partitions:
            place = tuple(partition)
            if place not in self._positions:
                continue
            position = self._positions[place]
            if position is None:
                # Between the assignment and the seek the client looks for the group's offset.
                if not self._broker.faults.is_quiet and self._broker.choices.once_in(20):
                    raise NoOffsetForPartitionError(partition)
                continue
            end = min(self._fetched.get(place, 0), position + most)
            if end > position:
                found[partition] = self._broker.logs[place][position:end]
                self._positions[place] = end
                most -= end - position
        return found

    async def beginning_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offsets."""
        return await self._broker.ask(lambda: dict.fromkeys(partitions, 0))

    async def end_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The next offsets to be written."""
        return await self._broker.ask(
            lambda: {partition: len(self._broker.logs[tuple(partition)]) for partition in partitions}
        )

    async def commit(self, offsets: Mapping[TopicPartition, Any]) -> None:
        """Show how far the group is."""
        await self._broker.ask(lambda: None)


class ModelProducer:
    """aiokafka's idempotent producer: what was sent is never given up, and keeps its order."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._loop = broker.loop
        self._process = broker.loop.current
        self._arrives: dict[Place, float] = {}
        self._waiting: dict[Place, list[Callable[[], None]]] = {}
        self._open: set[asyncio.Future[Any]] = set()

    async def send(
        self, topic: str, value: bytes, *, key: bytes, headers: Headers, partition: int | None = None
    ) -> asyncio.Future[Any]:
        """Send a record; the future says when the broker has it."""
        broker, loop = self._broker, self._loop
        number = broker.partition_of(topic, key) if partition is None else partition
        sent: asyncio.Future[Any] = loop.create_future()
        self._open.add(sent)
        sent.add_done_callback(self._open.discard)
        fate, there, back = broker.faults.line()
        place = (topic, number)

        def arrive() -> None:
            if fate == UNSENT and broker.choices.once_in(2):
                loop.call_for(self._process, back, refuse)
            elif not broker.is_up or self._waiting.get(place):
                first = not self._waiting.setdefault(place, [])
                self._waiting[place].append(write)
                if first:
                    broker.when_up(self._send_again)
            else:
                write()

        def write() -> None:
            offset = broker.append(topic, number, key, value, headers)
            broker.tell()
            # An answer that is lost is asked for again: the sequence says that the record is there.
            loop.call_for(
                self._process, back + (0.0 if fate == FINE else _AGAIN_SECONDS), acknowledge, offset
            )

        def refuse() -> None:
            if not sent.done():
                sent.set_exception(NotEnoughReplicasError())

        def acknowledge(offset: int) -> None:
            if not sent.done():
                sent.set_result(offset)

        late = _AGAIN_SECONDS if fate == UNSENT else 0.0
        self._arrives[place] = max(loop.time() + there + late, self._arrives.get(place, 0.0))
        loop.call_at(self._arrives[place], arrive, context=broker.process.context)
        return sent

    def _send_again(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if self._process.alive:
            for writes in waiting.values():
                for write in writes:
                    write()

    async def stop(self) -> None:
        """Flush."""
        while self._open:
            await asyncio.wait(set(self._open))


class ModelLogWatch:
    """``LogWatch`` of the model: the log is never made anew, and loses nothing."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def lineages(self, topics: Collection[str]) -> dict[str, Lineage]:
        """Return the lineage of topics."""
        broker = self._broker
        session: Any = broker.session
        return await broker.ask(
            lambda: {topic: Lineage(uuid5(NAMESPACE_URL, topic), (), session) for topic in sorted(topics)}
        )

    async def event_ids(self, places: Mapping[Place, int]) -> dict[Place, UUID | None]:
        """Return which event a record states."""
        if not places:
            return {}
        logs = self._broker.logs
        return await self._broker.ask(
            lambda: {
                place: event_id_at(logs[place][offset]) if offset < len(logs[place]) else None
                for place, offset in places.items()
            }
        )

    async def close(self) -> None:
        """Close the connection."""

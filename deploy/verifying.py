"""Whether Kafka, the journal and the facts in PostgreSQL are one: the first place at which they are not."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka.errors import CorruptRecordException

from projections.schema import PIPELINE, POSITIONS
from services.journal.entry import Entry
from services.journal.tree import JournalError, Tree
from services.platform import offsets, quarantine
from services.platform.database import Connection
from services.platform.log import open_reader
from services.platform.provenance import Provenance
from services.platform.settings import Settings
from services.platform.topics import journal_topics
from services.reporting.reading import snapshot

_AT_ONCE = 2000

_FACTS = 'SELECT "offset", event_id, digest FROM fact WHERE topic = $1 AND partition = $2'
_THERE = "SELECT exists(SELECT FROM fact WHERE event_id = $1::text::uuid AND digest = $2)"

_PARTS = ("offset", "timestamp", "key", "headers", "value")


@dataclass(frozen=True, slots=True)
class Verified:
    """A partition in which all agree: how many records each has, and the root. ``kafka`` may be ahead."""

    topic: str
    partition: int
    kafka: int
    journal: int
    facts: int
    root: bytes


async def verify(
    settings: Settings, pool: asyncpg.Pool, trees: Sequence[Tree], tell: Callable[[str], None]
) -> list[Verified]:
    """Compare all. Raises JournalError at the first difference, which it names."""
    tell("Comparing the journal's records with its hashes")
    for tree in trees:
        await asyncio.to_thread(tree.check)
    tell("Comparing Kafka with the journal")
    in_kafka = await compare_kafka(settings, trees)
    tell("Comparing the facts in PostgreSQL with the journal")
    facts = await compare_facts(settings, pool, trees)
    return [
        Verified(tree.topic, tree.partition, kafka, tree.size, counted, tree.checkpoint.root)
        for tree, kafka, counted in zip(trees, in_kafka, facts, strict=True)
    ]


async def compare_kafka(settings: Settings, trees: Sequence[Tree]) -> list[int]:
    """Return how many records Kafka has of each tree's partition. Raises JournalError where one differs."""
    by_place = {(tree.topic, tree.partition): tree for tree in trees}
    async with open_reader(settings, journal_topics(settings.topic_prefix)) as consumer:
        partitions = {tuple(each): each for each in consumer.assignment()}
        if missing := sorted(by_place.keys() - partitions.keys()):
            raise JournalError(
                f"Kafka lacks partition {missing[0][1]} of {missing[0][0]}, which the journal has"
            )
        beginnings = await consumer.beginning_offsets(list(partitions.values()))
        ends = await consumer.end_offsets(list(partitions.values()))
        left: dict[Any, tuple[Iterator[Entry], int]] = {}
        for place, partition in partitions.items():
            tree = by_place.get(place)
            if tree is None or not tree.size:
                consumer.pause(partition)
                continue
            first, last = tree.entry(0).offset, tree.entry(tree.size - 1).offset
            if beginnings[partition] > first or ends[partition] <= last:
                raise JournalError(
                    f"Kafka has offsets {beginnings[partition]} to {ends[partition]} of {tree.topic}, "
                    f"partition {tree.partition}, and the journal has {first} to {last + 1}"
                )
            consumer.seek(partition, first)
            left[partition] = tree.entries(), last
        while left:
            try:
                fetched = await consumer.getmany(*left, timeout_ms=1000)
            except CorruptRecordException:
                raise await _damaged(consumer, left) from None
            for partition, raws in fetched.items():
                entries, last = left[partition]
                for raw in raws:
                    if raw.offset > last:
                        break
                    _compare(Entry.of(raw), next(entries))
                if await consumer.position(partition) > last:
                    if (rest := next(entries, None)) is not None:
                        raise JournalError(f"Kafka has no record at {rest.place}, and the journal has one")
                    del left[partition]
                    consumer.pause(partition)
        return [ends[partitions[place]] - beginnings[partitions[place]] for place in by_place]


async def _damaged(consumer: Any, partitions: Iterable[Any]) -> JournalError:
    """The error of a batch whose checksum is wrong: the client says so, but not whereabouts."""
    for partition in partitions:
        try:
            await consumer.getmany(partition, timeout_ms=1000)
        except CorruptRecordException:
            position = await consumer.position(partition)
            return JournalError(
                f"Kafka itself says that what it has of {partition.topic}, partition {partition.partition}, "
                f"was damaged, from offset {position} on"
            )
    return JournalError("Kafka itself says that something of what it has was damaged")


def _compare(in_kafka: Entry, kept: Entry) -> None:
    if in_kafka == kept:
        return
    if in_kafka.offset != kept.offset:
        first = min(in_kafka, kept, key=lambda each: each.offset)
        has, lacks = ("Kafka", "the journal") if first is in_kafka else ("the journal", "Kafka")
        raise JournalError(f"{has} has a record at {first.place}, and {lacks} has none")
    parts = [part for part in _PARTS if getattr(in_kafka, part) != getattr(kept, part)]
    raise JournalError(
        f"the record at {kept.place}, is another one in Kafka than in the journal: {', '.join(parts)}"
    )


async def compare_facts(settings: Settings, pool: asyncpg.Pool, trees: Sequence[Tree]) -> list[int]:
    """Return how many facts PostgreSQL has of each tree's partition. Raises JournalError where they differ.

    A fact that came several times has one row. What the projector has not read yet is not missed.
    """
    found = []
    async with aclosing(Provenance(settings)) as provenance, snapshot(pool) as connection:
        positions = await offsets.positions(connection, PIPELINE, POSITIONS)
        for tree in trees:
            read = positions.get((tree.topic, tree.partition), 0)
            found.append(await _compare_facts(connection, provenance, tree, read))
    return found


async def _compare_facts(connection: Connection, provenance: Provenance, tree: Tree, read: int) -> int:
    rows = {
        row["offset"]: (str(row["event_id"]).encode(), row["digest"].encode())
        for row in await connection.fetch(_FACTS, tree.topic, tree.partition)
    }
    known, count, end = set(rows.values()), len(rows), 0
    for start in range(0, tree.size, _AT_ONCE):
        entries = list(tree.entries(start, start + _AT_ONCE))
        await provenance.look_up({(tree.topic, tree.partition): entries})
        for entry in entries:
            end = entry.offset + 1
            genuine = provenance.genuine(entry)
            said = dict(entry.headers)
            stated = (said.get("ce_id"), said.get("ce_digest")) if genuine else None
            row = rows.pop(entry.offset, None)
            if row is not None and row != stated:
                raise JournalError(
                    f"the fact {row[0].decode()} is said to stand at {entry.place}, where the journal has "
                    "another record"
                )
            if genuine and entry.offset < read and stated not in known:
                await _look_for(connection, entry, said)
    if beyond := [offset for offset in rows if offset < end]:
        raise JournalError(
            f"the fact {rows[min(beyond)][0].decode()} is said to stand at offset {min(beyond)} of "
            f"{tree.topic}, partition {tree.partition}, where the journal has no record"
        )
    return count - len(rows)


async def _look_for(connection: Connection, entry: Entry, said: dict[str, bytes | None]) -> None:
    """A fact that came again may have its row in another partition; others were put aside by two people."""
    # What nobody can read may say no id, or one that is none.
    if await quarantine.confirmed(connection, entry):
        return
    identity = [(said.get(name) or b"").decode(errors="replace") for name in ("ce_id", "ce_digest")]
    if not _is_uuid(identity[0]) or not await connection.fetchval(_THERE, *identity):
        raise JournalError(f"the record at {entry.place} is not among the facts: {identity[0]}")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True

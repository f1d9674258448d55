"""What intake remembers to be on the log is there: checked whenever Kafka may have lost it."""

import asyncio
import logging
from collections.abc import Mapping
from uuid import UUID

import asyncpg
from aiokafka.errors import KafkaError

from services.intake.answers import Unavailable
from services.intake.publisher import Place
from services.intake.recall import Recall
from services.intake.sentences import say
from services.platform.lineage import Lineage, LogWatch, event_id_at

_LOG = logging.getLogger(__name__)
_CHUNK = 1_000
_ABOVE_ALL = 1 << 62

_TOPIC = """
WITH new AS (
  INSERT INTO intake.topic (name, kafka_id)
  SELECT $1, $2 WHERE NOT exists(SELECT FROM intake.topic WHERE name = $1 AND kafka_id = $2)
  ON CONFLICT DO NOTHING
  RETURNING number
)
SELECT number FROM new
UNION ALL
SELECT number FROM intake.topic WHERE name = $1 AND kafka_id = $2
"""
_FORMER = """
SELECT l.topic, l.partition, l."offset"
FROM intake.topic AS t
INNER JOIN intake.last AS l ON l.topic = t.number
WHERE t.name = $1 AND t.number <> $2
"""
_GONE = "UPDATE intake.topic SET gone = true WHERE name = $1 AND number <> $2 AND NOT gone"
_LAST = 'SELECT partition, "offset", event_id FROM intake.last WHERE topic = $1'
# No index helps to find them: that a log lost its end is rare, and what is remembered is written all day.
_HIGHEST = """
SELECT event_id, digest, "offset"
FROM intake.seen
WHERE topic = $1 AND partition = $2 AND "offset" < $3
ORDER BY "offset" DESC
LIMIT $4
"""
_FORGET = """
WITH gone AS (
  SELECT * FROM unnest($1::uuid[], $2::bytea[]) AS g (event_id, digest)
), forgotten AS (
  DELETE FROM intake.seen AS s USING gone WHERE s.event_id = gone.event_id AND s.digest = gone.digest
), counting_again AS (
  DELETE FROM intake.voided AS v USING gone WHERE v.void_id = gone.event_id
)
UPDATE intake.conflict AS c
SET digests = array(
  SELECT d FROM unnest(c.digests) AS u (d)
  WHERE NOT exists(SELECT FROM gone WHERE gone.event_id = c.event_id AND encode(gone.digest, 'hex') = d)
  ORDER BY d
)
WHERE c.event_id IN (SELECT event_id FROM gone)
"""
_SET_LAST = """
INSERT INTO intake.last (topic, partition, "offset", event_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (topic, partition) DO UPDATE SET "offset" = excluded."offset", event_id = excluded.event_id
"""
_NO_LAST = "DELETE FROM intake.last WHERE topic = $1 AND partition = $2"
_LOSS = "INSERT INTO intake.loss (topic, partition, first, last, facts) VALUES ($1, $2, $3, $4, $5)"


class Standing:
    """Whether the facts of a topic that intake remembers stand on the log that Kafka has now.

    A log only loses its end, so of each partition the last remembered fact answers for all before it. It is
    read back at the start, and whenever Kafka was away or gave a partition another leader: only then can
    anything have been lost. What is gone is forgotten, so that it is taken again when it comes again.
    """

    def __init__(self, topic: str, pool: asyncpg.Pool, watch: LogWatch, recall: Recall) -> None:
        self._topic = topic
        self._pool = pool
        self._watch = watch
        self._recall = recall
        self._verified: Lineage | None = None
        self._number = 0
        self._lock = asyncio.Lock()

    async def number(self) -> int:
        """Return the number of the topic as it is now in ``intake.topic``; checked before the first use.

        Raises Unavailable where Kafka does not answer, and what PostgreSQL's driver raises.
        """
        if self._verified is None:
            await self.check()
        return self._number

    async def check(self) -> bool:
        """Ask Kafka whether anything can have been lost, and then look; return whether anything was.

        Raises Unavailable where Kafka does not answer, and what PostgreSQL's driver raises.
        """
        lineage = await self._lineage()
        if lineage == self._verified:
            return False
        async with self._lock:
            # Who waited here is told as well: what they looked up may be forgotten by now.
            lineage = await self._lineage()
            if lineage == self._verified:
                return True
            number, lost = await self._verify(lineage)
            self._number, self._verified = number, lineage
            return lost

    async def on_log(self, claimed: Mapping[Place, UUID]) -> set[Place]:
        """Return those of some places at which the event stands that is claimed to stand there.

        Raises Unavailable where Kafka does not answer.
        """
        records = await self._recall.records(self._topic, claimed, needed=True)
        return {place for place, record in records.items() if event_id_at(record) == claimed[place]}

    async def _lineage(self) -> Lineage:
        try:
            found = await self._watch.lineages([self._topic])
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable(say("kafka-away")) from error
        if self._topic not in found:
            raise Unavailable(say("kafka-away"))
        return found[self._topic]

    async def _verify(self, lineage: Lineage) -> tuple[int, bool]:
        async with self._pool.acquire() as connection, connection.transaction():
            number = await connection.fetchval(_TOPIC, self._topic, lineage.topic_id)
            if number is None:  # another process has just said so
                number = await connection.fetchval(_TOPIC, self._topic, lineage.topic_id)
            former = await connection.fetch(_FORMER, self._topic, number)
            await connection.execute(_GONE, self._topic, number)
            for topic, partition, offset in former:
                _LOG.error(
                    "Kafka has made %s anew: what it had acknowledged up to offset %d of partition %d "
                    "is gone, and has to be handed over again",
                    self._topic,
                    offset,
                    partition,
                )
                await connection.execute(_NO_LAST, topic, partition)
                await connection.execute(_LOSS, self._topic, partition, 0, offset, offset + 1)
        last = {
            Place(partition, offset): event_id
            for partition, offset, event_id in await self._pool.fetch(_LAST, number)
        }
        try:
            found = await self._watch.records({(self._topic, each.partition): each.offset for each in last})
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable(say("kafka-away")) from error
        records = {Place(record.partition, record.offset): record for record in found.values()}
        # Whoever may write to the topic can put the id of a lost fact where it stood.
        genuine = await self._recall.genuine(self._topic, records, needed=True)
        standing = {place: event_id_at(record) for place, record in genuine.items()}
        gone = [place.partition for place, event_id in last.items() if standing.get(place) != event_id]
        for partition in gone:
            await self._forget(number, partition)
        return number, bool(former or gone)

    async def _forget(self, number: int, partition: int) -> None:
        """Forget the facts at the end of a partition that are not there: down to one that stands."""
        below, facts, first, highest = _ABOVE_ALL, 0, 0, 0
        while rows := await self._pool.fetch(_HIGHEST, number, partition, below, _CHUNK):
            claimed: dict[Place, list[UUID]] = {}
            for row in rows:
                claimed.setdefault(Place(partition, row["offset"]), []).append(row["event_id"])
            records = await self._recall.records(self._topic, claimed, needed=True)
            standing = {place: event_id_at(record) for place, record in records.items()}
            gone: list[asyncpg.Record] = []
            kept: list[asyncpg.Record] = []
            for row in rows:
                stands = standing.get(Place(partition, row["offset"])) == row["event_id"]
                (kept if stands else gone).append(row)
            async with self._pool.acquire() as connection, connection.transaction():
                if gone:
                    ids, digests = [row["event_id"] for row in gone], [row["digest"] for row in gone]
                    await connection.execute(_FORGET, ids, digests)
                    facts, first = facts + len(gone), gone[-1]["offset"]
                    highest = highest or gone[0]["offset"]
                if kept:
                    top = kept[0]
                    await connection.execute(_SET_LAST, number, partition, top["offset"], top["event_id"])
                else:
                    await connection.execute(_NO_LAST, number, partition)
            below = rows[-1]["offset"]
            if not gone:
                break
        _LOG.error(
            "Kafka has lost what it had acknowledged: %d facts from offset %d of %s, partition %d, are gone, "
            "and have to be handed over again",
            facts,
            first,
            self._topic,
            partition,
        )
        await self._pool.execute(_LOSS, self._topic, partition, first, highest, facts)

"""PostgreSQL and Kafka made one again, after either was put back from a backup or from the journal.

PostgreSQL may then be behind the log, or remember another Kafka's ids. What follows from the log is made anew
from it; what does not is said: sealed values whose salts came after the backup are readable to nobody.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from deploy.backup import as_owner
from deploy.migrations.roles import OF_SERVICE
from deploy.rebuilding import Derived, Showing
from events.catalogue import CONTEXTS, UPSTREAM_CONTEXTS
from events.reading import values_of
from services.alerting.handler import NAME as ALERTING
from services.alerting.handler import VERSION as ALERTING_VERSION
from services.alerting.handler import Taking
from services.detection import replay
from services.platform import offsets
from services.platform.database import connected
from services.platform.erasures import erase_again, noted
from services.platform.keys import Keys
from services.platform.lineage import LogWatch
from services.platform.log import cluster_id, end_offsets, read_log, topics_of
from services.platform.offsets import Place
from services.platform.protection import sealed_subjects
from services.platform.settings import Settings
from services.platform.topics import create_topics
from services.platform.vault import proof_of
from services.projector import rebuild as projection


class RecoveryError(Exception):
    """PostgreSQL and Kafka cannot be made one; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A fact with values that nobody can open: its salt is not in the vault, and was not erased.

    Handed over again by its source it is readable again.
    """

    source: str
    id: str
    type: str
    time: datetime


@dataclass(slots=True, kw_only=True)
class Recovered:
    """What recovery found and did.

    ``other_kafka``: PostgreSQL remembered another one; ``renamed``: topics that stand on the log as they were
    and have other ids; ``erased_again``: salts that the backup brought back; ``looked_at``: facts that came
    after what PostgreSQL remembers, of which some may be ``lost``; ``missing``: records that PostgreSQL
    remembers and Kafka does not have; ``ledgers``, ``findings``: facts and open findings that were made anew.
    """

    other_kafka: bool = False
    renamed: list[str] = field(default_factory=list)
    erased_again: int = 0
    looked_at: int = 0
    lost: list[Lost] = field(default_factory=list)
    missing: int = 0
    ledgers: int = 0
    findings: int = 0

    @property
    def lost_by_source(self) -> Counter[str]:
        """How many facts of each source are to be handed over again."""
        return Counter(one.source for one in self.lost)


async def recover(
    settings_of: Callable[[str], Settings],
    owner: str,
    showing: Showing,
    since: Mapping[Place, int] | None = None,
    *,
    without_master_key: bool = False,
) -> Recovered:
    """Make ledgers and findings anew from the log that there is, and say what is lost.

    No process of ours may run meanwhile. ``settings_of`` gives those of a service; ``owner``: the database's
    address as its administrator; ``since``: from where on the log may know of more than PostgreSQL, by
    default what intake remembers. Raises RecoveryError, KeyFileError, and PipelineStoppedError where the log
    cannot be read.
    """
    settings = settings_of("detection")
    done = Recovered()
    await _nobody_works(owner)
    await create_topics(settings)  # of an earlier version, or of a Kafka that was made anew
    async with as_owner(owner) as connection:
        if not without_master_key:
            await _check_master_key(settings, connection)
        done.other_kafka = await _accept_kafka(settings, connection)
        done.renamed = await _accept_topics(settings, connection)
        await _accept_positions(settings, connection)
        done.erased_again = await erase_again(settings, connection)
        start = await _remembered(connection) if since is None else since
        ends = await end_offsets(settings, UPSTREAM_CONTEXTS)
        done.missing = sum(max(start.get(place, 0) - end, 0) for place, end in ends.items())
        below = {place: min(start.get(place, 0), end) for place, end in ends.items()}
        await _find_lost(settings, connection, below, done)
    with showing(Derived.projection) as progress:
        done.ledgers = (await projection.rebuild(settings_of("projector"), progress)).facts
    with showing(Derived.detection) as progress:
        report = await replay.rebuild(settings, progress, recovering=True)
    done.findings = sum(report.comparison.same.values()) + sum(report.comparison.raised.values())
    done.findings += sum(report.comparison.revised.values())
    return done


async def _check_master_key(settings: Settings, connection: asyncpg.Connection) -> None:
    keys = Keys.from_settings(settings)
    proof = await connection.fetchval("SELECT proof FROM vault.key_check")
    if proof is not None and proof != proof_of(keys):
        raise RecoveryError(
            f"the master key at {settings.master_key_file} is not the one that this vault was sealed with: "
            "restore that file from its own backup. Without it no sealed value is ever opened again, and "
            "persons would get other tokens"
        )


async def _nobody_works(owner: str) -> None:
    async with connected(owner) as connection:
        working = await connection.fetchval(_WORKING, sorted(set(OF_SERVICE.values())))
    if working:
        raise RecoveryError(
            f"{working} sessions of dibao's processes are open: stop all of them first, or they go on from "
            "what PostgreSQL remembers"
        )


async def _accept_kafka(settings: Settings, connection: asyncpg.Connection) -> bool:
    found = await cluster_id(settings)
    if await offsets.remember_cluster(connection, found) == found:
        return False
    await connection.execute("UPDATE platform.cluster SET kafka_id = $1", found)
    return True


async def _accept_topics(settings: Settings, connection: asyncpg.Connection) -> list[str]:
    """Let intake's memory, and what is noted of signing, go over to topics that have other ids.

    Only of topics on which every last fact that intake remembers stands where it stood: of all others
    intake says itself what is lost.
    """
    watch, done = LogWatch(settings), []
    try:
        for name, lineage in (await watch.lineages(topics_of(settings, CONTEXTS))).items():
            last = {
                (name, partition): (offset, event_id)
                for partition, offset, event_id in await connection.fetch(_LAST, name, lineage.topic_id)
            }
            standing = await watch.event_ids({place: offset for place, (offset, _) in last.items()})
            if any(standing[place] != event_id for place, (_, event_id) in last.items()):
                continue
            async with connection.transaction():
                moved = await connection.execute(_MOVE, name, lineage.topic_id)
                signed = await connection.execute(_SIGNED, name, lineage.topic_id)
            if not moved.endswith(" 0") or not signed.endswith(" 0"):
                done.append(name)
    finally:
        await watch.close()
    return done


async def _accept_positions(settings: Settings, connection: asyncpg.Connection) -> None:
    """Let alerting go on from where it was, or from the end of the log that there is."""
    ends = await end_offsets(settings, Taking.contexts)
    held = await offsets.positions(connection, ALERTING, ALERTING_VERSION)
    kept = {place: min(position, ends.get(place, 0)) for place, position in held.items()}
    await offsets.set_position(connection, ALERTING, ALERTING_VERSION, kept)


async def _remembered(connection: asyncpg.Connection) -> dict[Place, int]:
    """From where on there may be facts that intake does not remember."""
    return {
        (name, partition): offset + 1
        for name, partition, offset in await connection.fetch(
            'SELECT t.name, l.partition, l."offset" FROM intake.last l'
            " JOIN intake.topic t ON t.number = l.topic WHERE NOT t.gone"
        )
    }


async def _find_lost(
    settings: Settings, connection: asyncpg.Connection, since: Mapping[Place, int], done: Recovered
) -> None:
    erased = {subject for subject, _ in await noted(settings)}
    known: dict[str, bool] = {}
    async for records in read_log(settings, UPSTREAM_CONTEXTS, start=since):
        whose = [sealed_subjects(record.event.entry, values_of(record.event)) - erased for record in records]
        unknown = sorted(set().union(*whose) - known.keys())
        there = {row[0] for row in await connection.fetch(_THERE, unknown)}
        known |= {subject: subject in there for subject in unknown}
        done.looked_at += sum(record.event.entry.from_upstream for record in records)
        done.lost += [
            Lost(source=event.source, id=event.serial, type=event.type, time=event.time)
            for event, subjects in zip((record.event for record in records), whose, strict=True)
            if not all(known[subject] for subject in subjects)
        ]


_WORKING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = ANY($1::text[])
"""
_THERE = "SELECT subject FROM vault.salt WHERE subject = ANY($1::text[])"
_LAST = """
SELECT l.partition, l."offset", l.event_id FROM intake.last AS l JOIN intake.topic AS t ON t.number = l.topic
WHERE t.name = $1 AND t.kafka_id <> $2 AND NOT t.gone
"""
_MOVE = """
UPDATE intake.topic AS t SET kafka_id = $2 WHERE t.name = $1 AND t.kafka_id <> $2 AND NOT t.gone
  AND NOT EXISTS (SELECT FROM intake.topic AS o WHERE o.name = $1 AND o.kafka_id = $2)
"""
_SIGNED = """
INSERT INTO platform.signed (topic, topic_id, partition, from_offset)
SELECT DISTINCT ON (partition) topic, $2, partition, from_offset FROM platform.signed
WHERE topic = $1 AND topic_id <> $2
ORDER BY partition, noted_at DESC
ON CONFLICT DO NOTHING
"""

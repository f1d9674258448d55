"""The topics of a deployment, as data, and their creation."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError

from events.catalogue import (
    CONTEXTS,
    ONE_PARTITION,
    UPSTREAM_CONTEXTS,
    dead_letter_topic,
    intake_topic,
    log_topic,
)
from services.platform.failure import PipelineStoppedError
from services.platform.kafka import administration
from services.platform.settings import Settings

MAX_FACT_BYTES = 4 * 1024 * 1024 - 64 * 1024
"""The largest fact as the log keeps it: tokens, keys of names and seals make persons five times as long."""
MAX_LOG_RECORD_BYTES = MAX_FACT_BYTES + 64 * 1024
"""The largest record on the log: a fact with its headers."""
MAX_RECORD_BYTES = 1024 * 1024 + 12
"""The largest batch that an intake topic takes, unpacked: Kafka's own default, said for the letters' sake."""
MAX_LETTER_BYTES = 2 * MAX_RECORD_BYTES
"""The largest dead letter, without its headers: a sealed record is nearly twice as long as the record."""

_LEADER_SECONDS = 30.0
_HOUR_MS = 3600 * 1000
_SET_AT_THE_TOPIC = 1
_LARGEST, _PACKING = "max.message.bytes", "compression.type"
_FORMER_INTAKE = {"retention.ms": str(7 * 24 * 3600 * 1000)}
"""What intake topics were given by earlier versions, and nobody has set."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it must be."""

    name: str
    partitions: int
    config: dict[str, str]


def enough_of(copies: int) -> int:
    """How many of so many copies there must be before a record is acknowledged: one may be away, of three."""
    return (copies + 1) // 2


def erased_topic(prefix: str) -> str:
    """Return the topic that says whose salts were erased (``erasures.py``)."""
    return f"{prefix}.erased"


def journal_topics(prefix: str) -> tuple[str, ...]:
    """Return the topics that the journal keeps: the log, and what was erased."""
    return (*(log_topic(prefix, context) for context in CONTEXTS), erased_topic(prefix))


def topics(settings: Settings) -> tuple[Topic, ...]:
    """Return every topic: the log (for ever, log-append time), intake (short), dead letters, erasures."""
    log = {
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(MAX_LOG_RECORD_BYTES),
    }
    if settings.replication == 1 and settings.flush:
        # Nobody else has it: what is acknowledged is on the disk, and not in the memory of one machine.
        log["flush.messages"] = "1"
    copies = {"min.insync.replicas": str(enough)} if (enough := enough_of(settings.replication)) > 1 else {}
    intake = {
        **copies,
        # What is taken is deleted within hours; this is for what nobody takes.
        "retention.ms": str(int(settings.intake_hours * _HOUR_MS)),
        "segment.ms": str(_HOUR_MS),
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(MAX_RECORD_BYTES),
        # The broker unpacks what comes packed, whichever way, so that every reader can read it, and none is
        # handed a small batch that unpacks to gigabytes.
        "compression.type": "uncompressed",
    }
    log |= copies
    letters = {**log, "max.message.bytes": str(MAX_LETTER_BYTES + 64 * 1024)}
    prefix = settings.topic_prefix
    return (
        *(
            Topic(log_topic(prefix, context), 1 if context in ONE_PARTITION else settings.partitions, log)
            for context in CONTEXTS
        ),
        *(Topic(intake_topic(prefix, context), 1, intake) for context in UPSTREAM_CONTEXTS),
        Topic(dead_letter_topic(prefix), 1, letters),
        Topic(erased_topic(prefix), 1, log),
    )


async def _await_leaders(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    # A created topic is announced before its partitions are led: who asks at once is refused.
    async with asyncio.timeout(_LEADER_SECONDS):
        while not all(  # noqa: ASYNC110 - Kafka tells nobody
            topic["error_code"] == 0
            and topic["partitions"]
            and all(part["error_code"] == 0 and part["leader"] >= 0 for part in topic["partitions"])
            for topic in await admin.describe_topics(names)
        ):
            await asyncio.sleep(0.05)


async def _configs(
    admin: AIOKafkaAdminClient, names: Collection[str]
) -> dict[str, dict[str, tuple[str, int]]]:
    """Return the settings of topics, each with where it comes from."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    return {
        name: {key: (value, source) for key, value, _, source, *_ in entries}
        for answer in await admin.describe_configs(resources)
        for _, _, _, name, entries in answer.resources
    }


async def _mend_settings(admin: AIOKafkaAdminClient, existing: list[Topic]) -> None:
    # Those that were made by an earlier version. What an operator has set stays, unless facts do not fit.
    found = await _configs(admin, [topic.name for topic in existing])
    declared = {topic.name: topic.config for topic in existing}
    held = {
        name: {
            key: value
            for key, (value, source) in entries.items()
            if source == _SET_AT_THE_TOPIC and not _to_be_mended(declared[name], key, value)
        }
        for name, entries in found.items()
    }
    wrong = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, {**topic.config, **held[topic.name]})
        for topic in existing
        if not topic.config.keys() <= held[topic.name].keys()
    ]
    if wrong:
        for answer in await admin.alter_configs(wrong):
            failed = [f"{name}: {error}" for code, error, _, name in answer.resources if code]
            if failed:
                raise RuntimeError("Kafka did not change topics: " + "; ".join(failed))


def _to_be_mended(config: dict[str, str], key: str, value: str) -> bool:
    """Whether a topic's own setting gives way to the declared one."""
    if key == _LARGEST:
        return int(value) < int(config[key])
    return "segment.ms" in config and _FORMER_INTAKE.get(key) == value


async def check_limits(settings: Settings, names: Collection[str]) -> None:
    """Raise PipelineStoppedError where a topic takes less than its largest record, or keeps it packed."""
    declared = {topic.name: topic.config for topic in topics(settings) if topic.name in names}
    async with administration(settings) as admin:
        found = await _configs(admin, declared)
    for name, config in declared.items():
        for key, wanted in config.items():
            held, _ = found.get(name, {}).get(key, (wanted, None))
            if key == _LARGEST and int(held) < int(wanted):
                raise PipelineStoppedError(
                    f"The topic {name} takes records of {held} bytes, and must take {wanted}: set its "
                    f"{_LARGEST}, and that of the broker, to {wanted} or more."
                )
            if key == _PACKING and held != wanted:
                raise PipelineStoppedError(
                    f"The topic {name} has {_PACKING}={held}, with which a small record may unpack to "
                    f"gigabytes: set it to {wanted}."
                )


async def create_topics(settings: Settings) -> list[str]:
    """Create missing topics, and add missing settings to the others.

    Returns the names of those that were created.
    """
    async with administration(settings) as admin:
        existing = set(await admin.list_topics())
        await _mend_settings(admin, [topic for topic in topics(settings) if topic.name in existing])
        missing = [
            NewTopic(
                name=topic.name,
                num_partitions=topic.partitions,
                replication_factor=settings.replication,
                topic_configs=topic.config,
            )
            for topic in topics(settings)
            if topic.name not in existing
        ]
        if missing:
            try:
                answer = await admin.create_topics(missing)
            except TopicAlreadyExistsError:
                return []
            failed = [
                f"{item[0]}: {item[2]}"
                for item in getattr(answer, "topic_errors", ())
                if item[1] not in (0, TopicAlreadyExistsError.errno)
            ]
            if failed:
                raise RuntimeError("Kafka did not create topics: " + "; ".join(failed))
            await _await_leaders(admin, [topic.name for topic in missing])
        there = {item[0] for item in getattr(answer, "topic_errors", ()) if item[1]} if missing else set()
        return [topic.name for topic in missing if topic.name not in there]

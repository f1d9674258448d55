"""The catalogue: every event type, its two models, its topic, its key, its business date, its sealed fields.

One table, read by intake (which types are there, what is sealed), by the consumers (how to decode), by the
schema export and by the documentation. Each context's rows stand below its models.
"""

from events import (
    anomalies,
    calendar,
    campaign,
    clues,
    custody,
    enrollment,
    funds,
    hotline,
    identity,
    kinship,
    officials,
    payments,
    petitions,
    policy,
    relief,
    screening,
    survey,
    tekun,
    vitals,
)
from events.event_type import EventType

TYPES: tuple[EventType, ...] = tuple(
    entry
    for module in (
        enrollment,
        payments,
        vitals,
        custody,
        petitions,
        policy,
        funds,
        kinship,
        officials,
        screening,
        tekun,
        relief,
        hotline,
        survey,
        campaign,
        clues,
        identity,
        calendar,
        anomalies,
    )
    for entry in module.TYPES
)

VERSION = "1.4.0"
"""Version of the contract: its last release (``docs/contract/releases``), or the next while it differs."""

BY_TYPE: dict[str, EventType] = {entry.name: entry for entry in TYPES}

UPSTREAM_CONTEXTS: tuple[str, ...] = tuple(
    dict.fromkeys(entry.context for entry in TYPES if entry.from_upstream)
)
"""Contexts whose facts come from upstream, each with an emitting service."""

CONTEXTS: tuple[str, ...] = tuple(dict.fromkeys(entry.context for entry in TYPES))

ONE_PARTITION: frozenset[str] = frozenset({"calendar", "policy"})
"""Contexts whose order matters as a whole: their topic has one partition."""

WITHOUT_FACTS: dict[str, str] = {
    "R65": "who looked at what is written down by dibao itself, where a sealed value is opened",
}
"""Requirements of the plan (R1-R70) that no upstream fact serves, and what serves them instead."""


def log_topic(prefix: str, context: str) -> str:
    """Return the topic of the log for a context (``dibao.payments``)."""
    return f"{prefix}.{context}"


def intake_topic(prefix: str, context: str) -> str:
    """Return the topic on which upstream may hand over raw facts (``dibao.intake.payments``)."""
    return f"{prefix}.intake.{context}"


def dead_letter_topic(prefix: str) -> str:
    """Return the topic of sealed dead letters (``dibao.dlq``)."""
    return f"{prefix}.dlq"

"""What detection announced of one anomaly, as far as it matters to who is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any
from uuid import UUID

from events.envelope import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One revision of an anomaly. Persons and accounts in ``key`` and ``params`` are tokens.

    ``evidence``: a digest of the facts that it rests on; ``village``: as the announcement states it, later as
    the household's is known; ``programme``: what the key or the params name, None where they name none.
    """

    event_id: UUID
    anomaly_id: UUID
    revision: int
    verb: str
    rule: str
    rule_version: int
    subject: str
    severity: str
    key: Mapping[str, str]
    params: Mapping[str, Any]
    evidence: str
    household_no: str | None = None
    village: str | None = None

    @property
    def programme(self) -> str | None:
        """Which programme it is about, where it says so."""
        named = self.key.get("programme") or self.params.get("programme")
        return None if named is None else str(named)

    @property
    def place(self) -> str:
        """The code of the village, empty where none is known."""
        return self.village or ""


FIELDS = tuple(field.name for field in fields(Announcement))
"""Columns of ``alerting.announcement`` as well."""


def announcement_of(record: Record) -> Announcement:
    """Return what a record of ``dibao.anomalies`` announces."""
    event, data = record.event, record.event.data
    return Announcement(
        event_id=event.event_id,
        anomaly_id=data.anomaly_id,
        revision=data.revision,
        verb=event.entry.verb,
        rule=data.rule,
        rule_version=data.rule_version,
        subject=data.subject,
        severity=data.severity,
        key=data.key,
        params=data.params,
        evidence=evidence_of(data.evidence, data.evidence_count),
        household_no=data.household_no,
        village=event.fact.division,
    )


def evidence_of(event_ids: list[UUID], count: int) -> str:
    """Return the digest of an anomaly's evidence: equal as long as it rests on the same facts.

    Announcements name 50 facts at most; of more the count says whether there are others.
    """
    named = "\n".join(sorted(map(str, event_ids)))
    return sha256(f"{count}\n{named}".encode()).hexdigest()[:32]

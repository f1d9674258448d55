"""What changed since the last evaluation, as rows of ``finding`` and as events on ``dibao.anomalies``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID, uuid5

import orjson

from events import anomalies
from events.catalogue import log_topic
from events.envelope import Event
from services.detection.following import NOBODY, Followed, traces_of
from services.detection.rules import BY_NAME
from services.detection.rules.rule import Finding
from services.platform import tracing
from services.platform.database import Connection
from services.platform.outbox import Message, message_of

SOURCE = "/dibao/detection"

Verb = Literal["raised", "revised", "withdrawn"]
_MODELS = {
    "raised": anomalies.Raised,
    "revised": anomalies.Revised,
    "withdrawn": anomalies.Withdrawn,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A finding as it is stored; ``content`` is the digest of everything that a revision announces."""

    anomaly_id: UUID
    subject: str
    month: str
    state: str
    revision: int
    content: str


@dataclass(frozen=True, slots=True)
class Change:
    """A finding to be raised or revised, or a stored one to be withdrawn."""

    verb: Verb
    anomaly_id: UUID
    subject: str
    revision: int
    finding: Finding | None
    content: str


def content_of(finding: Finding) -> str:
    """Return the digest of a finding's content, rule version included: 128 bits in hex."""
    return digest_of_content(
        version=BY_NAME[finding.rule].version,
        severity=finding.severity,
        params=finding.params,
        evidence=finding.evidence,
        count=finding.evidence_count,
        since=finding.holds_since,
        policy=finding.policy,
        household_no=finding.household_no,
    )


def digest_of_content(
    *,
    version: int,
    severity: str,
    params: Mapping[str, Any],
    evidence: Sequence[str],
    count: int,
    since: str | None,
    policy: Mapping[str, Any],
    household_no: str | None,
) -> str:
    """Return the same of a finding's parts, as an announcement has them."""
    content = {
        "version": version,
        "severity": severity,
        "params": params,
        "evidence": evidence,
        "count": count,
        "since": since,
        "policy": policy,
        "household_no": household_no,
    }
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def values_of(finding: Finding) -> tuple[Any, ...]:
    """Return the values of ``finding_columns`` but for the digest of the content; of JSON the text."""
    return (
        finding.rule,
        BY_NAME[finding.rule].version,
        finding.month,
        finding.household_no,
        _json(finding.key),
        finding.severity,
        _json(finding.params),
        _json(finding.evidence),
        finding.evidence_count,
        finding.holds_since,
        _json(finding.policy),
    )


def compare(found: Mapping[UUID, tuple[str, Finding]], stored: Iterable[Stored]) -> list[Change]:
    """Return what to announce: ``found`` gives (subject, finding) by anomaly id, ``stored`` is in scope."""
    changes: list[Change] = []
    known: set[UUID] = set()
    for old in stored:
        known.add(old.anomaly_id)
        now = found.get(old.anomaly_id)
        if now is None:
            if old.state == "open":
                changes.append(
                    Change("withdrawn", old.anomaly_id, old.subject, old.revision + 1, None, old.content)
                )
            continue
        content = content_of(now[1])
        if old.state != "open" or old.content != content:
            verb: Verb = "revised" if old.state == "open" else "raised"
            changes.append(Change(verb, old.anomaly_id, old.subject, old.revision + 1, now[1], content))
    changes.extend(
        Change("raised", anomaly_id, subject, 1, finding, content_of(finding))
        for anomaly_id, (subject, finding) in found.items()
        if anomaly_id not in known
    )
    return changes


_SAVE = """
insert into finding as f (anomaly_id, subject, rule, rule_version, month, household_no, key, severity, params,
    evidence, evidence_count, holds_since, policy, content, revision, state, raised_at, revised_at)
select anomaly_id, subject, rule, rule_version, month, household_no, key::jsonb, severity, params::jsonb,
    evidence::jsonb, evidence_count, holds_since, policy::jsonb, content, revision, 'open', now(), now()
from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::int[], $12::text[], $13::text[], $14::text[], $15::int[])
    as w (anomaly_id, subject, rule, rule_version, month, household_no, key, severity, params,
        evidence, evidence_count, holds_since, policy, content, revision)
on conflict (anomaly_id) do update set
    rule_version = excluded.rule_version, household_no = excluded.household_no, severity = excluded.severity,
    params = excluded.params, evidence = excluded.evidence, evidence_count = excluded.evidence_count,
    holds_since = excluded.holds_since, policy = excluded.policy, content = excluded.content,
    revision = excluded.revision, state = 'open',
    raised_at = case when f.state = 'open' then f.raised_at else now() end, revised_at = now()
"""

_WITHDRAW = """
update finding f set state = 'withdrawn', revision = w.revision, revised_at = now()
from unnest($1::uuid[], $2::int[]) as w (anomaly_id, revision)
where f.anomaly_id = w.anomaly_id
returning f.*
"""


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def save(connection: Connection, changes: Sequence[Change], time: datetime) -> list[Event]:
    """Write changes to ``finding``; return the events that announce them."""
    events: list[Event] = []
    open_ones = [change for change in changes if change.finding is not None]
    if open_ones:
        rows = []
        for change in open_ones:
            finding = change.finding
            assert finding is not None
            rows.append(
                (change.anomaly_id, change.subject, *values_of(finding), change.content, change.revision)
            )
            events.append(
                announcement(
                    change.verb,
                    time,
                    anomaly_id=change.anomaly_id,
                    rule=finding.rule,
                    rule_version=BY_NAME[finding.rule].version,
                    revision=change.revision,
                    subject=change.subject,
                    severity=finding.severity,
                    key=finding.key,
                    params=finding.params,
                    evidence=finding.evidence,
                    evidence_count=finding.evidence_count,
                    holds_since=finding.holds_since,
                    policy=finding.policy,
                    household_no=finding.household_no,
                )
            )
        await connection.execute(_SAVE, *map(list, zip(*rows, strict=True)))
    gone = [change for change in changes if change.finding is None]
    if gone:
        withdrawn = await connection.fetch(
            _WITHDRAW, [change.anomaly_id for change in gone], [change.revision for change in gone]
        )
        events.extend(announcement_of_row("withdrawn", row, time) for row in withdrawn)
    return events


async def messages(
    connection: Connection, events: Sequence[Event], prefix: str, followed: Followed = NOBODY
) -> list[Message]:
    """Return the messages that announce changes, on ``<prefix>.anomalies``.

    ``followed``: the contexts of subjects of which a fact is followed.
    """
    topic = log_topic(prefix, "anomalies")
    traces = await traces_of(connection, events, followed) if tracing.on() else {}
    # Only the revisions of one anomaly must stay in order; those of its subject need not wait for each other.
    return [
        message_of(event, topic, str(event.data.anomaly_id), traces.get(at))
        for at, event in enumerate(events)
    ]


def announcement_of_row(verb: Verb, row: Any, time: datetime) -> Event:
    """Return the event that announces a row of ``finding`` as it stands."""
    names = (
        "anomaly_id rule rule_version revision subject severity key params evidence evidence_count "
        "holds_since policy household_no"
    )
    return announcement(verb, time, **{name: row[name] for name in names.split()})


def announcement(verb: Verb, time: datetime, **content: Any) -> Event:
    """Return the event of one revision: its id is uuid5(anomaly_id, revision), so a repeat is dropped."""
    evidence = [UUID(event_id) for event_id in content.pop("evidence")]
    data = _MODELS[verb](evidence=evidence, **content)
    shown = data.model_dump(mode="json", by_alias=True, exclude_none=True)
    digest = sha256(orjson.dumps([verb, shown], option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    event_id = uuid5(data.anomaly_id, str(data.revision))
    return Event(
        event_id=event_id,
        type=f"dibao.anomalies.{verb}.v1",
        source=SOURCE,
        serial=str(event_id),
        time=time,
        digest=digest,
        data=data,
    )

"""What was announced, read back from the log: findings go on from it where PostgreSQL has lost them.

Whoever was told of an anomaly drops a revision that it has had, so its next one must not begin anew.
"""

from datetime import datetime
from typing import Any

import orjson

from events.envelope import Event
from services.detection.announce import digest_of_content
from services.detection.rules import BY_NAME
from services.platform.database import Connection
from services.platform.log import read_log
from services.platform.settings import Settings

_ROWS = """
insert into {schema}.finding as f (anomaly_id, subject, rule, rule_version, month, household_no, key,
    severity, params, evidence, evidence_count, holds_since, policy, content, revision, state, raised_at,
    revised_at)
select anomaly_id, subject, rule, rule_version, month, household_no, key::jsonb, severity, params::jsonb,
    evidence::jsonb, evidence_count, holds_since, policy::jsonb, content, revision, state, raised_at,
    revised_at
from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::int[], $12::text[], $13::text[], $14::text[], $15::int[], $16::text[],
    $17::timestamptz[], $18::timestamptz[])
    as w (anomaly_id, subject, rule, rule_version, month, household_no, key, severity, params, evidence,
        evidence_count, holds_since, policy, content, revision, state, raised_at, revised_at)
on conflict (anomaly_id) do update set
    subject = excluded.subject, rule_version = excluded.rule_version, household_no = excluded.household_no,
    severity = excluded.severity, params = excluded.params, evidence = excluded.evidence,
    evidence_count = excluded.evidence_count, holds_since = excluded.holds_since, policy = excluded.policy,
    content = excluded.content, revision = excluded.revision, state = excluded.state,
    raised_at = coalesce(excluded.raised_at, f.raised_at), revised_at = excluded.revised_at
where f.revision < excluded.revision
"""

# The month of a withdrawn finding whose key does not name it is that of the fact that it rested on.
_MONTHS = """
update {schema}.finding f set month = fact.month from {facts}.fact fact
where f.month = '' and f.rule = any($1::text[])
    and fact.subject = f.subject and fact.event_id = (f.evidence ->> 0)::uuid
"""


async def take_up(settings: Settings, connection: Connection, schema: str) -> int:
    """Put the last announcement of each anomaly into a schema's findings, where it is ahead of them.

    Returns how many anomalies were ever announced. Of what was put into an outbox and not sent nobody knows.
    """
    last: dict[Any, Event] = {}
    raised: dict[Any, datetime] = {}
    async for records in read_log(settings, ("anomalies",)):
        for record in records:
            event = record.event
            known = last.get(event.data.anomaly_id)
            if known is not None and known.data.revision >= event.data.revision:
                continue  # the relay sends again what it does not know to be sent
            last[event.data.anomaly_id] = event
            if _verb(event) == "raised":
                raised[event.data.anomaly_id] = event.time
    rows = [_row(event, raised.get(anomaly_id, event.time)) for anomaly_id, event in last.items()]
    if rows:
        await connection.execute(_ROWS.format(schema=schema), *map(list, zip(*rows, strict=True)))
    return len(rows)


async def find_months(connection: Connection, schema: str, facts: str) -> None:
    """Say of findings by month that were taken up which month they are of, by the facts of another schema."""
    by_month = [rule.name for rule in BY_NAME.values() if rule.by_month]
    await connection.execute(_MONTHS.format(schema=schema, facts=facts), by_month)


def _row(event: Event, raised_at: datetime) -> tuple[Any, ...]:
    data = event.data
    rule = BY_NAME.get(data.rule)
    evidence = [str(event_id) for event_id in data.evidence]
    since = None if data.holds_since is None else str(data.holds_since)
    content = digest_of_content(
        version=data.rule_version,
        severity=data.severity,
        params=data.params,
        evidence=evidence,
        count=data.evidence_count,
        since=since,
        policy=data.policy,
        household_no=data.household_no,
    )
    return (
        data.anomaly_id,
        data.subject,
        data.rule,
        data.rule_version,
        data.key.get("month", "") if rule is not None and rule.by_month else "",
        data.household_no,
        _json(data.key),
        data.severity,
        _json(data.params),
        _json(evidence),
        data.evidence_count,
        since,
        _json(data.policy),
        content,
        data.revision,
        "withdrawn" if _verb(event) == "withdrawn" else "open",
        raised_at,
        event.time,
    )


def _verb(event: Event) -> str:
    return event.type.split(".")[-2]


def _json(value: object) -> str:
    return orjson.dumps(value).decode()

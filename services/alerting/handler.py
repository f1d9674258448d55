"""Alerting as a pipeline's handler: what is announced is kept, once, in the pipeline's transaction."""

from collections.abc import Callable, Sequence

import orjson

from events.envelope import Record
from services.alerting.announcement import announcement_of
from services.platform.database import Connection

NAME, VERSION = "alerting", 1

_TAKE = """
INSERT INTO alerting.announcement (event_id, topic, partition, "offset", anomaly_id, revision, verb, rule,
  rule_version, subject, severity, key, params, evidence, household_no, village, trace)
SELECT event_id, topic, partition, "offset", anomaly_id, revision, verb, rule, rule_version, subject,
  severity, key::jsonb, params::jsonb, evidence, household_no, village, trace
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::int[], $7::text[], $8::text[],
  $9::int[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
  $17::text[])
  AS a (event_id, topic, partition, "offset", anomaly_id, revision, verb, rule, rule_version, subject,
    severity, key, params, evidence, household_no, village, trace)
ON CONFLICT DO NOTHING
"""
"""A repeat has the id of the first: the relay publishes again what it does not know to be published."""


class Taking:
    """Consumes the announcements; ``wake`` is called when there are new ones."""

    name, version = NAME, VERSION
    contexts = ("anomalies",)

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        self._wake = wake

    async def prepare(self, records: Sequence[Record]) -> list[tuple[object, ...]]:
        """Return what is kept of the announcements, column by column."""
        rows = []
        for record in records:
            one = announcement_of(record)
            rows.append(
                (
                    one.event_id,
                    record.topic,
                    record.partition,
                    record.offset,
                    one.anomaly_id,
                    one.revision,
                    one.verb,
                    one.rule,
                    one.rule_version,
                    one.subject,
                    one.severity,
                    orjson.dumps(one.key).decode(),
                    orjson.dumps(one.params).decode(),
                    one.evidence,
                    one.household_no,
                    one.village,
                    record.trace,
                )
            )
        return list(zip(*rows, strict=True))

    async def handle(self, connection: Connection, columns: list[tuple[object, ...]]) -> None:
        """Keep what is announced, inside the open transaction."""
        if columns:
            await connection.execute(_TAKE, *map(list, columns))

    def committed(self, records: Sequence[Record]) -> None:
        """Say that there is something to decide."""
        self._wake()

    def revoked(self) -> None:
        """Nothing to do: nothing is cached."""

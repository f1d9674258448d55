"""What a process counts and times, in base units, for Prometheus. No label names a person or a household."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_DELAYS: Final = (*_SECONDS, 300, 900, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
_SIZES: Final = (1, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000)

READY: Final = Gauge("dibao_ready", "1: this part of the process does its work, 0: it waits", ["part"])

FACTS: Final = Counter(
    "dibao_intake_facts", "Facts that were answered: accepted, repeated, rejected …", ["context", "status"]
)

LIMITED: Final = Counter(
    "dibao_intake_limited",
    "Requests that were told 429, by the source's name and what it has reached: rate, events, files",
    ["source", "limit"],
)

REQUESTS: Final = Histogram(
    "dibao_http_request_seconds",
    "HTTP requests from their head to the last byte of the answer",
    ["service", "method", "route", "status"],
    buckets=_SECONDS,
)

RECORDS: Final = Counter("dibao_pipeline_records", "Records whose effects are committed", ["pipeline"])
BATCH_RECORDS: Final = Histogram(
    "dibao_pipeline_batch_records", "Records a batch", ["pipeline"], buckets=_SIZES
)
BATCH_SECONDS: Final = Histogram(
    "dibao_pipeline_batch_seconds",
    "The transaction of a batch, commit included",
    ["pipeline"],
    buckets=_SECONDS,
)
DELAY: Final = Histogram(
    "dibao_pipeline_delay_seconds",
    "From the moment when Kafka got a record (clock record), or of which it tells (clock event), to the "
    "commit of its effects; of a batch's oldest record",
    ["pipeline", "clock"],
    buckets=_DELAYS,
)
LAG: Final = Gauge(
    "dibao_pipeline_lag_records",
    "Records on the log that have no effect yet, of the partitions that this process holds",
    ["pipeline", "topic", "partition"],
)

PUBLISHED: Final = Counter("dibao_outbox_published", "Messages that Kafka acknowledged", ["outbox"])
OUTBOX_MESSAGES: Final = Gauge("dibao_outbox_messages", "Messages that wait to be published", ["outbox"])
OUTBOX_AGE: Final = Gauge(
    "dibao_outbox_oldest_seconds", "How long the oldest message waits; 0 where none does", ["outbox"]
)

ALERT_FINDINGS: Final = Counter(
    "dibao_alert_findings", "Findings that concern a subscription, by its number", ["subscription"]
)
ALERT_TOLD: Final = Counter(
    "dibao_alert_told",
    "Findings that a notice or a digest was made of; the rest waits, or is snoozed",
    ["subscription", "kind"],
)
ALERT_ATTEMPTS: Final = Counter(
    "dibao_alert_attempts", "Attempts to deliver a notice", ["channel", "outcome"]
)
ALERT_PARKED: Final = Counter("dibao_alert_parked", "Notices that were given up", ["channel"])
ALERT_OLDEST: Final = Gauge(
    "dibao_alert_oldest_seconds", "For how long the oldest notice is not delivered; 0 where all are"
)

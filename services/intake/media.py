"""Media types that intake takes and gives."""

JSON = "application/json"
EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
EVENT_TYPES = frozenset({JSON, EVENT, BATCH, *LINES})
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

"""Who may write to the log's topics and has no log key changes nothing; it is refused, and reported once."""

import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.bench.logs import Raw, read_raw, write_raw
from deploy.cli.progress import progress
from deploy.local import Stack
from events.codec import encode
from events.envelope import event_id_of
from projections.schema import schema_name
from services.detection.announce import announcement_of_row
from services.detection.replay import rebuild as rebuild_detection
from services.platform.authorship import HEADER, LogKeys, Verdict
from services.platform.log import topics_of
from services.platform.provenance import forgeries
from services.projector.rebuild import rebuild as rebuild_projection
from tests.street.whole import Whole, whole

_GOLDEN = Path(__file__).parents[1] / "golden" / "facts.ndjson"
FACTS = [json.loads(line) for line in _GOLDEN.read_text(encoding="utf-8").splitlines()]
DAY = "2021-10-31"


async def state(street: Whole) -> dict[str, Any]:
    """The findings as detection has them, what was announced, and the ledger of payments."""
    live = {row["name"]: row["live"] for row in await street.pool.fetch("SELECT * FROM platform.generation")}
    projection = schema_name(live["projection"])
    asked = {
        "findings": f"SELECT anomaly_id, state FROM detection_g{live['detection']}.finding ORDER BY 1",
        "announced": f"SELECT anomaly_id, revision, verb FROM {projection}.anomaly_event ORDER BY 1, 2",
        "payments": f"SELECT event_id, amount_fen FROM {projection}.payment ORDER BY 1, 2",
        "facts": f"SELECT event_id, digest FROM {projection}.fact ORDER BY 1, 2",
    }
    return {name: list(map(tuple, await street.pool.fetch(sql))) for name, sql in asked.items()}


def of(raw: Raw, **headers: str) -> Raw:
    """Return a record with other values in some of its headers."""
    said = {f"ce_{name}": value.encode() for name, value in headers.items()}
    return replace(raw, headers=tuple((name, said.get(name, value)) for name, value in raw.headers))


def unsigned(raw: Raw) -> Raw:
    """Return a record without its MAC."""
    return replace(raw, headers=tuple(header for header in raw.headers if header[0] != HEADER))


async def withdrawal(street: Whole, anomaly: Any) -> Raw:
    """Detection's own withdrawal of an open anomaly, as it would come next; unsigned."""
    row = await street.pool.fetchrow("SELECT * FROM detection_g1.finding WHERE anomaly_id = $1", anomaly)
    said = {**row, "revision": row["revision"] + 1}
    key, value, headers = encode(announcement_of_row("withdrawn", said, datetime.now(UTC)))
    partition = next(
        raw.partition for raw in await read_raw(street.settings, ["anomalies"]) if raw.key == key
    )
    return Raw("anomalies", partition, key, value, tuple(headers))


async def test_a_forged_withdrawal_or_payment_changes_nothing_and_is_reported_once(
    stack: Stack, database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with whole(stack, database, tmp_path) as street:
        settings = street.settings
        await street.upstream.events([json.dumps(fact).encode() for fact in FACTS])
        await street.close_day(DAY)
        await street.settle()
        keys = LogKeys.from_settings(settings)
        written = await read_raw(settings)
        assert {"payments", "vitals", "calendar", "anomalies"} <= {raw.context for raw in written}
        for raw in written:
            assert keys.verdict(_delivered(street, raw)) is Verdict.GENUINE, raw.header("ce_type")
        before = await state(street)

        paid = next(raw for raw in written if raw.header("ce_type") == "dibao.payments.paid.v1")
        other = {"id": str(event_id_of("/forged", "1")), "source": "/forged", "serial": "1"}
        dearer = re.sub(rb'"amount_fen":\d+', b'"amount_fen":99900', paid.value)
        raised = next(anomaly for anomaly, found in before["findings"] if found == "open")
        withdrawn = await withdrawal(street, raised)
        announced = next(raw for raw in written if raw.context == "anomalies")
        forged = [
            withdrawn,
            replace(withdrawn, headers=(*withdrawn.headers, announced.headers[-1])),
            of(paid, **other),
            unsigned(of(paid, **other)),
            replace(of(paid, **other), value=dearer),
            replace(paid, context="custody"),
        ]
        await write_raw(settings, forged)
        await street.settle()
        assert await state(street) == before
        await rebuild_projection(street.deployment.settings_of("projector"))
        report = await rebuild_detection(street.deployment.settings_of("detection"), processes=1)
        assert report.comparison.equal
        await street.settle()
        assert await state(street) == before

        found = await forgeries(street.pool)
        assert sorted((row["topic"].rpartition(".")[2], row["error"]) for row in found) == [
            ("anomalies", "missing"),
            ("anomalies", "wrong"),
            ("custody", "wrong"),
            ("payments", "missing"),
            ("payments", "wrong"),
            ("payments", "wrong"),
        ]
        assert (await progress(settings, street.pool)).forged == len(forged)
        said = [line.getMessage() for line in caplog.records if "is refused" in line.getMessage()]
        assert len(said) == len(set(said)) == len(forged)

        # The same by whoever has the key: then they count, so it is the MAC that keeps them out.
        genuine = [withdrawn, replace(unsigned(of(paid, **other)), value=dearer)]
        await write_raw(settings, [_signed(keys, raw) for raw in genuine])
        await street.settle()
        after = await state(street)
        revisions = [(number, verb) for anomaly, number, verb in after["announced"] if anomaly == raised]
        assert revisions[-1][1] == "withdrawn"
        assert (event_id_of("/forged", "1"), 99900) in after["payments"]


def _delivered(street: Whole, raw: Raw) -> Any:
    (topic,) = topics_of(street.settings, [raw.context])
    return SimpleNamespace(
        topic=topic, key=raw.key, value=raw.value, headers=raw.headers, partition=raw.partition, offset=0
    )


def _signed(keys: LogKeys, raw: Raw) -> Raw:
    mac = keys.mac(f"any.{raw.context}", raw.key, raw.value, raw.headers)
    return replace(raw, headers=(*raw.headers, mac))

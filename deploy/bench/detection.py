"""Live detection: the service itself on a log that is there, from its first batch until nothing is left.

Done means: offsets at the end, no dirty marks, no sweep, outbox empty, so every anomaly is acknowledged by
Kafka. The rate counts the facts of the contexts that detection reads.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import asyncpg
import orjson

from deploy.bench import logs
from deploy.bench.facts import Fact, Facts
from deploy.bench.ground import Ground, Site
from deploy.bench.measure import Measure, expect
from deploy.bench.settling import settled
from deploy.bench.usage import Usage
from events.calendar import DAY_CLOSED
from events.envelope import event_id_of
from services.closer.closing import SOURCE, close_day
from services.detection.facts import CONTEXTS
from services.detection.rules import ALL, BY_NAME, rules_of

Open = frozenset[str]
"""Ids of the anomalies that are open."""


async def live(
    ground: Ground,
    site: Site,
    facts: Facts,
    workers: int = 1,
    profile: Path | None = None,
    rules: Sequence[str] = (),
    watch: Path | None = None,
) -> tuple[Measure, Open]:
    """Measure detection with so many workers; return what is open at its end as well.

    ``rules``: some only, and of the log what they read; by default all. ``profile``, ``watch``: files for
    what the first worker says of its functions, and of its rules.
    """
    read = rules_of(BY_NAME[rule] for rule in rules) if rules else ALL
    names = [f"{site.name}-detection-{number}" for number in range(1, workers + 1)]
    marks = [site.files / f"{name}.mark" for name in names]
    await ground.rest()
    connection = await asyncpg.connect(site.settings.database_url)
    try:
        for name, mark in zip(names, marks, strict=True):
            extra: tuple[str, ...] = ()
            if profile is not None and name == names[0]:
                extra += ("--profile", str(profile))
            if watch is not None and name == names[0]:
                extra += ("--watch", str(watch))
            only = ("--rules", *rules) if rules else ()
            await ground.start(site, name, "serve", "detection", "--mark", str(mark), *extra, *only)
        await ground.wait_for(marks[0], names[0])
        before = ground.usage()
        ended = await settled(ground, names[0], site.settings, read.contexts, connection)
        usage = ground.usage(*names) - before
        peak = ground.peak_memory(*names)
        found = [json.loads(mark.read_text(encoding="utf-8")) for mark in marks if mark.exists()]
        stored = await connection.fetchval("select count(*) from detection_g1.event")
        opened: Open = frozenset(
            str(row["anomaly_id"])
            for row in await connection.fetch(
                "select anomaly_id from detection_g1.finding where state = 'open'"
            )
        )
    finally:
        await connection.close()
        await ground.stop(*names)
    count = facts.count(read.contexts)
    # A void whose original is not there yet makes the original's row beforehand: it is the same row later.
    if not rules:
        expect("facts that detection has stored", stored, count + await _never_stated(site, facts))
    expect("open anomalies on the log, against those stored", len(await announced(site) ^ opened), 0)
    seconds = ended - min(mark["at"] for mark in found)
    usage = Usage(usage.kafka, usage.postgres, usage.ours - sum(mark["cpu"] for mark in found))
    which = f"{len(read.rules)} rules" if len(read.rules) > 1 else read.rules[0].name
    what = f"live, {which}, {workers} worker{'s' if workers > 1 else ''}"
    note = f"{len(opened)} open anomalies"
    return Measure("detection", what, count, seconds, usage, peak_memory_mb=peak, note=note), opened


async def with_day_closed(site: Site, day: date) -> Fact:
    """Close a day on a log that has nothing yet: it counts from the first fact on. Return its own fact."""
    await close_day(site.settings, day)
    return Fact(DAY_CLOSED, event_id_of(SOURCE, day.isoformat()), b"")


async def announced(site: Site) -> Open:
    """Return what is open by the log alone: the newest revision of every anomaly."""
    newest: dict[str, tuple[int, bool]] = {}
    for raw in await logs.read_raw(site.settings, ("anomalies",)):
        data: Mapping[str, object] = orjson.loads(raw.value)
        revision = int(str(data["revision"]))
        anomaly = str(data["anomaly_id"])
        if anomaly not in newest or newest[anomaly][0] < revision:
            newest[anomaly] = revision, not raw.header("ce_type").endswith(".withdrawn.v1")
    return frozenset(anomaly for anomaly, (_, is_open) in newest.items() if is_open)


async def _never_stated(site: Site, facts: Facts) -> int:
    """Return how many facts are voided on this log and not stated on it."""
    missing = set()
    for raw in await logs.read_raw(site.settings, CONTEXTS):
        if raw.header("ce_type").endswith(".voided.v1"):
            data = orjson.loads(raw.value)
            target = event_id_of(data["source"], data["id"])
            if target not in facts.place:
                missing.add(target)
    return len(missing)

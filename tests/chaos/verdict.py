"""What must hold in the end, whatever was killed: every ledger, the findings, and the topic of anomalies."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from events.envelope import event_id_of
from services.closer.closing import SOURCE as CALENDAR
from services.detection.generation import schema_of
from services.platform.log import read_log
from services.platform.settings import Settings
from tests.projections.comparison import by_oracle, by_product
from tests.projections.log import Log
from tests.services.detection.upstream import digest_of
from tests.services.detection.worker import Plain, plain

Raw = dict[str, Any]


def without_receipts(findings: Iterable[Plain]) -> list[Plain]:
    """Findings, whatever the receipts: who is not answered sends again, and has another one."""
    return sorted(
        (rule, key, severity, tuple(one for one in params if one[0] != "receipts"))
        for rule, key, severity, params in findings
    )


async def open_findings(pool: asyncpg.Pool) -> list[Plain]:
    """The open findings as detection has stored them."""
    rows = await pool.fetch(f"select * from {schema_of(1)}.finding where state = 'open'")
    return without_receipts(plain(row["rule"], row["key"], row["severity"], row["params"]) for row in rows)


async def announced_findings(settings: Settings) -> tuple[list[Plain], int]:
    """The fold of the anomaly topic, and how many records of it were repeats.

    Fails where a repeat differs from the first, or a revision does not follow the one before.
    """
    seen: dict[UUID, Any] = {}
    last: dict[UUID, tuple[str, Any]] = {}
    repeats = 0
    async for records in read_log(settings, ["anomalies"]):
        for record in records:
            event = record.event
            if event.event_id in seen:
                assert seen[event.event_id] == (event.type, event.data)
                repeats += 1
                continue
            seen[event.event_id] = event.type, event.data
            verb, data = event.type.split(".")[2], event.data
            before = last.get(data.anomaly_id)
            assert data.revision == (1 if before is None else before[1].revision + 1), (before, data)
            closed = before is None or before[0] == "withdrawn"
            assert (verb == "raised") == closed, (before, verb, data)
            last[data.anomaly_id] = verb, data
    found = [
        plain(data.rule, data.key, data.severity, data.params)
        for verb, data in last.values()
        if verb != "withdrawn"
    ]
    return without_receipts(found), repeats


async def told_findings(pool: asyncpg.Pool, settings: Settings) -> list[Plain]:
    """The fold of what alerting has told, or is about to, on its live stream: waits until it is all of it.

    Fails where something is in two notices, or of a notice nothing is.
    """
    announced = {
        record.event.event_id async for records in read_log(settings, ["anomalies"]) for record in records
    }
    while True:
        rows = await pool.fetch(
            """
            select a.event_id, a.anomaly_id, a.verb, a.rule, a.key, a.severity, a.params
            from alerting.item i join alerting.announcement a using (event_id)
            where i.subscription = 0 order by a.anomaly_id, a.revision
            """
        )
        if len(rows) >= len(announced):
            break
        await asyncio.sleep(0.2)
    assert [row["event_id"] for row in rows if row["event_id"] not in announced] == []
    assert len(rows) == len(announced)
    held, said = await pool.fetchrow(
        """
        select (select count(*) from alerting.item where subscription = 0 and notice is not null),
          (select sum((content ->> 'announcements')::int) from alerting.notice where subscription = 0)
        """
    )
    assert held == (said or 0)
    last = {row["anomaly_id"]: row for row in rows}
    return without_receipts(
        plain(row["rule"], row["key"], row["severity"], row["params"])
        for row in last.values()
        if row["verb"] != "withdrawn"
    )


async def assert_ledgers(pool: asyncpg.Pool, facts: list[Raw], closed: list[date]) -> None:
    """Every acknowledged fact stands once in the projection, nothing else does, and the ledgers are right."""
    stated = {(event_id_of(raw["source"], raw["id"]), digest_of(raw)) for raw in facts}
    days = {event_id_of(CALENDAR, day.isoformat()) for day in closed}
    rows = await pool.fetch("select event_id, digest, context from projection_g1.fact")
    kept = Counter(
        (row["event_id"], row["digest"])
        for row in rows
        if row["context"] != "anomalies" and row["event_id"] not in days
    )
    assert stated - kept.keys() == set(), "acknowledged facts are lost"
    assert kept.keys() - stated == set(), "facts that nobody stated"
    assert set(kept.values()) == {1}
    assert Counter(row["event_id"] for row in rows if row["event_id"] in days) == Counter(days)
    product, oracle = await by_product(pool, None), by_oracle(facts, None, Log())
    for ledger, expected in oracle.items():
        assert product[ledger] == expected, ledger

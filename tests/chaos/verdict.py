"""What must hold in the end, whatever was killed: log, journal, ledgers, findings, announcements, notices."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from deploy.verifying import verify
from events.catalogue import CONTEXTS, UPSTREAM_CONTEXTS
from events.envelope import event_id_of
from services.alerting.subscription import STREAM
from services.closer.closing import SOURCE as CALENDAR
from services.detection.generation import live, schema_of
from services.journal.keeping import load_signer
from services.journal.keeping import trees as journal_trees
from services.platform.balance import balance
from services.platform.log import end_offsets, read_log
from services.platform.settings import Settings
from services.projector.generation import ensure, enter
from services.reporting import queries
from tests.projections.comparison import by_oracle, by_product
from tests.projections.log import Log
from tests.projections.reading import stated
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
    async with pool.acquire() as connection:
        schema = schema_of(await live(connection))
        rows = await connection.fetch(f"select * from {schema}.finding where state = 'open'")
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


async def told_findings(pool: asyncpg.Pool, settings: Settings, subscription: int = STREAM) -> list[Plain]:
    """The fold of what alerting has told a subscription, or is about to: waits until it is all of it.

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
            where i.subscription = $1 order by a.anomaly_id, a.revision
            """,
            subscription,
        )
        if len(rows) >= len(announced):
            break
        await asyncio.sleep(0.2)
    assert [row["event_id"] for row in rows if row["event_id"] not in announced] == []
    assert len(rows) == len(announced)
    held, said = await pool.fetchrow(
        """
        select (select count(*) from alerting.item where subscription = $1 and notice is not null),
          (select sum((content ->> 'announcements')::int) from alerting.notice where subscription = $1)
        """,
        subscription,
    )
    assert held == (said or 0)
    last = {row["anomaly_id"]: row for row in rows}
    return without_receipts(
        plain(row["rule"], row["key"], row["severity"], row["params"])
        for row in last.values()
        if row["verb"] != "withdrawn"
    )


async def all_delivered(pool: asyncpg.Pool, subscription: int) -> None:
    """Return when everything that a subscription is to be told is told."""
    while await pool.fetchval(
        """
        select exists (select from alerting.item where subscription = $1 and notice is null)
          or exists (select from alerting.notice where subscription = $1 and state <> 'delivered')
        """,
        subscription,
    ):
        await asyncio.sleep(0.5)


async def assert_delivered(
    pool: asyncpg.Pool, settings: Settings, subscription: int, taken: Mapping[str, Any]
) -> None:
    """What a receiver has taken, by the notice, is each announcement once, and folds to the topic's."""
    rows = await pool.fetch(
        "select id::text, content from alerting.notice where subscription = $1", subscription
    )
    assert {row["id"]: row["content"] for row in rows} == taken, "another notice than is kept came"
    announced: dict[str, tuple[int, str]] = {}
    ids = set()
    async for records in read_log(settings, ["anomalies"]):
        for record in records:
            ids.add(record.event.event_id)
            announced[str(record.event.data.anomaly_id)] = (
                record.event.data.revision,
                record.event.type.split(".")[2],
            )
    assert sum(content["announcements"] for content in taken.values()) == len(ids), "lost, or told twice"
    told: dict[str, tuple[int, str]] = {}
    for content in taken.values():
        assert content["findings_count"] == len(content["findings"]), "a notice that says only how many"
        for one in content["findings"]:
            told[one["anomaly_id"]] = max(
                told.get(one["anomaly_id"], (0, "")), (one["revision"], one["verb"])
            )
    assert told == announced
    # What waits for the live stream waits for the end of a storm.
    name = await pool.fetchval("select name from alerting.subscription where number = $1", subscription)
    balances = await balance(pool, date(2020, 1, 1))
    assert [row for row in balances if row["lost"]] == [], "`dibao alert balance` misses something"
    assert [row for row in balances if row["waiting"] and row["subscription"] == name] == []


async def assert_log(
    settings: Settings, facts: list[Raw], closed: list[date], refused: Collection[UUID]
) -> int:
    """Every acknowledged fact stands on the log, and nothing else; return how many records are repeats."""
    stated = {(event_id_of(raw["source"], raw["id"]), digest_of(raw)) for raw in facts}
    days = {event_id_of(CALENDAR, day.isoformat()) for day in closed}
    found: Counter[tuple[UUID, str]] = Counter()
    async for records in read_log(settings, UPSTREAM_CONTEXTS):
        found.update((record.event.event_id, record.event.digest) for record in records)
    there = {event_id for event_id, _ in found}
    assert there & set(refused) == set(), "refused facts are there"
    assert {one for one in found if one[0] not in days} == stated, "the log has other facts than were stated"
    assert days <= there, "closed days are lost"
    return found.total() - len(found)


async def assert_journal(settings: Settings, pool: asyncpg.Pool) -> int:
    """The journal has all that Kafka has, as it stands there and among the facts; return how much."""
    key = load_signer(settings.journal_key_file).key
    records = sum((await end_offsets(settings, CONTEXTS)).values())
    while sum(tree.size for tree in journal_trees(settings, key)) < records:
        await asyncio.sleep(0.2)
    found = await verify(settings, pool, journal_trees(settings, key), lambda said: None)
    assert sum(one.journal for one in found) == sum(one.kafka for one in found) == records
    return records


async def undisturbed_annex2(pool: asyncpg.Pool, facts: list[Raw], days: Iterable[date]) -> dict[date, Any]:
    """Annex 2 of days as an empty projection has it that is told the same facts, one after the other."""
    async with pool.acquire() as connection:
        await ensure(connection)
    await stated(pool, *facts)
    return {day: await queries.annex2(pool, day, by="village") for day in days}


async def assert_ledgers(pool: asyncpg.Pool, facts: list[Raw], closed: list[date]) -> None:
    """Every acknowledged fact stands once in the projection, nothing else does, and the ledgers are right."""
    stated = {(event_id_of(raw["source"], raw["id"]), digest_of(raw)) for raw in facts}
    days = {event_id_of(CALENDAR, day.isoformat()) for day in closed}
    async with pool.acquire() as connection, connection.transaction():
        await enter(connection)
        rows = await connection.fetch("select event_id, digest, context from fact")
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

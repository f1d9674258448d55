"""Detection without Kafka: batches are handed over, evaluation is run by hand, in steps or to the end."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from events.envelope import Record
from services.detection import generation
from services.detection.day import apply_days, wake
from services.detection.evaluate import Evaluator
from services.detection.ingest import Ingest
from services.detection.shard import evaluate_shard
from services.detection.sweep import sweep
from services.detection.tables import TABLES
from services.platform.database import prepare
from services.platform.tables import create_tables
from services.simulator.rules import BY_NAME as MEANINGS
from tests.handing import hand
from tests.oracle.facts import latest_closed_day, live_facts
from tests.oracle.scan import Finding as Expected
from tests.services.detection.upstream import IDENTITY, Raw, digest_of, record_of, token_of

Plain = tuple[str, tuple[tuple[str, str], ...], str, tuple[tuple[str, str], ...]]
"""Rule, key, severity, params that the oracle knows: comparable."""

COMPARED = {
    "paid-after-death": ("overpaid_fen",),
    "name-mismatch": ("custody_fails",),
    "shared-account": ("households",),
    "unentitled": ("when",),
    "large-payment": ("excess_fen",),
    "custody-expired": ("since",),
    "integrity-conflicting-content": ("source", "id", "digests", "receipts"),
    "integrity-number-used-twice": ("events", "receipts"),
    "integrity-out-of-area": ("source", "area", "village"),
}
"""What the oracle says of a finding; of other rules it is what the table of meanings names."""


def plain(rule: str, key: dict[str, str], severity: str, params: dict[str, Any]) -> Plain:
    compared = COMPARED.get(rule) or MEANINGS[rule].extras
    return (
        rule,
        tuple(sorted(key.items())),
        severity,
        tuple((name, str(params[name])) for name in compared if name in params),
    )


def in_tokens(expected: Expected) -> Plain:
    """Return a finding of the oracle with tokens for its readable persons and accounts."""
    key = key_in_tokens(dict(expected.key))
    return plain(expected.rule, key, expected.severity, expected.params)


def key_in_tokens(key: dict[str, str]) -> dict[str, str]:
    """Return a key with tokens for its readable persons and accounts."""
    tokens: dict[str, Callable[[str], str]] = {"account": IDENTITY.account_token, "person": token_of}
    return {name: tokens[name](value) if name in tokens else value for name, value in key.items()}


@dataclass
class Worker:
    """One worker: its own connection to the generation's schema."""

    connection: Any
    number: int = 1
    evaluator: Evaluator = field(default_factory=lambda: Evaluator(generation=1))

    @classmethod
    async def open(cls, database: str, schema: str = "detection_g1") -> Worker:
        """Return a worker; schema and tables are created where they are not there yet."""
        connection = await asyncpg.connect(database)
        await prepare(connection)
        await create_tables(connection)
        await generation.live(connection)
        await generation.create(connection, schema)
        await connection.execute(f"set search_path to {schema}")
        return cls(connection)

    async def close(self) -> None:
        await self.connection.close()

    async def ingest(self, raws: Iterable[Raw]) -> None:
        """Hand over one batch, in one transaction as the pipeline does."""
        await self.ingest_records([record_of(raw) for raw in raws])

    async def empty(self) -> None:
        """Forget everything."""
        await self.connection.execute(
            "truncate " + ", ".join(table.name for table in TABLES) + " restart identity"
        )

    async def rebuild(self, database: str, batches: Iterable[Sequence[Raw]]) -> None:
        """Fill the generation as a rebuild does: everything is taken in first and evaluated once."""
        filling = Ingest(self.number, None, live=False)
        for batch in batches:
            async with self.connection.transaction():
                await hand(filling, self.connection, [record_of(raw) for raw in batch])
        await apply_days(self.connection, self.number)
        schema = await self.connection.fetchval("select current_schema()")
        await evaluate_shard(database, schema, Evaluator(publish=False), 0, 1)

    async def ingest_records(self, records: Sequence[Record]) -> None:
        async with self.connection.transaction():
            await hand(Ingest(self.number, self.evaluator), self.connection, records)

    async def step(self, limit: int = 1000) -> int:
        """Do a little of everything; return how much there was to do."""
        done = len(await apply_days(self.connection, self.number))
        done += await wake(self.connection)
        done += await self.evaluator.work(self.connection, limit)
        done += await self.evaluator.work_large(self.connection)
        return done + await sweep(self.connection, chunk=3)

    async def settle(self) -> None:
        """Do all there is to do; the last chunk of a sweep leaves marks for the next step."""
        while await self.step() or await self.step():
            pass

    async def open_findings(self) -> list[Plain]:
        rows = await self.connection.fetch("select * from finding where state = 'open'")
        return sorted(plain(row["rule"], row["key"], row["severity"], row["params"]) for row in rows)

    async def contents(self) -> dict[UUID, str]:
        """Return the digest of all that each open finding says."""
        rows = await self.connection.fetch("select anomaly_id, content from finding where state = 'open'")
        return {row["anomaly_id"]: row["content"] for row in rows}

    async def announced(self) -> dict[UUID, dict[str, Any]]:
        """Return the fold of the outbox: the last revision of each anomaly."""
        import orjson

        last: dict[UUID, dict[str, Any]] = {}
        for row in await self.connection.fetch("select value, headers from outbox order by id"):
            data = orjson.loads(row["value"])
            verb = dict(row["headers"])["ce_type"].split(".")[2]
            anomaly = UUID(data["anomaly_id"])
            before = last.get(anomaly)
            assert data["revision"] == (1 if before is None else before["revision"] + 1)
            assert verb == "raised" if before is None or before["verb"] == "withdrawn" else verb != "raised"
            last[anomaly] = data | {"verb": verb}
        return last


async def finding_of(rule: str, database: str, *batches: list[Raw]) -> dict[str, Any] | None:
    """Return the params of a rule's one open finding after batches, or None; with nothing left to do."""
    worker = await Worker.open(database)
    try:
        await worker.empty()
        for batch in batches:
            await worker.ingest(batch)
        await worker.settle()
        rows = await worker.connection.fetch(
            "select params from finding where rule = $1 and state = 'open'", rule
        )
    finally:
        await worker.close()
    assert len(rows) < 2
    return rows[0]["params"] if rows else None


def in_batches(raws: Sequence[Raw], chance: random.Random, largest: int) -> Iterable[list[Raw]]:
    """Yield the facts in batches of random sizes."""
    at = 0
    while at < len(raws):
        size = chance.randint(1, largest)
        yield list(raws[at : at + size])
        at += size


def latest_closed(raws: Iterable[Raw]) -> date | None:
    """Return the latest closed day among facts that counts."""
    return latest_closed_day(live_facts(raws, digest_of=digest_of))

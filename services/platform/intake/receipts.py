"""Receipts: what became of a file or a batch, to be asked for later and compared with the ledger."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import asyncpg

from services.platform.failure import is_infrastructure
from services.platform.intake.answers import Answer

_MAX_WARNINGS = 1000
"""A receipt names so many: a bank whose cards have other check digits would be told of each of them."""
_COUNTS = """
UPDATE intake.receipt SET lines = $2, accepted = $3, repeated = $4, rejected = $5, set_aside = $6,
  control_total_fen = $7, file_total_fen = $8, status = $9, facts = $10, warned = $11
WHERE id = $1
"""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that did not go in: where, the value masked, and why. Rows count as a spreadsheet shows them."""

    row: int
    column: str
    masked: str
    reason: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A row that went in with a warning: where, and what would have been expected; never the value."""

    row: int
    column: str
    warning: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Counts of a file or batch. ``lines`` = accepted + repeated + rejected + set_aside, once ``complete``.

    ``facts``: how many facts this delivery put on the log (accepted and set aside; a fact of several rows
    is one); their ``correlationid`` is the receipt's id. ``control_total_fen``: sum of their amounts (分).
    ``file_total_fen`` counts repeated ones too.
    ``warned``: how many of the lines that went in have a warning; ``warnings`` are the first 1,000 of them.
    ``incomplete``: Kafka went away; the same delivery again goes on where it stopped.
    """

    id: UUID
    source: str
    context: str
    name: str
    received_at: datetime
    lines: int
    accepted: int
    repeated: int
    rejected: int
    set_aside: int
    control_total_fen: int
    file_total_fen: int
    facts: int
    status: Literal["open", "complete", "incomplete"]
    warned: int = 0
    rejects: tuple[Reject, ...] = ()
    warnings: tuple[Warned, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the receipt as JSON values, ids and times as text."""
        return {**asdict(self), "id": str(self.id), "received_at": self.received_at.isoformat()}


class Tally:
    """An open receipt: counts in memory, written from time to time and when it is closed."""

    def __init__(self) -> None:
        self.id = uuid4()
        self.facts = 0
        self.counts: Counter[str] = Counter()
        self.control_total_fen = 0
        self.file_total_fen = 0
        self.rejects: list[Reject] = []
        self.warned = 0
        self.warnings: list[Warned] = []
        self._written = 0
        self._written_warnings = 0

    def warn(self, found: Sequence[Warned], *, lines: int = 1) -> None:
        """Count the warnings about a fact of one or several lines, and keep them while they are few."""
        self.warned += lines
        self.warnings += found[: _MAX_WARNINGS - len(self.warnings)]

    def add(self, answer: Answer, *, lines: int = 1) -> None:
        """Count an answer, which speaks of one or several lines."""
        self.counts[answer.status] += lines
        if answer.status != "rejected":
            self.file_total_fen += answer.amount_fen
            if answer.status != "repeated":
                self.facts += 1
                self.control_total_fen += answer.amount_fen

    async def write(self, pool: asyncpg.Pool, status: Literal["open", "complete", "incomplete"]) -> None:
        """Store the counts, and the rejects and warnings that are new since the last time."""
        counts = [self.counts[name] for name in ("accepted", "repeated", "rejected", "set_aside")]
        new, warnings = self.rejects[self._written :], self.warnings[self._written_warnings :]
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                _COUNTS,
                self.id,
                sum(counts),
                *counts,
                self.control_total_fen,
                self.file_total_fen,
                status,
                self.facts,
                self.warned,
            )
            if new:
                await connection.copy_records_to_table(
                    "reject",
                    schema_name="intake",
                    columns=["receipt_id", "position", "row", "column", "masked", "reason"],
                    records=[
                        (self.id, position, reject.row, reject.column, reject.masked, reject.reason)
                        for position, reject in enumerate(new, start=self._written)
                    ],
                )
            if warnings:
                await connection.copy_records_to_table(
                    "warning",
                    schema_name="intake",
                    columns=["receipt_id", "position", "row", "column", "warning"],
                    records=[
                        (self.id, position, item.row, item.column, item.warning)
                        for position, item in enumerate(warnings, start=self._written_warnings)
                    ],
                )
        self._written = len(self.rejects)
        self._written_warnings = len(self.warnings)


async def open_receipt(pool: asyncpg.Pool, tally: Tally, source: str, context: str, name: str) -> None:
    """Begin the receipt of a tally."""
    await pool.execute(
        "INSERT INTO intake.receipt (id, source, context, name, status) VALUES ($1, $2, $3, $4, 'open')",
        tally.id,
        source,
        context,
        name,
    )


async def leave_incomplete(pool: asyncpg.Pool, tally: Tally) -> None:
    """Say on the receipt that the delivery stopped half-way, if PostgreSQL can be told."""
    try:
        async with asyncio.timeout(5):
            await tally.write(pool, "incomplete")
    except Exception as error:
        if not is_infrastructure(error):
            raise


async def read_receipt(pool: asyncpg.Pool, receipt_id: UUID, *, rejects: int = 1000) -> Receipt | None:
    """Return a receipt with its first rejects and its warnings, or ``None``."""
    row = await pool.fetchrow("SELECT * FROM intake.receipt WHERE id = $1", receipt_id)
    if row is None:
        return None
    rows: Sequence[asyncpg.Record] = await pool.fetch(
        'SELECT row, "column", masked, reason FROM intake.reject'
        " WHERE receipt_id = $1 ORDER BY position LIMIT $2",
        receipt_id,
        rejects,
    )
    warnings: Sequence[asyncpg.Record] = await pool.fetch(
        'SELECT row, "column", warning FROM intake.warning WHERE receipt_id = $1 ORDER BY position',
        receipt_id,
    )
    values = dict(row)
    for name in ("control_total_fen", "file_total_fen"):
        values[name] = int(values[name])
    return Receipt(
        **values,
        rejects=tuple(Reject(*item) for item in rows),
        warnings=tuple(Warned(*item) for item in warnings),
    )

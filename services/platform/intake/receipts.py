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

_COUNTS = """
UPDATE intake.receipt SET lines = $2, accepted = $3, repeated = $4, rejected = $5, set_aside = $6,
  control_total_fen = $7, file_total_fen = $8, status = $9, facts = $10
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
class Receipt:
    """Counts of a file or batch. ``lines`` = accepted + repeated + rejected + set_aside, once ``complete``.

    ``facts``: how many facts this delivery put on the log (accepted and set aside; a fact of several rows
    is one); their ``correlationid`` is the receipt's id. ``control_total_fen``: sum of their amounts (分).
    ``file_total_fen`` counts repeated ones too.
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
    rejects: tuple[Reject, ...] = ()

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
        self._written = 0

    def add(self, answer: Answer, *, lines: int = 1) -> None:
        """Count an answer, which speaks of one or several lines."""
        self.counts[answer.status] += lines
        if answer.status != "rejected":
            self.file_total_fen += answer.amount_fen
            if answer.status != "repeated":
                self.facts += 1
                self.control_total_fen += answer.amount_fen

    async def write(self, pool: asyncpg.Pool, status: Literal["open", "complete", "incomplete"]) -> None:
        """Store the counts, and the rejects that are new since the last time."""
        counts = [self.counts[name] for name in ("accepted", "repeated", "rejected", "set_aside")]
        new = self.rejects[self._written :]
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
        self._written = len(self.rejects)


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
    """Return a receipt with its first rejects, or ``None``."""
    row = await pool.fetchrow("SELECT * FROM intake.receipt WHERE id = $1", receipt_id)
    if row is None:
        return None
    rows: Sequence[asyncpg.Record] = await pool.fetch(
        'SELECT row, "column", masked, reason FROM intake.reject'
        " WHERE receipt_id = $1 ORDER BY position LIMIT $2",
        receipt_id,
        rejects,
    )
    values = dict(row)
    for name in ("control_total_fen", "file_total_fen"):
        values[name] = int(values[name])
    return Receipt(**values, rejects=tuple(Reject(*item) for item in rows))

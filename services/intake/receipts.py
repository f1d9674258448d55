"""Receipts: what became of a file or a batch, to be asked for later and compared with the ledger."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import asyncpg

from services.intake.answers import Answer, Furthest
from services.platform.failure import is_infrastructure
from services.platform.limits import REMARKS

_COUNTS = """
UPDATE intake.receipt SET lines = $2, accepted = $3, repeated = $4, rejected = $5, set_aside = $6,
  control_total_fen = $7, file_total_fen = $8, status = $9, facts = $10, warned = $11, voids = $12,
  min_position = $13
WHERE id = $1
"""

Kind = Literal["reject", "aside", "warning"]
State = Literal["open", "complete", "incomplete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that is said of a row: where, the value masked, and what.

    Rows count as a spreadsheet shows them. ``reason`` is a Chinese sentence that names row and column,
    ``expected`` the English of it, ``code`` what programs go by.
    """

    row: int
    column: str
    masked: str = ""
    code: str
    reason: str
    expected: str


_OF_A_REMARK = tuple(item.name for item in fields(Remark))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Counts of a file or batch. ``lines`` = accepted + repeated + rejected + set_aside, once ``complete``.

    ``facts``: how many facts this delivery put on the log (accepted and set aside; a fact of several rows
    is one); their ``correlationid`` is the receipt's id. ``control_total_fen``: sum of their amounts (分).
    ``file_total_fen`` counts repeated ones too. ``voids``: how many of ``facts`` undo another.
    ``warned``: how many of the lines that went in have a warning. ``rejects``, ``asides`` and ``warnings``
    are what is said of lines that were rejected, set aside, or accepted with a warning: the first 1,000 of
    each.
    ``incomplete``: Kafka went away; the same delivery again goes on where it stopped.
    ``min_position``: the last position on the log of each partition that its facts stand on, as reporting
    takes it to wait until all of them are read; empty where Kafka did not say.
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
    status: State
    warned: int = 0
    voids: int = 0
    rejects: tuple[Remark, ...] = ()
    asides: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    min_position: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the receipt as JSON values, ids and times as text."""
        return {**asdict(self), "id": str(self.id), "received_at": self.received_at.isoformat()}


class Tally:
    """An open receipt: counts in memory, written from time to time and when it is closed."""

    def __init__(self) -> None:
        self.id = uuid4()
        self.received_at = datetime.now(UTC)
        self.facts = 0
        self.voids = 0
        self.counts: Counter[str] = Counter()
        self.control_total_fen = 0
        self.file_total_fen = 0
        self.warned = 0
        self.positions = Furthest()
        self.remarks: dict[Kind, list[Remark]] = {"reject": [], "aside": [], "warning": []}
        self._written: Counter[Kind] = Counter()

    def has_room(self, kind: Kind) -> bool:
        """Whether one more remark of a kind is kept."""
        return len(self.remarks[kind]) < REMARKS

    def reject(self, said: Sequence[Remark]) -> None:
        """Keep what is wrong with a line that was rejected, while there is room."""
        self._keep("reject", said)

    def reject_first(self, said: Remark) -> None:
        """Say something of several lines that were rejected before all that is said of one."""
        self.remarks["reject"] = [said, *self.remarks["reject"]][:REMARKS]

    def set_aside(self, said: Remark) -> None:
        """Keep why a line was set aside, while there is room."""
        self._keep("aside", [said])

    def warn(self, said: Sequence[Remark], *, lines: int = 1) -> None:
        """Count the warnings about a fact of one or several lines, and keep them while there is room."""
        self.warned += lines
        self._keep("warning", said)

    def _keep(self, kind: Kind, said: Sequence[Remark]) -> None:
        self.remarks[kind] += said[: REMARKS - len(self.remarks[kind])]

    def add(self, answer: Answer, *, lines: int = 1) -> None:
        """Count an answer, which speaks of one or several lines."""
        self.counts[answer.status] += lines
        if answer.position is not None:
            self.positions.add(answer.position)
        if answer.status != "rejected":
            self.file_total_fen += answer.amount_fen
            if answer.new:
                self.facts += 1
                self.voids += answer.undoes is not None
                self.control_total_fen += answer.amount_fen

    def receipt(self, *, source: str, context: str, name: str, status: State = "complete") -> Receipt:
        """Return the receipt as it is now, without asking the database."""
        counts = {item: self.counts[item] for item in ("accepted", "repeated", "rejected", "set_aside")}
        return Receipt(
            id=self.id,
            source=source,
            context=context,
            name=name,
            received_at=self.received_at,
            lines=sum(counts.values()),
            **counts,
            control_total_fen=self.control_total_fen,
            file_total_fen=self.file_total_fen,
            facts=self.facts,
            status=status,
            warned=self.warned,
            voids=self.voids,
            rejects=tuple(self.remarks["reject"]),
            asides=tuple(self.remarks["aside"]),
            warnings=tuple(self.remarks["warning"]),
            min_position=str(self.positions),
        )

    async def write(self, pool: asyncpg.Pool, status: State) -> None:
        """Store the counts, and the remarks that are new since the last time."""
        counts = [self.counts[name] for name in ("accepted", "repeated", "rejected", "set_aside")]
        new = [
            (self.id, kind, position, *astuple(said))
            for kind, remarks in self.remarks.items()
            for position, said in enumerate(remarks[self._written[kind] :], start=self._written[kind])
        ]
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
                self.voids,
                str(self.positions),
            )
            if new:
                await connection.copy_records_to_table(
                    "remark",
                    schema_name="intake",
                    columns=["receipt_id", "kind", "position", *_OF_A_REMARK],
                    records=new,
                )
        self._written = Counter({kind: len(remarks) for kind, remarks in self.remarks.items()})


async def open_receipt(pool: asyncpg.Pool, tally: Tally, source: str, context: str, name: str) -> None:
    """Begin the receipt of a tally."""
    await pool.execute(
        "INSERT INTO intake.receipt (id, received_at, source, context, name, status)"
        " VALUES ($1, $2, $3, $4, $5, 'open')",
        tally.id,
        tally.received_at,
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


async def read_receipt(pool: asyncpg.Pool, receipt_id: UUID) -> Receipt | None:
    """Return a receipt with the first of its remarks of each kind, or ``None``."""
    row = await pool.fetchrow("SELECT * FROM intake.receipt WHERE id = $1", receipt_id)
    if row is None:
        return None
    remarks: dict[str, list[Remark]] = {"reject": [], "aside": [], "warning": []}
    for kind, *said in await pool.fetch(
        'SELECT kind, row, "column", masked, code, reason, expected FROM intake.remark'
        " WHERE receipt_id = $1 AND position < $2 ORDER BY position",
        receipt_id,
        REMARKS,
    ):
        remarks[kind].append(Remark(**dict(zip(_OF_A_REMARK, said, strict=True))))
    values = dict(row)
    for name in ("control_total_fen", "file_total_fen"):
        values[name] = int(values[name])
    return Receipt(
        **values,
        rejects=tuple(remarks["reject"]),
        asides=tuple(remarks["aside"]),
        warnings=tuple(remarks["warning"]),
    )

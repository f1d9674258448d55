"""What the ledger holds of a file or batch, to be compared with its receipt."""

from dataclasses import dataclass

import asyncpg

from services.platform.database import Connection
from services.reporting.reach import check_everywhere
from services.reporting.reading import reading


@dataclass(frozen=True, slots=True)
class ReceiptTotals:
    """Versions of facts first recorded under a receipt.

    ``facts``: how many, voids among them; ``amount_fen``: sum of its payments in 分; ``voided`` and
    ``set_aside``: how many of the facts do not count, and why. What was repeated is held under the receipt
    that brought it first.
    """

    receipt_id: str
    facts: int
    amount_fen: int
    voided: int
    set_aside: int


async def receipt_totals(pool: asyncpg.Pool, receipt_id: str) -> ReceiptTotals:
    """Return what the ledger holds of a receipt."""

    async def ask(connection: Connection) -> ReceiptTotals:
        check_everywhere()
        row = await connection.fetchrow(
            """
            SELECT count(*) AS facts, coalesce(sum(p.amount_fen), 0)::bigint AS amount_fen,
                   count(*) FILTER (WHERE d.reason = 'voided') AS voided,
                   count(*) FILTER (WHERE d.reason = 'set_aside') AS set_aside
            FROM fact f
            LEFT JOIN payment p USING (event_id, digest)
            CROSS JOIN LATERAL (
                SELECT CASE WHEN NOT f.is_void AND (
                    EXISTS (SELECT FROM void v WHERE v.target = f.event_id)
                    OR EXISTS (SELECT FROM contested x WHERE x.event_id = f.event_id)
                ) THEN reason_against(f.event_id, f.digest, NULL) END AS reason
            ) AS d
            WHERE f.correlation_id = $1
            """,
            receipt_id,
        )
        return ReceiptTotals(receipt_id, row["facts"], row["amount_fen"], row["voided"], row["set_aside"])

    return await reading(pool, ask)

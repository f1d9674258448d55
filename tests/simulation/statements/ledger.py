"""Tables of the tests' own: effects of a handler (``facts.Ledger``), and subjects that are counted."""

from __future__ import annotations

from typing import Any

from tests.simulation.postgres import Answer, Transaction, Waits
from tests.simulation.statements import Known, declaring

KNOWN: Known = {}
statement = declaring(KNOWN)


@statement("copy effect")
def add(tx: Transaction, rows: list[dict[str, Any]]) -> Answer:
    for row in rows:
        arrival = tx.number("effect")
        tx.write("effect", (arrival,), {"arrival": arrival, **row})
    return len(rows)


@statement("select serial, place from effect", "serial place")
def effects(tx: Transaction) -> Answer:
    return [
        (row["serial"], row["place"]) for row in sorted(tx.rows("effect"), key=lambda row: row["arrival"])
    ]


@statement("update subject set count = count + 1 where name = $1 returning count", "count")
def count(tx: Transaction, name: str) -> Waits:
    yield from tx.lock("subject", (name,))
    row = tx.latest("subject", (name,))
    if row is None:
        return []
    tx.write("subject", (name,), {"name": name, "count": row["count"] + 1})
    return [(row["count"] + 1,)]

"""The outbox of an owner."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from tests.simulation.postgres import Answer, Transaction
from tests.simulation.statements import Known, declaring

KNOWN: Known = {}
statement = declaring(KNOWN)

_COLUMNS = "id subject topic key value headers"


@statement("insert into outbox (subject, topic, key, value, headers)")
def enqueue(
    tx: Transaction,
    subjects: Sequence[str],
    topics: Sequence[str],
    keys: Sequence[bytes],
    values: Sequence[bytes],
    headers: Sequence[str],
) -> Answer:
    for subject, topic, key, value, said in zip(subjects, topics, keys, values, headers, strict=True):
        number = tx.number("outbox")
        row = {"id": number, "subject": subject, "topic": topic, "key": key, "value": value}
        tx.write("outbox", (number,), {**row, "headers": orjson.loads(said)})
    return len(subjects)


@statement("select id, subject, topic, key, value, headers from outbox", _COLUMNS)
def waiting(tx: Transaction) -> Answer:
    rows = sorted(tx.rows("outbox"), key=lambda row: row["id"])[:1000]
    return [tuple(row[name] for name in _COLUMNS.split()) for row in rows]


@statement("delete from outbox where id = any($1::bigint[])")
def published(tx: Transaction, ids: Sequence[int]) -> Answer:
    found = 0
    for number in ids:
        if tx.latest("outbox", (number,)) is not None:
            tx.write("outbox", (number,), None)
            found += 1
    return found


@statement("set tcp_keepalives_idle")
def settings(tx: Transaction) -> Answer:
    return 0


@statement("select pg_try_advisory_lock(hashtextextended($1, 0))", "locked")
def try_lock(tx: Transaction, name: str) -> Answer:
    assert tx.session is not None
    return [(tx.server.keep(tx.session, ("name", name)),)]

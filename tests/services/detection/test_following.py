"""What is found because of a fact that is followed is announced in its trace, and nothing else is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from services.platform import tracing
from tests.services.detection.upstream import Raw, died, enrolled, paid, record_of, void
from tests.services.detection.worker import Worker
from tests.tracing.recording import recorded

FIRST, SECOND, THIRD = (f"{number:032x}" for number in (1, 2, 3))


@pytest.fixture
async def worker(database: str) -> AsyncIterator[Worker]:
    opened = await Worker.open(database)
    yield opened
    await opened.close()


async def take(worker: Worker, *facts: tuple[Raw, str | None]) -> None:
    """Take a batch in, of which some facts are followed, and do what is to be done."""
    records = [
        record_of(raw)
        if trace is None
        else msgspec.structs.replace(record_of(raw), trace=f"00-{trace}-{trace[16:]}-01")
        for raw, trace in facts
    ]
    with tracing.span("process detection", of=[record.trace for record in records]):
        await worker.ingest_records(records)
    await worker.settle()


async def announced(worker: Worker) -> list[tuple[str, str, str | None]]:
    """Rule, verb and trace of what was announced since."""
    rows = await worker.connection.fetch("delete from outbox returning value, headers, id")
    found: list[tuple[str, str, str | None]] = []
    for row in sorted(rows, key=lambda row: row["id"]):
        headers = dict(row["headers"])
        trace: str | None = headers.get(tracing.HEADER)
        said: dict[str, Any] = msgspec.json.decode(row["value"])
        verb = headers["ce_type"].split(".")[2]
        found.append((said["rule"], verb, None if trace is None else trace.split("-")[1]))
    return sorted(found, key=str)


async def test_what_rests_on_a_followed_fact_is_announced_in_its_trace(worker: Worker) -> None:
    with recorded() as recording:
        one, other = (paid(name, "2021-02", "甲", number=f"621700000000000{name}") for name in "12")
        await take(worker, (one, FIRST), (other, None), (enrolled("3", "乙"), SECOND))
        assert await announced(worker) == [
            ("name-mismatch", "raised", FIRST),
            ("name-mismatch", "raised", None),
            ("unentitled", "raised", FIRST),
            ("unentitled", "raised", None),
        ]
        batch, announce = recording.one("process detection"), recording.one("announce")
        assert [link.context.span_id for link in batch.links] == [int(SECOND, 16)]
        assert [link.context.span_id for link in announce.links] == [batch.context.span_id]
        assert announce.attributes == {"dibao.announcements": 2, "dibao.rule": "name-mismatch"}


async def test_what_a_neighbours_fact_leads_to_is_too(worker: Worker) -> None:
    """It is found in a transaction of its own, by whichever worker has its mark."""
    with recorded():
        await take(worker, (enrolled("H", "甲"), FIRST), (paid("H", "2021-04", "甲"), None))
        assert await announced(worker) == []
        await take(worker, (died("甲", "2021-01-20"), SECOND))
        found = await announced(worker)
        assert ("paid-after-death", "raised", SECOND) in found


async def test_what_ends_a_finding_is_what_is_followed_then(worker: Worker) -> None:
    with recorded():
        payment = paid("1", "2021-02", "甲", number="6217000000000002")
        await take(worker, (payment, FIRST))
        assert {trace for *_, trace in await announced(worker)} == {FIRST}
        again = paid("2", "2021-02", "甲", number="6217000000000003")
        await take(worker, (again, None))
        assert {trace for *_, trace in await announced(worker)} == {None}
        await take(worker, (void(again), THIRD))
        assert {(verb, trace) for _, verb, trace in await announced(worker)} == {("withdrawn", THIRD)}
        third = paid("3", "2021-02", "甲", number="6217000000000004")
        await take(worker, (third, None))
        assert {trace for *_, trace in await announced(worker)} == {None}
        await take(worker, (enrolled("3", "甲"), SECOND))
        assert ("unentitled", "withdrawn", SECOND) in await announced(worker)


async def test_where_nothing_is_followed_nothing_is_kept(worker: Worker) -> None:
    await take(worker, (paid("1", "2021-02", "甲"), FIRST))
    assert {trace for *_, trace in await announced(worker)} == {None}
    assert await worker.connection.fetchval("select count(*) from platform.followed") == 0

"""A projection with a small street in it, and reporting over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from deploy.local import Stack
from deploy.vocabulary import kinds
from projections.schema import PIPELINE, POSITIONS
from services.detection.catalogue import publish
from services.platform.access import add_holder
from services.platform.database import connected, open_pool
from services.platform.offsets import set_position
from services.projector.generation import ensure
from services.projector.handler import Projector
from services.reporting.application import application
from tests.conftest import made_database, made_once
from tests.handing import hand
from tests.oracle import stating as s
from tests.projections.log import Log


@dataclass
class Street:
    """What was stated, the pool of the projection that has read it, and reporting before that.

    Where it depends on settings or declarations, or waits in a stream, a test makes an ``application`` of its
    own.
    """

    pool: asyncpg.Pool
    log: Log
    reporting: FastAPI

    async def read(self) -> None:
        """Let the projector read the whole log."""
        async with self.pool.acquire() as connection, connection.transaction():
            await hand(Projector(), connection, self.log.records)
            offsets = {(item.topic, item.partition): item.offset + 1 for item in self.log.records}
            await set_position(connection, PIPELINE, POSITIONS, offsets)

    async def reader(self, name: str = "王芳", *, may_open: bool = False) -> str:
        """Return the key of a new reader."""
        return await add_holder(self.pool, name, "reader", may_open=may_open)

    async def announce(self, verb: str, revision: int = 1, **more: Any) -> None:
        """State what detection would, about the payment of 王一's household for 2021-02."""
        finding: dict[str, Any] = {
            "anomaly_id": "00000000-0000-5000-8000-000000000001",
            "rule": "large-payment",
            "rule_version": 1,
            "revision": revision,
            "subject": "household:H1",
            "severity": "medium",
            "key": {"household_no": "H1", "programme": "rural_dibao", "month": "2021-02"},
            "params": {"excess_fen": 10000, "paid_fen": 100000, "entitlement_fen": 90000},
            "evidence": [str(record.event.event_id) for record in self.log.records if _concerns(record)],
            "evidence_count": 1,
            "policy": {"large_payment.multiple": "1.00"},
            "household_no": "H1",
        } | more
        await self.log.state(
            {
                "id": f"{(finding | more)['anomaly_id']}/{revision}",
                "source": "/dibao/detection",
                "type": f"dibao.anomalies.{verb}.v1",
                "time": f"2021-03-0{revision}T08:00:00+08:00",
                "data": finding,
            }
        )


def _concerns(record: Any) -> bool:
    return getattr(record.event.data, "month", None) == "2021-02"


class Standing:
    """The pool of the street that stands, and the application before it.

    To make that one's routes takes a second: it is made once, and before a test has changed anything.
    """

    pool: asyncpg.Pool | None = None

    def __init__(self) -> None:
        self.application = application(self, kinds=kinds())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)


@pytest.fixture(scope="session")
def standing() -> Standing:
    """Where each test puts its street."""
    return Standing()


@pytest.fixture(scope="session")
def with_ledgers(stack: Stack, migrated: str) -> str:
    """The name of a database with an empty projection and the words of all rules, to be copied."""

    async def prepare(database: str) -> None:
        async with connected(database) as connection:
            await ensure(connection)
            await publish(connection)

    return made_once(stack, prepare, migrated)


@pytest.fixture
async def street(stack: Stack, with_ledgers: str, standing: Standing) -> AsyncIterator[Street]:
    """王一 and 李二 enrolled, three payments, one exit, petitions with a repeat."""
    async with made_database(stack, with_ledgers) as database, await open_pool(database, size=6) as pool:
        standing.pool = pool
        street = Street(pool, Log(), standing.application)
        await street.log.state(
            s.enrolled(s.WANG, s.LI),
            s.paid("2021-01"),
            s.paid("2021-02", 100000),
            s.paid("2021-03"),
            s.exited(s.LI, stop_month="2021-03", exit_kind="favour"),
            s.filed("F1", "2021-01-05"),
            s.filed("F2", "2021-02-05"),
            s.granted(),
            receipt="r-1",
        )
        yield street


@pytest.fixture
async def client(street: Street) -> AsyncIterator[httpx.AsyncClient]:
    """A client of reporting, with a reader's key."""
    await street.read()
    transport = httpx.ASGITransport(street.reporting)
    headers = {"Authorization": f"Bearer {await street.reader()}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client

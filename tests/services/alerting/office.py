"""Announcements, and alerting's own steps on a database, without Kafka."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from events.envelope import Record
from projections.schema import PIPELINE, POSITIONS
from services.alerting.deciding import Decider, Step
from services.alerting.handler import Taking
from services.alerting.subscription import Bounds, Channel, Wanted
from services.alerting.subscriptions import new_secret, subscribe
from services.platform.database import Pool
from services.platform.keys import Keys
from services.platform.offsets import set_position
from tests.deployment import MASTER_KEY
from tests.handing import hand
from tests.projections.log import Log

KEYS = Keys.of(MASTER_KEY)
NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
HERE, THERE = "500102008201", "500102009202"
"""Villages of two streets."""
_NAMESPACE = UUID(int=5)


def anomaly_of(number: int) -> UUID:
    """The id of an invented anomaly."""
    return uuid5(_NAMESPACE, str(number))


def finding(number: int, verb: str = "raised", revision: int = 1, **more: Any) -> dict[str, Any]:
    """What detection announces of an invented anomaly, one of each household, as CloudEvent."""
    household = f"H{number}"
    data: dict[str, Any] = {
        "anomaly_id": str(anomaly_of(number)),
        "rule": "large-payment",
        "rule_version": 1,
        "revision": revision,
        "subject": f"household:{household}",
        "severity": "medium",
        "key": {"household_no": household, "programme": "rural_dibao", "month": "2021-02"},
        "params": {"excess_fen": 10000, "paid_fen": 100000, "entitlement_fen": 90000},
        "evidence": [str(uuid5(_NAMESPACE, f"fact {number}"))],
        "evidence_count": 1,
        "policy": {"large_payment.multiple": "1.00"},
        "household_no": household,
    } | more
    return {
        "id": str(uuid5(UUID(data["anomaly_id"]), str(revision))),
        "source": "/dibao/detection",
        "type": f"dibao.anomalies.{verb}.v1",
        "time": "2021-03-01T08:00:00+08:00",
        "data": data,
    }


@dataclass
class Office:
    """Alerting on a database of its own."""

    pool: Pool
    log: Log = field(default_factory=Log)
    now: datetime = NOW

    async def subscribe(
        self,
        name: str = "街道",
        channel: Channel = "webhook",
        target: str = "http://127.0.0.1:9/hook",
        *,
        secret: str | None = None,
        bounds: Bounds | None = None,
        wanted: Wanted | None = None,
    ) -> int:
        """Subscribe to something; return the number."""
        return await subscribe(
            self.pool,
            KEYS,
            "international",
            name=name,
            channel=channel,
            target=target,
            secret=secret or (new_secret() if channel == "webhook" else None),
            wanted=wanted or Wanted(),
            bounds=bounds or Bounds(),
            by="测试",
        )

    async def announce(self, *raws: dict[str, Any]) -> list[Record]:
        """Announce on the log, and let alerting take it and the projector read it."""
        records = await self.log.state(*raws)
        await self.take(records)
        await self.read()
        return records

    async def take(self, records: Sequence[Record]) -> None:
        """Hand records to the pipeline's handler."""
        async with self.pool.acquire() as connection, connection.transaction():
            await hand(Taking(), connection, records)

    async def read(self) -> None:
        """Say that the projector has read the whole log."""
        offsets = {(record.topic, record.partition): record.offset + 1 for record in self.log.records}
        async with self.pool.acquire() as connection:
            await set_position(connection, PIPELINE, POSITIONS, offsets)

    async def step(self, seconds: float = 0) -> Step:
        """Let some time pass, and decide."""
        self.now += timedelta(seconds=seconds)
        return await Decider(self.pool, pages="https://dibao.example.cn").step(self.now)

    async def settle(self) -> None:
        """Decide until nothing waits, through all the time that it takes."""
        while True:
            done = await self.step()
            if done.next is None and not done.behind:
                return
            self.now = max(self.now, done.next or self.now)

    async def notices(self, subscription: int) -> list[dict[str, Any]]:
        """The notices of a subscription: kind and content."""
        rows = await self.pool.fetch(
            "SELECT kind, content, place, state FROM alerting.notice WHERE subscription = $1 ORDER BY place",
            subscription,
        )
        return [{**row["content"], "kind": row["kind"]} for row in rows]

    async def settle_until_idle(self, seconds: float = 600) -> None:
        """Decide for a while, as long as no snooze runs out."""
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:
            await self.step(15)

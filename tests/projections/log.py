"""Upstream facts as records of the log, with the real tokens and digests and a seal that seals nothing."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import orjson

from events.catalogue import BY_TYPE
from events.codec import decode
from events.envelope import Record, event_id_of
from services.platform.keys import Keys
from services.platform.protection import Protector, ReadableFact, Refusal

KEYS = Keys.of(bytes(range(32)))
PARTITIONS = 4


class UnsealedVault:
    """Stands in for the vault where nothing will be opened again."""

    class _Sealer:
        def seal(self, plain: bytes, bound_to: bytes) -> str:
            return "s1.AAAA"

    async def sealers(self, subjects: Iterable[str]) -> dict[str, Any]:
        return {subject: self._Sealer() for subject in subjects}


class Log:
    """A log in memory: facts get the partition of their key and the next offset there."""

    def __init__(self) -> None:
        self._next: Counter[tuple[str, int]] = Counter()
        self._protector = Protector(KEYS, UnsealedVault())  # type: ignore[arg-type]
        self.records: list[Record] = []

    @property
    def identity(self) -> Any:
        return self._protector.identity

    async def state(self, *raws: dict[str, Any], receipt: str | None = None) -> list[Record]:
        """Append facts as upstream states them (structured CloudEvents)."""
        prepared = []
        for raw in raws:
            entry = BY_TYPE[raw["type"]]
            item = self._protector.prepare(
                ReadableFact(
                    entry,
                    event_id_of(raw["source"], raw["id"]),
                    raw["source"],
                    raw["id"],
                    datetime.fromisoformat(raw["time"]),
                    entry.readable.model_validate_json(orjson.dumps(raw["data"])),
                    receipt,
                )
            )
            assert not isinstance(item, Refusal), item
            prepared.append(item)
        messages = await self._protector.protect(prepared)
        added = []
        for raw, message in zip(raws, messages, strict=True):
            assert not isinstance(message, Refusal), message
            added.append(
                self._append(BY_TYPE[raw["type"]].context, message.key, message.value, message.headers)
            )
        return added

    def digest(self, raw: dict[str, Any]) -> str:
        """The content digest that this log gives to a fact."""
        entry = BY_TYPE[raw["type"]]
        item = self._protector.prepare(
            ReadableFact(
                entry,
                UUID(int=0),
                raw["source"],
                raw["id"],
                datetime.fromisoformat(raw["time"]),
                entry.readable.model_validate_json(orjson.dumps(raw["data"])),
            )
        )
        assert not isinstance(item, Refusal)
        return item.digest

    async def close_day(self, day: str) -> list[Record]:
        """Append the closing of a day, with the cut as it is now."""
        cut: dict[str, dict[str, int]] = {}
        for (topic, partition), next_offset in self._next.items():
            cut.setdefault(topic, {})[str(partition)] = next_offset
        return await self.state(
            {
                "id": f"close-{day}",
                "source": "/dibao/calendar",
                "type": "dibao.calendar.day_closed.v1",
                "time": f"{day}T23:59:59+08:00",
                "data": {"day": day, "cut": cut},
            }
        )

    def repeat(self, record: Record) -> Record:
        """Append the same fact once more, as a relay that crashed would."""
        again = Record(
            record.topic, record.partition, self._next[record.topic, record.partition], record.event
        )
        self._next[record.topic, record.partition] += 1
        self.records.append(again)
        return again

    def _append(self, context: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> Record:
        topic = f"dibao.{context}"
        partition = 0 if context in ("calendar", "policy") else crc32(key) % PARTITIONS
        record = Record(topic, partition, self._next[topic, partition], decode(value, headers))
        self._next[topic, partition] += 1
        self.records.append(record)
        return record

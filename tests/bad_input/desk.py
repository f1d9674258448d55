"""The intake that the table is sent to, on real servers, and all that it said."""

import asyncio
import json
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from deploy.contexts import DECLARATIONS
from events.catalogue import CONTEXTS, UPSTREAM_CONTEXTS, dead_letter_topic, intake_topic, log_topic
from events.envelope import event_id_of
from services.intake.service import serve_contexts
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN, add_source, revoke_source
from services.platform.settings import Settings
from services.platform.topics import topics
from tests.bad_input.good import encoded, good_event
from tests.operator import OPERATOR_KEY, make_operator
from tests.ports import free_port

SOURCES: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "office": ("/office/500102", UPSTREAM_CONTEXTS, ["*"]),
    "street": ("/street/500102008", UPSTREAM_CONTEXTS, ["500102008"]),
    "bank": ("/bank/psbc", ["payments"], ["*"]),
    "revoked": ("/revoked", UPSTREAM_CONTEXTS, ["*"]),
}
"""Who sends: the source, its contexts and its areas. ``nobody`` sends without a key."""

MAX_BODY_BYTES = 6 * 1024**2
MAX_FILE_BYTES = 8 * 1024**2
"""Smaller than in a deployment, so that what is larger is soon sent."""

_PATIENCE = 30.0


class Desk:
    """The intake, who may send to it, what came onto the log and what it said."""

    def __init__(self, settings: Settings, pool: asyncpg.Pool, keys: dict[str, str]) -> None:
        self.settings = settings
        self.pool = pool
        self.said: list[str] = []
        """Every answer, log line, header of a dead letter and row about rejects, of the class at hand."""
        self.wrong: list[str] = []
        """Answers that are not those of the table, of the class at hand."""
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=30)
        self._keys = keys
        self._serials = count(1)
        self._expected: Counter[UUID] = Counter()
        self._log: Counter[UUID] = Counter()
        self._letters: list[ConsumerRecord] = []
        self._facts: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka, max_request_size=8 * 1024**2, linger_ms=2
        )
        self._tail = AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest")

    async def start(self) -> None:
        """Wait until the intake answers, and begin to read what comes onto the log."""
        await self._producer.start()
        await self._tail.start()
        names = {log_topic(self.settings.topic_prefix, context) for context in CONTEXTS}
        names.add(dead_letter_topic(self.settings.topic_prefix))
        self._tail.assign(
            [
                TopicPartition(topic.name, number)
                for topic in topics(self.settings)
                if topic.name in names
                for number in range(topic.partitions)
            ]
        )
        async with asyncio.timeout(_PATIENCE):
            while True:
                try:
                    if (await self.http.get("/payments/health")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Let go of the servers."""
        await self.http.aclose()
        await self._tail.stop()
        await self._producer.stop()

    async def begin(self) -> None:
        """Begin a class: what came before is not counted, whatever became of it."""
        while await self._read():
            pass
        self._expected.clear()
        self._log.clear()
        self._letters.clear()
        self._facts.clear()
        self.said.clear()
        self.wrong.clear()

    def hold(self, name: str, found: object, wanted: object) -> None:
        """Hold an answer to the table: all that differs is told when the class was sent."""
        if found != wanted:
            self.wrong.append(f"{name}\n    answered {found}\n    expected {wanted}")

    def serial(self) -> str:
        """Return an id that no fact has yet."""
        return f"nr-{next(self._serials):06}"

    def source(self, key: str) -> str:
        """Return the source that a sender states facts as."""
        return SOURCES[key if key in SOURCES else "office"][0]

    def authorization(self, key: str) -> dict[str, str]:
        """Return the header by which a sender says who it is."""
        return {} if key == "nobody" else {"Authorization": f"Bearer {self._keys.get(key, key)}"}

    def signature(self, key: str, value: bytes) -> list[tuple[str, bytes]]:
        """Return the header by which a sender signs a record; with an unknown key as the office does."""
        name = OPERATOR_SIGN if key == "operator" else self.source(key)
        return [] if key == "nobody" else [sign(self._keys.get(key, key), name, value)]

    def good(self, type_name: str, key: str = "office") -> bytes:
        """Return a good event, which must come onto the log once."""
        serial = self.serial()
        self.expect(key, serial)
        return encoded(good_event(type_name, serial, self.source(key)))

    def expect(self, key: str, serial: str, versions: int = 1) -> None:
        """Note that a fact must come onto the log."""
        self._expected[event_id_of(self.source(key), serial)] += versions

    async def post(
        self, context: str, path: str, content: Any, headers: dict[str, str], key: str = "office"
    ) -> httpx.Response:
        """Send something over HTTP."""
        return await self.ask("POST", f"/{context}{path}", content, {**self.authorization(key), **headers})

    async def ask(self, method: str, path: str, content: Any, headers: dict[str, str]) -> httpx.Response:
        """Send any request."""
        answer = await self.http.request(method, path, content=content, headers=headers)
        self.said.append(answer.text)
        return answer

    async def hand_over(self, context: str, *records: tuple[str, bytes | None]) -> list[int]:
        """Put records, each with the key of whoever sends it, onto an intake topic; return their offsets."""
        topic = intake_topic(self.settings.topic_prefix, context)
        sent = []
        for key, value in records:
            headers = self.signature(key, value or b"")
            record_key = b"without a value" if value is None else None
            sent.append(await self._producer.send(topic, value, record_key, headers=headers))
        return [int((await each).offset) for each in sent]

    async def taken(self, context: str, type_name: str) -> None:
        """Hand a good event over and wait until it is on the log: so is what was handed over before it."""
        good = self.good(type_name)
        await self.hand_over(context, ("office", good))
        event_id = event_id_of(self.source("office"), json.loads(good)["id"])
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while not self._log[event_id]:
            assert asyncio.get_running_loop().time() < deadline, "the intake topic is not taken"
            await self._read()

    async def settled(self, letters: int) -> list[ConsumerRecord]:
        """Wait until all that must be there is, assert that nothing else is, and return the new letters."""
        wanted = self._expected.total()
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while self._log.total() < wanted or len(self._letters) < letters:
            assert asyncio.get_running_loop().time() < deadline, (
                f"{self._log.total()} of {wanted} facts, {len(self._letters)} of {letters} dead letters"
            )
            await self._read()
        while await self._read():
            pass
        assert self._log == self._expected, "facts on the log that are none, or not all that are"
        found, self._letters = self._letters, []
        for record in found:
            self.said += [name + value.decode() for name, value in record.headers]
        return found

    async def arrived(self, facts: int) -> dict[str, list[dict[str, Any]]]:
        """Wait until so many facts came onto the log since the class began; return the data of all, by id."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while self._log.total() < facts:
            assert asyncio.get_running_loop().time() < deadline, f"{self._log.total()} of {facts} facts"
            await self._read()
        while await self._read():
            pass
        assert self._log.total() == facts, "facts on the log that nobody was told of"
        return self._facts

    async def letters(self, count: int) -> list[ConsumerRecord]:
        """Wait until so many dead letters came since the class began, and return them."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while len(self._letters) < count:
            assert asyncio.get_running_loop().time() < deadline, f"{len(self._letters)} of {count} letters"
            await self._read()
        return self._letters

    async def reported(self) -> None:
        """Add to what was said what the database keeps of rejects, receipts and conflicts."""
        for table in ("remark", "receipt", "conflict"):
            rows = await self.pool.fetch(f"SELECT t::text AS line FROM intake.{table} AS t")
            self.said += [row["line"] for row in rows]

    async def _read(self) -> int:
        found = 0
        for partition, records in (await self._tail.getmany(timeout_ms=100)).items():
            found += len(records)
            for record in records:
                if partition.topic == dead_letter_topic(self.settings.topic_prefix):
                    self._letters.append(record)
                else:
                    headers = dict(record.headers)
                    self._log[UUID(headers["ce_id"].decode())] += 1
                    self._facts[headers["ce_serial"].decode()].append(json.loads(record.value))
        return found


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("httpx"):  # the client's own lines
            self.lines.append(self.format(record))


@asynccontextmanager
async def open_desk(settings: Settings, pool: asyncpg.Pool) -> AsyncIterator[Desk]:
    """Start an intake of every context, with its sources, and end it."""
    keys = {key: await add_source(pool, *source, new_households=True) for key, source in SOURCES.items()}
    await revoke_source(pool, SOURCES["revoked"][0])
    await make_operator(pool)
    keys["operator"] = OPERATOR_KEY
    changed = {"port": free_port(), "max_body_bytes": MAX_BODY_BYTES, "max_file_bytes": MAX_FILE_BYTES}
    settings = settings.model_copy(update=changed)
    desk, stop, listener = Desk(settings, pool, keys), asyncio.Event(), _Listener()
    listener.lines = desk.said
    root = logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.INFO)
    declarations = [DECLARATIONS[context] for context in UPSTREAM_CONTEXTS]
    serving = asyncio.ensure_future(serve_contexts(declarations, settings, stop))
    try:
        await desk.start()
        yield desk
    finally:
        stop.set()
        await desk.stop()
        async with asyncio.timeout(30):
            await serving
        root.setLevel(level)
        root.removeHandler(listener)

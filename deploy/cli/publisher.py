"""Handing facts over as an upstream does: events over HTTP, files over HTTP, raw records on Kafka."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import msgspec
from aiokafka.errors import KafkaError

from deploy.deployment import Deployment
from deploy.local.errors import StackError
from events.catalogue import UPSTREAM_CONTEXTS, intake_topic
from services.intake.answers import Furthest
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN, authenticate
from services.platform.access import OPERATOR_PREFIX
from services.platform.database import open_pool
from services.platform.listening import on_loopback
from services.platform.producer import close_producer, open_producer

_LINES_A_REQUEST = 1000
_ATTEMPTS = 30
_RECORDS_AT_A_TIME = 20_000
_ACKNOWLEDGED_SECONDS = 60.0


class _Head(msgspec.Struct):
    type: str = ""


_HEAD = msgspec.json.Decoder(_Head)


@dataclass(frozen=True, kw_only=True)
class Handed:
    """As what a file is handed over; of a ``trial`` it is only said what would become of it."""

    context: str | None = None
    source: str | None = None
    event_type: str | None = None
    batch: str | None = None
    mapping: str | None = None
    trial: bool = False

    @property
    def params(self) -> dict[str, str]:
        """What intake is told beside the file."""
        said = {
            "source": self.source,
            "type": self.event_type,
            "batch": self.batch,
            "mapping": self.mapping,
        }
        if self.trial:
            said["dry_run"] = "true"
        return {name: value for name, value in said.items() if value is not None}


@dataclass
class Delivered:
    """What upstream was told of what it handed over."""

    accepted: int = 0
    repeated: int = 0
    set_aside: int = 0
    rejected: int = 0
    receipts: list[str] = field(default_factory=list)
    positions: Furthest = field(default_factory=Furthest)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    asides: list[dict[str, Any]] = field(default_factory=list)
    warned: int = 0
    warnings: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def add_receipt(self, receipt: dict[str, Any]) -> None:
        """Count a receipt."""
        self.accepted += receipt["accepted"]
        self.repeated += receipt["repeated"]
        self.set_aside += receipt["set_aside"]
        self.rejected += receipt["rejected"]
        self.warned += receipt["warned"]
        self.receipts.append(receipt["id"])
        for position in filter(None, receipt["min_position"].split(",")):
            self.positions.add(position)

    @property
    def lines(self) -> int:
        """How many facts were handed over."""
        return self.accepted + self.repeated + self.set_aside + self.rejected


class RefusedError(StackError):
    """Intake refused all that it was handed, for what is said in Chinese; ``problem`` is its answer."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        super().__init__("；".join(map(_said, problem["errors"])))


_OPTIONS = {
    "authorization": "密钥（--key）",
    "batch": "--batch",
    "mapping": "--mapping",
    "name": "文件名",
    "source": "--source",
    "type": "--type",
}


def _said(error: Mapping[str, str]) -> str:
    option = _OPTIONS.get(error["field"])
    return error["detail"] if option is None else f"{option}：{error['detail']}"


def context_of(line: bytes) -> str:
    """Return the context that a structured CloudEvent names in its type; the first one where it names none.

    A line that cannot be read goes to some intake as well: it is intake that says what is wrong with it.
    """
    try:
        words = _HEAD.decode(line).type.split(".")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return UPSTREAM_CONTEXTS[0]
    return words[1] if len(words) > 2 and words[1] in UPSTREAM_CONTEXTS else UPSTREAM_CONTEXTS[0]


def by_context(lines: Iterable[bytes]) -> dict[str, dict[int, bytes]]:
    """Return lines by the context that takes them, in their order, with their numbers from 1 on."""
    found: dict[str, dict[int, bytes]] = defaultdict(dict)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found[context_of(line)][number] = line
    return found


def _chunks(lines: Sequence[tuple[int, bytes]], size: int) -> Iterator[Sequence[tuple[int, bytes]]]:
    for start in range(0, len(lines), size):
        yield lines[start : start + size]


class Publisher:
    """An upstream with one key. What is away for a moment is tried again: a repeat is harmless."""

    def __init__(self, deployment: Deployment, client: httpx.AsyncClient, key: str) -> None:
        self._deployment = deployment
        self._client = client
        self._key = key
        self.delivered = Delivered()

    async def events(self, lines: Iterable[bytes], *, trial: bool = False) -> None:
        """Hand over structured CloudEvents, in batches, each context to its service."""
        handed = (self._events(context, found, trial) for context, found in by_context(lines).items())
        for failed in await asyncio.gather(*handed, return_exceptions=True):
            if isinstance(failed, BaseException):
                raise failed

    async def _events(self, context: str, lines: Mapping[int, bytes], trial: bool) -> None:
        params = {"dry_run": "true"} if trial else None
        for chunk in _chunks(list(lines.items()), _LINES_A_REQUEST):
            answer = await self._post(
                f"{self._deployment.url(context)}/events",
                b"\n".join(line for _, line in chunk),
                "application/x-ndjson",
                params=params,
            )
            self.delivered.add_receipt(answer["receipt"])
            for item in answer["items"]:
                said, (number, _) = self.delivered, chunk[item["index"]]
                said.rejects += _remarks(context, number, item, item.get("errors", ()))
                said.asides += _remarks(context, number, item, [item["reason"]] if "reason" in item else ())
                said.warnings += _remarks(context, number, item, item.get("warnings", ()))

    async def file(self, name: str, content: bytes, handed: Handed) -> None:
        """Hand over one file to the service of its context."""
        assert handed.context is not None
        try:
            answer = await self._post(
                f"{self._deployment.url(handed.context)}/files",
                content,
                "application/octet-stream",
                params={"name": name, **handed.params},
            )
        except RefusedError as refused:
            if "receipt" in refused.problem:  # it stopped half-way
                self._add(handed.context, refused.problem["receipt"])
            raise
        # Where every row is rejected, the answer is a refusal that has the receipt beside it.
        self._add(handed.context, answer.get("receipt", answer))

    def _add(self, context: str, receipt: dict[str, Any]) -> None:
        said = self.delivered
        said.add_receipt(receipt)
        said.rejects += [{"context": context, **item} for item in receipt["rejects"]]
        said.asides += [{"context": context, **item} for item in receipt["asides"]]
        said.warnings += [{"context": context, **item} for item in receipt["warnings"]]

    async def ndjson_files(self, name: str, lines: Iterable[bytes], *, trial: bool = False) -> None:
        """Hand over structured CloudEvents as NDJSON files, one a context.

        A line has the number in each that it has here: in the place of the others' stand empty ones.
        """
        for context, found in by_context(lines).items():
            content = b"\n".join(found.get(number, b"") for number in range(1, max(found) + 1))
            await self.file(f"{context}-{name}", content, Handed(context=context, trial=trial))

    async def kafka(self, lines: Iterable[bytes]) -> int:
        """Put raw events on the intake topics, as many as there are, and return how many.

        All of them are acknowledged, and each context's are in their order. Raises StackError where Kafka is
        away: whatever is published again is repeated, and harmless; and where nobody can sign with the key.
        """
        settings = self._deployment.settings
        topics = {context: intake_topic(settings.topic_prefix, context) for context in UPSTREAM_CONTEXTS}
        count = 0
        try:
            producer = await open_producer(settings)
        except KafkaError:
            raise StackError(f"Kafka does not answer at {settings.kafka}.") from None
        try:
            name = await self._signs_as()
            rest = (line for line in lines if line.strip())
            while some := list(islice(rest, _RECORDS_AT_A_TIME)):
                async with asyncio.timeout(_ACKNOWLEDGED_SECONDS):
                    acks = [
                        await producer.send(
                            topics[context_of(line)], line, headers=[sign(self._key, name, line)]
                        )
                        for line in some
                    ]
                    await asyncio.gather(*acks)
                count += len(some)
        except (KafkaError, TimeoutError) as error:
            raise StackError(
                f"Kafka at {settings.kafka} took {count:,} records and then no more ({type(error).__name__})."
            ) from None
        finally:
            await close_producer(producer)
        return count

    async def _signs_as(self) -> str:
        """The name that the key's signature goes by."""
        settings = self._deployment.settings
        if self._key.startswith(OPERATOR_PREFIX):
            if not on_loopback(settings.kafka):
                raise StackError(
                    "The operator signs records on a Kafka of this machine only, which "
                    f"{settings.kafka} is not: give a source's key (--key), or hand over by HTTP."
                )
            return OPERATOR_SIGN
        pool = await open_pool(settings.database_url, size=1)
        try:
            source = await authenticate(pool, self._key, operator=False)
        finally:
            await pool.close()
        if source is None:
            raise StackError("The key is no source's (any more): `dibao source list`.")
        return source.name

    async def _post(
        self, url: str, content: bytes, kind: str, params: dict[str, str] | None = None
    ) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._key}", "content-type": kind}
        for attempt in range(_ATTEMPTS):
            try:
                answer = await self._client.post(url, content=content, headers=headers, params=params)
            except httpx.TransportError:
                if attempt + 1 == _ATTEMPTS:
                    raise StackError(
                        f"No answer from {url}: is the service running? (`dibao status`)"
                    ) from None
                await asyncio.sleep(1)
                continue
            if answer.status_code not in (429, 503):
                break
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        body: dict[str, Any] = answer.json()
        refused = answer.headers.get("content-type") == "application/problem+json"
        if refused and body.get("receipt", {}).get("status") != "complete":
            raise RefusedError(body)
        return body


def _remarks(
    context: str, line: int, item: Mapping[str, Any], said: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What is said of an event of a batch, in the form of what is said of rows."""
    name = item["id"] or f"第{line}行"
    return [
        {
            "context": context,
            "line": line,
            **each,
            "reason": f"{name} {each['field']}：{each['detail']}",
        }
        for each in said
    ]


@asynccontextmanager
async def publisher(deployment: Deployment, key: str | None = None) -> AsyncIterator[Publisher]:
    """Return a publisher; without a key it is the local operator's, who may speak for any source."""
    async with httpx.AsyncClient(timeout=120) as client:
        yield Publisher(deployment, client, key or deployment.operator_key)


def read_lines(path: Path) -> list[bytes]:
    """Return the lines of an NDJSON file."""
    return path.read_bytes().splitlines()

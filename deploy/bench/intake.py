"""Intake: facts as upstream hands them over, until Kafka has acknowledged each; tokens and sealing included.

In the processes of a local deployment (a context each, small ones together), all of them at work at once.
Requests, files and records are made beforehand, so that the clock does not see it.
"""

import asyncio
import time
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from aiokafka import AIOKafkaProducer

from deploy.bench import logs
from deploy.bench.facts import Fact, Facts
from deploy.bench.ground import Ground, Site
from deploy.bench.measure import LostFactsError, Measure, expect
from deploy.deployment import PROCESSES
from events.catalogue import CONTEXTS, intake_topic
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.platform.kafka import connection
from services.platform.log import open_ends

BATCH = 1000
"""Events in one HTTP request."""
_IN_FLIGHT = 2
"""Requests that one upstream has under way: the next is on its way while one is answered."""
_SECONDS = 1800.0
"""After so long nobody waits any more."""
_CHUNK = 256 * 1024
_BATCH_BYTES = 256 * 1024
_TICK = 0.05

PROFILED = "payments"
"""The service that is profiled: nearly all facts are payments."""

Send = Callable[[], Awaitable[int]]
"""Hands over all facts and returns how many were accepted."""


@dataclass(frozen=True)
class _Open:
    """The services of a site: the address of each, and a client that may state facts of any source.

    ``again``: the context of each request that was sent again, because a server had been away.
    """

    urls: Mapping[str, str]
    client: httpx.AsyncClient
    again: list[str] = field(default_factory=list)


async def over_http(ground: Ground, site: Site, facts: Facts, profile: Path | None = None) -> Measure:
    """Measure CloudEvents in batches over HTTP. ``profile``: where a profile of one service is written."""
    requests = _requests(facts)
    async with _services(ground, site, facts.by_context, profile) as opened:
        what = f"HTTP, CloudEvents, batches of {BATCH}"
        measure = await _measured(ground, site, facts, lambda: _post_all(opened, requests), what, requests)
        if opened.again:
            told = f"{measure.note}; {len(opened.again)} requests sent again, as a server was away"
            return replace(measure, note=told)
        return measure


async def fill(ground: Ground, site: Site, parts: AsyncIterable[Facts]) -> None:
    """Fill a site's log part by part, unmeasured: with more facts than are in memory at a time."""
    count = 0
    async with _services(ground, site, CONTEXTS, None) as opened:
        async for facts in parts:
            expect("facts accepted", await _post_all(opened, _requests(facts)), len(facts))
            count += len(facts)
    expect("records on the log", await logs.length(site.settings), count)


def _requests(facts: Facts) -> dict[str, list[bytes]]:
    """Return the bodies of requests by context."""
    return {
        context: [
            b"[" + b",".join(fact.line for fact in found[start : start + BATCH]) + b"]"
            for start in range(0, len(found), BATCH)
        ]
        for context, found in facts.by_context.items()
    }


async def _post_all(opened: _Open, requests: Mapping[str, Sequence[bytes]]) -> int:
    """Send requests to the services of their contexts, a few at a time; return how many facts were taken."""

    async def send(context: str) -> int:
        waiting = iter(requests[context])
        return sum(await asyncio.gather(*(one(context, waiting) for _ in range(_IN_FLIGHT))))

    async def one(context: str, waiting: Iterator[bytes]) -> int:
        accepted = 0
        for body in waiting:
            # As upstreams do: where a server was away, all of it again, when the answer says.
            again = False
            while (answer := await post(context, body)).status_code == httpx.codes.SERVICE_UNAVAILABLE:
                again = True
                opened.again.append(context)
                await asyncio.sleep(float(answer.headers["retry-after"]))
            accepted += _accepted(answer, ("receipt",), again=again)
        return accepted

    async def post(context: str, body: bytes) -> httpx.Response:
        return await post_batch(opened.client, opened.urls[context], body)

    return sum(await asyncio.gather(*(send(context) for context in requests)))


async def post_batch(client: httpx.AsyncClient, url: str, body: bytes) -> httpx.Response:
    """Hand a batch of events to the service at an address, once."""
    headers = {"content-type": "application/cloudevents-batch+json"}
    return await client.post(f"{url}/events", content=body, headers=headers)


async def as_files(ground: Ground, site: Site, facts: Facts, profile: Path | None = None) -> Measure:
    """Measure NDJSON files: one a context, or as few as the limit of a file's size allows."""
    files = {
        context: _write_files(site, context, found, site.settings.max_file_bytes)
        for context, found in facts.by_context.items()
    }

    async def send(opened: _Open, context: str) -> int:
        accepted = 0
        for file in files[context]:
            answer = await opened.client.post(
                f"{opened.urls[context]}/files",
                content=_content(file),
                params={"name": file.name},
                headers={"content-type": "application/octet-stream"},
            )
            accepted += _accepted(answer, ())
        return accepted

    async with _services(ground, site, facts.by_context, profile) as opened:

        async def send_all() -> int:
            return sum(await asyncio.gather(*(send(opened, context) for context in files)))

        return await _measured(ground, site, facts, send_all, "files, NDJSON", files)


async def over_topics(ground: Ground, site: Site, facts: Facts, profile: Path | None = None) -> Measure:
    """Measure the Kafka intake topics: from the first record sent to the last fact on the log."""
    wanted = len(facts)
    producer = AIOKafkaProducer(
        **connection(site.settings), acks="all", max_batch_size=_BATCH_BYTES, linger_ms=0
    )
    await producer.start()
    try:
        batches = {
            context: _batches(producer, found, site.operator_key)
            for context, found in facts.by_context.items()
        }

        async def send(context: str) -> None:
            topic = intake_topic(site.settings.topic_prefix, context)
            for batch in batches[context]:
                await (await producer.send_batch(batch, topic, partition=0))

        async def send_all() -> int:
            async with open_ends(site.settings, tuple(batches)) as ends, asyncio.TaskGroup() as group:
                for context in batches:
                    group.create_task(send(context))
                async with asyncio.timeout(_SECONDS):
                    while (found := sum((await ends()).values())) < wanted:
                        for name in _processes(site, batches):
                            ground.check(name)
                        await asyncio.sleep(_TICK)
                    return found

        async with _services(ground, site, facts.by_context, profile):
            return await _measured(ground, site, facts, send_all, "Kafka intake topics", batches)
    finally:
        await producer.stop()


@asynccontextmanager
async def _services(
    ground: Ground, site: Site, contexts: Iterable[str], profile: Path | None
) -> AsyncIterator[_Open]:
    processes = _processes(site, contexts)
    try:
        for name, contexts in processes.items():
            extra = ("--profile", str(profile)) if profile is not None and PROFILED in contexts else ()
            await ground.start(site, name, "serve", *contexts, *extra, port=name)
        urls: dict[str, str] = {}
        for name, contexts in processes.items():
            url = await ground.answer(name)
            urls |= {context: url if len(contexts) == 1 else f"{url}/{context}" for context in contexts}
        key = site.operator_key
        async with httpx.AsyncClient(timeout=_SECONDS, headers={"authorization": f"Bearer {key}"}) as client:
            yield _Open(urls, client)
    finally:
        await ground.stop(*processes)


async def _measured(
    ground: Ground, site: Site, facts: Facts, send_all: Send, what: str, contexts: Mapping[str, object]
) -> Measure:
    names = list(_processes(site, contexts))
    await ground.rest()
    before, load = ground.usage(*names), time.process_time()
    began = time.monotonic()
    accepted = await send_all()
    seconds = time.monotonic() - began
    usage = ground.usage(*names) - before
    load = (time.process_time() - load) * 100_000 / len(facts)
    peak = ground.peak_memory(*names)
    expect("facts accepted", accepted, len(facts))
    for context, found in facts.by_context.items():
        expect(f"records on the log of {context}", await logs.length(site.settings, (context,)), len(found))
    note = f"load generator: {load:.1f} CPU-s per 100,000"
    return Measure("intake", what, len(facts), seconds, usage, peak_memory_mb=peak, note=note)


def _processes(site: Site, contexts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    # Of a local deployment those that have something to do, by the name that they are started under.
    wanted = set(contexts)
    return {f"{site.name}-{name}": held for name, held in PROCESSES.items() if wanted & set(held)}


def _write_files(site: Site, context: str, facts: Sequence[Fact], limit: int) -> list[Path]:
    files: list[Path] = []
    lines = iter(facts)
    line = next(lines, None)
    while line is not None:
        files.append(site.files / f"{context}-{len(files) + 1}.ndjson")
        size = 0
        with files[-1].open("wb") as out:
            while line is not None and size + len(line.line) < limit:
                size += out.write(line.line + b"\n")
                line = next(lines, None)
    return files


async def _content(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


def _batches(producer: AIOKafkaProducer, facts: Sequence[Fact], key: str) -> list[object]:
    batches = [producer.create_batch()]
    for fact in facts:
        headers = [sign(key, OPERATOR_SIGN, fact.line)]
        while batches[-1].append(timestamp=None, key=None, value=fact.line, headers=headers) is None:
            batches.append(producer.create_batch())
    return batches


def _accepted(answer: httpx.Response, path: Sequence[str], *, again: bool = False) -> int:
    """Return how many facts were taken; of a request that was sent again also those that had been before."""
    body = answer.json()
    if answer.status_code not in (200, 201, 202, 207):
        raise LostFactsError(f"intake refused ({answer.status_code}): {str(body.get('errors'))[:300]}")
    for name in path:
        body = body[name]
    # What was undone before it came is on the log as well, and told to be set aside.
    taken = int(body["accepted"]) + int(body["set_aside"]) + (int(body["repeated"]) if again else 0)
    if taken != body["lines"]:
        raise LostFactsError(f"intake accepted {taken} of {body['lines']}")
    return taken

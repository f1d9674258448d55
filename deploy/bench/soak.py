"""A soak: facts at a steady rate for a long time, from the offices' requests to ledgers and findings.

All processes work at once, on a log and a database that begin empty. Requests are made beforehand and read
from the disk, so that their making costs nothing while it is measured. Each time the facts of a month are
handed over its last day is closed, as days are in a deployment that lives.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from typing import IO, Any, NamedTuple

import asyncpg
import httpx
import psutil

from deploy.bench import logs
from deploy.bench.ground import Ground, Site
from deploy.bench.intake import post_batch
from deploy.bench.measure import LostFactsError, Measure, expect
from deploy.bench.settling import consumed, settled
from deploy.bench.steadiness import Sample, Table, after_warm_up, broken, growth
from deploy.bench.usage import Usage, cpu_seconds
from deploy.deployment import PROCESSES, WITH_HTTP
from events.calendar import DAY_CLOSED
from events.catalogue import CONTEXTS, UPSTREAM_CONTEXTS
from projections.schema import PIPELINE, POSITIONS
from services.closer.closing import close_day
from services.detection.facts import CONTEXTS as DETECTED
from services.platform.failure import patiently
from services.platform.log import Ends, open_ends, topics_of
from services.platform.offsets import behind, positions
from services.simulator.facts import line
from services.simulator.settings import Settings as Street
from services.simulator.world import World

RATE, SECONDS, EVERY = 2000.0, 1800.0, 10.0

_BATCH = 200
"""Facts in a request: so many of a context wait for one another, and no longer than a simulated day."""
_AT_ONCE = 16
"""Requests under way; where they are not enough, the rate asked for is not reached, and it is said."""
_FACTS_A_HOUSEHOLD = 40
"""A household of the simulated street has more in its four years: the last months are not stated."""
_TICK = 0.1
_AGAIN_SECONDS = 0.5
_PATIENCE_SECONDS = 60.0
_SERVERS = ("kafka", "postgres")
_UPSTREAM = "upstream"
"""This process, which hands over and looks."""
_READERS = ("projector", "alerting", "journal")

_TABLES = """
select schemaname || '.' || relname as name, n_live_tup as live, n_dead_tup as dead,
    pg_total_relation_size(relid) as size
from pg_stat_user_tables
"""
_OUTBOX = "select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 from detection_g1.outbox"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for: facts a second, for how many seconds, a sample every so many, detection workers."""

    rate: float = RATE
    seconds: float = SECONDS
    every: float = EVERY
    workers: int = 1


@dataclass
class Soak:
    """What a soak has found. ``cpu``: CPU seconds by process, from the first fact to the last."""

    asked: Asked
    samples: list[Sample] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    settled_seconds: float = 0.0
    """How long after the last fact all was worked through."""
    again: int = 0
    """How often a request had to be sent again."""

    @property
    def taken(self) -> int:
        """How many facts were acknowledged."""
        return self.samples[-1].taken if self.samples else 0

    @property
    def broken(self) -> list[str]:
        """Which of the declared limits do not hold."""
        return broken(self.samples, rate=self.asked.rate, seconds=self.asked.seconds, servers=_SERVERS)

    def sentence(self) -> str:
        """Say whether it holds, and what was reached."""
        last = self.samples[-1]
        reached = last.taken / max(last.at, self.asked.seconds)
        said = f"{reached:,.0f} facts/s for {last.at:,.0f} s with {self.asked.workers} of detection"
        if found := self.broken:
            return f"It does not hold ({said}): {'; '.join(found)}."
        return f"It holds: {said}; memory, lag and tables stayed within the declared limits."

    def measure(self) -> Measure:
        """Return what was reached, in the form of the other stages."""
        ours = sum(seconds for name, seconds in self.cpu.items() if name not in (*_SERVERS, _UPSTREAM))
        return Measure(
            "soak",
            f"{self.asked.rate:,.0f} facts/s asked for, {self.asked.workers} of detection",
            self.taken,
            max(self.samples[-1].at, self.asked.seconds),
            Usage(self.cpu["kafka"], self.cpu["postgres"], ours),
            peak_memory_mb=max(
                row["rss_mb_most"] for row in self.processes() if row["process"] not in _SERVERS
            ),
            note=f"all of it worked through {self.settled_seconds:.1f} s after the last fact; "
            f"{self.again} requests sent again",
        )

    def processes(self) -> list[dict[str, Any]]:
        """Return a row a process: memory after the warm-up and at the end, and CPU for 100,000 facts."""
        looked_at = after_warm_up(self.samples, self.asked.seconds) or self.samples
        at = [sample.at for sample in looked_at]
        return [
            {
                "process": name,
                "pss_mb": round(looked_at[0].pss.get(name, 0) / 2**20),
                "pss_mb_end": round(looked_at[-1].pss.get(name, 0) / 2**20),
                "growth_mb": round(growth(at, [each.pss.get(name, 0) for each in looked_at]) / 2**20, 1),
                "rss_mb_most": round(max(each.rss.get(name, 0) for each in self.samples) / 2**20),
                "cpu_s": round(self.cpu.get(name, 0.0) * 100_000 / max(1, self.taken), 2),
            }
            for name in looked_at[-1].pss
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a sample."""
        return [
            {
                "at": round(sample.at),
                "rate": round((sample.taken - before.taken) / max(sample.at - before.at, 1e-9)),
                "pss_mb": round(sum(sample.pss[name] for name in sample.pss if name not in _SERVERS) / 2**20),
                "lag_detection": sample.lag["detection"],
                "lag_projector": sample.lag["projector"],
                "outbox_s": round(sample.outbox_seconds, 1),
                "dead": sum(table.dead for table in sample.tables.values()),
                "bytes_a_row": round(
                    sum(table.size for table in sample.tables.values())
                    / max(1, sum(table.live for table in sample.tables.values()))
                ),
                "database_mb": round(sample.database / 2**20),
                "kafka_mb": round(sample.kafka / 2**20),
                "journal_mb": round(sample.journal / 2**20),
            }
            for before, sample in zip(self.samples, self.samples[1:], strict=False)
        ]

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "asked": {
                "rate": self.asked.rate,
                "seconds": self.asked.seconds,
                "every": self.asked.every,
                "workers": self.asked.workers,
            },
            "sentence": self.sentence() if self.samples else "",
            "settled_seconds": round(self.settled_seconds, 1),
            "again": self.again,
            "processes": self.processes() if self.samples else [],
            "samples": self.rows(),
        }


async def soaked(ground: Ground, asked: Asked, say: Say) -> Soak:
    """Do a soak. Raises LostFactsError where an acknowledged fact is not in the ledgers afterwards."""
    site = await ground.site("soak")
    count = int(asked.rate * asked.seconds)
    file = site.files / "requests"
    say(f"Simulating {count:,} facts, and writing them down as requests")
    await asyncio.to_thread(_write_down, file, count)
    names = await _start(ground, site, asked.workers)
    found = Soak(asked)
    say(f"{asked.rate:,.0f} facts/s for {asked.seconds:,.0f} s, a sample every {asked.every:g} s")
    database = await asyncpg.connect(site.settings.database_url)
    try:
        async with open_ends(site.settings, CONTEXTS) as ends:
            feed = _Feed(site, await _urls(ground, names))
            watch = _Watch(ground, site, names, database, ends, feed, found, say)
            await watch.begin()
            used = watch.cpu()
            feeding = asyncio.ensure_future(feed.run(file, asked))
            try:
                await watch.until(feeding)
            finally:
                feeding.cancel()
                await asyncio.gather(feeding, return_exceptions=True)
            feeding.result()
            found.cpu = {name: seconds - used.get(name, 0.0) for name, seconds in watch.cpu().items()}
            await _all_of_it_is_there(ground, site, names, database, found, feed)
    finally:
        await database.close()
    say(found.sentence())
    return found


async def _start(ground: Ground, site: Site, workers: int) -> dict[str, str]:
    """Start all that works on facts; return what is looked at, by its name, and what it is started under."""
    names = {}
    for process, services in PROCESSES.items():
        if process in WITH_HTTP and process != "reporting":
            names[process] = f"{site.name}-{process}"
            await ground.start(site, names[process], "serve", *services, port=names[process])
    for process in _READERS:
        names[process] = f"{site.name}-{process}"
        await ground.start(site, names[process], "serve", process)
    for number in range(1, workers + 1):
        name = f"detection-{number}"
        names[name] = f"{site.name}-{name}"
        await ground.start(site, names[name], "serve", "detection")
    return names


async def _urls(ground: Ground, names: Mapping[str, str]) -> dict[str, str]:
    """Return where each context listens, once it does."""
    urls: dict[str, str] = {}
    for process, services in PROCESSES.items():
        if process in names and process in WITH_HTTP:
            url = await ground.answer(names[process])
            urls |= {name: url if len(services) == 1 else f"{url}/{name}" for name in services}
    return urls


class _Feed:
    """Hands requests over at a rate, whatever becomes of those before, up to a number under way."""

    def __init__(self, site: Site, urls: Mapping[str, str]) -> None:
        self.taken = 0
        self.aside = 0
        """How many of these do not count; some may have come before, and are not on the log twice."""
        self.closed = 0
        """How many days were closed."""
        self.again = 0
        """How often a request was not answered, or with 503."""
        self._site = site
        self._urls = urls
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def run(self, file: Path, asked: Asked) -> None:
        """Hand over what is due until the time is over."""
        headers = {"authorization": f"Bearer {self._site.operator_key}"}
        try:
            await self._hand_all_over(file, asked, headers)
        except BaseExceptionGroup as failed:
            # What the first one failed on is what there is to say.
            raise failed.exceptions[0] from None

    async def _hand_all_over(self, file: Path, asked: Asked, headers: Mapping[str, str]) -> None:
        handed_over = 0
        async with httpx.AsyncClient(timeout=60, headers=headers) as http, asyncio.TaskGroup() as group:
            with file.open("rb") as written:
                began = time.monotonic()
                for context, count, body in _read(written):
                    ahead = began + handed_over / asked.rate - time.monotonic()
                    if ahead > 0:
                        await asyncio.sleep(ahead)
                    if time.monotonic() - began >= asked.seconds:
                        break
                    await self._free.acquire()
                    handed_over += count
                    group.create_task(self._hand_over(http, context, count, body))

    async def _hand_over(self, http: httpx.AsyncClient, context: str, count: int, body: bytes) -> None:
        try:
            if not context:
                day = date.fromisoformat(body.decode())
                await patiently(lambda: close_day(self._site.settings, day), _PATIENCE_SECONDS, "The closing")
                self.closed += 1
                return
            receipt = (await self._answer(http, context, body)).json()["receipt"]
            aside = int(receipt["set_aside"])
            taken = int(receipt["accepted"]) + aside
            expect("facts of a request taken in or known", taken + int(receipt["repeated"]), count)
            self.taken += taken
            self.aside += aside
        finally:
            self._free.release()

    async def _answer(self, http: httpx.AsyncClient, context: str, body: bytes) -> httpx.Response:
        """Return how a request is answered; as an upstream does, send it again where nobody answers."""
        while True:
            try:
                answer = await post_batch(http, self._urls[context], body)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return answer.raise_for_status()
            self.again += 1
            await asyncio.sleep(_AGAIN_SECONDS)


@dataclass
class _Watch:
    """Looks at all of it now and then."""

    ground: Ground
    site: Site
    names: Mapping[str, str]
    database: asyncpg.Connection
    ends: Ends
    feed: _Feed
    found: Soak
    say: Say
    began: float = field(default_factory=time.monotonic)

    async def begin(self) -> None:
        """Take the first sample, once detection has its tables."""
        while not await self.database.fetchval("select to_regclass('detection_g1.outbox')"):
            self.ground.check(self.names["detection-1"])
            await asyncio.sleep(_TICK)
        await self.ground.rest()
        await self.look()

    async def until(self, feeding: asyncio.Future[None]) -> None:
        """Look until everything is handed over, and once more."""
        self.began = time.monotonic()
        while not feeding.done():
            due = self.began + len(self.found.samples) * self.found.asked.every
            await asyncio.wait({feeding}, timeout=max(0.0, due - time.monotonic()))
            await self.look()
            row = self.found.rows()[-1]
            self.say("  ".join(f"{name} {value:,}" for name, value in row.items()))

    async def look(self) -> None:
        """Take a sample."""
        for name in self.names.values():
            self.ground.check(name)
        ends = await patiently(self.ends, _PATIENCE_SECONDS, "A sample")
        contexts = {"detection": DETECTED, "projector": CONTEXTS}
        lag = {}
        for pipeline, version in (("detection", 1), (PIPELINE, POSITIONS)):
            held = await positions(self.database, pipeline, version)
            lag[pipeline] = behind(ends, held, topics_of(self.site.settings, contexts[pipeline]))
        memory = await asyncio.to_thread(self._memory)
        data = self.ground.stack.root / "data" / "kafka"
        self.found.samples.append(
            Sample(
                at=time.monotonic() - self.began if self.found.samples else 0.0,
                taken=self.feed.taken,
                pss={name: pss for name, (pss, _) in memory.items()},
                rss={name: rss for name, (_, rss) in memory.items()},
                lag=lag,
                outbox_seconds=await self.database.fetchval(_OUTBOX),
                tables={
                    row["name"]: Table(row["live"], row["dead"], row["size"])
                    for row in await self.database.fetch(_TABLES)
                },
                kafka=await asyncio.to_thread(_size, data),
                database=await self.database.fetchval("select pg_database_size(current_database())"),
                journal=await asyncio.to_thread(_size, self.site.files / "journal"),
            )
        )

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds so far of each process, and of this one, which hands over."""
        used = {name: cpu_seconds(pid) for name, pid in self._pids().items()}
        return used | {_UPSTREAM: time.process_time()}

    def _pids(self) -> dict[str, int]:
        record = self.ground.stack.record
        return {name: record(name).pid for name in _SERVERS} | {
            name: record(started).pid for name, started in self.names.items()
        }

    def _memory(self) -> dict[str, tuple[int, int]]:
        return {name: _memory(pid) for name, pid in self._pids().items()}


def _memory(pid: int) -> tuple[int, int]:
    """Return PSS and RSS of a process and its children; RSS for both where nothing tells the share."""
    pss = rss = 0
    try:
        process = psutil.Process(pid)
        members = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0, 0
    for member in members:
        try:
            held = member.memory_full_info()
        except psutil.Error:
            continue
        rss += held.rss
        pss += getattr(held, "pss", held.rss)
    return pss, rss


def _size(folder: Path) -> int:
    """Return the bytes that the files of a folder take on the disk."""
    found = 0
    for place, _, files in os.walk(folder):
        for file in files:
            try:
                found += (Path(place) / file).stat().st_blocks * 512
            except OSError:
                continue  # deleted meanwhile
    return found


async def _all_of_it_is_there(
    ground: Ground,
    site: Site,
    names: Mapping[str, str],
    database: asyncpg.Connection,
    found: Soak,
    feed: _Feed,
) -> None:
    """Wait until all is worked through; every acknowledged fact stands in the ledgers, once."""
    began = time.monotonic()
    async with open_ends(site.settings, CONTEXTS) as asked:
        ends = await patiently(asked, _PATIENCE_SECONDS, "The end of the log")
    await consumed(ground, names["projector"], database, PIPELINE, ends)
    await settled(ground, names["detection-1"], site.settings, DETECTED, database)
    found.settled_seconds = time.monotonic() - began
    found.again = feed.again
    recorded = await logs.length(site.settings, UPSTREAM_CONTEXTS) - feed.closed
    least = feed.taken - feed.aside
    # What was sent again may be on the log, and be called repeated.
    if recorded < least or (recorded > feed.taken and not feed.again):
        raise LostFactsError(f"facts on the log: {recorded} found, {least} to {feed.taken} expected")
    kept = await database.fetchval(
        "select count(*) from projection_g1.fact where context <> 'anomalies' and type <> $1", DAY_CLOSED
    )
    expect("facts in the ledgers", kept, recorded)


class _Request(NamedTuple):
    """Facts of a context as the body of a request; or a day to be closed, which has no context."""

    context: str
    facts: int
    body: bytes


def _write_down(file: Path, count: int) -> None:
    """Write requests of so many facts, in the order of their delivery, a line each."""
    with file.open("wb") as out:
        for request in _requests(count):
            out.write(b"%s\t%d\t%s\n" % (request.context.encode(), request.facts, request.body))


def _read(written: IO[bytes]) -> Iterator[_Request]:
    for each in written:
        context, count, body = each.split(b"\t", 2)
        yield _Request(context.decode(), int(count), body.rstrip(b"\n"))


def _requests(count: int) -> Iterator[_Request]:
    waiting: dict[str, list[bytes]] = {}
    before: date | None = None

    def full(context: str) -> _Request:
        facts = waiting.pop(context)
        return _Request(context, len(facts), b"[" + b",".join(facts) + b"]")

    for day in World(Street(households=ceil(count / _FACTS_A_HOUSEHOLD), seed=1)).days():
        if before is not None and day.day.month != before.month:
            yield from (full(context) for context in list(waiting))
            yield _Request("", 0, (day.day.replace(day=1) - timedelta(days=1)).isoformat().encode())
        before = day.day
        for fact in day.facts:
            context = fact["type"].split(".")[1]
            waiting.setdefault(context, []).append(line(fact))
            count -= 1
            if len(waiting[context]) == _BATCH:
                yield full(context)
            if not count:
                yield from (full(context) for context in list(waiting))
                return

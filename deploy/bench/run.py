"""The whole run: which stages there are and on which sites they work; a failure stops no other stage."""

import asyncio
import json
import logging
import pstats
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from deploy.bench import (
    backtest,
    bounded,
    detection,
    intake,
    latency,
    ledgers,
    logs,
    projector,
    replay,
    soak,
    stopwatch,
)
from deploy.bench.comparison import baselines
from deploy.bench.facts import Facts, by_street, generate, mix_of
from deploy.bench.ground import Ground, Site, ground
from deploy.bench.machine import machine_facts
from deploy.bench.measure import Failure, Hot, LostFactsError, Measure, Report, expect
from services.detection.rules.payments import shared_account

ALIKE = shared_account.NAME
"""The rule that the baselines have as well, so that like is compared with like."""

LAST = date(2021, 12, 31)
"""The day that is closed where each rule is looked at: all facts are there by then, and clocks have run."""

HOT = 15
"""How many functions of a profile are shown."""

Say = Callable[[str], None]


class Stage(StrEnum):
    """What can be measured; replay is the rebuild of projection and detection, backtest one beside it.

    ``bounded``, subjects that grow without end, ``ledgers``, the questions of people, and ``soak``, all
    processes at a steady rate for a long time, are no part of ``all``: they bring facts of their own. So does
    ``backtest`` asked for by name, for which there may be more than are in memory.
    """

    intake = "intake"
    detection = "detection"
    projector = "projector"
    replay = "replay"
    backtest = "backtest"
    latency = "latency"
    bounded = "bounded"
    ledgers = "ledgers"
    soak = "soak"
    all = "all"


_APART = {Stage.bounded, Stage.ledgers, Stage.soak}
"""Stages that are asked for by name only."""


@dataclass
class Run:
    """One run: it goes on when a stage fails, and remembers why."""

    ground: Ground
    count: int
    facts: Facts
    stage: Stage
    profile: bool
    say: Say
    rules: Sequence[str] = ()
    asked: soak.Asked = field(default_factory=soak.Asked)
    report: Report = field(default_factory=Report)
    _log: Site | None = None
    _detected: Site | None = None

    def wants(self, *stages: Stage) -> bool:
        """Whether one of the stages was asked for."""
        return self.stage in stages or (self.stage is Stage.all and not _APART & set(stages))

    async def everything(self) -> Report:
        """Measure what was asked for."""
        self.report.machine = await machine_facts(self.ground.stack)
        self.report.mix = self.facts.mix()
        if self.wants(Stage.intake):
            await self.attempt("intake", self.intake_http)
            await self.attempt("intake", self.intake_files)
            await self.attempt("intake", self.intake_topics)
        if self.wants(Stage.detection):
            await self.attempt("detection", self.detection)
        if self.wants(Stage.projector):
            await self.attempt("projector", self.projector)
        if self.wants(Stage.replay):
            await self.attempt("replay", self.replay_projector)
            await self.attempt("replay", self.replay_detection)
        if self.wants(Stage.backtest):
            await self.attempt("backtest", self.backtest)
        if self.wants(Stage.latency):
            await self.attempt("latency", self.latency)
        if self.wants(Stage.bounded):
            await self.attempt("bounded", lambda: bounded.measured(self.ground, self.count, self.add))
        if self.wants(Stage.ledgers):
            await self.attempt(
                "ledgers", lambda: ledgers.measured(self.ground, self.count, self.say, self.add)
            )
        if self.wants(Stage.soak):
            await self.attempt("soak", self.soak)
        return self.report

    async def attempt(self, stage: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do a part of a stage; what fails is told and remembered."""
        try:
            await work()
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise
        except Exception as error:
            reason = str(error) or type(error).__name__
            if not isinstance(error, LostFactsError):
                reason = f"{type(error).__name__}: {reason}"
            self.report.failures.append(Failure(stage, reason))
            self.say(f"{stage} failed: {reason}")
        finally:
            await self.ground.stop_all()

    def add(self, *measures: Measure) -> None:
        """Keep measurements, and say them."""
        for measure in measures:
            self.report.measures.append(measure)
            found = f"{measure.rate:,.0f} facts/s"
            if measure.latency_ms is not None:
                found = "p50 {} / p95 {} / p99 {} ms".format(*measure.latency_ms)
            self.say(f"{measure.stage}: {measure.what}: {found}")

    async def intake_http(self) -> None:
        """Events over HTTP; what they fill is the log of the later stages."""
        site = await self.ground.site("http")
        self.add(await intake.over_http(self.ground, site, self.facts))
        self._log = site

    async def intake_files(self) -> None:
        """The same facts as files."""
        site = await self.ground.site("files")
        self.add(await intake.as_files(self.ground, site, self.facts))
        await self.profiled("intake", lambda site, file: intake.as_files(self.ground, site, self.facts, file))

    async def intake_topics(self) -> None:
        """The same facts as records of the intake topics."""
        site = await self.ground.site("topics")
        self.add(await intake.over_topics(self.ground, site, self.facts))

    async def log(self) -> Site:
        """Return the site whose log has all facts, and nothing else."""
        if self._log is None:
            self.say("Filling a log through HTTP intake, unmeasured")
            site = await self.ground.site("log")
            await intake.over_http(self.ground, site, self.facts)
            self._log = site
        return self._log

    async def copied(self, name: str) -> Site:
        """Return a site of its own with a copy of that log: same partitions, same bytes."""
        site = await self.ground.site(name)
        await logs.write_raw(site.settings, await self._delivered())
        return site

    async def _delivered(self) -> Sequence[logs.Raw]:
        """Return that log's records in the order in which the street's facts are delivered, as offices do it.

        A backlog is read in the order in which it was recorded: written topic by topic, four years of
        payments would be in it before the enrolments that they rest on.
        """
        source = await self.log()
        records = await logs.read_raw(source.settings, tuple(self.facts.by_context))
        expect("records to copy", len(records), len(self.facts))
        place = self.facts.place
        return sorted(records, key=lambda raw: place[raw.event_id])

    async def detection(self) -> None:
        """Live detection, by one worker and by two, against what others would write."""
        site = await self.copied("detect")
        one, opened = await detection.live(self.ground, site, self.facts)
        self.add(one)
        self._detected = site
        two, again = await detection.live(self.ground, await self.copied("detect-two"), self.facts, 2)
        self.add(two)
        expect("anomalies that one worker found and two did not, or the reverse", len(opened ^ again), 0)
        alike, _ = await detection.live(
            self.ground, await self.copied("detect-alike"), self.facts, rules=(ALIKE,)
        )
        self.add(alike)
        await self.attempt("detection", lambda: self.baselines(alike))
        if self.rules:
            some, _ = await detection.live(
                self.ground, await self.copied("detect-some"), self.facts, rules=self.rules
            )
            self.add(some)
        await self.profiled(
            "detection", lambda site, file: detection.live(self.ground, site, self.facts, 1, file), log=True
        )
        if self.profile:
            await self.attempt("detection", self.rule_by_rule)

    async def rule_by_rule(self) -> None:
        """What each rule costs, with a stop-watch around it: that rate is not kept."""
        self.say("detection: once more, with a stop-watch around each rule")
        records, site = await self._delivered(), await self.ground.site("detect-watched")
        closed = await detection.with_day_closed(site, LAST)
        await logs.write_raw(site.settings, records)
        file = site.files / "watch"
        measured, _ = await detection.live(
            self.ground, site, replace(self.facts, all=(closed, *self.facts.all)), watch=file
        )
        found = json.loads(await asyncio.to_thread(file.read_text, encoding="utf-8"))
        self.report.rules += stopwatch.costs(found, measured.facts)

    async def baselines(self, ours: Measure) -> None:
        """The textbook, on the log of the detection that was measured."""
        assert self._detected is not None
        self.add(*await baselines(self.ground, self._detected, ours))

    async def projector(self) -> None:
        """The projector against raw COPY."""
        site = await self.copied("project")
        measure = await projector.live(self.ground, site)
        self.add(measure, await projector.raw_copy(self.ground, site, measure))
        await self.profiled("projector", lambda site, file: projector.live(self.ground, site, file), log=True)

    async def replay_projector(self) -> None:
        """The projection, rebuilt."""
        self.add(await replay.rebuild(self.ground, await self.copied("replay-projection"), "projector"))

    async def replay_detection(self) -> None:
        """Detection, rebuilt; where live detection ran, beside it."""
        site = self._detected or await self.copied("replay-detection")
        compare = self._detected is not None
        self.add(await replay.rebuild(self.ground, site, "detection", compare=compare))

    async def backtest(self) -> None:
        """A backtest with one process, with two, and of ten drafts in one run."""
        # On the log itself, which is only read: a copy of millions of facts would be made in our memory.
        site = await (self.log() if self.facts.all else self.streets())
        self.add(*await backtest.measured(self.ground, site))

    async def streets(self) -> Site:
        """Return a site whose log has as many facts as were asked for, street by street."""
        self.say("Simulating one street after the other, and filling a log with them through HTTP intake")
        site = await self.ground.site("streets")
        mixes: list[dict[str, Any]] = []

        async def parts() -> AsyncIterator[Facts]:
            streets = by_street(self.count)
            while (facts := await asyncio.to_thread(next, streets, None)) is not None:
                yield facts
                mixes.append(facts.mix())
                self.say(f"{sum(mix['facts'] for mix in mixes):,} facts of {len(mixes)} streets")

        await intake.fill(self.ground, site, parts())
        self.report.mix = mix_of(mixes)
        return site

    async def latency(self) -> None:
        """Latencies at a steady rate."""
        records, site = await self._delivered(), await self.ground.site("latency")
        self.add(*await latency.at_steady_rate(self.ground, site, records))

    async def soak(self) -> None:
        """All processes at a steady rate; a limit that does not hold is a failure."""
        found = await soak.soaked(self.ground, self.asked, self.say)
        self.report.soak = found.document()
        self.add(found.measure())
        if found.broken:
            self.report.failures.append(Failure("soak", found.sentence()))

    async def profiled(
        self, stage: str, work: Callable[[Site, Path], Awaitable[object]], *, log: bool = False
    ) -> None:
        """Do a stage once more under the profiler, which slows it down: that rate is not kept."""
        if not self.profile:
            return
        self.say(f"{stage}: once more, under the profiler")
        name = f"{stage}-profile"
        site = await self.copied(name) if log else await self.ground.site(name)
        file = site.files / "profile"
        await work(site, file)
        self.report.profile += hottest(stage, file)


def hottest(stage: str, file: Path) -> Sequence[Hot]:
    """Return the functions that took most time of their own, without what they call."""
    statistics = pstats.Stats(str(file))
    found = [
        Hot(stage, _name(*function), round(own, 3), round(total, 3), calls)
        for function, (_, calls, own, total, _) in statistics.stats.items()  # type: ignore[attr-defined]
    ]
    return sorted(found, key=lambda hot: hot.own_seconds, reverse=True)[:HOT]


def _name(file: str, line: int, function: str) -> str:
    if file == "~":
        return function
    return f"{'/'.join(Path(file).parts[-3:])}:{line} {function}"


async def run(
    stage: Stage,
    count: int,
    *,
    profile: bool,
    say: Say,
    persons: int | None = None,
    rules: Sequence[str] = (),
    kept: Path | None = None,
    asked: soak.Asked | None = None,
) -> Report:
    """Generate facts, start a stack, measure, delete it, and return what was found.

    ``rules``: detection is measured with these alone as well. ``kept``: a folder whose stack is used and left
    there, with the ledgers that it was filled with. ``asked``: what a soak is to do.

    SIGTERM ends it as Ctrl-C does: nothing stays behind.
    """
    # Clients warn of every leader that a new topic does not have yet; what matters is raised.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    bring = {*_APART, Stage.backtest} if persons is None else _APART
    facts = Facts(()) if stage in bring else await _simulated(count, persons, say)
    async with ground(say) if kept is None else ledgers.kept_ground(kept, say) as place:
        return await Run(place, count, facts, stage, profile, say, rules, asked or soak.Asked()).everything()


async def _simulated(count: int, persons: int | None, say: Say) -> Facts:
    say(f"Simulating {count:,} distinct facts" + (f" of {persons:,} persons" if persons else ""))
    facts = await asyncio.to_thread(generate, count, persons)
    mix = facts.mix()
    types = ", ".join(f"{name.split('.', 1)[1]} {found:,}" for name, found in mix["types"].items())
    say(f"{mix['persons']:,} persons, {mix['accounts']:,} accounts, {mix['bytes'] / 1e6:,.0f} MB: {types}")
    return facts

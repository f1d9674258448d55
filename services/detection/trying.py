"""Evaluating a prepared replay in processes, a range of subjects at a time, once for each trial."""

import asyncio
import gc
import multiprocessing
from collections.abc import AsyncGenerator, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from services.detection import lasting, reading
from services.detection.announce import content_of, values_of
from services.detection.evaluate import findings_of
from services.detection.facts.policy import PolicyAdopted
from services.detection.identity import Identity
from services.detection.marks import WHOLE, Scope
from services.detection.prepared import Prepared
from services.detection.reading import Circumstances
from services.detection.rules import BY_NAME, RuleSet, rules_of
from services.detection.rules.rule import Finding
from services.detection.subjects import NUMBERED, kind_of
from services.detection.subjects.subject import Bounded
from services.platform.database import connect, prepare

_RANGE = 250
"""Subjects that are evaluated together; their facts are in memory meanwhile."""

_WAITING = 6
"""Ranges that are being evaluated, or are found and not asked for yet, at most."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried: drafts of policy beside what holds, or rules with some of their clauses turned off."""

    name: str = ""
    drafts: tuple[PolicyAdopted, ...] = ()
    without: Collection[str] = ()

    def concerned(self, rules: RuleSet) -> RuleSet:
        """Return the rules that may find something else: of a draft only those that read its parameter."""
        if self.without or not self.drafts:
            return rules
        drafted = {fact.parameter for fact in self.drafts}
        return rules_of(
            rule for rule in rules.rules if not drafted.isdisjoint(one.name for one in rule.parameters)
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the facts are that are evaluated: the replay's file, and the database that it was copied from.

    ``snapshot``: PostgreSQL's name of the snapshot, which its transaction holds open; None: what is there.
    ``bound``: another limit than the declared one for facts that are read one by one.
    """

    file: Path
    url: str
    search_path: str
    snapshot: str | None = None
    bound: int | None = None


class Row(NamedTuple):
    """A finding as it is compared; what JSON keeps is its text."""

    anomaly_id: str
    title: str
    rule: str
    rule_version: int
    month: str
    household_no: str | None
    key: str
    severity: str
    params: str
    evidence: str
    evidence_count: int
    holds_since: str | None
    policy: str
    content: str


class Found(NamedTuple):
    """What trials find in a range: how many subjects it has, and by the trial's number what was found."""

    subjects: int
    rows: Sequence[tuple[int, Row]]


def kinds_of(trials: Iterable[Trial], rules: RuleSet) -> frozenset[str]:
    """Return the kinds of subject that trials evaluate."""
    return frozenset(kind for trial in trials for kind in trial.concerned(rules).of_subject)


@contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor | None]:
    """Start processes, which get ready while the facts are being copied; None, where one is enough: ours."""
    if count == 1:
        yield None
        return
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _begin)
    try:
        for _ in range(count):
            pool.submit(_begun)
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


async def evaluate(
    place: Place, trials: Sequence[Trial], rules: RuleSet, pool: ProcessPoolExecutor | None
) -> AsyncGenerator[Found]:
    """Yield what trials find in each range of subjects, in any order; each by the rules that it concerns."""
    with closing(Prepared(place.file)) as rows:
        ranges = list(rows.ranges(kinds_of(trials, rules), _RANGE))
    names = tuple(rule.name for rule in rules.rules)
    if pool is None:
        session = await _Session.open(place, trials, names)
        try:
            for first, end, _ in ranges:
                yield await session.found(first, end)
        finally:
            await session.close()
        return
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[Found]] = set()
    for first, end, _ in ranges:
        # No more of them than are soon done: what is found waits in memory for whoever asks.
        if len(waiting) >= _WAITING:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                yield one.result()
        waiting.add(loop.run_in_executor(pool, _found, place, trials, names, first, end))
    for following in asyncio.as_completed(waiting):
        yield await following


_runner: asyncio.Runner
_session: "_Session | None" = None


def _begin() -> None:
    global _runner
    gc.disable()  # for as long as this process lives: it makes many objects and no cycles
    _runner = asyncio.Runner()


def _begun() -> None:
    """Do nothing: whoever does it has been started."""


def _found(place: Place, trials: Sequence[Trial], names: Sequence[str], first: str, end: str) -> Found:
    global _session
    if _session is None:
        _session = _runner.run(_Session.open(place, trials, names))
    return _runner.run(_session.found(first, end))


class _Session:
    """The replay's file and a connection of one process, and what holds in each trial."""

    def __init__(
        self, place: Place, trials: Sequence[Trial], rules: RuleSet, connection: asyncpg.Connection
    ) -> None:
        self._trials = trials
        self._rules = [trial.concerned(rules) for trial in trials]
        self._connection = connection
        self._rows = Prepared(place.file, self._counted)
        self._bound = place.bound
        self._known: list[Circumstances] = []

    @classmethod
    async def open(cls, place: Place, trials: Sequence[Trial], names: Sequence[str]) -> "_Session":
        rules = rules_of(BY_NAME[name] for name in names)
        settings = {"search_path": place.search_path, "application_name": "dibao backtest"}
        connection = await connect(place.url, server_settings=settings)
        await prepare(connection)
        await connection.execute("begin isolation level repeatable read read only")
        if place.snapshot is not None:
            await connection.execute(f"set transaction snapshot '{place.snapshot}'")
        session = cls(place, trials, rules, connection)
        session._known = [await reading.circumstances(connection, trial.drafts) for trial in trials]
        return session

    async def close(self) -> None:
        self._rows.close()
        await self._connection.close()

    async def _counted(self, bounded: Bounded, subject: str, month: str) -> Any:
        return await self._connection.fetchrow(bounded.sql, subject, month)

    async def found(self, first: str, end: str) -> Found:
        """Evaluate the subjects of a range."""
        kind = kind_of(first)
        identity = self._known[0].identity
        scope = self._by_number_now(kind, self._rows.take(first, end), identity)
        gathered = await reading.gathered(self._rows, {kind: scope}, self._known[0], self._bound)
        rows = [
            (number, _row(finding))
            for number, (trial, known, rules) in enumerate(
                zip(self._trials, self._known, self._rules, strict=True)
            )
            if kind in rules.of_subject
            for view in gathered.views(known)[kind].values()
            for finding in findings_of(rules, kind, view, WHOLE, trial.without)
        ]
        lasting.forget()
        return Found(len(scope), rows)

    def _by_number_now(self, kind: str, subjects: Sequence[str], identity: Identity) -> Scope:
        if kind not in NUMBERED or not identity.several:
            return dict.fromkeys(subjects, WHOLE)
        found = {}
        for subject in subjects:
            # Of one with several numbers the first that has facts stands for all of them, in its range.
            others = identity.all(subject)
            if len(others) < 2 or subject == next(name for name in sorted(others) if self._rows.has(name)):
                found[identity.now(subject)] = WHOLE
        return found


def _row(finding: Finding) -> Row:
    title = BY_NAME[finding.rule].title
    return Row._make((str(finding.anomaly_id), title, *values_of(finding), content_of(finding)))

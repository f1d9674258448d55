"""Whether a deployment that took in facts for a while stood still otherwise: memory, lag, and tables.

Every limit is declared here. What a run does at its beginning, when caches fill, is not looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import linear_regression

WARM_UP = 0.25
"""The share of the time after which memory, lag and tables are looked at."""

REACHED = 0.98
"""The share of the facts asked for that must have been taken in, in time."""

MEMORY_SHARE, MEMORY_BYTES = 0.10, 16 * 2**20
"""By which share or how many bytes, whichever is more, a process's memory may grow after the warm-up."""

LAG_SECONDS = 10.0
"""How far detection and projector may be behind at any sample, in seconds of the rate asked for."""

LAG_GROWTH_SECONDS = 5.0
"""By how much that may grow from the warm-up to the end, in the same seconds."""

OUTBOX_SECONDS = 10.0
"""How long an announcement may wait to be published."""

ROW_GROWTH = 1.25
"""By what the bytes of a table and its indexes for each live row may be multiplied since the warm-up."""

FEW_ROWS, FEW_ROWS_BYTES = 10_000, 64 * 2**20
"""A table with fewer live rows is a queue, and may take so many bytes, however many rows went through."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its indexes: live and dead rows as PostgreSQL counts them, and bytes on the disk."""

    live: int
    dead: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A moment of a run, ``at`` seconds after it began.

    ``taken``: facts acknowledged so far; ``pss`` and ``rss``: bytes by process, its children with it (of RSS
    what they share counts again for each); ``lag``: records of the log not yet read, by pipeline;
    ``outbox_seconds``: how long the oldest announcement waits; ``kafka``, ``database``, ``journal``: bytes on
    the disk.
    """

    at: float
    taken: int
    pss: Mapping[str, int]
    rss: Mapping[str, int]
    lag: Mapping[str, int]
    outbox_seconds: float
    tables: Mapping[str, Table]
    kafka: int
    database: int
    journal: int


def after_warm_up(samples: Sequence[Sample], seconds: float) -> Sequence[Sample]:
    """Return the samples that are looked at, of a run that was to last so many seconds."""
    return [sample for sample in samples if sample.at >= seconds * WARM_UP]


def growth(at: Sequence[float], values: Sequence[float]) -> float:
    """Return by how much a straight line through the values rises from the first moment to the last."""
    if len(at) < 2 or at[-1] == at[0]:
        return 0.0
    return linear_regression(at, values).slope * (at[-1] - at[0])


def broken(samples: Sequence[Sample], *, rate: float, seconds: float, servers: Sequence[str]) -> list[str]:
    """Say in sentences which limits a run has broken; none where all of them hold.

    ``rate`` facts a second were asked for, for so many ``seconds``. The memory of ``servers``, which fill
    their caches for as long as there is data, is not held to a limit.
    """
    looked_at = after_warm_up(samples, seconds)
    if len(looked_at) < 3:
        return [f"{len(looked_at)} samples after the warm-up tell nothing: at least 3 are needed"]
    return [
        *_rate(samples[-1], rate, seconds),
        *_memory(looked_at, servers),
        *_lag(looked_at, rate),
        *_tables(looked_at),
    ]


def _rate(last: Sample, rate: float, seconds: float) -> Iterator[str]:
    reached = last.taken / max(last.at, seconds)
    if reached < rate * REACHED:
        yield f"{reached:,.0f} facts/s were reached, of {rate:,.0f} asked for"


def _memory(samples: Sequence[Sample], servers: Sequence[str]) -> Iterator[str]:
    at = [sample.at for sample in samples]
    for name in samples[0].pss:
        if name in servers:
            continue
        held = [float(sample.pss.get(name, 0)) for sample in samples]
        grown = growth(at, held)
        if grown > max(MEMORY_BYTES, held[0] * MEMORY_SHARE):
            yield (
                f"the memory of {name} grew by {grown / 2**20:,.0f} MB in {at[-1] - at[0]:,.0f} s, "
                f"from {held[0] / 2**20:,.0f} MB"
            )


def _lag(samples: Sequence[Sample], rate: float) -> Iterator[str]:
    at = [sample.at for sample in samples]
    for pipeline in samples[0].lag:
        behind = [sample.lag[pipeline] / rate for sample in samples]
        if max(behind) > LAG_SECONDS:
            yield f"{pipeline} was up to {max(behind):,.1f} s of facts behind"
        elif (grown := growth(at, behind)) > LAG_GROWTH_SECONDS:
            yield f"{pipeline} fell {grown:,.1f} s of facts further behind"
    waited = max(sample.outbox_seconds for sample in samples)
    if waited > OUTBOX_SECONDS:
        yield f"an announcement waited {waited:,.1f} s in the outbox"


def _tables(samples: Sequence[Sample]) -> Iterator[str]:
    first, last = samples[0], samples[-1]
    for name, table in last.tables.items():
        before = first.tables.get(name)
        if before is None or before.live < FEW_ROWS:
            if table.live < FEW_ROWS and table.size > FEW_ROWS_BYTES:
                yield f"{name} takes {table.size / 2**20:,.0f} MB for {table.live:,} live rows"
            continue
        then, now = before.size / before.live, table.size / max(table.live, 1)
        if now > then * ROW_GROWTH:
            yield f"{name} takes {now:,.0f} bytes a live row, and took {then:,.0f}"

"""What a run found: one row a measurement, and what could not be measured."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from deploy.bench.usage import Usage


@dataclass(frozen=True, slots=True)
class Measure:
    """One measurement. ``facts`` over ``seconds`` is the rate; CPU seconds are per 100,000 facts.

    ``ratio``: of which rate to which, ``against`` says; latencies in ms: p50, p95, p99. ``peak_memory_mb``:
    the most that one of our processes has held.
    """

    stage: str
    what: str
    facts: int
    seconds: float
    usage: Usage | None = None
    ratio: float | None = None
    against: str = ""
    latency_ms: tuple[float, float, float] | None = None
    peak_memory_mb: int | None = None
    note: str = ""

    @property
    def rate(self) -> float:
        """Facts a second."""
        return self.facts / self.seconds if self.seconds > 0 else 0.0

    def ratio_of(self, other: "Measure", against: str) -> "Measure":
        """Return this measurement, with another's rate as a multiple of its own."""
        return replace(self, ratio=round(other.rate / self.rate, 2), against=against)

    def row(self) -> dict[str, Any]:
        """Return the measurement as it is printed."""
        p50, p95, p99 = self.latency_ms or (None, None, None)
        cpu = self.usage.per_facts(self.facts) if self.usage is not None else {}
        return {
            "stage": self.stage,
            "what": self.what,
            "facts": self.facts,
            "seconds": round(self.seconds, 2),
            "facts_per_second": round(self.rate),
            "ratio": self.ratio,
            "against": self.against,
            "p50_ms": p50,
            "p95_ms": p95,
            "p99_ms": p99,
            "cpu_kafka": cpu.get("kafka"),
            "cpu_postgres": cpu.get("postgres"),
            "cpu_ours": cpu.get("ours"),
            "peak_memory_mb": self.peak_memory_mb,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Hot:
    """One function of a profile: its own seconds, the same with what it calls, and its calls."""

    stage: str
    function: str
    own_seconds: float
    total_seconds: float
    calls: int


@dataclass(frozen=True, slots=True)
class RuleCost:
    """What a rule took of detection's CPU (``seconds``), and in how many looks, per 100,000 facts."""

    rule: str
    looks: int
    cleared: int
    found: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A stage that could not be measured, and why."""

    stage: str
    reason: str


@dataclass
class Report:
    """A whole run."""

    machine: dict[str, Any] = field(default_factory=dict)
    mix: dict[str, Any] = field(default_factory=dict)
    measures: list[Measure] = field(default_factory=list)
    profile: list[Hot] = field(default_factory=list)
    rules: list[RuleCost] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    soak: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the run as JSON values."""
        return {
            "machine": self.machine,
            "mix": self.mix,
            "measures": [measure.row() for measure in self.measures],
            "profile": [asdict(hot) for hot in self.profile],
            "rules": [asdict(cost) for cost in self.rules],
            "failures": [asdict(failure) for failure in self.failures],
            "soak": self.soak,
        }


class LostFactsError(Exception):
    """Counts in are not counts out: whatever the rate was, it means nothing."""


def expect(what: str, found: int, wanted: int) -> None:
    """Raise LostFactsError unless two counts are equal."""
    if found != wanted:
        raise LostFactsError(f"{what}: {found} found, {wanted} expected")

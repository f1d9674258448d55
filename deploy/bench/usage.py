"""CPU seconds of the servers and of our own processes, and memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds (user and system) of Kafka, PostgreSQL and our processes."""

    kafka: float
    postgres: float
    ours: float

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(self.kafka - other.kafka, self.postgres - other.postgres, self.ours - other.ours)

    def per_facts(self, facts: int, unit: int = 100_000) -> dict[str, float]:
        """Return CPU seconds per ``unit`` facts."""
        scale = unit / max(1, facts)
        return {
            "kafka": round(self.kafka * scale, 2),
            "postgres": round(self.postgres * scale, 2),
            "ours": round(self.ours * scale, 2),
        }


def cpu_seconds(pid: int) -> float:
    """Return what a process and its children have used, those that have ended included; 0 if it is gone."""
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        total = float(times.user + times.system + times.children_user + times.children_system)
        children = process.children(recursive=True)
    except psutil.Error:
        return 0.0
    for child in children:
        try:
            times = child.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def cpu_of(pids: Iterable[int]) -> float:
    """Return what several processes have used."""
    return sum(cpu_seconds(pid) for pid in pids)


def peak_memory(pid: int) -> int:
    """Return the most bytes that a process has held in memory; those of now where nothing tells more."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0

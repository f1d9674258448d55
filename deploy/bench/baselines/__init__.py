"""What others would write first, each a process of its own: one rule, one table, on the same log.

The rule: more than ``LIMIT_FEN`` was paid to a household for a month. It needs the sum so far of each
household and month, and no other topic, no voids, no late facts: the least that a rule on payments can be.
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIMIT_FEN = 150_000
"""1,500 元 a month: a part of the simulated households has more."""

PAID = "dibao.payments.paid.v1"


def over_limit(before: int, amount: int) -> bool:
    """Whether this payment is the one that exceeds the limit."""
    return before <= LIMIT_FEN < before + amount


@dataclass
class Watch:
    """Counts what an agent processes, and writes what it measured when all is done."""

    wanted: int
    file: Path
    began: float | None = None
    count: int = 0
    findings: int = 0
    _cpu: float = field(default=0.0)

    def one(self, found: bool) -> bool:
        """Count an event; true when it was the last one."""
        self.count += 1
        self.findings += found
        return self.count == self.wanted

    def begin(self) -> None:
        """Start with the first event, before it is processed."""
        if self.began is None:
            self.began, self._cpu = time.monotonic(), time.process_time()

    def end(self) -> None:
        """Write the result."""
        assert self.began is not None
        found: dict[str, Any] = {
            "seconds": time.monotonic() - self.began,
            "cpu": time.process_time() - self._cpu,
            "count": self.count,
            "findings": self.findings,
        }
        draft = self.file.with_suffix(".draft")
        draft.write_text(json.dumps(found), encoding="utf-8")
        draft.replace(self.file)

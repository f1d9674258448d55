"""The facts that upstream systems send: structured CloudEvents with readable data (contract.md)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

Event = dict[str, Any]


@dataclass
class Serials:
    """Business serials (流水号): the prefix makes them unique in a deployment, not only in the street."""

    prefix: str
    _next: Counter[str] = field(default_factory=Counter)

    def take(self, series: str, width: int = 6) -> str:
        """The next number of a series, such as ``LZ000123``."""
        return f"{self.prefix}{self.count(series):0{width}d}"

    def count(self, series: str) -> int:
        """The next plain number of a series, from 1."""
        self._next[series] += 1
        return self._next[series]

    def event_id(self, kind: str, source: str, day: date) -> str:
        """The id of the next event of a source; ``kind`` are the letters that its office begins with."""
        return f"{kind}{self.prefix}{day:%Y%m}-{self.count(source):06d}"


_ENCODER = msgspec.json.Encoder()


def line(event: Event) -> bytes:
    """One structured CloudEvent as a line of NDJSON, without the line's end."""
    return _ENCODER.encode(event)

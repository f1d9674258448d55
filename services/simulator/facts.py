"""The facts that upstream systems send: structured CloudEvents with readable data (contract.md)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

Event = dict[str, Any]


class Serials:
    """Business serials (流水号): the prefix makes them unique in a deployment, not only in the street."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._last: dict[str, int] = {}
        self._stems: dict[tuple[str, date], str] = {}

    def take(self, series: str, width: int = 6) -> str:
        """The next number of a series, such as ``LZ000123``."""
        return self._prefix + self._next(series, width)

    def event_id(self, kind: str, source: str, day: date) -> str:
        """The id of the next event of a source; ``kind`` are the letters that its office begins with."""
        stem = self._stems.get((kind, day))
        if stem is None:
            stem = self._stems[kind, day] = f"{kind}{self._prefix}{day:%Y%m}-"
        return stem + self._next(source, 6)

    def _next(self, series: str, width: int) -> str:
        number = self._last[series] = self._last.get(series, 0) + 1
        return str(number).zfill(width)


_ENCODER = msgspec.json.Encoder()


def line(event: Event) -> bytes:
    """One structured CloudEvent as a line of NDJSON, without the line's end."""
    return _ENCODER.encode(event)


def lines(records: Iterable[dict[str, Any]]) -> bytes:
    """Events, or labels, as NDJSON."""
    return _ENCODER.encode_lines(records)

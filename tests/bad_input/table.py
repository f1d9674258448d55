"""What an entry of the table is: an input, the ways that it is sent by, and the exact answer to each."""

import copy
import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from services.intake.answers import Status


class Way(StrEnum):
    """A way into dibao."""

    SINGLE = "HTTP, one event"
    ARRAY = "HTTP, a JSON array"
    LINES = "HTTP, NDJSON"
    NDJSON = "a file .ndjson"
    CSV = "a file .csv"
    XLSX = "a file .xlsx"
    KAFKA = "the intake topic"


SINGLE, ARRAY, LINES, NDJSON, CSV, XLSX, KAFKA = Way

EVENT_WAYS = (SINGLE, ARRAY, LINES, NDJSON, KAFKA)
"""The ways of events."""
ROW_WAYS = (CSV, XLSX)
"""The ways of rows."""
HTTP_WAYS = (SINGLE, ARRAY, LINES)
FILE_WAYS = (NDJSON, CSV, XLSX)

Change = Callable[[dict[str, Any]], object]
"""Makes a good event a bad one."""
Encoded = Callable[[bytes], bytes]
"""Makes the bytes of a good event bad ones."""
NO_VALUE = b"a record without a value"
"""Stands for none at all, which only Kafka has."""
Reasons: TypeAlias = Mapping[Way, str]


@dataclass(frozen=True)
class Event:
    """An event that is wrong, for every way of events; ``field`` and ``expected`` are its answer.

    ``also``: what else is wrong with it, as all is told at once.

    ``forbidden``: it is another's to state (403, dead letter of class Forbidden). ``named``: whether the
    answer repeats its id, as it does where the envelope could be read. ``key`` names who sends it.
    """

    type: str
    wrong: Change | None
    field: str
    expected: str
    encoded: Encoded | None = None
    forbidden: bool = False
    named: bool = True
    key: str = "office"
    ways: tuple[Way, ...] = EVENT_WAYS
    also: tuple[tuple[str, str], ...] = ()

    @property
    def faults(self) -> list[tuple[str, str]]:
        """All that is wrong: fields, and what was expected there."""
        return [(self.field, self.expected), *self.also]

    def raw(self, good: dict[str, Any]) -> bytes:
        """Return the bytes of the bad event that is made of a good one."""
        event = copy.deepcopy(good)
        if self.wrong is not None:
            self.wrong(event)
        raw = json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return self.encoded(raw) if self.encoded is not None else raw


@dataclass(frozen=True)
class Row:
    """A row (or the rows of one fact) that is wrong, for every way of rows.

    ``rows`` are the cells that differ from those of a good row, by header. ``column``, ``masked`` and
    ``expected`` are what is reported of the row ``at``; ``also`` what else is, each with the row that it is
    reported of.
    """

    type: str
    rows: tuple[Mapping[str, Any], ...]
    column: str
    masked: str
    expected: str
    at: int = 0
    key: str = "office"
    also: tuple[tuple[int, str, str, str], ...] = ()

    @property
    def faults(self) -> list[tuple[int, str, str, str]]:
        """All that is reported: of which row, the column, the masked value, what was expected."""
        return [(self.at, self.column, self.masked, self.expected), *self.also]


@dataclass(frozen=True)
class Request:
    """A request that is refused as a whole (or not at all), and its exact answer.

    ``body`` may be made of the bytes of good events. ``answer`` is the whole JSON answer, where it is not the
    usual one. ``accepts``: how many of the good events go in.
    """

    way: Way
    status: int
    field: str = ""
    expected: str = ""
    body: bytes | Callable[[list[bytes]], bytes] = b""
    content_type: str | None = "application/json"
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    method: str = "POST"
    path: str = "/events"
    context: str = "payments"
    key: str = "office"
    answer: Any = None
    accepts: int = 0
    chunked: bool = False


@dataclass(frozen=True)
class Upload:
    """A file that is refused as a whole: its bytes, or how they are made of good rows (header first).

    ``counts``: lines, accepted, repeated, rejected, set aside, where there is a receipt.
    """

    way: Way
    expected: str
    content: bytes | Callable[[list[list[Any]]], bytes]
    type: str = "dibao.payments.paid.v1"
    name: str = ""
    status: int = 422
    field: str = "file"
    fields: Mapping[str, str] = dataclasses.field(default_factory=dict)
    counts: tuple[int, int, int, int, int] | None = None
    rejects: tuple[tuple[int, str, str, str], ...] = ()


@dataclass(frozen=True)
class Step:
    """One delivery by one way, of versions of one fact: ``told`` for each; nobody is told on Kafka.

    ``type`` where it is another than that of the steps.
    """

    way: Way
    told: tuple[Status, ...]
    changes: tuple[Change | Mapping[str, Any] | None, ...] = (None,)
    type: str = ""


@dataclass(frozen=True)
class Steps:
    """Deliveries one after the other under one id, after which so many versions stand on the log."""

    versions: int
    steps: tuple[Step, ...]
    type: str = "dibao.payments.paid.v1"


Statement: TypeAlias = Event | Row | Request | Upload | Steps


@dataclass(frozen=True)
class Input:
    """Something wrong. ``not_by`` says why it does not come by the other ways."""

    name: str
    statements: tuple[Statement, ...]
    not_by: Reasons = dataclasses.field(default_factory=dict)

    @property
    def ways(self) -> frozenset[Way]:
        """The ways that it is sent by."""
        found: set[Way] = set()
        for statement in self.statements:
            found.update(ways_of(statement, self.not_by))
        return frozenset(found)


@dataclass(frozen=True)
class InputClass:
    """A class of bad input."""

    name: str
    inputs: tuple[Input, ...]


def ways_of(statement: Statement, not_by: Reasons) -> tuple[Way, ...]:
    """Return the ways by which a statement of an input is sent."""
    match statement:
        case Event():
            return tuple(way for way in statement.ways if way not in not_by)
        case Row():
            return tuple(way for way in ROW_WAYS if way not in not_by)
        case Steps():
            return tuple(step.way for step in statement.steps)
        case _:
            return (statement.way,)


def given(name: str, *statements: Statement, not_by: Reasons | None = None) -> Input:
    """Return an input."""
    return Input(name, statements, not_by or {})


def event(short: str, wrong: Change | None, where: str, expected: str, **more: Any) -> Event:
    """Return a bad event of the type ``dibao.<short>.v1``."""
    return Event(f"dibao.{short}.v1", wrong, where, expected, **more)


def row(
    short: str,
    cells: Mapping[str, Any] | Iterable[Mapping[str, Any]],
    column: str,
    masked: str,
    expected: str,
    **more: Any,
) -> Row:
    """Return a bad row of the form of ``dibao.<short>.v1``, or rows that belong together."""
    rows = (cells,) if isinstance(cells, Mapping) else tuple(cells)
    return Row(f"dibao.{short}.v1", rows, column, masked, expected, **more)


def put(path: str, value: Any) -> Change:
    """Return the change that puts a value at a path (``data.account.number``)."""

    def change(event: dict[str, Any]) -> None:
        place, name = _place(event, path)
        place[name] = value

    return change


def drop(path: str) -> Change:
    """Return the change that leaves out what stands at a path."""

    def change(event: dict[str, Any]) -> None:
        place, name = _place(event, path)
        del place[name]

    return change


def both(*changes: Change) -> Change:
    """Return the changes one after the other."""

    def change(event: dict[str, Any]) -> None:
        for each in changes:
            each(event)

    return change


def _place(event: dict[str, Any], path: str) -> tuple[Any, Any]:
    *parents, name = path.split(".")
    place: Any = event
    for parent in parents:
        place = place[int(parent)] if parent.isdigit() else place[parent]
    return place, int(name) if isinstance(place, list) else name


def except_by(reason: str, *ways: Way) -> dict[Way, str]:
    """Return one reason why something does not come by ways."""
    return dict.fromkeys(ways, reason)


NO_ROW = except_by("a row says this in no cell: intake makes the envelope of a row", *ROW_WAYS)
NO_EVENT = except_by("JSON has no such thing: a cell of a file has it", *EVENT_WAYS)
NO_CSV = except_by("a csv file has text only", CSV)

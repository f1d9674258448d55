"""From what rows say to the facts that they state, and where in the file stands what is wrong with them."""

import hmac
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
import orjson

from events.catalogue import BY_TYPE
from services.intake.answers import Fault, Rejection, fault_of_ours
from services.intake.cells import text_of
from services.intake.envelope import Envelope, build_fact
from services.intake.forms import Column, Form
from services.intake.horizon import Horizon
from services.intake.masks import mask
from services.intake.numbers import number_of_values
from services.intake.receipts import Remark
from services.intake.rows import Entry, FaultOfRow
from services.intake.sentences import say
from services.intake.sources import Source
from services.intake.tables import Row, Table
from services.intake.workbook import Cell
from services.platform.protection import ReadableFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Who hands over a file, and as what: ``batch`` is the declared batch number, if any."""

    caller: Source
    source: str
    context: str
    horizon: Horizon
    batch: str | None
    correlation_id: str


class Sought(msgspec.Struct, frozen=True):
    """A void whose fact has to be found first: by its serial or its number, or as the equal row of a batch.

    ``named``: the row says the serial. ``build`` makes the void of a serial, or of one version of its fact;
    ``repeated`` the fact that the row would state if it were not 作废: it may be one of several versions.
    """

    number: UUID | None
    serial: str | None
    named: bool
    build: Callable[[str, str | None], ReadableFact | Rejection]
    repeated: Callable[[str], ReadableFact | Rejection]


class Stated(msgspec.Struct, frozen=True):
    """What one row, or several rows that belong together, state: a fact, or why there is none.

    ``report`` says where a fault of it stands. ``doubts`` are what looks wrong in cells that were read.
    """

    numbers: tuple[int, ...]
    fact: ReadableFact | Rejection | Sought
    report: Callable[["Stated", Fault], Remark]
    named: Callable[[str], str]
    rows: tuple[Row, ...] = ()
    doubts: tuple[Fault, ...] = ()


class Head(msgspec.Struct, frozen=True):
    """Which columns of a form a file has, in their order, and what stands above each."""

    form: Form
    fields: tuple[str, ...]
    headers: tuple[str, ...]

    @classmethod
    def of(cls, table: Table) -> "Head":
        """Return the head of a table."""
        return cls(table.form, tuple(column.field for column in table.columns), table.headers)


class Statements:
    """States the facts of a file's entries, in order.

    ``key`` makes the ids of rows without a serial unguessable.
    """

    def __init__(self, head: Head, delivery: Delivery, key: bytes) -> None:
        self._form = head.form
        self._headers = head.headers
        self._delivery = delivery
        self._key = key
        self._place = {field: place for place, field in enumerate(head.fields)}
        self._of_items = [place for place, field in enumerate(head.fields) if field.startswith("*")]
        self._ordinals: Counter[bytes] = Counter()
        self._first: dict[bytes, int] = {}
        self._items: tuple[Stated | None, list[list[Row]]] = (None, [])

    def state(self, entry: Entry) -> Stated:
        """Return what an entry states."""
        fact: ReadableFact | Rejection | Sought
        doubts = entry.doubts
        if entry.faults:
            fact = Rejection(entry.faults)
        else:
            try:
                fact, told_again = self._fact(entry)
                doubts = (*told_again, *doubts)
            except Exception as error:
                fact = fault_of_ours(error)
        return Stated(entry.numbers, fact, self.report, self.named, entry.rows, doubts)

    def _fact(self, entry: Entry) -> tuple[ReadableFact | Rejection | Sought, tuple[Fault, ...]]:
        data = orjson.loads(entry.data)
        batch = self._delivery.batch or data.get("batch_no")
        if entry.void is not None:
            return self._void(entry, data, batch), ()
        serial, doubts = (entry.serial, ()) if entry.serial is not None else self._serial(str(batch), entry)
        dated = data.get(self._form.time_field)
        return self._build(self._form.type, serial, entry.data, entry.time, dated), doubts

    def report(self, stated: Stated, fault: Fault) -> Remark:
        """Return where a fault stands, the masked value, and what is to be said of it."""
        field = fault.field.removeprefix("data.")
        row = stated.rows[fault.at] if isinstance(fault, FaultOfRow) else self._row_of(stated, field)
        column = self._column_of(field, row)
        value = text_of(self._cell(row, column.field)) if column else ""
        header = self._header(column) if column else ""
        place = f"第{row.number}行" + _quoted(header)
        reason = f"{place}：{fault.sentence.chinese}"
        if len(stated.rows) > 1:
            reason += f"（第{_numbers(stated.numbers)}行为同一事项，一并处理）"
        return Remark(
            row=row.number,
            column=header or "整行",
            masked=mask(value),
            code=fault.sentence.code,
            reason=reason,
            expected=fault.sentence.english,
        )

    def named(self, field: str) -> str:
        """Return how a field is called in the file: by the header of its column."""
        column = self._column_of(field, Row(0))
        return self._header(column) if column else field

    def _header(self, column: Column) -> str:
        place = self._place.get(column.field)
        return column.header if place is None else self._headers[place]

    def _cell(self, row: Row, field: str) -> Cell:
        place = self._place.get(field)
        return row.cells[place] if place is not None and row.cells else None

    def _serial(self, batch: str, entry: Entry) -> tuple[str, tuple[Fault, ...]]:
        content = self._content(entry.data)
        # Among equal rows: two equal payments in one batch are two facts, and the same file again is none.
        ordinal = self._ordinals[content]
        self._ordinals[content] += 1
        doubts: tuple[Fault, ...] = ()
        if ordinal:
            doubts = (FaultOfRow("", say("row-told-twice", row=self._first[content]), 0),)
        else:
            self._first[content] = entry.numbers[0]
        return self._derived(batch, content, ordinal), doubts

    def _content(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, sha256)

    def _derived(self, batch: str, content: bytes, ordinal: int) -> str:
        name = f"{self._delivery.source}\n{batch}\n{content.hex()}\n{ordinal}"
        return str(uuid5(NAMESPACE_URL, name))

    def _void(
        self, entry: Entry, data: dict[str, Any], batch: str | None
    ) -> ReadableFact | Rejection | Sought:
        def build(found: str, digest: str | None) -> ReadableFact | Rejection:
            return self._undo(data, found, digest, entry)

        def repeated(found: str) -> ReadableFact | Rejection:
            dated = data.get(self._form.time_field)
            return self._build(self._form.type, found, entry.data, entry.time, dated)

        if entry.serial is not None:
            # It is judged as it stands before anything is looked for.
            alone = build(entry.serial, None)
            return (
                alone if isinstance(alone, Rejection) else Sought(None, entry.serial, True, build, repeated)
            )
        number = number_of_values(self._form.entry, data)
        derived = self._derived(batch, self._content(entry.data), 0) if batch is not None else None
        if number is None and derived is None:
            return Rejection((FaultOfRow("id", say("void-serial"), 0),))
        return Sought(number, derived, False, build, repeated)

    def _undo(
        self, data: dict[str, Any], serial: str, digest: str | None, entry: Entry
    ) -> ReadableFact | Rejection:
        voided = BY_TYPE[f"dibao.{self._delivery.context}.voided.v1"]
        known = voided.readable.model_fields
        body = {name: value for name, value in data.items() if name in known}
        if "members" in known and (persons := _persons(data)):
            body["members"] = persons
        else:
            body.pop("members", None)
        body |= {
            "source": self._delivery.source,
            "id": serial,
            "type": self._form.type,
            "reason": entry.void,
        }
        if digest is not None:
            body["digest"] = digest
        # Two voids of one fact with different reasons are two facts: neither is a conflict of the other.
        content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        mark = self._content(content).hex()[:12]
        dated = data.get(self._form.time_field)
        found = self._build(voided.name, f"{serial}#void-{mark}", content, entry.time, dated)
        if isinstance(found, Rejection):
            # The reason for the void, and none that the form has.
            return _renamed(found, "data.reason", "void_reason")
        return found

    def _build(
        self, event_type: str, serial: str, data: bytes, stated: Any, dated: Any
    ) -> ReadableFact | Rejection:
        time = stated or dated
        if time is None:
            return Rejection((FaultOfRow(self._form.time_field, say("value-required"), 0),))
        delivery = self._delivery
        envelope = Envelope(
            specversion="1.0",
            id=serial,
            source=delivery.source,
            type=event_type,
            time=_instant(time),
            data=msgspec.Raw(data),
        )
        return build_fact(
            envelope,
            caller=delivery.caller,
            context=delivery.context,
            horizon=delivery.horizon,
            correlation_id=delivery.correlation_id,
            dated=stated is None,
        )

    def _row_of(self, stated: Stated, field: str) -> Row:
        # data.members.2.person.id_number: the third of the rows that state an item of the list.
        items, *below = field.split(".")
        numbers = [int(part) for part in below if part.isdigit()]
        if items != self._form.items or not numbers:
            return stated.rows[0]
        rows = self._rows_of_items(stated)[numbers[0]]
        return rows[numbers[1] if len(numbers) > 1 and len(rows) > numbers[1] else 0]

    def _rows_of_items(self, stated: Stated) -> list[list[Row]]:
        if self._items[0] is not stated:  # it is asked for at every fault
            found: dict[object, list[Row]] = {}
            for at, row in enumerate(stated.rows):
                if any(row.cells[place] is not None for place in self._of_items):
                    same = text_of(self._cell(row, f"*.{self._form.merge_by}")) if self._form.merge_by else at
                    found.setdefault(same, []).append(row)
            self._items = stated, list(found.values())
        return self._items[1]

    def _column_of(self, field: str, row: Row) -> Column | None:
        parts = field.split(".")
        if len(parts) > 1 and parts[1].isdigit() and field not in self._form.by_field:
            # An item of a cell's list, or of the list that the rows fill.
            column = self._form.by_field.get(parts[0])
            if column is not None and column.many:
                return column
            parts = ["*", *("*" if part.isdigit() else part for part in parts[2:])]
            field = ".".join(parts)
        if field in self._form.by_field:
            return self._form.by_field[field]
        if field == self._form.items:
            field = "*"
        below = [column for column in self._form.columns if column.field.startswith(field + ".")]
        # Of a person it is the number that matters, and that the cell has which is not empty.
        below.sort(
            key=lambda column: (not column.field.endswith("id_number"), self._cell(row, column.field) is None)
        )
        return below[0] if below else None


def _renamed(rejection: Rejection, field: str, other: str) -> Rejection:
    """Return a rejection whose faults of one field are said of another."""
    faults = (Fault(other, fault.sentence) if fault.field == field else fault for fault in rejection.faults)
    return Rejection(tuple(faults), rejection.forbidden, rejection.serial)


def _quoted(header: str) -> str:
    # What a mapping says beside the columns of a file has its own marks: 常量“救助类别”.
    return header if not header or header.endswith("”") else f"“{header}”"


def _numbers(numbers: Sequence[int]) -> str:
    shown = "、".join(map(str, numbers[:6]))
    return shown if len(numbers) <= 6 else f"{shown}等"


@lru_cache(10_000)  # the days of a file are few
def _instant(stated: str | int) -> datetime:
    # A day begins, and so does a month or a year, at midnight in Asia/Shanghai; an instant says its zone.
    dated = str(stated)
    if len(dated) == 4:
        dated += "-01"
    if len(dated) == 7:
        dated += "-01"
    return datetime.fromisoformat(dated if len(dated) > 10 else f"{dated}T00:00:00+08:00")


def _persons(data: dict[str, Any]) -> Sequence[dict[str, Any]]:
    items = [item for name in ("members", "components", "added", "removed") for item in data.get(name, ())]
    return [item.get("person", item) for item in items]

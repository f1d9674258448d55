"""From the rows of a form to facts, or to the row, the column and the reason."""

import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
import orjson

from events.catalogue import BY_TYPE
from services.platform.intake.answers import Rejection, fault
from services.platform.intake.cells import CellError, mask, read_cell, text_of
from services.platform.intake.envelope import build_fact
from services.platform.intake.forms import Column
from services.platform.intake.horizon import Horizon
from services.platform.intake.receipts import Reject
from services.platform.intake.sources import Source
from services.platform.intake.tables import Row, Table
from services.platform.intake.workbook import Cell
from services.platform.protection import ReadableFact

_NO = {"否", "0", "n", "no", "false"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who hands over a file, and as what: ``batch`` is the declared batch number, if any."""

    caller: Source
    source: str
    context: str
    horizon: Horizon
    batch: str | None
    correlation_id: str


class Stated(msgspec.Struct, frozen=True):
    """What one row, or several rows that belong together, state: a fact, or why there is none."""

    numbers: tuple[int, ...]
    fact: ReadableFact | Rejection
    report: Callable[["Stated", Rejection], Reject]
    rows: tuple[Row, ...] = ()


class Reader:
    """Reads the rows of one table. ``key`` makes the ids of rows without a serial unguessable."""

    def __init__(self, table: Table, delivery: Delivery, key: bytes) -> None:
        self._table = table
        self._form = table.form
        self._delivery = delivery
        self._key = key
        self._place = {column.field: place for place, column in enumerate(table.columns)}
        self._required = [
            (place, column.field) for place, column in enumerate(table.columns) if column.required
        ]
        self._of_items = [place for place, column in enumerate(table.columns) if column.field.startswith("*")]
        self._ordinals: Counter[bytes] = Counter()

    def facts(self) -> Iterator[Stated]:
        """Yield what the rows state, in order; rows of one fact together."""
        if not self._form.group_by:
            for row in self._table.rows:
                yield self._state((row,))
            return
        groups: list[list[Row]] = []
        newest: dict[tuple[str, ...], list[Row]] = {}
        for row in self._table.rows:
            if row.broken is not None:
                groups.append([row])
                continue
            serial = text_of(self._cell(row, "id"))
            key = tuple(text_of(self._cell(row, name)) for name in (*self._form.group_by, "void"))
            # The serial may stand in every row of a fact, or in its first row only.
            group = newest.get((serial, *key)) if serial else newest.get(key)
            if group is None:
                groups.append(group := [])
                newest[serial, *key] = newest[key] = group
            group.append(row)
        for group in groups:
            yield self._state(tuple(group))

    def report(self, stated: Stated, rejection: Rejection) -> Reject:
        """Return the report of a refusal: row, column, masked value, reason."""
        field = rejection.field.removeprefix("data.")
        if "@" in field:
            field, _, at = field.partition("@")
            row = stated.rows[int(at)]
        else:
            row = self._row_of(stated, field)
        column = self._column_of(field, row)
        value = text_of(self._cell(row, column.field)) if column else ""
        header = self._header(column) if column else "整行"
        return Reject(row.number, header, mask(value), f"expected {rejection.expected}")

    def _header(self, column: Column) -> str:
        place = self._place.get(column.field)
        return column.header if place is None else self._table.headers[place]

    def _cell(self, row: Row, field: str) -> Cell:
        place = self._place.get(field)
        return row.cells[place] if place is not None and row.cells else None

    def _state(self, rows: tuple[Row, ...]) -> Stated:
        numbers = tuple(row.number for row in rows)
        try:
            return Stated(numbers, self._fact(rows), self.report, rows)
        except _Bad as bad:
            return Stated(numbers, Rejection(f"{bad.field}@{bad.at}", bad.expected), self.report, rows)
        except Exception as error:
            return Stated(numbers, fault(error), self.report, rows)

    def _fact(self, rows: tuple[Row, ...]) -> ReadableFact | Rejection:
        if rows[0].broken is not None:
            raise _Bad("", 0, rows[0].broken)
        void = text_of(self._cell(rows[0], "void"))
        voided = bool(void) and void.lower() not in _NO
        data = self._data(rows, complete=not voided)
        serial = data.pop("id", None)
        data.pop("void", None)
        if serial is None and not voided:
            serial = self._serial(data)
        stated = data.pop("time", None)
        if voided:
            return self._void(data, serial, stated, void)
        return self._build(self._form.type, serial, data, stated, data.get(self._form.time_field))

    def _data(self, rows: tuple[Row, ...], *, complete: bool) -> dict[str, Any]:
        data: dict[str, Any] = {}
        first: dict[str, int] = {}
        for at, row in enumerate(rows):
            item: dict[str, Any] = {}
            for column, cell in zip(self._table.columns, row.cells, strict=True):
                if cell is None or (value := self._read(column, cell, at)) is None:
                    continue
                path = column.field
                if path.startswith("*."):
                    _put(item, path[2:], value)
                elif path not in first:
                    first[path] = at
                    _put(data, path, value)
                elif _get(data, path) != value and path != self._form.split_by:
                    raise _Bad(path, at, f"the same as in row {rows[first[path]].number}")
            if complete:
                for place, path in self._required:
                    if row.cells[place] is None and (path not in first or path.startswith("*.")):
                        raise _Bad(path, at, "a value: it is required")
            if item:
                self._add_item(data, item, row, at)
        if self._form.split_by:
            data.pop(self._form.split_by, None)
        return data

    def _read(self, column: Column, cell: Cell, at: int) -> Any:
        try:
            return read_cell(column, cell)
        except CellError as error:
            raise _Bad(column.field, at, str(error)) from None

    def _add_item(self, data: dict[str, Any], item: dict[str, Any], row: Row, at: int) -> None:
        name = self._form.items
        if self._form.split_by:
            column = self._form.by_field[self._form.split_by]
            name = self._read(column, self._cell(row, column.field), at)
            if name is None:
                raise _Bad(column.field, at, "a value: it is required")
            fields = self._form.item_fields[str(name)]
            item = {key: value for key, value in item.items() if key in fields}
        items = data.setdefault(str(name), [])
        merge_by = self._form.merge_by
        same = None
        if merge_by is not None:
            same = next((each for each in items if each.get(merge_by) == item.get(merge_by)), None)
        if same is None:
            items.append(item)
            return
        for key, value in item.items():
            if isinstance(value, list):
                same.setdefault(key, []).extend(value)
            elif same.setdefault(key, value) != value:
                raise _Bad(f"*.{key}", at, "the same as in the row before it")

    def _serial(self, data: dict[str, Any]) -> str:
        batch = self._delivery.batch or data.get("batch_no")
        if batch is None:
            raise _Bad("id", 0, "流水号, or a batch number declared with the file")
        content = hmac.digest(self._key, orjson.dumps(data, option=orjson.OPT_SORT_KEYS), sha256)
        # Among equal rows: two equal payments in one batch are two facts, and the same file again is none.
        ordinal = self._ordinals[content]
        self._ordinals[content] += 1
        name = f"{self._delivery.source}\n{batch}\n{content.hex()}\n{ordinal}"
        return str(uuid5(NAMESPACE_URL, name))

    def _void(
        self, data: dict[str, Any], serial: str | None, stated: str | None, reason: str
    ) -> ReadableFact | Rejection:
        if serial is None:
            raise _Bad("id", 0, "流水号: which fact is 作废")
        entry = BY_TYPE[f"dibao.{self._delivery.context}.voided.v1"]
        dated = data.get(self._form.time_field)
        known = entry.readable.model_fields
        body = {name: value for name, value in data.items() if name in known}
        if "members" in known and (persons := _persons(data)):
            body["members"] = persons
        else:
            body.pop("members", None)
        body |= {"source": self._delivery.source, "id": serial, "type": self._form.type, "reason": reason}
        # Two voids of one fact with different reasons are two facts: neither is a conflict of the other.
        mark = hmac.digest(self._key, orjson.dumps(body, option=orjson.OPT_SORT_KEYS), sha256).hex()[:12]
        found = self._build(entry.name, f"{serial}#void-{mark}", body, stated, dated)
        if isinstance(found, Rejection) and found.field == "data.reason":
            return replace(found, field="void")  # the reason for the void, and none that the form has
        return found

    def _build(
        self, event_type: str, serial: str, data: dict[str, Any], stated: Any, dated: Any
    ) -> ReadableFact | Rejection:
        time = stated or dated
        if time is None:
            raise _Bad(self._form.time_field, 0, "a value: it is required")
        delivery = self._delivery
        try:
            body = orjson.dumps(data)
        except orjson.JSONEncodeError:
            return Rejection("event", "text that is Unicode")
        return build_fact(
            "1.0",
            serial,
            delivery.source,
            event_type,
            _instant(time),
            body,
            delivery.caller,
            delivery.context,
            delivery.horizon,
            delivery.correlation_id,
            dated=stated is None,
        )

    def _row_of(self, stated: Stated, field: str) -> Row:
        # data.members.2.person.id_number: the third of the rows that state an item of the list.
        items, *below = field.split(".")
        numbers = [int(part) for part in below if part.isdigit()]
        if items != self._form.items or not numbers:
            return stated.rows[0]
        found: dict[object, list[Row]] = {}
        for at, row in enumerate(stated.rows):
            if any(row.cells[place] is not None for place in self._of_items):
                same = text_of(self._cell(row, f"*.{self._form.merge_by}")) if self._form.merge_by else at
                found.setdefault(same, []).append(row)
        rows = list(found.values())[numbers[0]]
        return rows[numbers[1] if len(numbers) > 1 and len(rows) > numbers[1] else 0]

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


class _Bad(Exception):  # noqa: N818 - carries a refusal to where it is reported
    def __init__(self, field: str, at: int, expected: str) -> None:
        super().__init__(expected)
        self.field = field
        self.at = at
        self.expected = expected


@lru_cache(10_000)  # the days of a file are few
def _instant(dated: str) -> datetime:
    # A day begins, and so does a month, at midnight in Asia/Shanghai; an instant says its zone.
    if len(dated) == 7:
        dated += "-01"
    return datetime.fromisoformat(dated if len(dated) > 10 else f"{dated}T00:00:00+08:00")


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    if "." not in path:
        data[path] = value
        return
    names = path.split(".")
    *parents, name = names
    for parent, below in zip(parents, names[1:], strict=True):
        if parent == "*":
            continue
        if below == "*":
            items = data.setdefault(parent, [{}])
            data = items[0]
        else:
            data = data.setdefault(parent, {})
    data[name] = value


def _get(data: dict[str, Any], path: str) -> Any:
    value: Any = data
    for name in path.split("."):
        value = value[name]
    return value


def _persons(data: dict[str, Any]) -> Sequence[dict[str, Any]]:
    items = [item for name in ("members", "components", "added", "removed") for item in data.get(name, ())]
    return [item.get("person", item) for item in items]

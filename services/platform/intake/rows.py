"""From the rows of a form to facts, or to the row, the column and everything that is wrong there."""

import hmac
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
import orjson

from events.catalogue import BY_TYPE
from events.characters import full_width_folded, has_blank, shows_all_of_a_number
from services.platform.intake.answers import Fault, Rejection, fault_of_ours
from services.platform.intake.cells import CellError, doubt_of, read_cell, says_no, text_of
from services.platform.intake.envelope import Envelope, build_fact, validated
from services.platform.intake.forms import Column
from services.platform.intake.horizon import Horizon
from services.platform.intake.masks import mask
from services.platform.intake.numbers import number_of_values
from services.platform.intake.receipts import Remark
from services.platform.intake.sentences import Sentence, say
from services.platform.intake.sources import Source
from services.platform.intake.tables import Row, Table
from services.platform.intake.workbook import Cell
from services.platform.protection import ReadableFact

_NO_REASON = "作废"
_DAY_ALONE = len("2021-06-28")
_KNOWN = 5000
_OF_A_VOID = ("void", "void_reason")


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
    """A void whose fact has to be found first: by its number, or as the equal row of the same batch."""

    number: UUID | None
    serial: str | None
    build: Callable[[str], ReadableFact | Rejection]


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


class _At(Fault, frozen=True, gc=False):
    """A fault of one of several rows."""

    at: int = 0


class _Values:
    """Reads the cells of a column. What stands there again and again is read once."""

    def __init__(self, column: Column) -> None:
        self.path = column.field
        self._column = column
        self._known: dict[str, Any] | None = None if column.many else {}

    def read(self, cell: Cell) -> Any:
        """Return the value of a cell, ``None`` where it says nothing. Raises CellError."""
        if type(cell) is not str or (known := self._known) is None:
            return read_cell(self._column, cell)
        try:
            return known[cell]
        except KeyError:
            value = read_cell(self._column, cell)
        known[cell] = value
        if len(known) == _KNOWN:
            # So many are numbers of their own: they do not come again.
            self._known = None
        return value


class _Whose(NamedTuple):
    """What tells the fact of a row from others.

    ``undone``: whether the row says that it is undone. ``readable``: whether all of ``key`` could be read.
    """

    serial: object
    key: tuple[object, ...]
    undone: bool
    readable: bool


class _Group(list[Row]):
    """Rows that belong together.

    ``serial``: whether one of them says the fact's serial. ``near``: what is wrong with a row beside one of
    them of which nobody knows whose it is.
    """

    serial: bool = False
    near: Sentence | None = None


class Reader:
    """Reads the rows of one table. ``key`` makes the ids of rows without a serial unguessable."""

    def __init__(self, table: Table, delivery: Delivery, key: bytes) -> None:
        self._table = table
        self._form = table.form
        self._delivery = delivery
        self._key = key
        self._columns = tuple(
            self._fitted(column, table.units.get(place, 1)) for place, column in enumerate(table.columns)
        )
        self._place = {column.field: place for place, column in enumerate(table.columns)}
        self._required = [
            (place, column.field) for place, column in enumerate(table.columns) if column.required
        ]
        self._of_items = [place for place, column in enumerate(table.columns) if column.field.startswith("*")]
        self._values = tuple(_Values(column) for column in self._columns)
        self._of_a_void = tuple(self._place.get(name) for name in _OF_A_VOID)
        self._dated = [
            (place, column) for place, column in enumerate(self._columns) if column.kind in ("day", "month")
        ]
        self._ordinals: Counter[bytes] = Counter()
        self._first: dict[bytes, int] = {}

    def _fitted(self, column: Column, scale: int | Decimal) -> Column:
        if column.kind in ("day", "month") and self._form.first_year > 1900:
            # Neither years that no such fact can be of, nor numbers that a spreadsheet takes for days.
            last = self._delivery.horizon.day.year + 1
            return replace(column, years=(self._form.first_year, last), epoch=self._table.epoch)
        if column.kind in ("day", "instant"):
            return replace(column, epoch=self._table.epoch)
        return column if scale == 1 else replace(column, scale=scale)

    def facts(self) -> Iterator[Stated]:
        """Yield what the rows state, in order; rows of one fact together."""
        if not self._form.group_by:
            for row in self._table.rows:
                yield self._state((row,))
            return
        for group in self._groups():
            yield self._state(tuple(group), group.near)

    def _groups(self) -> list[_Group]:
        groups: list[_Group] = []
        newest: dict[tuple[object, ...], _Group] = {}
        before: _Group | None = None
        broken: Sentence | None = None
        unkeyed: Sentence | None = None
        for row in self._table.rows:
            whose = self._whose(row)
            if isinstance(whose, Sentence):
                # The facts of the rows beside it may lack it; one that leaves it out belongs to those above.
                groups.append(_Group([row]))
                broken = whose if whose.code == "row-near-broken" else None
                if before is not None:
                    before.near = before.near or whose
                continue
            # Rows with one serial make up one fact; the serial stands in every row of it, or in one only.
            by_serial, by_key = ("serial", whose.serial, whose.undone), ("key", *whose.key, whose.undone)
            group = newest.get(by_key if whose.serial is None else by_serial)
            if group is None and whose.serial is not None:
                group = newest.get(by_key)
                group = None if group is None or group.serial else group
            if group is None:
                groups.append(group := _Group())
            if whose.serial is not None:
                group.serial = True
                newest[by_serial] = group
            if None not in whose.key:
                newest[by_key] = group
            group.append(row)
            # A row whose serial is all that could be read of it may be the first of those without one.
            group.near = group.near or broken or (unkeyed if whose.serial is None else None)
            broken = None
            unkeyed = None if whose.readable else say("row-near-broken", row=row.number)
            before = group
        _spoil(groups)
        return groups

    def _whose(self, row: Row) -> "_Whose | Sentence":
        """Return what tells the fact of a row from others; a sentence where nobody knows whose it is."""
        if not row.cells:
            return say("row-near-broken", row=row.number)
        serial, plain = self._tried(row, "id")
        serial = serial if plain else None
        key, readable = zip(*(self._tried(row, name) for name in self._form.group_by), strict=True)
        if serial is None and not all(readable):
            return say("row-near-broken", row=row.number)
        if serial is None and None in key:
            return say("row-near-unassigned", row=row.number)
        flag, reason = (self._tried(row, name)[0] for name in _OF_A_VOID)
        undone, _ = self._undone(flag, reason)
        return _Whose(serial, key, undone, all(readable))

    def _undone(self, flag: object, reason: object) -> tuple[bool, str | None]:
        """Return whether what stands under 作废 and 作废原因 undoes a fact, and the reason that is given."""
        given = reason if isinstance(reason, str) and not says_no(reason) else None
        # A table that asks for nothing but the reason says by it that the fact is undone.
        return (given is not None if "void" not in self._place else flag is True), given

    def report(self, stated: Stated, fault: Fault) -> Remark:
        """Return where a fault stands, the masked value, and what is to be said of it."""
        field = fault.field.removeprefix("data.")
        row = stated.rows[fault.at] if isinstance(fault, _At) else self._row_of(stated, field)
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
        return column.header if place is None else self._table.headers[place]

    def _cell(self, row: Row, field: str) -> Cell:
        place = self._place.get(field)
        return row.cells[place] if place is not None and row.cells else None

    def _tried(self, row: Row, field: str) -> tuple[object, bool]:
        # The value of a cell, as rows are grouped by values, and whether it can be read.
        place = self._place.get(field)
        if place is None or (cell := row.cells[place]) is None:
            return None, True
        try:
            value = self._values[place].read(cell)
        except CellError:
            return None, False
        if self._columns[place].kind == "number" and isinstance(value, str):
            # What the fact's model refuses is no number by which rows belong together.
            return value, shows_all_of_a_number(value) and not has_blank(value)
        return None if value is False else value, True

    def _state(self, rows: tuple[Row, ...], near: Sentence | None = None) -> Stated:
        numbers = tuple(row.number for row in rows)
        doubts: list[Fault] = []
        try:
            fact = self._fact(rows, near, doubts)
        except _Bad as bad:
            fact = Rejection(tuple(bad.faults))
        except Exception as error:
            fact = fault_of_ours(error)
        return Stated(numbers, fact, self.report, self.named, rows, tuple(doubts))

    def _fact(
        self, rows: tuple[Row, ...], near: Sentence | None, doubts: list[Fault]
    ) -> ReadableFact | Rejection | Sought:
        if any(row.broken is not None for row in rows):
            raise _Bad(*(_At("", row.broken, at) for at, row in enumerate(rows) if row.broken is not None))
        if near is not None:
            raise _Bad(_At("", near, 0))
        voided, reason, wrong = self._voided(rows)
        data, faults = self._data(rows, complete=not voided)
        faults += wrong
        batch = self._delivery.batch or data.get("batch_no")
        unnamed = not voided and batch is None and "id" not in data
        if unnamed and not any(fault.field in ("id", "batch_no") for fault in faults):
            faults.append(_At("id", say("serial-or-batch"), 0))
        if faults:
            raise _Bad(*faults, *self._further(data, faults, voided=voided))
        serial = data.pop("id", None)
        stated = data.pop("time", None)
        if voided:
            return self._void(data, serial, stated, reason or _NO_REASON)
        if serial is None:
            serial = self._serial(str(batch), data, rows[0].number, doubts)
        for at, row in enumerate(rows):
            for place, column in self._dated:
                cell = row.cells[place]
                # What is written short has no time of day.
                if cell is None or (type(cell) is str and len(cell) <= _DAY_ALONE):
                    continue
                if (said := doubt_of(column, cell)) is not None:
                    doubts.append(_At(column.field, said, at))
        return self._build(self._form.type, serial, data, stated, data.get(self._form.time_field))

    def _voided(self, rows: tuple[Row, ...]) -> tuple[bool, str | None, list[Fault]]:
        """Return whether rows undo a fact, the reason that they give, and what is wrong with either.

        The rows of a fact say the same here, but for what cannot be read.
        """
        if all(place is None or row.cells[place] is None for row in rows for place in self._of_a_void):
            return False, None, []
        found: dict[str, tuple[Any, int]] = {}
        faults: list[Fault] = []
        for name in _OF_A_VOID:
            place = self._place.get(name)
            for at, row in enumerate(rows):
                if place is None or (cell := row.cells[place]) is None:
                    continue
                try:
                    value = self._values[place].read(cell)
                except CellError as error:
                    faults.append(_At(name, error.sentence, at))
                    continue
                if value is not None and found.setdefault(name, (value, row.number))[0] != value:
                    faults.append(_At(name, say("same-as-row", row=found[name][1]), at))
        flag, said = (found.get(name, (None, 0))[0] for name in _OF_A_VOID)
        voided, reason = self._undone(flag, said)
        if reason is not None and not voided and not faults:
            faults.append(_At("void", say("void-unsaid"), 0))
        return voided, reason, faults

    def _further(self, data: dict[str, Any], faults: Sequence[Fault], *, voided: bool) -> Iterator[Fault]:
        # What the fact's model says beside what is known to be wrong: all faults are told at once.
        if voided:
            return
        wrong = [fault.field.removeprefix("*.") for fault in faults]
        stated = {name: value for name, value in data.items() if name not in ("id", "time")}
        _, found = validated(self._form.entry, orjson.dumps(stated))
        for fault in found:
            names = fault.field.removeprefix("data.").split(".")
            name = ".".join(part for part in names if not part.isdigit())
            if fault.sentence.code == "value-required" or any(
                name == each or name.endswith(f".{each}") or each.startswith(f"{name}.") for each in wrong
            ):
                continue
            if name == "data" and self._form.split_by in wrong:
                continue  # nobody knows which list the row was for
            yield fault

    def _data(self, rows: tuple[Row, ...], *, complete: bool) -> tuple[dict[str, Any], list[Fault]]:
        data: dict[str, Any] = {}
        first: dict[str, int] = {}
        faults: list[Fault] = []
        for at, row in enumerate(rows):
            item: dict[str, Any] = {}
            empty: set[str] = set()
            for values, cell in zip(self._values, row.cells, strict=True):
                if cell is None:
                    continue
                path = values.path
                if path in _OF_A_VOID:
                    continue
                try:
                    value = values.read(cell)
                except CellError as error:
                    faults.append(_At(path, error.sentence, at))
                    first.setdefault(path, at)
                    continue
                if value is None:
                    empty.add(path)
                elif path.startswith("*."):
                    _put(item, path[2:], value)
                elif path not in first:
                    first[path] = at
                    _put(data, path, value)
                elif path != self._form.split_by and not _same(_get(data, path), value):
                    faults.append(_At(path, say("same-as-row", row=rows[first[path]].number), at))
            if complete and (empty or None in row.cells):
                for place, path in self._required:
                    missing = row.cells[place] is None or path in empty
                    if missing and (path not in first or path.startswith("*.")):
                        faults.append(_At(path, say("value-required"), at))
                        first.setdefault(path, at)
            if item:
                faults += self._add_item(data, item, row, at)
        if self._form.split_by:
            data.pop(self._form.split_by, None)
        return data, faults

    def _add_item(self, data: dict[str, Any], item: dict[str, Any], row: Row, at: int) -> Iterator[Fault]:
        name = self._form.items
        if self._form.split_by:
            place = self._place[self._form.split_by]
            try:
                name = str(self._values[place].read(row.cells[place]) or "") or None
            except CellError:
                return  # said already
            if name is None:
                return
            fields = self._form.item_fields[name]
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
            elif not _same(same.setdefault(key, value), value):
                yield _At(f"*.{key}", say("same-as-before"), at)

    def _serial(self, batch: str, data: dict[str, Any], number: int, doubts: list[Fault]) -> str:
        content = self._content(data)
        # Among equal rows: two equal payments in one batch are two facts, and the same file again is none.
        ordinal = self._ordinals[content]
        self._ordinals[content] += 1
        if ordinal:
            doubts.append(_At("", say("row-told-twice", row=self._first[content]), 0))
        else:
            self._first[content] = number
        return self._derived(batch, content, ordinal)

    def _content(self, data: dict[str, Any]) -> bytes:
        return hmac.digest(self._key, orjson.dumps(data, option=orjson.OPT_SORT_KEYS), sha256)

    def _derived(self, batch: str, content: bytes, ordinal: int) -> str:
        name = f"{self._delivery.source}\n{batch}\n{content.hex()}\n{ordinal}"
        return str(uuid5(NAMESPACE_URL, name))

    def _void(
        self, data: dict[str, Any], serial: str | None, stated: str | None, reason: str
    ) -> ReadableFact | Rejection | Sought:
        def build(found: str) -> ReadableFact | Rejection:
            return self._undo(data, found, stated, reason)

        if serial is not None:
            return build(serial)
        entry = self._form.entry
        number = number_of_values(entry, data)
        batch = self._delivery.batch or data.get("batch_no")
        derived = self._derived(batch, self._content(data), 0) if batch is not None else None
        if number is None and derived is None:
            raise _Bad(_At("id", say("void-serial"), 0))
        return Sought(number, derived, build)

    def _undo(
        self, data: dict[str, Any], serial: str, stated: str | None, reason: str
    ) -> ReadableFact | Rejection:
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
        mark = self._content(body).hex()[:12]
        found = self._build(entry.name, f"{serial}#void-{mark}", body, stated, dated)
        if isinstance(found, Rejection):
            # The reason for the void, and none that the form has.
            return _renamed(found, "data.reason", "void_reason")
        return found

    def _build(
        self, event_type: str, serial: str, data: dict[str, Any], stated: Any, dated: Any
    ) -> ReadableFact | Rejection:
        time = stated or dated
        if time is None:
            raise _Bad(_At(self._form.time_field, say("value-required"), 0))
        delivery = self._delivery
        try:
            body = orjson.dumps(data)
        except orjson.JSONEncodeError:
            return Rejection.of("event", say("text-unicode"))
        envelope = Envelope(
            specversion="1.0",
            id=serial,
            source=delivery.source,
            type=event_type,
            time=_instant(time),
            data=msgspec.Raw(body),
        )
        return build_fact(
            envelope,
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


def _spoil(groups: Sequence[_Group]) -> None:
    # A merge that goes on over the rows of another fact says of neither what belongs to it.
    merged = {
        row.broken for group in groups for row in group if row.broken and row.broken.code == "row-merged"
    }
    for sentence in merged:
        found = re.findall(r"\d+", str(dict(sentence.values)["range"]))
        rows = range(int(found[0]), int(found[-1]) + 1)
        for group in groups:
            if any(row.number in rows for row in group):
                group.near = group.near or sentence


class _Bad(Exception):  # noqa: N818 - carries refusals to where they are reported
    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].sentence.english)
        self.faults = faults


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


def _same(one: Any, other: Any) -> bool:
    # What was read is in one dress, but for the width of a text's letters.
    if one == other:
        return True
    return (
        isinstance(one, str) and isinstance(other, str) and full_width_folded(one) == full_width_folded(other)
    )


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

"""From the rows of a form to what they say: entries, each of one fact, or everything that is wrong with it.

Nothing here knows a key or a server: it runs in a process of its own (``readers.py``).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import orjson

from events.characters import full_width_folded, has_blank, shows_all_of_a_number
from services.intake.answers import Fault, FileRefused, fault_of_ours
from services.intake.cells import CellError, doubt_of, read_cell, says_no
from services.intake.envelope import validated
from services.intake.forms import Column
from services.intake.sentences import Sentence, say
from services.intake.tables import Row, Table
from services.intake.workbook import Cell
from services.platform.limits import FAULTS_OF_A_FACT, ROWS_OF_A_FACT, WRONG_ROWS

_NO_REASON = "作废"
_DAY_ALONE = len("2021-06-28")
_KNOWN = 5000
_OF_A_VOID = ("void", "void_reason")


class FaultOfRow(Fault, frozen=True, gc=False):
    """A fault of one of several rows."""

    at: int = 0


class Entry(msgspec.Struct, frozen=True):
    """What one row, or several rows that belong together, say of one fact.

    ``data``: its fields as JSON, sorted by name, without ``serial`` and ``time``; ``void``: why the fact is
    undone, where it is. With ``faults`` it says nothing else. ``doubts`` are what looks wrong in cells that
    were read. Of a fact with too many rows only the first is kept, and the ``numbers`` of all.
    """

    numbers: tuple[int, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...] = ()
    data: bytes = b""
    serial: str | None = None
    time: Any = None
    void: str | None = None
    doubts: tuple[Fault, ...] = ()


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

    ``number``: what its key begins with (户号), ``None`` where it says none that can be read. ``undone``:
    whether the row says that it is undone. ``readable``: whether all of ``key`` could be read.
    """

    serial: object
    key: tuple[object, ...]
    number: object
    undone: bool
    readable: bool


class _Unknown(NamedTuple):
    """Why nobody knows whose a row is, and the number (户号) that it says nevertheless, if any."""

    sentence: Sentence
    number: object = None

    def may_be_beside(self, number: object) -> bool:
        """Whether it may belong to the fact of a row beside it that says this number, or none."""
        return self.number is None or number is None or self.number == number


class _Group(list[Row]):
    """Rows that belong together.

    ``number``: the one (户号) that they say. ``serial``: whether one of them says the fact's serial.
    ``near``: what is wrong with another row that may belong to them, but nobody knows.
    """

    number: object = None
    serial: bool = False
    near: Sentence | None = None


class Reader:
    """Reads the rows of one table.

    ``batch``: the declared batch number, if any; ``last_year``: the last that a day of it may be of.
    """

    def __init__(self, table: Table, batch: str | None, last_year: int) -> None:
        self._table = table
        self._form = table.form
        self._batch = batch
        self._last_year = last_year
        self._columns = tuple(
            self._fitted(column, table.units.get(place, 1)) for place, column in enumerate(table.columns)
        )
        self._place = {column.field: place for place, column in enumerate(table.columns)}
        self._required = [
            (place, column.field) for place, column in enumerate(table.columns) if column.required
        ]
        self._values = tuple(_Values(column) for column in self._columns)
        self._of_a_void = tuple(self._place.get(name) for name in _OF_A_VOID)
        self._dated = [
            (place, column) for place, column in enumerate(self._columns) if column.kind in ("day", "month")
        ]

    def _fitted(self, column: Column, scale: int | Decimal) -> Column:
        if column.kind in ("day", "month") and self._form.first_year > 1900:
            # No years that no such fact can be of.
            return replace(column, years=(self._form.first_year, self._last_year))
        return column if scale == 1 else replace(column, scale=scale)

    def entries(self) -> Iterator[Entry]:
        """Yield what the rows say, in order; rows of one fact together."""
        if not self._form.group_by:
            for row in self._table.rows:
                yield self._entry((row,))
            return
        for group in self._groups():
            if len(group) > ROWS_OF_A_FACT:
                numbers = tuple(row.number for row in group)
                yield Entry(numbers, (group[0],), (FaultOfRow("", _too_many(len(group)), 0),))
            else:
                yield self._entry(tuple(group), group.near)

    def _groups(self) -> list[_Group]:
        groups: list[_Group] = []
        newest: dict[tuple[object, ...], _Group] = {}
        before: tuple[_Group, object] | None = None
        broken: _Unknown | None = None
        unkeyed: _Unknown | None = None
        unknown: dict[object, Sentence] = {}
        for row in self._table.rows:
            whose = self._whose(row)
            if isinstance(whose, _Unknown):
                # The facts of the rows beside it may lack it; one that leaves it out belongs to those above.
                groups.append(_Group([row]))
                broken = whose if whose.sentence.code == "row-near-broken" else None
                if before is not None and whose.may_be_beside(before[1]):
                    before[0].near = before[0].near or whose.sentence
                if whose.number is not None:
                    unknown.setdefault(whose.number, whose.sentence)
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
            if len(group) >= WRONG_ROWS:
                raise FileRefused(_too_many(len(group)))
            if group.number is None:
                group.number = whose.number
            # A row whose serial is all that could be read of it may be the first of those without one.
            for other in (broken, unkeyed if whose.serial is None else None):
                if other is not None and other.may_be_beside(whose.number):
                    group.near = group.near or other.sentence
            broken = None
            unkeyed = None if whose.readable else _Unknown(_broken(row), whose.number)
            before = group, whose.number
        for group in groups:
            # Wherever in the file they stand: the rows of one fact need not follow one another.
            group.near = group.near or (unknown.get(group.number) if group.number is not None else None)
        _spoil(groups)
        return groups

    def _whose(self, row: Row) -> _Whose | _Unknown:
        """Return what tells the fact of a row from others, or why nobody knows whose it is."""
        if not row.cells:
            return _Unknown(_broken(row))
        serial, plain = self._tried(row, "id")
        serial = serial if plain else None
        key, readable = zip(*(self._tried(row, name) for name in self._form.group_by), strict=True)
        number = key[0] if readable[0] else None
        if serial is None and not all(readable):
            return _Unknown(_broken(row), number)
        if serial is None and None in key:
            return _Unknown(say("row-near-unassigned", row=row.number), number)
        flag, reason = (self._tried(row, name)[0] for name in _OF_A_VOID)
        undone, _ = self._undone(flag, reason)
        return _Whose(serial, key, number, undone, all(readable))

    def _undone(self, flag: object, reason: object) -> tuple[bool, str | None]:
        """Return whether what stands under 作废 and 作废原因 undoes a fact, and the reason that is given."""
        given = reason if isinstance(reason, str) and not says_no(reason) else None
        # A table that asks for nothing but the reason says by it that the fact is undone.
        return (given is not None if "void" not in self._place else flag is True), given

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

    def _entry(self, rows: tuple[Row, ...], near: Sentence | None = None) -> Entry:
        numbers = tuple(row.number for row in rows)
        try:
            return self._said(numbers, rows, near)
        except _Bad as bad:
            return Entry(numbers, rows, bad.faults[:FAULTS_OF_A_FACT])
        except orjson.JSONEncodeError:
            return Entry(numbers, rows, (Fault("event", say("text-unicode")),))
        except MemoryError:
            raise
        except Exception as error:
            return Entry(numbers, rows, fault_of_ours(error).faults)

    def _said(self, numbers: tuple[int, ...], rows: tuple[Row, ...], near: Sentence | None) -> Entry:
        if any(row.broken is not None for row in rows):
            raise _Bad(
                *(FaultOfRow("", row.broken, at) for at, row in enumerate(rows) if row.broken is not None)
            )
        if near is not None and near.code == "row-merged":
            raise _Bad(FaultOfRow("", near, 0))  # its cells are not what they seem
        undone, reason, wrong = self._voided(rows)
        data, faults = self._data(rows, complete=not undone)
        faults += wrong
        if near is not None:
            faults.insert(0, FaultOfRow("", near, 0))
        unnamed = not undone and self._batch is None and "batch_no" not in data and "id" not in data
        if unnamed and not any(fault.field in ("id", "batch_no") for fault in faults):
            faults.append(FaultOfRow("id", say("serial-or-batch"), 0))
        faults = [fault for fault in faults if not self._follows(fault, faults)]
        if faults:
            raise _Bad(*faults, *self._further(data, faults, voided=undone))
        serial, time = data.pop("id", None), data.pop("time", None)
        void = (reason or _NO_REASON) if undone else None
        doubts = () if undone else tuple(self._doubts(rows))
        content = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
        return Entry(numbers, rows, (), content, serial, time, void, doubts)

    def _follows(self, fault: Fault, faults: Sequence[Fault]) -> bool:
        # There is no number because there is no part of it, of which it is said what is wrong.
        parts = self._table.composed.get(fault.field, ())
        return fault.sentence.code == "value-required" and any(other.field in parts for other in faults)

    def _doubts(self, rows: tuple[Row, ...]) -> Iterator[Fault]:
        for at, row in enumerate(rows):
            for place, column in self._dated:
                cell = row.cells[place]
                # What is written short has no time of day.
                if cell is None or (type(cell) is str and len(cell) <= _DAY_ALONE):
                    continue
                if (said := doubt_of(column, cell)) is not None:
                    yield FaultOfRow(column.field, said, at)

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
                    faults.append(FaultOfRow(name, error.sentence, at))
                    continue
                if value is not None and found.setdefault(name, (value, row.number))[0] != value:
                    faults.append(FaultOfRow(name, say("same-as-row", row=found[name][1]), at))
        flag, said = (found.get(name, (None, 0))[0] for name in _OF_A_VOID)
        voided, reason = self._undone(flag, said)
        if reason is not None and not voided and not faults:
            faults.append(FaultOfRow("void", say("void-unsaid"), 0))
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
        unsaid: set[str] = set()
        faults: list[Fault] = []
        merged: dict[object, dict[str, Any]] = {}
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
                    faults.append(FaultOfRow(path, error.sentence, at))
                    if path not in first:
                        first[path] = at
                        unsaid.add(path)  # with which no other row can be compared
                    continue
                if value is None:
                    empty.add(path)
                elif path.startswith("*."):
                    _put(item, path[2:], value)
                elif path not in first:
                    first[path] = at
                    _put(data, path, value)
                elif path == self._form.split_by or path in unsaid:
                    continue
                elif not _same(_get(data, path), value):
                    faults.append(FaultOfRow(path, say("same-as-row", row=rows[first[path]].number), at))
            if complete and (empty or None in row.cells):
                for place, path in self._required:
                    missing = row.cells[place] is None or path in empty
                    if missing and (path not in first or path.startswith("*.")):
                        faults.append(FaultOfRow(path, say("value-required"), at))
                        if path not in first:
                            first[path] = at
                            unsaid.add(path)
            if item:
                faults += self._add_item(data, item, merged, row, at)
        if self._form.split_by:
            data.pop(self._form.split_by, None)
        return data, faults

    def _add_item(
        self,
        data: dict[str, Any],
        item: dict[str, Any],
        merged: dict[object, dict[str, Any]],
        row: Row,
        at: int,
    ) -> Iterator[Fault]:
        # ``merged``: the items so far, by what makes rows one item.
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
        same = item if merge_by is None else merged.setdefault((name, item.get(merge_by)), item)
        if same is item:
            items.append(item)
            return
        for key, value in item.items():
            if isinstance(value, list):
                same.setdefault(key, []).extend(value)
            elif not _same(same.setdefault(key, value), value):
                yield FaultOfRow(f"*.{key}", say("same-as-before"), at)


def _broken(row: Row) -> Sentence:
    return say("row-near-broken", row=row.number)


def _too_many(count: int) -> Sentence:
    return say("rows-of-a-fact", count=count, most=ROWS_OF_A_FACT)


def _spoil(groups: Sequence[_Group]) -> None:
    # A merge that goes on over the rows of another fact says of neither what belongs to it.
    merges = sorted(
        {
            (first, last, sentence)
            for group in groups
            for row in group
            if (sentence := row.broken) is not None and sentence.code == "row-merged"
            for first, last in (_span(sentence),)
        },
        key=lambda merge: merge[:2],
    )
    if not merges:
        return
    # Of those that begin at or before a row, the one that reaches farthest.
    starts: list[int] = []
    farthest: list[tuple[int, Sentence]] = []
    for first, last, sentence in merges:
        starts.append(first)
        reach = (last, sentence)
        farthest.append(reach if not farthest or last > farthest[-1][0] else farthest[-1])
    for group in groups:
        for row in group:
            at = bisect_right(starts, row.number) - 1
            if at >= 0 and farthest[at][0] >= row.number:
                group.near = group.near or farthest[at][1]
                break


def _span(sentence: Sentence) -> tuple[int, int]:
    found = re.findall(r"\d+", str(dict(sentence.values)["range"]))
    return int(found[0]), int(found[-1])


class _Bad(Exception):  # noqa: N818 - carries refusals to where they are reported
    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].sentence.english)
        self.faults = faults


def _same(one: Any, other: Any) -> bool:
    # What was read is in one dress, but for the width of a text's letters.
    if one == other:
        return True
    return (
        isinstance(one, str) and isinstance(other, str) and full_width_folded(one) == full_width_folded(other)
    )


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

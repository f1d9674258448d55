"""Quarters, what is kept of one, and how two differ: pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import orjson

from projections import labels
from projections.annex2.form import Cells, check, form
from services.reporting.annex2 import Annex2
from services.reporting.filters import WrongQuestionError
from services.reporting.paging import Row

_WHICH = re.compile(r"(20[0-9]{2})Q([1-4])(?:\.([1-9][0-9]{0,3}))?", re.ASCII)


class FreezeError(Exception):
    """A quarter cannot be frozen so; the message is a sentence for a person."""


class AlteredError(Exception):
    """What is kept of a quarter is not what was frozen; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a year; ``number`` from 1 to 4."""

    year: int
    number: int

    @property
    def last(self) -> date:
        """Its last day."""
        following = date(self.year + self.number // 4, self.number % 4 * 3 + 1, 1)
        return following - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


@dataclass(frozen=True, slots=True)
class Which:
    """A quarter as it was frozen: ``number`` 1 is the first time, others are restatements.

    None: whichever is the latest.
    """

    quarter: Quarter
    number: int | None = None

    def __str__(self) -> str:
        return str(self.quarter) if self.number is None else f"{self.quarter}.{self.number}"


def which(text: str, field_name: str = "quarter") -> Which:
    """Return what a text such as 2021Q3 or 2021Q3.2 names. Raises WrongQuestionError."""
    found = _WHICH.fullmatch(text)
    if found is None:
        raise WrongQuestionError(field_name, "a quarter such as 2021Q3, or one restatement of it: 2021Q3.2")
    year, number, version = found.groups()
    return Which(Quarter(int(year), int(number)), int(version) if version else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row that a cell counts, as ``annex2_cell`` returns it, and where its fact stands on the log."""

    business_date: date
    event_id: UUID
    type: str
    source: str
    serial: str
    household_no: str | None
    person_id: str | None
    number: str | None
    village: str | None
    month: str | None
    of_class: str | None
    counted: int
    digest: str
    topic: str
    partition: int
    offset: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same item at another time."""
        return str(self.event_id), self.person_id or "", self.month or ""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            **asdict(self),
            "business_date": self.business_date.isoformat(),
            "event_id": str(self.event_id),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Item":
        """Return what ``as_json`` kept."""
        return cls(
            **{
                **kept,
                "business_date": date.fromisoformat(kept["business_date"]),
                "event_id": UUID(kept["event_id"]),
            }
        )


def item_of(row: Row, place: Row) -> Item:
    """Return a row of a cell as an item; ``place``: where its fact stands, and its digest."""
    given = {"of_class" if name == "class" else name: value for name, value in row.items()}
    return Item(**given, **place)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two that are compared: what counts up to when, cells, and the rows behind cells.

    ``positions``: how far the log counted; None: all of it. ``as_of`` likewise.
    """

    name: str
    until: date
    as_of: date | None
    positions: Mapping[str, int] | None
    cells: Cells
    items: Mapping[str, Sequence[Item]]

    def has_recorded(self, item: Item) -> bool:
        """Whether the fact of an item was on the log then."""
        if self.positions is None:
            return True
        return item.offset < self.positions.get(f"{item.topic}/{item.partition}", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A quarter as it was reported.

    ``areas``: cells by village, as in Annex2. ``positions``: how far each part of the log counts
    (``topic/partition``: the next offset). ``checkpoints``: what the journal signed of each of these parts;
    none where it was frozen without. ``items``: the rows behind each cell.
    """

    quarter: Quarter
    programme: str
    number: int
    until: date
    as_of: date
    prepared_by: str
    checked_by: str
    because: str | None
    frozen_at: datetime
    cells: Cells
    areas: Sequence[tuple[str | None, Cells]]
    positions: Mapping[str, int]
    checkpoints: Mapping[str, str]
    items: Mapping[str, Sequence[Item]]

    @property
    def name(self) -> str:
        """Which it is, such as 2021Q3.2."""
        return f"{self.quarter}.{self.number}"

    @property
    def filled(self) -> Annex2:
        """The form as it was; columns that it has got since stay without a count."""
        return Annex2(
            until=self.until,
            as_of=self.as_of,
            programme=self.programme,
            by="village",
            total=_whole(self.cells),
            checks=check(_whole(self.cells)),
            rows=[(area, _whole(cells)) for area, cells in self.areas],
        )

    @property
    def side(self) -> Side:
        """It as one of two that are compared."""
        return Side(self.name, self.until, self.as_of, self.positions, self.cells, self.items)

    @property
    def digest(self) -> str:
        """What it is known by: the SHA-256 of all of it."""
        # What was frozen before there was a journal keeps its digest.
        witnessed = {"checkpoints": self.checkpoints} if self.checkpoints else {}
        said = orjson.dumps(
            {
                **witnessed,
                **{name: getattr(self, name) for name in _SIGNED},
                "quarter": str(self.quarter),
                "frozen_at": self.frozen_at.timestamp(),
                "areas": [[area, cells] for area, cells in self.areas],
                "items": {cell: [item.as_json() for item in items] for cell, items in self.items.items()},
            },
            option=orjson.OPT_SORT_KEYS,
        )
        return sha256(said).hexdigest()


_SIGNED = (
    *("programme", "number", "until", "as_of", "prepared_by", "checked_by", "because", "cells", "positions"),
)


def remark(of: Frozen) -> str:
    """Return what a file says of a frozen form: which it is, by whom, why anew."""
    said = labels.FROZEN.format(of.quarter.year, of.quarter.number, of.number, of.prepared_by, of.checked_by)
    again = labels.RESTATED.format(of.because) if of.because else ""
    return f"{said}{again}；{labels.DIGEST}：{of.digest[:16]}{_witnessed(of.checkpoints)}"


def _witnessed(checkpoints: Mapping[str, str]) -> str:
    """Return what names the checkpoints on paper: how many, and how their SHA-256 begins."""
    if not checkpoints:
        return labels.NOT_WITNESSED
    said = "".join(checkpoints[place] for place in sorted(checkpoints))
    return labels.WITNESSED.format(len(checkpoints), sha256(said.encode()).hexdigest()[:16])


def _whole(cells: Cells) -> Cells:
    return {column.code: cells.get(column.code) for column in form().columns}


def check_people(prepared_by: str, checked_by: str) -> tuple[str, str]:
    """Return both names without blanks around them. Raises FreezeError where they are not two people."""
    prepared_by, checked_by = prepared_by.strip(), checked_by.strip()
    if not prepared_by or not checked_by:
        raise FreezeError("Say who prepared it, and who checked it.")
    if "".join(prepared_by.split()).casefold() == "".join(checked_by.split()).casefold():
        raise FreezeError(f"{prepared_by} prepared it, so somebody else has to check it.")
    return prepared_by, checked_by


def check_days(quarter: Quarter, as_of: date | None, closed: date | None, today: date) -> date:
    """Return the closed day by which facts are recorded: ``as_of``, or the latest one (``closed``).

    Raises FreezeError where the quarter is not over, or no day at its end or after it is closed.
    """
    if today <= quarter.last:
        raise FreezeError(f"{quarter} goes on until {quarter.last}: it is frozen once it is over.")
    chosen = as_of or closed
    if chosen is None or chosen < quarter.last:
        said = f"{as_of} is before the end of {quarter}" if as_of else f"No day after {quarter} is closed yet"
        raise FreezeError(f"{said}: name a closed day from {quarter.last} on (`dibao close-day`).")
    return chosen


def check_reason(name: Which, kept: int, because: str | None) -> str | None:
    """Return why a quarter is stated anew; None the first time. Raises FreezeError where that is amiss."""
    because = (because or "").strip() or None
    if kept and because is None:
        raise FreezeError(
            f"{name} was frozen already, the last time as {name}.{kept}: "
            "say why it is stated anew (--because)."
        )
    if not kept and because is not None:
        raise FreezeError(f"{name} was never frozen, so there is nothing to state anew: leave --because out.")
    return because


def check_sums(cells: Cells, items: Mapping[str, Sequence[Item]]) -> None:
    """Raise FreezeError where a cell is not the sum of its rows."""
    for code, rows in items.items():
        added = sum(item.counted for item in rows)
        if cells[code] != added:
            raise FreezeError(f"{code} counts {cells[code]}, but its rows are {added}: it is not frozen.")


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell then and now. ``change`` is None where one of both is not connected."""

    code: str
    old: int | None
    new: int | None

    @property
    def change(self) -> int | None:
        """How much it has grown."""
        return None if self.old is None or self.new is None else self.new - self.old


def differences(old: Cells, new: Cells) -> list[Difference]:
    """Return every cell of the form, then and now, in its order."""
    codes = [column.code for column in form().columns]
    codes += [code for code in {**old, **new} if code not in set(codes)]
    return [Difference(code, old.get(code), new.get(code)) for code in codes]


Why = Literal["business_date_after", "recorded_later", "voided", "set_aside", "counted_once", "other_facts"]


@dataclass(frozen=True, slots=True)
class Change:
    """A row of a cell that is there now and was not (``came``), or was and is no longer, or counts anew.

    ``adds``: what it changes in the cell. ``void``: the fact that undoes it.
    """

    item: Item
    happened: Literal["came", "went", "stayed"]
    adds: int
    why: Why
    void: UUID | None = None


@dataclass(frozen=True, slots=True)
class Discounted:
    """That a fact does not count: voided, by which void, or set aside for its two contents."""

    reason: Literal["voided", "set_aside"]
    void: UUID | None = None


def gone(old: Side, new: Side, cell: str) -> list[Item]:
    """Return the rows of a cell that are there no longer."""
    kept = {item.key for item in new.items.get(cell, ())}
    return [item for item in old.items.get(cell, ()) if item.key not in kept]


def changes(old: Side, new: Side, cell: str, discounted: Mapping[UUID, Discounted]) -> list[Change]:
    """Return what makes the difference of a cell; what they add comes to just that.

    ``discounted``: of the facts of the old side, those that the new one no longer counts.
    """
    before = {item.key: item for item in old.items.get(cell, ())}
    after = {item.key: item for item in new.items.get(cell, ())}
    found = [_went(item, new, discounted.get(item.event_id)) for item in gone(old, new, cell)]
    for key, item in after.items():
        if key not in before:
            found.append(Change(item, "came", item.counted, _not_there(item, old)))
        elif item.counted != before[key].counted:
            found.append(Change(item, "stayed", item.counted - before[key].counted, "counted_once"))
    return sorted(found, key=lambda change: (change.item.business_date, change.item.key))


def _went(item: Item, new: Side, discounted: Discounted | None) -> Change:
    if discounted is not None:
        return Change(item, "went", -item.counted, discounted.reason, discounted.void)
    return Change(item, "went", -item.counted, _not_there(item, new))


def _not_there(item: Item, side: Side) -> Why:
    if item.business_date > side.until:
        return "business_date_after"
    return "other_facts" if side.has_recorded(item) else "recorded_later"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of a quarter's form, or two quarters: cells, and of one cell what came and went."""

    old: str
    new: str
    programme: str
    cells: Sequence[Difference]
    cell: str | None = None
    changes: Sequence[Change] = field(default_factory=tuple)


def code_of(cell: str, *sides: Side) -> str | None:
    """Return the whole code of a cell that has rows; a bare A1 means its 户 column. None: it has none."""
    return next((code for code in (cell, f"{cell}h") if any(code in side.items for side in sides)), None)


def by_cell(rows: Iterable[tuple[str, Item]]) -> dict[str, list[Item]]:
    """Return items by their cells, in the order in which they come."""
    found: dict[str, list[Item]] = {}
    for cell, item in rows:
        found.setdefault(cell, []).append(item)
    return found

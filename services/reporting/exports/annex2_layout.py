"""How Annex 2 stands on paper: the merged heads of several rows, and what stands above and below.

The layout follows from the data of the form: mark; title; who reports; level 1; level 2; then one row a depth
of 其中; units; what the note row says (填报说明); the rows; the bottom note.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from events.values import SHANGHAI
from projections import labels
from projections.annex2.form import Cells, Column, Form
from services.reporting.annex2 import Annex2
from services.reporting.exports.listing import Basis

MARK, TITLE, OFFICE, LEVEL_1, LEVEL_2, HEADS = 1, 2, 3, 4, 5, 6
"""Rows of the sheet; heads of columns begin at HEADS and are as many rows deep as 其中 goes."""
FIRST = 2
"""The column of the first cell; the one before is the stub."""


@dataclass(frozen=True, slots=True)
class Head:
    """A merged head: rows and columns, both ends included."""

    text: str
    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring columns under one name: 户 and 人 of the same thing."""

    columns: tuple[Column, ...]
    left: int

    @property
    def right(self) -> int:
        return self.left + len(self.columns) - 1

    @property
    def name(self) -> str:
        return self.columns[0].name

    @property
    def parent(self) -> str | None:
        return self.columns[0].parent

    def holds(self, code: str | None) -> bool:
        return any(column.code == code for column in self.columns)


def heads(of: Form) -> list[Head]:
    """Return the heads of the form: levels 1 and 2, every column group, every 其中, the stub."""
    groups = list(_groups(of))
    depths = {group.left: _depth(group, groups) for group in groups}
    last = HEADS + max(depths.values())
    found = [Head(of.stub, LEVEL_1, 1, last, 1)]
    found += _levels(of)
    for at, group in enumerate(groups):
        top = HEADS + depths[group.left]
        below = _below(at, groups)
        found.append(Head(group.name, top, group.left, last, group.right))
        if below:
            found.append(Head(labels.OF_WHICH, top, below[0].left, top, below[-1].right))
    return found


def _levels(of: Form) -> Iterator[Head]:
    at = FIRST
    for path, columns in groupby(of.columns, key=lambda column: column.path):
        width = len(list(columns))
        if len(path) == 1:
            yield Head(path[0], LEVEL_1, at, LEVEL_2, at + width - 1)
        else:
            yield Head(path[1], LEVEL_2, at, LEVEL_2, at + width - 1)
        at += width
    at = FIRST
    for first, columns in groupby(of.columns, key=lambda column: column.path[0]):
        group = list(columns)
        if len(group[0].path) > 1:
            yield Head(first, LEVEL_1, at, LEVEL_1, at + len(group) - 1)
        at += len(group)


def _groups(of: Form) -> Iterator[_Group]:
    at = FIRST
    # 户 and 人 of one thing share name and place; their codes differ in the last letter.
    for _, columns in groupby(of.columns, key=lambda column: (column.path, column.name, column.code[:-1])):
        group = tuple(columns)
        if len(group) == 1 or {column.code[-1] for column in group} == {"h", "p"}:
            yield _Group(group, at)
        else:
            for shift, column in enumerate(group):
                yield _Group((column,), at + shift)
        at += len(group)


def _depth(group: _Group, groups: list[_Group]) -> int:
    depth, parent = 0, group.parent
    while parent is not None:
        depth += 1
        parent = next(other for other in groups if other.holds(parent)).parent
    return depth


def _below(at: int, groups: list[_Group]) -> list[_Group]:
    depth = _depth(groups[at], groups)
    below: list[_Group] = []
    for group in groups[at + 1 :]:
        if _depth(group, groups) <= depth:
            break
        below.append(group)
    return below


def notes(of: Form) -> list[tuple[str, int, int]]:
    """Return the notes over columns: text, first and last column; not the bottom row's (``all``)."""
    found = []
    for key, text in of.notes.items():
        if key == "all":
            continue
        places = [FIRST + at for at, column in enumerate(of.columns) if column.code == key]
        places = places or [
            FIRST + at for at, column in enumerate(of.columns) if column.code in (f"{key}h", f"{key}p")
        ]
        places = places or [FIRST + at for at, column in enumerate(of.columns) if column.code.startswith(key)]
        found.append((text, places[0], places[-1]))
    return found


def basis_of(filled: Annex2, office: str) -> Basis:
    """Return what stands above a filled form: who reports, up to when, printed today."""
    return Basis(office, filled.until, filled.as_of, datetime.now(SHANGHAI).date())


def stub(of: Form, filled: Annex2) -> str:
    """Return what stands above the first column."""
    return labels.STUBS.get(filled.by or "", of.stub)


def rows(filled: Annex2) -> Iterator[tuple[str, Cells]]:
    """Yield the rows of the form: what stands in the first column, and the cells; the total last."""
    for area, cells in filled.rows:
        yield labels.place(area) if area else labels.UNKNOWN_AREA, cells
    yield labels.TOTAL, filled.total


def below(filled: Annex2, basis: Basis, remark: str = "") -> list[str]:
    """Return the lines below the form: programme and basis, what 未接入 means, what does not come out.

    ``remark``: a line beside them.
    """
    lines = [f"{labels.PROGRAMMES[filled.programme]}；{basis.text}；{labels.PRINTED}：{basis.printed}"]
    if remark:
        lines.append(remark)
    if None in filled.total.values():
        lines.append(labels.NOT_CONNECTED_MEANS)
    for result in filled.checks:
        if result.holds is False:
            lines.append(f"{labels.CHECK} {result.check}：{result.verdict}")
    return lines

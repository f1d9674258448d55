"""Annex 2, the national form (附件2): columns and checks as data, cells from the items that SQL finds.

The form itself is ``annex2.json``; which items count in which column is ``MEASURES``. A column that stands
there has facts; the others stay None, which is shown as 未接入 and never as 0.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``since``: its period begins on that day; ``parent``: it is a 其中 of that one."""

    code: str
    name: str
    unit: str
    path: tuple[str, ...]
    parent: str | None
    since: date


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``eq`` must hold, ``eq_soft`` shows what is left over, ``le`` is an upper bound."""

    kind: Literal["eq", "eq_soft", "le"]
    lhs: str
    rhs: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check as it came out. ``residual`` = lhs - sum of rhs; both None where a column has no facts yet."""

    check: Check
    holds: bool | None
    residual: int | None


@dataclass(frozen=True, slots=True)
class Form:
    """The form: title, stub (first column's head), columns in order, checks, notes by column or group."""

    title: str
    stub: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...]
    notes: dict[str, str]

    def column(self, code: str) -> Column:
        """Return a column. Raises KeyError where the form has no such column."""
        return {column.code: column for column in self.columns}[code]


@dataclass(frozen=True, slots=True)
class Measure:
    """Which items of ``annex2_items`` a column counts: all of a measure, a class of it, settled ones."""

    measure: str
    of_class: str | None = None
    settled: bool | None = None

    def counts(self, measure: str, of_class: str | None, settled: bool | None) -> bool:
        """Return whether an item belongs to the column."""
        return (
            measure == self.measure
            and self.of_class in (None, of_class)
            and (self.settled is None or settled == self.settled)
        )


MEASURES: dict[str, Measure] = {
    **{
        f"A1{letter}{unit}": Measure(f"exit_{what}", kind)
        for letter, kind in {"": None, "a": "favour", "b": "policy", "c": "death", "d": "other"}.items()
        for unit, what in {"h": "household", "p": "person"}.items()
    },
    **{
        f"A2{letter}{unit}": Measure(f"entry_{what}", route)
        for letter, route in {"": None, "a": "single_person", "b": "epidemic"}.items()
        for unit, what in {"h": "household", "p": "person"}.items()
    },
    "C1": Measure("repeat_petition"),
    "C2": Measure("repeat_petition", "complaint"),
    "C2a": Measure("repeat_petition", "complaint", True),
    "C3": Measure("repeat_petition", "request"),
    "C3a": Measure("repeat_petition", "request", True),
}
"""Columns that have facts, and what they count."""

GROUPS: dict[str, int] = {"village": 12, "street": 9}
"""Rows of the form: how many digits of a village's division code name the area."""


@dataclass(frozen=True, slots=True)
class ItemCount:
    """How many items of one kind an area has in the period that begins on ``since``."""

    since: date
    area: str | None
    measure: str
    of_class: str | None
    settled: bool | None
    count: int


Cells = dict[str, int | None]
"""Column code → count, None where nothing feeds the column yet."""


@cache
def form() -> Form:
    """Return the form as ``annex2.json`` has it."""
    text = (Path(__file__).parent / "annex2.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return Form(
        title=data["title"],
        stub=data["stub"],
        columns=tuple(
            Column(
                code=item["code"],
                name=item["name"],
                unit=item["unit"],
                path=tuple(item["path"]),
                parent=item["parent"],
                since=date.fromisoformat(item["since"]),
            )
            for item in data["columns"]
        ),
        checks=tuple(
            Check(
                kind=item["kind"],
                lhs=item["lhs"],
                rhs=tuple(item["rhs"]) if isinstance(item["rhs"], list) else (item["rhs"],),
                source=item["source"],
            )
            for item in data["rules"]
        ),
        notes=data["notes"],
    )


def cells(counts: Iterable[ItemCount]) -> Cells:
    """Return every cell of one row of the form."""
    counts = list(counts)
    return {
        column.code: sum(
            item.count
            for item in counts
            if item.since == column.since
            and MEASURES[column.code].counts(item.measure, item.of_class, item.settled)
        )
        if column.code in MEASURES
        else None
        for column in form().columns
    }


def check(values: Mapping[str, int | None]) -> list[CheckResult]:
    """Return how every check of the form comes out for one row of cells."""
    results = []
    for rule in form().checks:
        left, right = values[rule.lhs], [values[code] for code in rule.rhs]
        if left is None or any(value is None for value in right):
            results.append(CheckResult(rule, None, None))
            continue
        residual = left - sum(value for value in right if value is not None)
        results.append(CheckResult(rule, residual <= 0 if rule.kind == "le" else residual == 0, residual))
    return results

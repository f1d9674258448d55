"""Annex 2, the national form (附件2): columns, a line each, and checks as data; cells from the items found.

The form itself is ``form.json``; which items count in which column says the noun that they are of
(``items``). A column that one of them counts has facts; the others stay None, which is shown as 未接入 and
never as 0.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from projections.annex2.items import COUNTS
from projections.labels import NOT_CONNECTED


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

    def __str__(self) -> str:
        return f"{self.lhs} {_SIGNS[self.kind]} {' + '.join(self.rhs)}"


_SIGNS = {"eq": "=", "eq_soft": "≈", "le": "≤"}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check as it came out. ``residual`` = lhs - sum of rhs; both None where a column has no facts yet."""

    check: Check
    holds: bool | None
    residual: int | None

    @property
    def verdict(self) -> str:
        """How it came out, in Chinese."""
        if self.holds is None:
            return NOT_CONNECTED
        return "符合" if self.holds else f"差额 {self.residual}"


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


GROUPS: dict[str, int] = {"village": 12, "street": 9}
"""Rows of the form: how many digits of a village's division code name the area."""


Cells = dict[str, int | None]
"""Column code → count, None where nothing feeds the column yet."""


@cache
def form() -> Form:
    """Return the form as ``form.json`` has it."""
    text = (Path(__file__).parent / "form.json").read_text(encoding="utf-8")
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


def cells(counts: Iterable[tuple[str, int]]) -> Cells:
    """Return every cell of one row of the form, from the counts of its columns that are not 0."""
    given = dict(counts)
    return {
        column.code: given.get(column.code, 0) if column.code in COUNTS else None for column in form().columns
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

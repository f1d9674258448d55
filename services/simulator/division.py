"""Where a street lies: its county, its villages, and the prefix that makes its numbers its own."""

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

_DATA = Path(__file__).parent / "data"

STREETS_A_COUNTY = 27
"""As many as 涪陵区 has, more or less."""

_OURS = "500102008"
"""荔枝街道 of 涪陵区: the first of every run, and the only one there, for its codes are real."""


@dataclass(frozen=True, slots=True)
class Village:
    """A 社区 (``community``) or 村 (``village``)."""

    code: str
    name: str
    kind: str


@cache
def counties() -> tuple[str, ...]:
    """Codes of the other counties of 重庆, whose streets are invented."""
    return tuple((_DATA / "counties.csv").read_text(encoding="utf-8").split()[1:])


@cache
def _units() -> tuple[Village, ...]:
    with (_DATA / "villages.csv").open(encoding="utf-8") as lines:
        return tuple(Village(**row) for row in csv.DictReader(lines))


def most_streets() -> int:
    """How many streets a run can have."""
    return 1 + STREETS_A_COUNTY * len(counties())


@dataclass(frozen=True)
class Division:
    """A street by its place in the run, from 0. All but the first are invented; no two share a number."""

    number: int = 0

    @property
    def place(self) -> int:
        """The street's place among those of its county, from 0."""
        return max(0, self.number - 1) % STREETS_A_COUNTY

    @cached_property
    def code(self) -> str:
        """Nine digits, such as 500102008."""
        if self.number == 0:
            return _OURS
        return f"{counties()[(self.number - 1) // STREETS_A_COUNTY]}{self.place + 1:03d}"

    @property
    def county(self) -> str:
        """Six digits, such as 500102."""
        return self.code[:6]

    @cached_property
    def prefix(self) -> str:
        """What numbers given out here begin with: an upstream puts its own prefix (contract.md)."""
        return "LZ" if self.number == 0 else f"J{self.code[3:]}-"

    @cached_property
    def villages(self) -> tuple[Village, ...]:
        """The 27 units of the street; for 荔枝街道 the codes are real, the names are invented."""
        return tuple(Village(self.code + unit.code[9:], unit.name, unit.kind) for unit in _units())

    def source(self, template: str) -> str:
        """A CloudEvents source here, from ``/bank/psbc/{county}`` or ``/petitions/{street}``."""
        return template.format(county=self.county, street=self.code)

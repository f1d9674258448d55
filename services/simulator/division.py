"""Where a street lies: its county, its villages, and the prefix that makes its numbers its own."""

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

_DATA = Path(__file__).parent / "data"

STREETS_A_COUNTY = 27
"""As many as 涪陵区 has, more or less."""

_OURS = 8
"""荔枝街道 is 500102008. It is the first of its county's, and so of every run."""


@dataclass(frozen=True, slots=True)
class Village:
    """A 社区 (``community``) or 村 (``village``)."""

    code: str
    name: str
    kind: str


@cache
def counties() -> tuple[str, ...]:
    """Codes of the counties, 涪陵区 first and the others of 重庆 after it."""
    return tuple((_DATA / "counties.csv").read_text(encoding="utf-8").split()[1:])


@cache
def _units() -> tuple[Village, ...]:
    with (_DATA / "villages.csv").open(encoding="utf-8") as lines:
        return tuple(Village(**row) for row in csv.DictReader(lines))


def most_streets() -> int:
    """How many streets a run can have."""
    return STREETS_A_COUNTY * len(counties())


@dataclass(frozen=True)
class Division:
    """A street by its place in the run, from 0. All but the first are invented; no two share a number."""

    number: int = 0

    @property
    def place(self) -> int:
        """The street's place among those of its county, from 0."""
        return self.number % STREETS_A_COUNTY

    @cached_property
    def county(self) -> str:
        """Six digits, such as 500102."""
        return counties()[self.number // STREETS_A_COUNTY]

    @cached_property
    def code(self) -> str:
        """Nine digits, such as 500102008."""
        place = self.place
        return f"{self.county}{_OURS if place == 0 else place + (place >= _OURS):03d}"

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

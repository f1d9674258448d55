"""What a simulation is made from; equal settings give equal bytes."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.simulator import months
from services.simulator.division import most_streets

HOUSEHOLDS_A_STREET = 1200
"""As many as 荔枝街道 is taken to have (domain.md section 6)."""


@dataclass(frozen=True)
class Settings:
    """``households`` in streets of at most ``street`` each, from month to month, both included."""

    households: int = HOUSEHOLDS_A_STREET
    first: str = "2018-01"
    last: str = "2021-12"
    seed: int = 1
    street: int = HOUSEHOLDS_A_STREET

    def __post_init__(self) -> None:
        if self.households < 1 or self.street < 1:
            raise ValueError("a street has at least one household")
        if self.streets > most_streets():
            raise ValueError(
                f"{self.households:,} households are more than {most_streets():,} streets"
                f" of {self.street:,} hold"
            )
        if self.first_month > self.last_month:
            raise ValueError(f"the first month {self.first} is after the last, {self.last}")

    @property
    def streets(self) -> int:
        """How many streets there are."""
        return -(-self.households // self.street)

    def size_of(self, number: int) -> int:
        """How many households the street of that number has at first; the streets are of equal size."""
        return self.households // self.streets + (number < self.households % self.streets)

    @property
    def first_month(self) -> months.Month:
        """The first simulated month."""
        return months.parse(self.first)

    @property
    def last_month(self) -> months.Month:
        """The last simulated month."""
        return months.parse(self.last)

    @property
    def as_of(self) -> date:
        """The last day of the run: the day to close before comparing findings with labels."""
        return months.last_day(self.last_month)

    @property
    def raised_month(self) -> months.Month:
        """The month from which the later policy (large_payment.multiple) applies: after 70 % of the run.

        Never the first month; it lies beyond the run where that has one month only.
        """
        return self.first_month + max(1, (self.last_month - self.first_month) * 7 // 10)

    def document(self) -> dict[str, Any]:
        """``settings`` of ``labels.json``."""
        return {
            "households": self.households,
            "streets": self.streets,
            "from": self.first,
            "to": self.last,
            "seed": self.seed,
        }

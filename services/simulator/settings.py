"""What a simulation is made from; equal settings give equal bytes."""

from dataclasses import dataclass
from datetime import date

from services.simulator import months


@dataclass(frozen=True)
class Settings:
    """A street of ``households`` households, from month to month (``2018-01``), both included."""

    households: int = 1200
    first: str = "2018-01"
    last: str = "2021-12"
    seed: int = 1

    def __post_init__(self) -> None:
        if self.households < 1:
            raise ValueError("a street has at least one household")
        if self.first_month > self.last_month:
            raise ValueError(f"the first month {self.first} is after the last, {self.last}")

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

"""What all offices of a street share: the month, the post, the numbers, and which households there are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from services.simulator import facts, months
from services.simulator.division import Division
from services.simulator.household import Household
from services.simulator.labels import Labels
from services.simulator.months import Month
from services.simulator.post import Post


@dataclass
class Register:
    """The street's books. Every act of an office changes them and posts the fact in one step."""

    division: Division
    post: Post
    labels: Labels
    random: Random
    month: Month
    active: list[Household] = field(default_factory=list)
    in_the_end: list[Callable[[], None]] = field(default_factory=list)
    """What is told after the last month: what became of things that were left undone."""
    _present: dict[Household, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.serials = facts.Serials(self.division.prefix)

    def day(self, number: int) -> date:
        """A day of the current month."""
        return months.day(self.month, number)

    def some_day(self, first: int, last: int) -> date:
        """Any day of the current month between two."""
        return self.day(self.random.randint(first, last))

    @property
    def pay_day(self) -> date:
        """The 28th, or the Friday before where that is a weekend."""
        return _pay_day(self.month)

    def admit(self, household: Household) -> None:
        """A household has a spell, and so is one of the street's."""
        if household not in self._present:
            self._present[household] = None
            self.active.append(household)

    def forget_former(self) -> None:
        """Forget households without a spell in the next month, unless a story about them goes on."""
        self.active = [h for h in self.active if h.busy or h.receives_after(self.month)]
        self._present = dict.fromkeys(self.active)


@cache
def _pay_day(month: Month) -> date:
    day = months.day(month, 28)
    return day - timedelta(days=max(0, day.weekday() - 4))

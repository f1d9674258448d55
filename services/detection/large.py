"""Large subjects: of so many facts that looking at them at each fact would cost more with every one.

They are looked at now and then instead, for all that was stated of them meanwhile, and rest afterwards in
proportion to what that took: what a fact costs stays flat, however many there are. Which subjects are large
is known to this process only and is a matter of time alone: whoever does not know it looks at once.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Final

from services.detection.marks import READERS, Mark

FACTS: Final = 1000
"""A subject with more facts than these, its own or its neighbours', is large."""

SHARE: Final = 0.1
"""The part of its time that a process spends on large subjects."""

LONGEST_SECONDS: Final = 60.0
"""After this long they are looked at again, whatever it takes."""

_KNOWN: Final = 10_000


class Large:
    """The large subjects that a process knows of, and how long they rest."""

    def __init__(self, clock: Callable[[], float] = monotonic, facts: int = FACTS) -> None:
        self.facts = facts
        self._clock = clock
        self._known: OrderedDict[str, None] = OrderedDict()
        self._rest_until = 0.0

    def learn(self, subjects: Iterable[str]) -> None:
        """Remember subjects that were found to be large; those of long ago are forgotten."""
        for subject in subjects:
            self._known[subject] = None
            self._known.move_to_end(subject)
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)

    def apart(self, marks: Iterable[Mark]) -> tuple[list[Mark], list[Mark]]:
        """Return the marks to be done now, and those of large subjects.

        That the readers of a fact look again does not ask for the subject's own facts, and is done now.
        """
        now: list[Mark] = []
        later: list[Mark] = []
        for one in marks:
            (later if one[0] in self._known and one[2][:1] != READERS else now).append(one)
        return now, later

    def resting(self) -> float:
        """Return for how many seconds large subjects are left alone yet."""
        return max(self._rest_until - self._clock(), 0.0)

    def rest(self, seconds: float) -> None:
        """Have large subjects rest after one that took so many seconds."""
        self._rest_until = self._clock() + min(seconds * (1 - SHARE) / SHARE, LONGEST_SECONDS)

"""Ordinary life, month by month: tables of what happens before and after the month is paid."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from services.simulator.life import households, petitions, relief, standards
from services.simulator.street import Street


@dataclass(frozen=True, slots=True)
class Routine:
    """What happens every month. Each has a stream of chance of its own, named after it."""

    name: str
    happens: Callable[[Street, Random], None]


BEFORE_PAYMENTS: tuple[Routine, ...] = (
    Routine("standards", standards.raise_in_autumn),
    Routine("relief", relief.pay_once),
)
AFTER_PAYMENTS: tuple[Routine, ...] = (
    Routine("petitions", petitions.file),
    Routine("newcomers", households.newcomers),
)

__all__ = ["AFTER_PAYMENTS", "BEFORE_PAYMENTS", "Routine"]

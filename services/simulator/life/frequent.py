"""How often an account is paid in a month."""

from random import Random

from services.simulator.schemes.frequent import tell_of_frequent
from services.simulator.street import Street

SETTLED_AFTER = 6
"""Months after which nothing is paid for a month any more that was paid for once."""


def watch(street: Street, _: Random) -> None:
    """It is told after the run, when it is known what came back and what was an error."""
    street.in_the_end.append(lambda: tell_of_frequent(street))


def forget(street: Street, _: Random) -> None:
    """Memory is for what may still become something."""
    street.payments.forget_ordinary(street.month - SETTLED_AFTER)

"""Money paid for the dead is asked back."""

from random import Random

from services.simulator.schemes.recoveries import ask, tell_of_recoveries
from services.simulator.street import Street


def ask_back(street: Street, random: Random) -> None:
    """Ask this month; what is still owed is told after the run."""
    ask(street, random)
    if street.month == street.settings.last_month:
        street.in_the_end.append(lambda: tell_of_recoveries(street))

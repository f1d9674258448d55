"""Temporary relief (临时救助)."""

from random import Random

from services.simulator.life.chance import about
from services.simulator.street import Street


def pay_once(street: Street, random: Random) -> None:
    """A little 临时救助, paid once to households in need; no enrolment precedes it."""
    for _ in range(about(random, street.size * 0.002)):
        household = random.choice(street.active)
        if street.idle(household):
            account = household.spell.account(street.month)
            street.payments.pay(
                household,
                "temporary_relief",
                street.month,
                random.randint(3, 20) * 10000,
                account,
                kind="one_off",
                paid_on=street.some_day(5, 25),
            )

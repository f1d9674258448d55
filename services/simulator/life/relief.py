"""Temporary relief (临时救助)."""

from random import Random

from services.simulator.life.chance import about
from services.simulator.street import Street

_CAUSES = (("illness", "accident", "disaster", "schooling", "epidemic"), (50, 20, 10, 10, 10))


def pay_once(street: Street, random: Random) -> None:
    """A little 临时救助, paid once to households in need; no enrolment precedes it."""
    for _ in range(about(random, street.size * 0.002)):
        household = random.choice(street.active)
        if street.idle(household):
            account = household.spell.account(street.month)
            amount, day = random.randint(3, 20) * 10000, street.some_day(5, 25)
            street.payments.pay(
                household,
                "temporary_relief",
                street.month,
                amount,
                account,
                kind="one_off",
                paid_on=day,
            )
            person = household.spell.members(street.month)[0]
            cause = random.choices(*_CAUSES)[0]
            street.relief.grant(
                person, household.division, cause, amount, street.day(3), household_no=household.no
            )

"""What clerks record by mistake and take back some days later: it never counted."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from services.simulator.life.chance import about
from services.simulator.life.policies import issue_again
from services.simulator.street import Street

A_MONTH = 0.3
"""Of each kind, on average."""


def happen(street: Street, random: Random) -> None:
    """The month's; none in the last one, of which nobody knows yet."""
    if street.month == street.last_month or not street.active:
        return
    for mistake in _MISTAKES:
        for _ in range(about(random, A_MONTH)):
            day = street.day(random.randint(2, 25))
            mistake(street, random, day, day + timedelta(days=random.randint(1, 6)))


def _moved_another(street: Street, random: Random, day: date, found_on: date) -> None:
    household = random.choice(street.active)
    home = household.division
    moved = street.identity.move(household, random.choice(street.division.villages).code, day)
    household.division = home
    street.identity.void(moved, found_on, "登记到别户")


def _appointed_twice(street: Street, random: Random, day: date, found_on: date) -> None:
    official = street.officials.one(random, day, "handling_staff", "village_committee")
    street.officials.void(street.officials.announce_again(official), found_on, "重复登记")


def _demanded_by_another(street: Street, random: Random, day: date, found_on: date) -> None:
    at_home = [h for h in street.active if "tekun" in h.spells and h.spells["tekun"].covers(street.month)]
    if at_home:
        household = random.choice(at_home)
        person = household.spells["tekun"].members(street.month)[0]
        street.tekun.void(street.tekun.demand(household, person, "full", day), found_on, "登记到别人")


def _issued_twice(street: Street, random: Random, day: date, found_on: date) -> None:
    street.policy.void(issue_again(street, random, day), found_on, "重复登记")


_MISTAKES: tuple[Callable[[Street, Random, date, date], None], ...] = (
    _moved_another,
    _appointed_twice,
    _demanded_by_another,
    _issued_twice,
)

"""Filings of near relatives (近亲属备案): made when an official's kin receives, and looked into in time."""

from datetime import timedelta
from random import Random

from services.simulator.life.chance import about
from services.simulator.offices.kinship import KINDS, RELATIONS
from services.simulator.parameters import days
from services.simulator.street import Street

AT_FIRST = 0.02
A_YEAR = 0.01
"""Of the households, how many are filed."""


def first_filings(street: Street, random: Random) -> None:
    """What was filed when filing began."""
    for _ in range(about(random, street.size * AT_FIRST)):
        _file(street, random)


def file_and_review(street: Street, random: Random) -> None:
    """File a few more; the county visits each within its time."""
    for _ in range(about(random, street.size * A_YEAR / 12)):
        _file(street, random)


def _file(street: Street, random: Random) -> None:
    household = street.resident(random, "kinship")
    day = street.day(random.randint(3, 26))
    official = street.officials.one(random, day, *KINDS, village=household.division)
    relative = household.spell.members(household.spell.first)[0]
    declared = street.kinship.declare(household, official, relative, random.choice(RELATIONS), day)
    reviewed_on = day + timedelta(days=random.randint(5, days("kinship.review_days", day) - 5))
    reviewers = street.officials.two(random, day, "handling_staff")
    street.kinship.review(declared, reviewed_on, list(reviewers))

"""The household register: ID numbers become known, households move within the street."""

from random import Random

from services.simulator.life.chance import about
from services.simulator.street import Street

MOVES_A_YEAR = 0.006
FOUND_A_YEAR = 0.15
"""Of the people known by a number of the office's own only, whose ID number turns up."""


def keep(street: Street, random: Random) -> None:
    """What the register learns in a month."""
    for _ in range(about(random, street.size * MOVES_A_YEAR / 12)):
        household = random.choice(street.active)
        others = [one.code for one in street.division.villages if one.code != household.division]
        street.identity.move(household, random.choice(others), street.day(random.randint(2, 25)))
    for household in street.active:
        for person in household.spell.members(street.month):
            if person.local_no is None or person in street.numbered:
                continue
            if random.random() < FOUND_A_YEAR / 12:
                street.numbered.add(person)
                year = street.month // 12
                found = street.people.person(person.name, year - person.born.year, year)
                assert found.id_number is not None
                street.identity.find_number(person, found.id_number, street.day(random.randint(2, 25)))

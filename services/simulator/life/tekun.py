"""特困供养: who wants a place in an institution gets one; who stays at home is cared for by agreement."""

from datetime import timedelta
from random import Random

from services.simulator.household import Household
from services.simulator.people import Person
from services.simulator.street import Street

SELF_CARE = ("full", "partial", "none")
MOVES_A_YEAR = 0.03
"""Of those in institutions, how many go to another one."""
_CARERS = ("relative", "relative", "neighbour", "village_official", "organisation")


def settle(street: Street, random: Random) -> None:
    """Places for those who came since last month, agreements renewed each year, a move now and then."""
    for household in street.active:
        spell = household.spells.get("tekun")
        if spell is None or not spell.covers(street.month):
            continue
        members = spell.members(street.month)
        if not members or members[0].died_on is not None or "left to themselves" in household.parts:
            continue
        person, account = members[0], spell.account(street.month)
        if "tekun" not in household.parts:
            household.parts.add("tekun")
            if account.institution:
                _find_a_place(street, random, household, person, account.holder_name)
            else:
                day = street.day(random.randint(1, 6))
                street.tekun.care_at_home(household, person, random.choice(SELF_CARE), day)
                _agree(street, random, household, person)
        elif account.institution:
            if random.random() < MOVES_A_YEAR / 12:
                day = street.day(random.randint(3, 20))
                others = [one.holder_name for one in street.institutions if one is not account]
                street.tekun.discharge(household, person, account.holder_name, "moved", day)
                street.tekun.admit(household, person, random.choice(others), day + timedelta(days=1))
        elif (street.month - spell.first) % 12 == 0:
            _agree(street, random, household, person)


def _find_a_place(
    street: Street, random: Random, household: Household, person: Person, institution: str
) -> None:
    day = street.day(random.randint(1, 5))
    street.tekun.demand(household, person, random.choice(SELF_CARE), day)
    street.tekun.admit(household, person, institution, day + timedelta(days=random.randint(2, 20)))


def _agree(street: Street, random: Random, household: Household, person: Person) -> None:
    carer = street.people.person(
        street.people.name(outsider=True), random.randint(30, 65), street.month // 12
    )
    street.tekun.agree(household, person, carer, random.choice(_CARERS), street.day(random.randint(7, 25)))

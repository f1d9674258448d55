"""Temporary relief granted twice for one occasion, and what only looks so (R23)."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from services.simulator.facts import Event
from services.simulator.people import Person
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street

RULE = "duplicate-relief"
CAUSE = "uninsured_unemployed"


def somebody(street: Street, random: Random, surname: str | None = None) -> Person:
    """Somebody of working age who is out of work and was never insured; receives no allowance."""
    name = street.people.name(surname, outsider=surname is None)
    return street.people.person(name, random.randint(22, 58), street.month // 12)


def _grant(
    street: Street,
    random: Random,
    person: Person,
    division: str,
    occasion_no: str,
    after: int = 0,
    from_reserve: bool = False,
) -> Event:
    day = street.day(random.randint(2, 12)) + timedelta(days=after)
    amount = random.randint(5, 20) * 10000
    return street.relief.grant(
        person, division, CAUSE, amount, day, occasion_no=occasion_no, from_reserve=from_reserve
    )


def _key(person: Person, occasion_no: str) -> dict[str, str]:
    return {"person": person.key, "occasion_no": occasion_no}


def _twice(case: str, from_reserve: bool = False) -> Act:
    """The same person asks again for the same occasion, perhaps at the township, and nobody compares."""

    def act(street: Street, random: Random) -> None:
        person, occasion = somebody(street, random), street.relief.occasion()
        division = random.choice(street.division.villages).code
        grants = (
            _grant(street, random, person, division, occasion),
            _grant(street, random, person, division, occasion, random.randint(12, 40), from_reserve),
        )
        numbers = sorted(grant["data"]["relief_no"] for grant in grants)
        street.labels.irregular(RULE, case, _key(person, occasion), severity="high", grants=numbers)

    return act


def _two_occasions(street: Street, random: Random) -> None:
    person, division = somebody(street, random), random.choice(street.division.villages).code
    occasions = street.relief.occasion(), street.relief.occasion()
    _grant(street, random, person, division, occasions[0])
    _grant(street, random, person, division, occasions[1], random.randint(12, 40))
    street.labels.lawful(RULE, "two_occasions", _key(person, occasions[1]))


def _two_of_a_family(street: Street, random: Random) -> None:
    first = somebody(street, random)
    second = somebody(street, random, first.name[0])
    division, occasion = random.choice(street.division.villages).code, street.relief.occasion()
    for person in (first, second):
        _grant(street, random, person, division, occasion)
        street.labels.lawful(RULE, "two_of_a_family", _key(person, occasion))


def _same_name(street: Street, random: Random) -> None:
    first = somebody(street, random)
    second = street.people.person(first.name, random.randint(22, 58), street.month // 12)
    division, occasion = random.choice(street.division.villages).code, street.relief.occasion()
    for person in (first, second):
        _grant(street, random, person, division, occasion)
    street.labels.lawful(RULE, "same_name", _key(second, occasion))


def _second_voided(street: Street, random: Random) -> None:
    person, occasion = somebody(street, random), street.relief.occasion()
    division = random.choice(street.division.villages).code
    _grant(street, random, person, division, occasion)
    second = _grant(street, random, person, division, occasion, random.randint(12, 20))
    street.relief.void(second, street.day(28), "重复登记")
    street.labels.lawful(RULE, "second_grant_voided", _key(person, occasion))


_LAWFUL: tuple[tuple[str, Callable[[Street, Random], None]], ...] = (
    ("two_occasions", _two_occasions),
    ("two_of_a_family", _two_of_a_family),
    ("same_name", _same_name),
    ("second_grant_voided", _second_voided),
)

DEEDS = (
    Deed(RULE, "asked_twice", _twice("asked_twice"), 3, 14),
    Deed(RULE, "county_and_township", _twice("county_and_township", from_reserve=True), 3, 12),
    *(Deed(RULE, case, act, 3, 23) for case, act in _LAWFUL),
)

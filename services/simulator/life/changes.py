"""What befalls households in ordinary life: they leave, grow and shrink, people die, cards bounce."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from services.simulator.household import Household, Listing
from services.simulator.schemes import amounts, deaths, spells
from services.simulator.street import Street, standard

# Chances a month (domain.md section 6: exits 12 % and deaths 20 ‰ a year).
EXIT = 0.12 / 12
RETURN_AFTER_EXIT = 0.25
DEATH = 0.020 / 12
JOINS = 0.004
LEAVES = 0.003
BOUNCES = 0.003
NEW_ACCOUNT = 0.004
REASSESSED = 0.003

Plot = tuple[Household, Iterator[None]]


def befall(street: Street, random: Random) -> list[Plot]:
    """What begins this month in households where nothing else is going on."""
    plots: list[Plot] = []
    for household in street.active:
        chance = random.random()
        if chance >= 0.06 or not street.idle(household):  # the sum of all chances below is less
            continue
        story = _story(street, household, chance, random)
        if story is not None:
            household.busy = True
            plots.append((household, story))
    return plots


def _story(street: Street, household: Household, chance: float, random: Random) -> Iterator[None] | None:
    members = household.spell.members(street.month)
    for limit, story in (
        (EXIT, _leaves if random.random() > RETURN_AFTER_EXIT else spells.comes_back),
        (JOINS, _somebody_joins),
        (LEAVES, _somebody_leaves if len(members) > 1 else None),
        (BOUNCES, amounts.bounced),
        (NEW_ACCOUNT, _new_account if not household.named else None),
        (REASSESSED, _reassessed),
    ):
        if chance < limit:
            return story(street, household) if story else None
        chance -= limit
    if chance < DEATH * len(members):
        return deaths.natural_death(street, household, random.choice(members))
    return None


def _leaves(street: Street, household: Household) -> Iterator[None]:
    kind = street.random.choices(("other", "policy", "favour"), (60, 22, 18))[0]
    decided_on = street.some_day(5, 24)
    found_on = decided_on - timedelta(days=street.random.randint(1, 25))
    street.enrollment.exit_household(
        household, household.spell, kind, decided_on, street.month + 1, found_on=found_on
    )
    yield


def _somebody_joins(street: Street, household: Household) -> Iterator[None]:
    spell, first = household.spell, street.month + 1
    taken = {p.name for p in spell.members(street.month)}
    while (name := street.people.name()) in taken:
        pass
    person = street.people.person(name, street.casting.randint(0, 60), street.month // 12)
    entitlement = spell.entitlement(first) + standard(spell.programme, street.month) * 70 // 100 * 100
    street.enrollment.change_members(
        household, spell, first, street.some_day(5, 24), entitlement, added=Listing(person, "家属", first)
    )
    yield
    yield


def _somebody_leaves(street: Street, household: Household) -> Iterator[None]:
    spell, first = household.spell, street.month + 1
    leaving = spell.members(street.month)[-1]
    if street.random.random() < 0.5:
        street.enrollment.remove(household, spell, leaving, "other", street.some_day(5, 24), first)
    else:
        components = spell.components(street.month)
        entitlement = spell.entitlement(street.month)
        part = components[leaving.key] if components else entitlement // len(spell.members(street.month))
        street.enrollment.change_members(
            household, spell, first, street.some_day(5, 24), entitlement - part, removed=leaving
        )
    yield
    yield


def _new_account(street: Street, household: Household) -> Iterator[None]:
    head = household.spell.members(street.month)[0]
    street.enrollment.change_account(
        household, household.spell, street.people.account(head.name), street.month
    )
    yield


def _reassessed(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    amount, parts = street.raised(spell, street.month, street.random.randint(3, 30))
    street.enrollment.adjust(
        household, spell, street.month + 1, amount, street.some_day(5, 20), "收入变化", components=parts
    )
    yield
    yield

"""What the household register does lawfully that looks like fraud: numbers and accounts that go to others,
households that become one or two, people of one name."""

from collections.abc import Iterator
from datetime import timedelta

from services.simulator import months
from services.simulator.household import Household, Listing
from services.simulator.schemes import accounts, deaths, names, spells
from services.simulator.schemes.deaths import leave
from services.simulator.schemes.scheme import Scheme
from services.simulator.street import ANYBODY, Cast, Street

ALONE = Cast(size=(1, 1), unnamed=True)


def _to_join(street: Street, programme: str) -> Household:
    """Somebody who lives alone and receives the same programme."""
    while (other := street.find(ALONE)).spell.programme != programme:
        other.busy = other.named = False
    return other


def _merged(street: Street, household: Household) -> Iterator[None]:
    """Somebody moves in with a household: one register entry ends, and its account goes on being used."""
    spell, first, day = household.spell, street.month + 1, street.some_day(5, 20)
    other = _to_join(street, spell.programme)
    leaving, person = other.spell, other.spell.members(street.month)[0]
    account, own = leaving.account(street.month), spell.account(first)
    last = street.payments.pay_due(other, leaving)
    street.labels.lawful(spells.RULE, "merged_household", last.key)
    entitlement = spell.entitlement(first) + leaving.entitlement(street.month)
    street.identity.merge(household, other, day)
    street.enrollment.exit_household(other, leaving, "other", day, first)
    street.enrollment.change_members(
        household, spell, first, day, entitlement, added=Listing(person, "家属", first)
    )
    street.enrollment.change_account(household, spell, account, first)
    yield
    other.busy = False
    paid = street.payments.pay_due(household, spell)
    street.labels.lawful(names.RULE, "merged_household", paid.account_key)
    key = {"account": account.number, "month": months.text(street.month)}
    street.labels.lawful(accounts.RULE, "merged_household", key)
    yield
    street.enrollment.change_account(household, spell, own, street.month)
    yield


def _divided(street: Street, household: Household) -> Iterator[None]:
    """Somebody leaves a household and is enrolled on their own."""
    spell, first, day = household.spell, street.month + 1, street.some_day(5, 20)
    stay = spell.members(street.month)
    person = stay.pop(1)
    components, entitlement = spell.components(street.month), spell.entitlement(street.month)
    part = components[person.key] if components else entitlement // (len(stay) + 1)
    street.enrollment.change_members(household, spell, first, day, entitlement - part, removed=person)
    new = Household(street.next_no(), household.division, busy=True)
    amount, _ = street.assess(spell.programme, [person], first, split=False)
    street.enrollment.enrol(
        new, spell.programme, [person], first, amount, street.people.account(person.name), day
    )
    street.identity.divide(household, {household.no: stay, new.no: [person]}, day)
    yield
    paid = street.payments.pay_due(new, new.spell)
    street.labels.lawful(spells.RULE, "household_divided", paid.key)
    yield
    new.busy = False


def _number_reused(street: Street, household: Household) -> Iterator[None]:
    """A household leaves, its number goes to another family, and somebody of the first one dies."""
    before = household.spell
    person = before.members(street.month)[0]
    street.enrollment.exit_household(household, before, "other", street.some_day(5, 20), street.month + 1)
    for _ in range(4):
        yield
    family = street.family(ANYBODY, street.month)
    amount, components = street.assess(before.programme, family, street.month)
    spell = street.enrollment.enrol(
        household,
        before.programme,
        family,
        street.month,
        amount,
        street.people.account(family[0].name),
        months.day(street.month - 1, street.random.randint(8, 26)),
        components=components,
        deliver=street.day(2),
    )
    person.died_on = died_on = street.some_day(1, 20)
    street.vitals.record_death(person, died_on, died_on + timedelta(days=2))
    paid = street.payments.pay_due(household, spell)
    street.labels.lawful(spells.RULE, "number_reused", paid.key)
    street.labels.lawful(names.RULE, "number_reused", paid.account_key)
    yield
    paid = street.payments.pay_due(household, spell)
    street.labels.lawful(deaths.RULE, "number_reused", {**paid.key, "person": person.key})
    yield


def _account_reused(street: Street, household: Household) -> Iterator[None]:
    """Somebody who lived alone dies; months later the bank gives the account's number to a new customer."""
    spell, person = household.spell, household.spell.members(street.month)[0]
    account = spell.account(street.month)
    person.died_on = died_on = street.some_day(1, 10)
    street.vitals.record_death(person, died_on, died_on + timedelta(days=3))
    leave(street, household, spell, person, street.some_day(15, 25))
    for _ in range(4):
        yield
    new = street.move_in(Cast(size=(1, 2)), reissued=account, deliver=street.day(2))
    paid = street.payments.pay_due(new, new.spell)
    key = {"account": account.number, "month": months.text(street.month)}
    street.labels.lawful(accounts.RULE, "account_of_the_dead_reissued", key)
    street.labels.lawful(deaths.RULE, "account_of_the_dead_reissued", {**paid.key, "person": person.key})
    yield


def _namesake_dies(street: Street, household: Household) -> Iterator[None]:
    """Somebody of the same name dies, and the member goes on receiving."""
    spell, person = household.spell, household.spell.members(street.month)[0]
    age = street.random.randint(40, 90)
    namesake = street.people.person(person.name, age, street.month // 12)
    namesake.died_on = died_on = street.some_day(1, 20)
    street.vitals.record_death(namesake, died_on, died_on + timedelta(days=4))
    yield
    paid = street.payments.pay_due(household, spell)
    street.labels.lawful(deaths.RULE, "same_name_died", {**paid.key, "person": person.key})
    yield


SCHEMES = (
    Scheme(spells.RULE, "merged_household", _merged, 4, 23, Cast(unnamed=True)),
    Scheme(spells.RULE, "household_divided", _divided, 4, 23, Cast(size=(2, 4))),
    Scheme(spells.RULE, "number_reused", _number_reused, 7, 23),
    Scheme(deaths.RULE, "account_of_the_dead_reissued", _account_reused, 6, 23, ALONE),
    Scheme(deaths.RULE, "same_name_died", _namesake_dies, 3, 23),
)

"""Deaths: when somebody dies, when it is registered, when the payment stops, and what was paid between."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.simulator import months
from services.simulator.household import Household, Spell
from services.simulator.offices import Payment
from services.simulator.people import Person
from services.simulator.schemes.scheme import Scheme, Story
from services.simulator.street import Cast, Street

RULE = "paid-after-death"


def dies(
    street: Street,
    household: Household,
    person: Person,
    died_on: date,
    registered_on: date,
    decided_on: date,
    hand_over: bool = True,
) -> Iterator[None]:
    """Somebody dies; the registry learns of it, later the office, which stops paying the month after."""
    spell = household.spell
    person.died_on = died_on
    while street.month < months.of(registered_on):
        yield
    street.vitals.record_death(person, died_on, registered_on)
    while street.month < months.of(decided_on):
        yield
    leave(street, household, spell, person, decided_on, hand_over)
    yield


def leave(
    street: Street,
    household: Household,
    spell: Spell,
    person: Person,
    decided_on: date,
    hand_over: bool = True,
    deliver: date | None = None,
) -> None:
    """The dead person leaves the list from the next month; a survivor's account takes over where needed."""
    stop = street.month + 1
    held = spell.account(stop).holder_name == person.name
    street.enrollment.remove(household, spell, person, "death", decided_on, stop, deliver)
    survivors = spell.members(stop)
    if survivors and held and hand_over:
        street.enrollment.change_account(household, spell, street.people.account(survivors[0].name), stop)


def natural_death(street: Street, household: Household, person: Person) -> Iterator[None]:
    """The ordinary case: registered within days or months, stopped soon after."""
    died_on = street.some_day(1, 28)
    chance = street.random.random()
    if chance < 0.6:
        lag = street.random.randint(0, 20)
    elif chance < 0.95:
        lag = street.random.randint(20, 180)
    else:
        lag = street.random.randint(180, 360)
    registered_on = died_on + timedelta(days=lag)
    decided_on = registered_on + timedelta(days=street.random.randint(1, 10))
    household.story = "registration_lag"
    yield from dies(street, household, person, died_on, registered_on, decided_on)


def _last_member(street: Street, household: Household) -> Person:
    return household.spell.members(street.month)[-1]


def _concealed(street: Street, household: Household) -> Iterator[None]:
    household.story = "concealed"
    died_on = street.some_day(1, 27)
    registered_on = months.day(street.month + street.random.randint(5, 7), street.random.randint(3, 20))
    yield from dies(
        street,
        household,
        _last_member(street, household),
        died_on,
        registered_on,
        registered_on + timedelta(days=5),
    )


def _stopped_late(case: str) -> Story:
    def story(street: Street, household: Household) -> Iterator[None]:
        household.story = case
        died_on = street.some_day(1, 20)
        decided_on = months.day(street.month + street.random.randint(2, 4), street.random.randint(3, 25))
        yield from dies(
            street,
            household,
            _last_member(street, household),
            died_on,
            died_on + timedelta(days=5),
            decided_on,
        )

    return story


def _stopped_in_time(case: str, reduced: bool) -> Story:
    def story(street: Street, household: Household) -> Iterator[None]:
        person, spell = _last_member(street, household), household.spell
        died_on = street.some_day(1, 10)
        person.died_on = died_on
        street.vitals.record_death(person, died_on, died_on + timedelta(days=3))
        leave(street, household, spell, person, street.some_day(15, 25))
        if not reduced:
            paid = street.payments.pay_due(household, spell)
            street.labels.lawful(RULE, case, {**paid.key, "person": person.key})
        yield
        if reduced:
            paid = street.payments.pay_due(household, spell)
            street.labels.lawful(RULE, case, {**paid.key, "person": person.key})
            yield

    return story


def _returned(street: Street, household: Household) -> Iterator[None]:
    person, spell = _last_member(street, household), household.spell
    person.died_on = died_on = street.some_day(1, 27)
    household.story = "returned_later"
    yield
    paid: list[Payment] = [street.payments.pay_due(household, spell)]
    yield
    street.vitals.record_death(person, died_on, street.some_day(3, 12))
    leave(street, household, spell, person, street.some_day(14, 25))
    paid.append(street.payments.pay_due(household, spell))
    yield
    for payment in paid:
        street.payments.take_back(payment, street.some_day(5, 25), "对象已死亡")
        street.labels.lawful(RULE, "returned", {**payment.key, "person": person.key})


def _voided(street: Street, household: Household) -> Iterator[None]:
    person, spell = _last_member(street, household), household.spell
    person.died_on = died_on = street.some_day(1, 20)
    street.vitals.record_death(person, died_on, died_on + timedelta(days=6))
    yield
    leave(street, household, spell, person, street.some_day(5, 20))
    late = street.pay_day + timedelta(days=street.random.randint(2, 40))
    payment = street.payments.pay_due(household, spell, deliver=late)
    first = street.random.random() < 0.5  # the void is sent before the line that it undoes
    day = street.pay_day + timedelta(days=1)
    street.payments.undo(payment, day, deliver=day if first else late + timedelta(days=3))
    street.labels.lawful(RULE, "voided", {**payment.key, "person": person.key})
    yield


def _registered_in_error(street: Street, household: Household) -> Iterator[None]:
    person, spell = _last_member(street, household), household.spell
    died_on = street.some_day(1, 20)
    late = street.random.random() < 0.4
    registered_on = died_on + timedelta(days=3)
    deliver = registered_on + timedelta(days=75 if late else 2)
    event = street.vitals.record_death(person, died_on, registered_on, deliver)
    yield
    paid = street.payments.pay_due(household, spell)
    street.vitals.void(event, street.some_day(2, 20), "误登记，本人健在")
    street.labels.lawful(RULE, "death_voided", {**paid.key, "person": person.key})
    yield
    paid = street.payments.pay_due(household, spell)
    street.labels.lawful(RULE, "death_voided", {**paid.key, "person": person.key})
    yield


def _registered_late_but_stopped(street: Street, household: Household) -> Iterator[None]:
    person, spell = _last_member(street, household), household.spell
    person.died_on = died_on = street.some_day(1, 15)
    leave(street, household, spell, person, street.some_day(18, 26))
    last = street.payments.pay_due(household, spell)
    for _ in range(street.random.randint(2, 3)):
        yield
    registered_on = street.some_day(2, 25)
    street.vitals.record_death(person, died_on, registered_on)
    street.labels.lawful(RULE, "registered_late_but_stopped", {**last.key, "person": person.key})
    yield


ONE = Cast(size=(1, 1))
MORE = Cast(size=(2, 4))

SCHEMES = (
    Scheme(RULE, "concealed", _concealed, 9, 14),
    Scheme(RULE, "stopped_late_alone", _stopped_late("stopped_late_alone"), 6, 8, ONE),
    Scheme(RULE, "survivors_unreduced", _stopped_late("survivors_unreduced"), 6, 8, MORE),
    Scheme(
        RULE,
        "survivors_unreduced_components",
        _stopped_late("survivors_unreduced_components"),
        6,
        8,
        Cast(size=(2, 4), components=True),
    ),
    Scheme(RULE, "month_of_death", _stopped_in_time("month_of_death", reduced=False), 2, 23),
    Scheme(RULE, "survivors_reduced", _stopped_in_time("survivors_reduced", reduced=True), 3, 23, MORE),
    Scheme(RULE, "returned", _returned, 4, 23),
    Scheme(RULE, "voided", _voided, 3, 42),
    Scheme(RULE, "death_voided", _registered_in_error, 3, 23),
    Scheme(RULE, "registered_late_but_stopped", _registered_late_but_stopped, 5, 23),
)

"""Payments within and outside spells: before, after, between, never; and what only looks so."""

from collections.abc import Iterator
from datetime import timedelta

from services.simulator import months
from services.simulator.household import Household, Spell
from services.simulator.offices import Payment
from services.simulator.schemes.names import mismatch, outsider
from services.simulator.schemes.scheme import Scheme
from services.simulator.street import Cast, Street

RULE = "unentitled"


def _unentitled(street: Street, payment: Payment, case: str, when: str = "after") -> None:
    payment.anomalies.append(street.labels.irregular(RULE, case, payment.key, severity="high", when=when))


def _exit(street: Street, household: Household, kind: str | None = None) -> Spell:
    spell = household.spell
    street.enrollment.exit_household(
        household,
        spell,
        kind or street.random.choice(("policy", "favour", "other")),
        street.some_day(5, 24),
        street.month + 1,
    )
    return spell


def reenrol(street: Street, household: Household, spell: Spell) -> Spell:
    """The household begins a new spell with this month, as it was before."""
    members = spell.members(spell.stop - 1) if spell.stop is not None else []
    last = months.Month(spell.stop or 0) - 1
    entitlement, components = street.assess(spell.programme, members, street.month)
    decided_on = months.day(street.month - 1, street.random.randint(8, 26))
    return street.enrollment.enrol(
        household,
        spell.programme,
        members,
        street.month,
        entitlement,
        spell.account(last),
        decided_on,
        components=components,
        deliver=street.day(2),
    )


def _paid_after_exit(street: Street, household: Household) -> Iterator[None]:
    spell = _exit(street, household)
    amount, account = spell.entitlement(street.month), spell.account(street.month)
    yield
    for _ in range(street.random.randint(1, 3)):
        paid = street.payments.pay(household, spell.programme, street.month, amount, account)
        _unentitled(street, paid, "paid_after_exit")
        yield


def _arrears_after_exit(street: Street, household: Household) -> Iterator[None]:
    """Arrears for a month after the exit are no more lawful than a regular payment."""
    spell = _exit(street, household)
    amount, account = spell.entitlement(street.month), spell.account(street.month)
    yield
    month = street.month
    yield
    paid = street.payments.pay(
        household, spell.programme, month, amount, account, kind="arrears", paid_on=street.some_day(10, 25)
    )
    _unentitled(street, paid, "arrears_for_a_month_after_exit")
    yield


def _paid_in_gap(street: Street, household: Household) -> Iterator[None]:
    spell = _exit(street, household)
    amount, account = spell.entitlement(street.month), spell.account(street.month)
    yield
    for _ in range(2):
        paid = street.payments.pay(household, spell.programme, street.month, amount, account)
        _unentitled(street, paid, "between_two_spells")
        yield
    reenrol(street, household, spell)
    yield


def _backdated_exit(street: Street, household: Household) -> Iterator[None]:
    spell, paid = household.spell, []
    yield
    for _ in range(2):
        paid.append(street.payments.pay_due(household, spell))
        yield
    stop = street.month - 2
    street.enrollment.exit_household(household, spell, "policy", street.some_day(5, 20), stop)
    for payment in paid:
        _unentitled(street, payment, "exit_backdated")
    yield


def _backdated_death(street: Street, household: Household) -> Iterator[None]:
    """The exit is backdated to the death: no longer paid to a member, but outside the spell."""
    spell, person = household.spell, household.spell.members(street.month)[0]
    person.died_on = died_on = street.some_day(1, 25)
    household.story, paid = "exit_backdated", []
    yield
    for _ in range(2):
        paid.append(street.payments.pay_due(household, spell))
        yield
    registered_on = street.some_day(2, 10)
    street.vitals.record_death(person, died_on, registered_on)
    street.enrollment.exit_household(
        household, spell, "death", registered_on + timedelta(days=3), months.of(died_on) + 1
    )
    for payment in paid:
        street.labels.undo(payment.anomalies)
        payment.anomalies.clear()
        _unentitled(street, payment, "exit_backdated_to_death")
        street.labels.lawful("paid-after-death", "exit_backdated", {**payment.key, "person": person.key})
    yield


def _paid_before_start(street: Street, household: Household) -> Iterator[None]:
    """A new household is paid a month too early. The part is played by a household that moves in."""
    new = street.move_in(first=street.month + 1, decided_on=street.some_day(5, 20))
    new.busy = True
    spell = new.spell
    paid = street.payments.pay(
        new, spell.programme, street.month, spell.entitlement(spell.first), spell.account(spell.first)
    )
    _unentitled(street, paid, "paid_before_start", "before")
    yield
    new.busy = False


def _other_programme(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    other = "rural_dibao" if spell.programme == "urban_dibao" else "urban_dibao"
    for _ in range(2):
        paid = street.payments.pay(
            household, other, street.month, spell.entitlement(street.month), spell.account(street.month)
        )
        _unentitled(street, paid, "other_programme", "never")
        yield


def _ghost(street: Street, household: Household) -> Iterator[None]:
    """A household that nobody ever enrolled is on the bank's list."""
    ghost = Household(street.next_no(), household.division)
    _, account = outsider(street)
    programme, amount = household.spell.programme, household.spell.entitlement(street.month)
    for _ in range(street.random.randint(2, 3)):
        paid = street.payments.pay(ghost, programme, street.month, amount, account)
        _unentitled(street, paid, "ghost_household", "never")
        mismatch(street, paid, "ghost_household")
        yield


def _owed_after_exit(street: Street, household: Household) -> Iterator[None]:
    spell = _exit(street, household)
    month = street.month
    amount, account = spell.entitlement(month), spell.account(month)
    short = max(100, amount // 1000 * 100)
    street.payments.pay_due(household, spell, amount=amount - short)
    yield
    yield
    paid = street.payments.pay(
        household, spell.programme, month, short, account, kind="arrears", paid_on=street.some_day(10, 25)
    )
    street.labels.lawful(RULE, "arrears_for_a_month_inside", paid.key)
    yield


def comes_back(street: Street, household: Household) -> Iterator[None]:
    """A household leaves, and is enrolled again some months later: a new spell."""
    spell = _exit(street, household)
    for _ in range(street.random.randint(2, 4)):
        yield
    again = reenrol(street, household, spell)
    paid = street.payments.pay_due(household, again)
    street.labels.lawful(RULE, "new_spell", paid.key)
    yield


def _exit_voided(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    day = street.some_day(5, 20)
    first = street.random.random() < 0.4  # the void is sent before the exit that it undoes
    event = street.enrollment.exit_household(
        household,
        spell,
        "other",
        day,
        street.month + 1,
        deliver=street.day(28) + timedelta(days=20) if first else None,
    )
    spell.stop = None
    undone = street.day(24)
    street.enrollment.void(
        event, undone, "误操作退出", deliver=undone if first else undone + timedelta(days=14)
    )
    yield
    for _ in range(2):
        paid = street.payments.pay_due(household, spell)
        street.labels.lawful(RULE, "exit_voided", paid.key)
        yield


def _enrolment_late(street: Street, household: Household) -> Iterator[None]:
    new = street.move_in(deliver=street.day(28) + timedelta(days=street.random.randint(5, 80)))
    new.busy = True
    paid = street.payments.pay_due(new, new.spell, deliver=street.pay_day)
    street.labels.lawful(RULE, "enrolment_sent_late", paid.key)
    yield
    new.busy = False


def _one_off(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    paid = street.payments.pay(
        household,
        "temporary_relief",
        street.month,
        street.random.randint(5, 30) * 10000,
        spell.account(street.month),
        kind="one_off",
        paid_on=street.some_day(5, 25),
    )
    street.labels.lawful(RULE, "one_off_relief", paid.key)
    yield


def _returned(street: Street, household: Household) -> Iterator[None]:
    spell = _exit(street, household)
    amount, account = spell.entitlement(street.month), spell.account(street.month)
    yield
    paid = street.payments.pay(household, spell.programme, street.month, amount, account)
    yield
    street.payments.take_back(paid, street.some_day(3, 20), "已退出保障")
    street.labels.lawful(RULE, "returned", paid.key)
    yield


def _voided(street: Street, household: Household) -> Iterator[None]:
    spell = _exit(street, household)
    amount, account = spell.entitlement(street.month), spell.account(street.month)
    yield
    late = street.pay_day + timedelta(days=30)
    paid = street.payments.pay(household, spell.programme, street.month, amount, account, deliver=late)
    day = street.pay_day + timedelta(days=2)
    street.payments.undo(paid, day, deliver=day)
    street.labels.lawful(RULE, "voided_before_it_came", paid.key)
    yield


SCHEMES = (
    Scheme(RULE, "paid_after_exit", _paid_after_exit, 5, 10),
    Scheme(RULE, "arrears_for_a_month_after_exit", _arrears_after_exit, 4, 6),
    Scheme(RULE, "between_two_spells", _paid_in_gap, 5, 6),
    Scheme(RULE, "exit_backdated", _backdated_exit, 5, 6),
    Scheme(RULE, "exit_backdated_to_death", _backdated_death, 5, 12, Cast(size=(1, 1))),
    Scheme(RULE, "paid_before_start", _paid_before_start, 2, 8),
    Scheme(RULE, "other_programme", _other_programme, 3, 6),
    Scheme(RULE, "ghost_household", _ghost, 4, 6),
    Scheme(RULE, "arrears_for_a_month_inside", _owed_after_exit, 4, 23),
    Scheme(RULE, "new_spell", comes_back, 6, 23),
    Scheme(RULE, "exit_voided", _exit_voided, 4, 23),
    Scheme(RULE, "enrolment_sent_late", _enrolment_late, 2, 23),
    Scheme(RULE, "one_off_relief", _one_off, 1, 23),
    Scheme(RULE, "returned", _returned, 4, 23),
    Scheme(RULE, "voided_before_it_came", _voided, 3, 23),
)

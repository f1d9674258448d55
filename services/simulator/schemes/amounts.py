"""How much was paid for a month: twice, too much, or more for a reason."""

from collections.abc import Iterator
from datetime import timedelta

from services.simulator import months
from services.simulator.household import Household
from services.simulator.offices import Payment
from services.simulator.schemes.scheme import Scheme, Story
from services.simulator.street import Cast, Street

RULE = "large-payment"


def _excess(street: Street, payment: Payment, case: str, excess: int) -> None:
    street.labels.irregular(RULE, case, payment.key, severity="medium", excess_fen=excess)


def _paid_twice(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    entitled = spell.entitlement(street.month)
    street.payments.pay_due(household, spell)
    again = street.payments.pay_due(
        household, spell
    )  # an equal line in the same batch, under a serial of its own
    _excess(street, again, "paid_twice", 2 * entitled - street.allowed(entitled))
    yield


def _too_much(case: str, times: int) -> Story:
    def story(street: Street, household: Household) -> Iterator[None]:
        spell, extra = household.spell, street.random.randint(30, 900) * 100 + 45
        for _ in range(times):
            allowed = street.allowed(spell.entitlement(street.month))
            paid = street.payments.pay_due(household, spell, amount=allowed + extra)
            _excess(street, paid, case, extra)
            yield

    return story


def _reduction_ignored(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    old, leaving = spell.entitlement(street.month), spell.members(street.month)[-1]
    components = spell.components(street.month)
    part = components[leaving.key] if components else old // len(spell.members(street.month))
    street.enrollment.change_members(
        household, spell, street.month + 1, street.some_day(5, 20), old - part, removed=leaving
    )
    yield
    for _ in range(2):
        excess = old - street.allowed(spell.entitlement(street.month))
        paid = street.payments.pay_due(household, spell, amount=old)
        if excess > 0:
            _excess(street, paid, "reduction_ignored", excess)
        yield


def _backdated_raise(street: Street, household: Household) -> Iterator[None]:
    """Decided late, from an earlier month: the difference comes as arrears."""
    spell, start = household.spell, street.month
    old = spell.entitlement(start)
    street.payments.pay_due(household, spell)
    yield
    raised, parts = street.raised(spell, start, 8)
    street.enrollment.adjust(
        household, spell, start, raised, street.some_day(3, 15), "重新核定", components=parts
    )
    street.payments.pay(
        household,
        spell.programme,
        start,
        raised - old,
        spell.account(start),
        kind="arrears",
        paid_on=street.pay_day,
    )
    paid = street.payments.pay_due(household, spell)
    street.labels.lawful(RULE, "arrears", {**paid.key, "month": months.text(start)})
    yield


def _lump_of_arrears(street: Street, household: Household) -> Iterator[None]:
    """Raised three months back: the differences come as one sum, booked under the latest of these months."""
    spell, start = household.spell, street.month
    for _ in range(3):
        street.payments.pay_due(household, spell)
        yield
    raised, parts = street.raised(spell, start, 9)
    due = sum(max(0, raised - spell.entitlement(start + n)) for n in range(3))
    street.enrollment.adjust(
        household, spell, start, raised, street.some_day(3, 15), "重新核定", components=parts
    )
    lump = street.payments.pay(
        household,
        spell.programme,
        start + 2,
        due,
        spell.account(start + 2),
        kind="arrears",
        paid_on=street.some_day(18, 26),
    )
    street.labels.lawful(RULE, "lump_of_arrears", lump.key)
    yield


def _one_off_supplement(street: Street, household: Household) -> Iterator[None]:
    """A festival supplement, once, in the household's own programme beside the regular payment."""
    spell = household.spell
    paid = street.payments.pay_due(household, spell)
    street.payments.pay(
        household,
        spell.programme,
        street.month,
        20000,
        spell.account(street.month),
        kind="one_off",
        paid_on=street.some_day(5, 20),
    )
    street.labels.lawful(RULE, "one_off_supplement", paid.key)
    yield


def bounced(street: Street, household: Household) -> Iterator[None]:
    """The bank returns a payment; next month it is paid again, as arrears, beside the regular one."""
    spell, start = household.spell, street.month
    first = street.payments.pay_due(household, spell)
    yield
    street.payments.take_back(first, street.some_day(3, 8))
    account = street.people.account(spell.members(start)[0].name)
    street.enrollment.change_account(household, spell, account, street.month)
    street.payments.pay(
        household, spell.programme, start, first.amount, account, kind="arrears", paid_on=street.pay_day
    )
    paid = street.payments.pay_due(household, spell)
    street.labels.lawful(RULE, "arrears", paid.key)
    yield


def _raised(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    raised, parts = street.raised(spell, street.month, 25)
    street.enrollment.adjust(
        household, spell, street.month + 1, raised, street.some_day(5, 20), "家庭收入减少", components=parts
    )
    yield
    paid = street.payments.pay_due(household, spell)
    street.labels.lawful(RULE, "entitlement_raised", paid.key)
    yield


def _two_halves(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    whole = spell.entitlement(street.month)
    street.payments.pay_due(household, spell, amount=whole // 2, paid_on=street.some_day(8, 12))
    paid = street.payments.pay_due(household, spell, amount=whole - whole // 2)
    street.labels.lawful(RULE, "two_halves", paid.key)
    yield


def _exact(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    paid = street.payments.pay_due(household, spell, amount=street.allowed(spell.entitlement(street.month)))
    street.labels.lawful(RULE, "exactly_the_multiple", paid.key)
    yield


def _below_raised(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    entitled = spell.entitlement(street.month)
    paid = street.payments.pay_due(household, spell, amount=(entitled + street.allowed(entitled)) // 2)
    street.labels.lawful(RULE, "policy_raised", paid.key)
    yield


def _serial_conflict(street: Street, household: Household) -> Iterator[None]:
    """A wrong amount, and the corrected one under the old serial: both are set aside, a new line is sent."""
    spell = household.spell
    entitled = spell.entitlement(street.month)
    wrong = street.payments.pay_due(household, spell, amount=entitled + street.random.randint(3, 90) * 1000)
    street.payments.conflict(wrong, entitled, street.pay_day + timedelta(days=street.random.randint(1, 9)))
    street.payments.pay_due(household, spell)
    street.labels.lawful(RULE, "serial_sent_twice", wrong.key)
    yield


def _second_returned(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    street.payments.pay_due(household, spell)
    again = street.payments.pay_due(household, spell)
    yield
    street.payments.take_back(again, street.some_day(3, 20), "重复发放退回")
    street.labels.lawful(RULE, "second_payment_returned", again.key)
    yield


def _second_voided(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    street.payments.pay_due(household, spell)
    late = street.pay_day + timedelta(days=25)
    again = street.payments.pay_due(household, spell, deliver=late)
    day = street.pay_day + timedelta(days=1)
    first = street.random.random() < 0.5
    street.payments.undo(again, day, deliver=day if first else late + timedelta(days=2))
    street.labels.lawful(RULE, "second_payment_voided", again.key)
    yield


SCHEMES = (
    Scheme(RULE, "paid_twice", _paid_twice, 1, 10),
    Scheme(RULE, "typing_error", _too_much("typing_error", 1), 1, 10),
    Scheme(RULE, "supplement_invented", _too_much("supplement_invented", 3), 3, 6),
    Scheme(RULE, "above_the_raised_multiple", _too_much("above_the_raised_multiple", 1), 1, 6, raised=True),
    Scheme(RULE, "reduction_ignored", _reduction_ignored, 4, 6, Cast(size=(2, 4))),
    Scheme(RULE, "arrears", _backdated_raise, 3, 23),
    Scheme(RULE, "lump_of_arrears", _lump_of_arrears, 5, 23),
    Scheme(RULE, "one_off_supplement", _one_off_supplement, 1, 23),
    Scheme(RULE, "entitlement_raised", _raised, 3, 23),
    Scheme(RULE, "two_halves", _two_halves, 1, 23),
    Scheme(RULE, "exactly_the_multiple", _exact, 1, 23, raised=True),
    Scheme(RULE, "policy_raised", _below_raised, 1, 23, raised=True),
    Scheme(RULE, "serial_sent_twice", _serial_conflict, 1, 23),
    Scheme(RULE, "second_payment_returned", _second_returned, 3, 23),
    Scheme(RULE, "second_payment_voided", _second_voided, 2, 23),
)

"""One account for several households: pooled, or lawfully met twice."""

from collections.abc import Iterator
from datetime import timedelta

from services.simulator import months
from services.simulator.household import Household
from services.simulator.people import Account
from services.simulator.schemes.names import mismatch, outsider
from services.simulator.schemes.scheme import Scheme
from services.simulator.street import Cast, Street

RULE = "shared-account"
NEW = Cast(unnamed=True)
STRANGE = Cast(unnamed=True, uncarded=True)


def _key(street: Street, account: Account) -> dict[str, str]:
    return {"account": account.number, "month": months.text(street.month)}


def _share(street: Street, case: str, account: Account, *households: Household) -> None:
    street.labels.irregular(
        RULE, case, _key(street, account), severity="high", households=sorted(h.no for h in households)
    )


def _partner(street: Street, household: Household, cast: Cast = NEW) -> Household:
    """Another household none of whose members could be taken for the first one's head by name."""
    surname = household.spell.members(street.month)[0].name[0]
    for _ in range(40):
        partner = street.find(cast)
        if all(p.name[0] != surname for p in partner.spell.members(street.month)):
            return partner
        partner.busy = partner.named = partner.strange = False
    raise ValueError("no second household with other surnames was found")


def _pooled(street: Street, household: Household) -> Iterator[None]:
    """A second household's money goes to the first one's account."""
    other = _partner(street, household, STRANGE)
    spell, own = other.spell, other.spell.account(street.month)
    account = household.spell.account(street.month)
    street.enrollment.change_account(other, spell, account, street.month)
    for _ in range(street.random.randint(2, 3)):
        street.payments.pay_due(household, household.spell)
        mismatch(street, street.payments.pay_due(other, spell), "paid_to_another_household")
        _share(street, "pooled_account", account, household, other)
        yield
    street.enrollment.change_account(other, spell, own, street.month)
    yield
    other.busy = False


def _outsider_collects(street: Street, household: Household) -> Iterator[None]:
    """Somebody of neither household collects for both."""
    other = street.find(STRANGE)
    _, account = outsider(street)
    own = [(h, h.spell.account(street.month)) for h in (household, other)]
    for h, _old in own:
        street.enrollment.change_account(h, h.spell, account, street.month)
    for _ in range(2):
        for h, _old in own:
            mismatch(street, street.payments.pay_due(h, h.spell), "collected_by_a_stranger")
        _share(street, "collected_by_a_stranger", account, household, other)
        yield
    for h, old in own:
        street.enrollment.change_account(h, h.spell, old, street.month)
    yield
    other.busy = False


def _one_custodian(street: Street, household: Household) -> Iterator[None]:
    """A custodian with papers for two households takes both payments to one account."""
    other = street.find(NEW)
    custodian, account = outsider(street)
    granted, own = [], []
    for h in (household, other):
        own.append((h, h.spell.account(street.month)))
        granted.append(
            street.custody.grant(
                h,
                h.spell.members(street.month)[0],
                custodian,
                account,
                street.day(1),
                months.last_day(street.month + 20),
                kind="village_official",
            )
        )
        street.enrollment.change_account(h, h.spell, account, street.month)
    for _ in range(2):
        for h, _old in own:
            paid = street.payments.pay_due(h, h.spell)
            street.labels.lawful("name-mismatch", "custody_valid", paid.account_key)
        _share(street, "one_custodian_two_households", account, household, other)
        yield
    for (h, old), custody in zip(own, granted, strict=True):
        street.custody.end(custody, street.day(2))
        street.enrollment.change_account(h, h.spell, old, street.month)
    yield
    other.busy = False


def _arrears_to_relative(street: Street, household: Household) -> Iterator[None]:
    """A returned payment is paid again, as arrears, to the account of a relative who holds custody."""
    other = _partner(street, household)
    start = street.month
    relative, account = household.spell.members(start)[0], household.spell.account(start)
    street.payments.pay_due(household, household.spell)
    bounced = street.payments.pay_due(other, other.spell)
    yield
    street.payments.take_back(bounced, street.some_day(4, 9), "账户状态异常")
    granted = street.custody.grant(
        other,
        other.spell.members(start)[0],
        relative,
        account,
        street.day(1),
        months.last_day(street.month + 12),
    )
    again = street.payments.pay(
        other,
        other.spell.programme,
        start,
        bounced.amount,
        account,
        kind="arrears",
        paid_on=street.some_day(12, 25),
    )
    street.labels.lawful(
        RULE, "arrears_to_the_same_account", {"account": account.number, "month": months.text(start)}
    )
    street.labels.lawful("name-mismatch", "custody_valid", again.account_key)
    yield
    street.custody.end(granted, street.some_day(2, 10))
    other.busy = False


def _sent_back(street: Street, household: Household) -> Iterator[None]:
    """A payment goes to another household's account by mistake, and is sent back."""
    other = _partner(street, household)
    start, account = street.month, household.spell.account(street.month)
    street.payments.pay_due(household, household.spell)
    astray = street.payments.pay_due(other, other.spell, account=account)
    yield
    street.payments.take_back(astray, street.some_day(4, 9), "户名不符")
    street.payments.pay(
        other,
        other.spell.programme,
        start,
        astray.amount,
        other.spell.account(start),
        kind="arrears",
        paid_on=street.some_day(12, 25),
    )
    street.labels.lawful(
        RULE, "second_payment_returned", {"account": account.number, "month": months.text(start)}
    )
    street.labels.lawful("name-mismatch", "returned", astray.account_key)
    yield
    other.busy = other.named = False


def _astray_voided(street: Street, household: Household) -> Iterator[None]:
    """A line with another household's account is undone; the void may come before the line."""
    other = _partner(street, household)
    account, late = household.spell.account(street.month), street.pay_day + timedelta(days=20)
    street.payments.pay_due(household, household.spell)
    astray = street.payments.pay_due(other, other.spell, account=account, deliver=late)
    day = street.pay_day + timedelta(days=1)
    first = street.random.random() < 0.5
    street.payments.undo(astray, day, deliver=day if first else late + timedelta(days=2))
    street.payments.pay_due(other, other.spell)
    street.labels.lawful(RULE, "second_payment_voided", _key(street, account))
    street.labels.lawful("name-mismatch", "voided", astray.account_key)
    yield
    other.busy = other.named = False


def _one_off_to_relative(street: Street, household: Household) -> Iterator[None]:
    """One-off relief goes to a relative who holds custody, and has an account for its own household."""
    other = _partner(street, household)
    relative, account = household.spell.members(street.month)[0], household.spell.account(street.month)
    street.payments.pay_due(household, household.spell)
    granted = street.custody.grant(
        other,
        other.spell.members(street.month)[0],
        relative,
        account,
        street.day(1),
        months.last_day(street.month + 12),
    )
    relief = street.payments.pay(
        other,
        "temporary_relief",
        street.month,
        80000,
        account,
        kind="one_off",
        paid_on=street.some_day(5, 25),
    )
    street.labels.lawful(RULE, "one_off_to_the_same_account", _key(street, account))
    street.labels.lawful("name-mismatch", "custody_valid", relief.account_key)
    yield
    street.custody.end(granted, street.some_day(2, 10))
    other.busy = False


def _number_reissued(street: Street, household: Household) -> Iterator[None]:
    """A household leaves; months later the bank gives its account number to a new customer."""
    spell = household.spell
    account = spell.account(street.month)
    street.enrollment.exit_household(household, spell, "other", street.some_day(5, 20), street.month + 1)
    last = street.payments.pay_due(household, spell)
    for _ in range(3):
        yield
    street.move_in(Cast(size=(1, 2)), reissued=account, deliver=street.day(2))
    street.labels.lawful(RULE, "number_reissued_later", _key(street, account))
    street.labels.lawful(
        RULE, "number_reissued_later", {"account": account.number, "month": last.key["month"]}
    )
    yield


SCHEMES = (
    Scheme(RULE, "pooled_account", _pooled, 5, 8, STRANGE),
    Scheme(RULE, "collected_by_a_stranger", _outsider_collects, 4, 6, STRANGE),
    Scheme(RULE, "one_custodian_two_households", _one_custodian, 4, 6, NEW),
    Scheme(RULE, "arrears_to_the_same_account", _arrears_to_relative, 4, 23, NEW),
    Scheme(RULE, "second_payment_returned", _sent_back, 4, 23, NEW),
    Scheme(RULE, "second_payment_voided", _astray_voided, 3, 23, NEW),
    Scheme(RULE, "one_off_to_the_same_account", _one_off_to_relative, 3, 23, NEW),
    Scheme(RULE, "number_reissued_later", _number_reissued, 5, 23),
)

"""Whose name stands on the account: members, custodians with and without papers, strangers, odd spellings."""

from collections.abc import Iterator
from datetime import timedelta

from services.simulator import months, people
from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.offices import Payment
from services.simulator.people import Account, Person
from services.simulator.schemes.deaths import leave
from services.simulator.schemes.scheme import Scheme, Story
from services.simulator.street import Cast, Street

RULE = "name-mismatch"


def mismatch(street: Street, payment: Payment, case: str, severity: str = "high") -> None:
    """The world knows that this money went to a name that is not the household's."""
    payment.anomalies.append(street.labels.irregular(RULE, case, payment.account_key, severity=severity))


def outsider(street: Street) -> tuple[Person, Account]:
    """A person of no household, with an account."""
    person = street.people.person(
        street.people.name(outsider=True), street.casting.randint(25, 65), street.month // 12
    )
    return person, street.people.account(person.name)


def _stranger(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    own, (_, account) = spell.account(street.month), outsider(street)
    street.enrollment.change_account(household, spell, account, street.month)
    for _ in range(street.random.randint(2, 4)):
        mismatch(street, street.payments.pay_due(household, spell), "stranger")
        yield
    street.enrollment.change_account(household, spell, own, street.month)
    yield


def _institution(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    own = spell.account(street.month)
    street.enrollment.change_account(
        household, spell, street.casting.choice(street.institutions), street.month
    )
    for _ in range(2):
        mismatch(street, street.payments.pay_due(household, spell), "institution_outside_tekun")
        yield
    street.enrollment.change_account(household, spell, own, street.month)
    yield


def _dead_holder(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    head = spell.members(street.month)[0]
    head.died_on = died_on = street.some_day(1, 10)
    street.vitals.record_death(head, died_on, died_on + timedelta(days=3))
    leave(street, household, spell, head, street.some_day(15, 25), hand_over=False)
    yield
    for _ in range(street.random.randint(2, 3)):
        mismatch(street, street.payments.pay_due(household, spell), "account_of_the_dead")
        yield
    survivor = spell.members(street.month)[0]
    street.enrollment.change_account(household, spell, street.people.account(survivor.name), street.month)
    yield


def _weaker_form(case: str) -> Story:
    form = people.traditional if case == "traditional_form" else people.homophone

    def story(street: Street, household: Household) -> Iterator[None]:
        spell = household.spell
        for _ in range(2):
            account = spell.account(street.month)
            written = form(account.holder_name)
            assert written is not None
            paid = street.payments.pay_due(household, spell, account=account.written(written))
            mismatch(street, paid, case, severity="low")
            yield

    return story


def _custody(case: str) -> Story:
    """The money goes to a custodian's account; whether that is in order depends on the papers."""

    def story(street: Street, household: Household) -> Iterator[None]:
        spell, start = household.spell, street.month
        own, (custodian, account) = spell.account(start), outsider(street)
        beneficiary = spell.members(start)[0]
        if case == "custody_other_name":
            _, other = outsider(street)
            account = account.written(other.holder_name)
        valid_from, valid_to = street.day(1), months.last_day(start + 14)
        if case == "custody_lapsed":
            valid_to = months.last_day(start + 1)
        granted: Event | None = None
        if case != "custody_not_yet_valid":
            granted = street.custody.grant(
                household,
                beneficiary,
                custodian,
                account,
                valid_from,
                valid_to,
                agreement=case != "custody_without_agreement",
                filed=case != "custody_unfiled",
            )
        street.enrollment.change_account(household, spell, account, start)
        ended = False
        for n in range(4):
            if case == "custody_not_yet_valid" and n == 2:
                granted = street.custody.grant(
                    household, beneficiary, custodian, account, street.day(1), valid_to
                )
            if case == "custody_ended" and n == 2:
                assert granted is not None
                street.custody.end(granted, street.some_day(3, 20))
                ended = True
            paid = street.payments.pay_due(household, spell)
            in_order = {
                "custody_valid": True,
                "custody_lapsed": n < 2,
                "custody_not_yet_valid": n >= 2,
                "custody_ended": n < 2,
            }
            if in_order.get(case, False):
                street.labels.lawful(RULE, "custody_valid", paid.account_key)
            else:
                mismatch(street, paid, case, severity="medium")
            yield
        assert granted is not None
        if not ended:
            street.custody.end(granted, street.day(2))
        street.enrollment.change_account(household, spell, own, street.month)
        yield

    return story


def _member_account(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    own, other = spell.account(street.month), spell.members(street.month)[-1]
    street.enrollment.change_account(household, spell, street.people.account(other.name), street.month)
    for _ in range(3):
        paid = street.payments.pay_due(household, spell)
        street.labels.lawful(RULE, "account_of_another_member", paid.account_key)
        yield
    street.enrollment.change_account(household, spell, own, street.month)
    yield


def _spelling(case: str) -> Story:
    def story(street: Street, household: Household) -> Iterator[None]:
        spell = household.spell
        for n in range(2):
            account = spell.account(street.month)
            if case == "rare_character":
                written = account.holder_name
            elif case == "private_use_character":
                written = "".join(people.PRIVATE_USE.get(char, char) for char in account.holder_name)
            elif case == "dot_variant":
                written = account.holder_name.replace("·", street.random.choice("•‧．"))
            elif n == 0:
                written = account.holder_name[0] + "\u3000" + account.holder_name[1:]
            else:
                written = account.holder_name[0] + "  " + account.holder_name[1:]
            paid = street.payments.pay_due(household, spell, account=account.written(written))
            street.labels.lawful(RULE, case, paid.account_key)
            yield

    return story


_NEW = Cast(unnamed=True)
_STRANGE = Cast(unnamed=True, uncarded=True)

SCHEMES = (
    Scheme(RULE, "stranger", _stranger, 6, 12, _STRANGE),
    Scheme(RULE, "institution_outside_tekun", _institution, 4, 6, _STRANGE),
    Scheme(RULE, "account_of_the_dead", _dead_holder, 6, 8, Cast(size=(2, 4), unnamed=True, uncarded=True)),
    Scheme(
        RULE,
        "traditional_form",
        _weaker_form("traditional_form"),
        3,
        8,
        Cast(name="traditional", unnamed=True),
    ),
    Scheme(RULE, "homophone", _weaker_form("homophone"), 3, 8, Cast(name="homophone", unnamed=True)),
    *(
        Scheme(RULE, case, _custody(case), 6, per_1200, _NEW)
        for case, per_1200 in (
            ("custody_without_agreement", 6),
            ("custody_unfiled", 6),
            ("custody_lapsed", 6),
            ("custody_not_yet_valid", 6),
            ("custody_ended", 6),
            ("custody_other_name", 6),
            ("custody_valid", 23),
        )
    ),
    Scheme(RULE, "account_of_another_member", _member_account, 5, 23, Cast(size=(2, 4), unnamed=True)),
    Scheme(RULE, "rare_character", _spelling("rare_character"), 3, 23, Cast(name="rare")),
    Scheme(
        RULE, "private_use_character", _spelling("private_use_character"), 3, 23, Cast(name="private_use")
    ),
    Scheme(RULE, "blanks_in_name", _spelling("blanks_in_name"), 3, 23),
    Scheme(RULE, "dot_variant", _spelling("dot_variant"), 3, 23, Cast(name="dotted")),
)

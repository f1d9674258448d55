"""Cards held for somebody else: terms that run out, are renewed, ended, or forgotten."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.schemes.names import mismatch, outsider
from services.simulator.schemes.scheme import Scheme, Story
from services.simulator.street import Cast, Street

RULE = "custody-expired"


def _key(granted: Event) -> dict[str, str]:
    return {"custody_no": granted["data"]["custody_no"]}


def _grant(
    street: Street,
    household: Household,
    valid_to: date,
    valid_from: date | None = None,
    deliver: date | None = None,
) -> Event:
    """A custodian holds the card of the head's own account: no name changes on it."""
    custodian, _ = outsider(street)
    return street.custody.grant(
        household,
        household.spell.members(street.month)[0],
        custodian,
        household.spell.account(street.month),
        valid_from or street.day(1),
        valid_to,
        kind=street.random.choice(("relative", "village_official")),
        deliver=deliver,
    )


def _forgotten(case: str) -> Story:
    """The term runs out and nobody ends it; ``renewed_not_ended``: a second one is granted beside it."""

    def story(street: Street, household: Household) -> Iterator[None]:
        household.pinned = True
        # the last month of the term lies within the run, its last day may be the day before the last
        last = street.random.randint(street.month, street.last_month)
        valid_to = months.day(last, street.random.randint(20, 31))
        if valid_to >= street.as_of:
            valid_to = street.as_of - timedelta(days=1)
        granted = _grant(street, household, valid_to)
        street.labels.irregular(RULE, case, _key(granted), severity="medium")
        while street.month < months.of(valid_to):
            yield
        if case == "renewed_not_ended":
            _grant(street, household, street.as_of + timedelta(days=200), valid_to + timedelta(days=1))
        yield

    return story


def _forgotten_at_custodian(street: Street, household: Household) -> Iterator[None]:
    """The money goes on to the custodian's account after the term: expired, and no longer cleared by it."""
    household.pinned = True
    spell, (custodian, account) = household.spell, outsider(street)
    valid_to = months.last_day(street.month + 1)
    granted = street.custody.grant(
        household, spell.members(street.month)[0], custodian, account, street.day(1), valid_to
    )
    street.labels.irregular(RULE, "forgotten_at_custodian", _key(granted), severity="medium")
    street.enrollment.change_account(household, spell, account, street.month)
    for _ in range(2):
        street.labels.lawful(
            "name-mismatch", "custody_valid", street.payments.pay_due(household, spell).account_key
        )
        yield
    while True:
        mismatch(street, street.payments.pay_due(household, spell), "custody_forgotten", severity="medium")
        yield


def _renewed(street: Street, household: Household) -> Iterator[None]:
    valid_to = months.last_day(street.month + street.random.randint(1, 3))
    granted = _grant(street, household, valid_to)
    while street.month < months.of(valid_to):
        yield
    street.custody.end(granted, valid_to, "期满续签")
    yield
    _grant(street, household, street.as_of + timedelta(days=street.random.randint(30, 700)))
    street.labels.lawful(RULE, "renewed", _key(granted))


def _ended_before(street: Street, household: Household) -> Iterator[None]:
    granted = _grant(street, household, months.day(street.month + 3, street.random.randint(1, 28)))
    yield
    street.custody.end(granted, street.some_day(3, 25))
    street.labels.lawful(RULE, "ended_before_expiry", _key(granted))


def _beneficiary_exited(street: Street, household: Household) -> Iterator[None]:
    granted = _grant(street, household, months.day(street.month + 2, 15))
    yield
    street.enrollment.exit_household(
        household, household.spell, "other", street.some_day(5, 20), street.month + 1
    )
    street.labels.lawful(RULE, "beneficiary_exited", _key(granted))
    yield
    yield


def _runs_on(case: str) -> Story:
    def story(street: Street, household: Household) -> Iterator[None]:
        days = street.random.randint(1, 600) if case == "expires_later" else 0
        granted = _grant(street, household, street.as_of + timedelta(days=days))
        street.labels.lawful(RULE, case, _key(granted))
        yield

    return story


def _voided(street: Street, household: Household) -> Iterator[None]:
    late = street.random.random() < 0.5  # then the void is sent before the grant that it undoes
    sent = street.day(25 if late else 2)
    granted = _grant(street, household, months.day(street.month + 1, 10), deliver=sent)
    street.custody.void(granted, street.day(3), "重复登记", deliver=street.day(4))
    street.labels.lawful(RULE, "voided", _key(granted))
    yield


_NEW = Cast(unnamed=True)

SCHEMES = (
    Scheme(RULE, "forgotten", _forgotten("forgotten"), 2, 12, _NEW),
    Scheme(RULE, "renewed_not_ended", _forgotten("renewed_not_ended"), 2, 8, _NEW),
    Scheme(RULE, "forgotten_at_custodian", _forgotten_at_custodian, 3, 6, _NEW, late=True),
    Scheme(RULE, "renewed", _renewed, 6, 23, _NEW),
    Scheme(RULE, "ended_before_expiry", _ended_before, 3, 23, _NEW),
    Scheme(RULE, "beneficiary_exited", _beneficiary_exited, 5, 23, _NEW),
    Scheme(RULE, "expires_later", _runs_on("expires_later"), 1, 23, _NEW),
    Scheme(RULE, "expires_on_the_closed_day", _runs_on("expires_on_the_closed_day"), 1, 23, _NEW),
    Scheme(RULE, "voided", _voided, 2, 23, _NEW, late=True),
)

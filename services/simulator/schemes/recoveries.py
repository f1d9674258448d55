"""What was paid for the dead and is to be given back: all at once, in instalments, in part, or never."""

from datetime import timedelta
from random import Random

from services.simulator import months
from services.simulator.offices import Payment
from services.simulator.parameters import days
from services.simulator.street import Street

RULE = "recovered-short"

FATES = {"in_full": 35, "in_instalments": 30, "in_part": 12, "never_recovered": 15, "recovered_late": 8}
"""Percent of the households that owe something."""

WAITS = 2
"""Months after the last payment, in which the bank may return what it can."""


def ask(street: Street, random: Random) -> None:
    """Ask back what was last paid some months ago."""
    payments = street.payments
    for key, owed in payments.after_death.items():
        if months.of(owed[-1][0].paid_on) != street.month - WAITS:
            continue
        live, due = _owed(street, key)
        rest = due - _given_back(street, key)
        if rest <= 0:
            continue
        (fate,) = random.choices(tuple(FATES), tuple(FATES.values()))
        payments.asked[key] = fate
        for wait, amount in _shares(fate, rest, random):
            day = months.day(street.month + wait, random.randint(3, 20))
            payments.recover(live, amount, day, random.choice(("cash", "transfer")))


def _shares(fate: str, rest: int, random: Random) -> tuple[tuple[int, int], ...]:
    """After how many months which part of it is given back, in 分."""
    if fate == "in_full":
        return ((0, rest),)
    if fate == "in_instalments":
        return (0, rest // 3), (1, rest // 3), (2, rest - 2 * (rest // 3))
    if fate == "in_part":
        return ((0, rest * random.randint(3, 7) // 10),)
    if fate == "recovered_late":
        return ((random.randint(4, 6), rest),)
    return ()


def tell_of_recoveries(street: Street) -> None:
    """After the run: what is still owed."""
    payments = street.payments
    for key, owed in payments.after_death.items():
        named = {"household_no": key[0], "programme": key[1]}
        live, due = _owed(street, key)
        if not live:
            if any(payments.came_back(payment) for payment, _ in owed):
                street.labels.lawful(RULE, "returned", named)
            continue
        last = max(payment.paid_on for payment in live)
        due_on = last + timedelta(days=days("recovery.days", last))
        fate, back = payments.asked.get(key, "never_recovered"), _given_back(street, key)
        if back >= due and fate != "recovered_late":
            street.labels.lawful(RULE, fate, named)
        elif back < due and due_on < street.as_of:
            street.labels.irregular(
                RULE, fate, named, severity="high", due_on=due_on.isoformat(), short_fen=due - back
            )


def _given_back(street: Street, key: tuple[str, str]) -> int:
    return sum(amount for day, amount in street.payments.given_back.get(key, ()) if day <= street.as_of)


def _owed(street: Street, key: tuple[str, str]) -> tuple[list[Payment], int]:
    live = [pair for pair in street.payments.after_death[key] if street.labels.stands(pair[1])]
    return [payment for payment, _ in live], sum(anomaly.extras["overpaid_fen"] for _, anomaly in live)

"""The way of the money: put up once a year, sent to the banks every month, answered the month after."""

from datetime import timedelta
from random import Random

from services.simulator import months
from services.simulator.offices.funds import Answer, Steps
from services.simulator.offices.payments import PROGRAMMES, Batch
from services.simulator.schemes.funds import tell_of_returns
from services.simulator.street import Street

RESERVE_PERCENT = 115
"""Of what January costs, twelve times over."""


def watch(street: Street, _: Random) -> None:
    """What became of returned money is told after the run."""
    street.in_the_end.append(lambda: tell_of_returns(street))


def raise_money(street: Street, random: Random) -> None:
    """Money for the year; where the run begins within one, for what is left of it."""
    if months.number(street.month) > 1 and street.month > street.settings.first_month:
        return
    left = 13 - months.number(street.month)
    for programme in PROGRAMMES:
        spells = [h.spells[programme] for h in street.active if programme in h.spells]
        due = sum(spell.entitlement(street.month) for spell in spells if spell.covers(street.month))
        amount = max(due, 100000) * left * RESERVE_PERCENT // 100
        street.funds.raise_year(programme, street.month // 12, amount, street.day(random.randint(8, 20)))


def submit(street: Street, random: Random) -> None:
    """Every batch of the month goes to its bank; some on a way, or to an answer, that a story wants."""
    funds = street.funds
    batches = [b for b in street.payments.batches.values() if b.month == street.month and b.lines]
    regular = [batch for batch in batches if batch.regular]
    slow = dict(zip(random.sample(regular, len(regular)), funds.slow, strict=False))
    answers = dict(zip(random.sample(regular, len(regular)), funds.answers, strict=False))
    for batch in batches:
        funds.submit(batch, slow[batch](random, batch) if batch in slow else _in_time(street, random, batch))
        if batch in answers:
            answer = answers[batch](batch)
        else:
            answer = Answer(months.day(street.month + 1, random.randint(1, 6)))
        if answer is not None:
            funds.open[batch] = answer
    funds.slow.clear()
    funds.answers.clear()


def settle(street: Street, _: Random) -> None:
    """The banks answer what is to be answered this month."""
    funds = street.funds
    for batch, answer in list(funds.open.items()):
        if months.of(answer.day) == street.month:
            funds.settle(batch, answer)
            del funds.open[batch]


def _in_time(street: Street, random: Random, batch: Batch) -> Steps:
    first, _ = batch.paid_on
    to_bank_on = max(first - timedelta(days=random.randint(1, 2)), street.day(1))
    decided_on = to_bank_on - timedelta(days=random.randint(4, 10) if batch.regular else 2)
    if street.month == street.settings.first_month:
        decided_on = max(decided_on, street.day(1))
    entered_on = min(decided_on + timedelta(days=1), to_bank_on)
    audited_on = min(entered_on + timedelta(days=1), to_bank_on)
    return decided_on, entered_on, audited_on, audited_on, to_bank_on

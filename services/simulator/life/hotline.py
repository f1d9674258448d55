"""The hotline's month: who sits at it, who calls, and what is listened to again."""

from datetime import timedelta
from random import Random

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.life.chance import about
from services.simulator.offices.hotline import ASKED, on_duty
from services.simulator.parameters import days
from services.simulator.people import Person
from services.simulator.street import Street
from services.simulator.workdays import is_worked, working_days_after

CALLS_A_YEAR_PER_1200 = 110
MISSED, ASKS = 0.08, 0.7
SAMPLE = 5
"""So many calls of a quarter are listened to again."""


def roster(street: Street, random: Random) -> None:
    """Somebody sits at the telephone on every working day of the month, unless the line is out of order."""
    for day in months.days(street.month):
        if is_worked(day):
            official = street.officials.one(random, street.day(1), "handling_staff", "township_staff")
            duty = street.hotline.roster(official, day)
            if day in street.hotline.out_of_order:
                street.hotline.void(duty, day + timedelta(days=1), "线路检修，当日不值守")


def ring(street: Street, random: Random) -> None:
    """The month's calls: what was missed is called back, and what was asked is answered, in time."""
    for _ in range(about(random, street.size * CALLS_A_YEAR_PER_1200 / 1200 / 12)):
        street.hotline.calls.append(_call(street, random))
    if months.number(street.month) % 3 == 0:
        calls, street.hotline.calls = street.hotline.calls, []
        seed = random.randrange(10**6)
        for called in Random(seed).sample(calls, min(SAMPLE, len(calls))):
            day = months.day(street.month + 1, random.randint(2, 12))
            street.hotline.sample(called, day, len(calls), seed, random.randint(50, 100))


def _call(street: Street, random: Random) -> Event:
    day = working_days_after(street.day(random.randint(1, 27)) - timedelta(days=1), 1)
    while day in street.hotline.out_of_order:
        day = working_days_after(day, 1)
    at = on_duty(day, random.randint(0, 539))
    official = street.officials.one(random, street.day(1), "handling_staff", "township_staff")
    caller = _resident(street, random) if random.random() < 0.5 else None
    if random.random() < MISSED:
        called = street.hotline.call(at, None, None)
        back_on = working_days_after(day, days("hotline.call_back_working_days", day))
        street.hotline.answer(called, on_duty(back_on, random.randint(0, 539)), official, called_back=True)
        return called
    if random.random() > ASKS:
        return street.hotline.call(at, official, caller)
    due_on = day + timedelta(days=days("hotline.reply_days", day))
    called = street.hotline.call(at, official, caller, matter_code=random.choice(tuple(ASKED)), due_on=due_on)
    replied_on = day + timedelta(days=random.randint(1, (due_on - day).days))
    street.hotline.answer(
        called, on_duty(replied_on, random.randint(0, 539)), official, called_back=random.random() < 0.5
    )
    return called


def _resident(street: Street, random: Random) -> Person | None:
    """The head of some household that receives the allowance; nobody where that one is dead."""
    if not street.active:
        return None
    head = random.choice(street.active).spell.listings[0].person
    return head if head.died_on is None else None

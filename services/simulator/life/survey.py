"""The one survey of how content people are: in the autumn of 2021, of one household in ten."""

from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.street import Street

ASKED_IN = months.parse("2021-10")
SHARE = 10
RECORDED_TWICE = 3
"""About so many questionnaires turn out not to count."""


def ask(street: Street, random: Random) -> None:
    """Draw the sample, and ask it within the month."""
    if street.month != ASKED_IN or not street.active:
        return
    seed = random.randrange(10**6)
    sample = Random(seed).sample(street.active, max(1, len(street.active) // SHARE))
    number = street.survey.design(street.day(8), len(street.active), len(sample), seed)
    asked: list[Event] = []
    for household in sample:
        alive = [p for p in household.spell.members(street.month) if p.died_on is None]
        if alive:
            day = street.day(random.randint(11, 28))
            asked.append(street.survey.ask(number, household, alive[0], day, random))
    for event in asked[2 :: max(3, len(asked) // RECORDED_TWICE)]:
        day = date.fromisoformat(event["data"]["answered_on"]) + timedelta(days=2)
        street.survey.void(event, day, "问卷作废")

"""Those who receive are looked at again in time, compared with other registers, followed when they leave."""

from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.household import Household, Spell
from services.simulator.life.chance import about
from services.simulator.parameters import days
from services.simulator.schemes.reviews import overdue
from services.simulator.street import Street

CLASSES = (("stable", "unstable", "able_bodied"), (70, 20, 10))
COMPARED_A_YEAR = 0.8
HITS = 0.03
REGISTERS = (
    ("车辆", "vehicle"), ("不动产", "property"), ("工商", "business"), ("公积金", "wages"),
    ("银行存款", "deposits"), ("养老保险", "pension"),
)  # fmt: skip
REVIEWERS = ("handling_staff", "village_committee")


def first_plans(street: Street, random: Random) -> None:
    """After the run it is seen where nobody came in time."""
    street.in_the_end.append(lambda: overdue(street))


def look_again(street: Street, random: Random) -> None:
    """The periodic reviews (定期复核) of the month, spread over the time that each has."""
    for household in street.active:
        if household.unreviewed is not None:
            continue
        spell = allowance(household)
        if spell is None or not spell.covers(street.month):
            continue
        if household.income_class is None:
            household.income_class = random.choices(*CLASSES)[0]
        since = street.month - months.of(last_look(household, spell))
        whole = interval(household, street.day(1))
        if since >= whole // 2 and random.random() * (whole - since) < 1:
            day = street.day(random.randint(2, 27))
            reviewers = street.officials.two(random, day, *REVIEWERS)
            street.reviews.review(household, spell.programme, day, list(reviewers))


def allowance(household: Household) -> Spell | None:
    """The household's spell in 低保."""
    return next((spell for spell in household.spells.values() if spell.programme != "tekun"), None)


def last_look(household: Household, spell: Spell) -> date:
    """When somebody last looked: the decision, or a review after it."""
    return max(spell.decided_on, household.reviewed_on or spell.decided_on)


def interval(household: Household, day: date) -> int:
    """Months until the next review, by what the last one said the household lives on."""
    unstable = household.reviewed_on is not None and household.income_class != "stable"
    return days("review.unstable_months" if unstable else "review.stable_months", day)


def compare(street: Street, random: Random) -> None:
    """The checking system's monthly round; a hit is looked into in time."""
    for _ in range(about(random, len(street.active) * COMPARED_A_YEAR / 12)):
        household = random.choice(street.active)
        members = household.spell.members(street.month)
        if not members:
            continue
        day = street.day(random.randint(3, 26))
        register, item = random.choice(REGISTERS)
        hit = random.random() < HITS
        amount = random.randint(10, 900) * 10000 if hit else None
        compared = street.reviews.compare(
            household, random.choice(members), day, register, item, hit=hit, amount=amount
        )
        if hit:
            looked_on = day + timedelta(days=random.randint(3, days("comparison.review_days", day) - 3))
            official = street.officials.one(random, day, "handling_staff")
            street.reviews.look_into(compared, official, looked_on, random.choice(("excluded", "confirmed")))

"""People at risk are listed, seen and helped in time; in the campaign every household is gone over."""

from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.life.applications import Course, begin, usual
from services.simulator.life.chance import about
from services.simulator.offices.applications import Application, Granted, Newcomers
from services.simulator.parameters import days
from services.simulator.street import Street

A_YEAR_PER_1200 = 70
CATEGORIES = (
    ("unstable_after_poverty", "防返贫监测"), ("marginal", "防返贫监测"), ("illness", "医保"),
    ("disaster", "村(社区)上报"), ("epidemic", "村(社区)上报"), ("accident", "村(社区)上报"),
    ("severe_disability", "残联"), ("severe_illness", "医保"),
)  # fmt: skip
OUTCOMES = (("watched", "not_eligible", "temporary_relief", "dibao"), (50, 24, 14, 12))
CAMPAIGN = ("2021-07", "2021-09")
"""The months in which every household is gone over (R10)."""


def screen(street: Street, random: Random) -> None:
    """The month's listings, each with its outcome in time, and help in time where that is the outcome."""
    for _ in range(about(random, street.size * A_YEAR_PER_1200 / 1200 / 12)):
        newcomers = street.newcomers()
        listed, day = look(street, random, newcomers)
        concluded_on = day + timedelta(days=random.randint(9, days("screening.outcome_days", day) - 2))
        outcome = random.choices(*OUTCOMES)[0]
        if outcome == "dibao":
            enrol_after(street, random, newcomers, listed, concluded_on, usual(random))
            continue
        street.screening.conclude(listed, concluded_on, outcome)
        if outcome == "temporary_relief":
            relieve(street, random, newcomers, concluded_on + timedelta(days=random.randint(2, 30)))


def look(
    street: Street,
    random: Random,
    newcomers: Newcomers,
    *,
    category: tuple[str, str] | None = None,
    policies: tuple[str, ...] = (),
    assessed: bool = True,
    day: date | None = None,
) -> tuple[Event, date]:
    """Somebody is listed on a day of this month, seen within a week and, mostly, assessed."""
    person, household = newcomers.members[0], newcomers.household
    day = day or street.day(random.randint(2, 25))
    name, list_name = category or random.choice(CATEGORIES)
    receives = household.no if household.spells else None
    listed = street.screening.list_person(person, household.division, name, list_name, day, receives)
    if assessed:
        visitors = list(street.officials.two(random, street.day(1), "handling_staff", "village_committee"))
        street.screening.visit(listed, day + timedelta(days=random.randint(1, 4)), visitors)
        street.screening.assess(
            listed,
            day + timedelta(days=random.randint(5, 8)),
            risk="high" if policies else random.choice(("none", "low", "medium", "high")),
            income=random.randint(50, 900) * 100,
            policies=policies,
        )
    return listed, day


def enrol_after(
    street: Street,
    random: Random,
    newcomers: Newcomers,
    listed: Event,
    concluded_on: date,
    course: Course,
    *,
    wait: int = 1,
    granted: Granted | None = None,
) -> Application:
    """The outcome is the allowance: an application follows some days after."""
    application = begin(
        street,
        random,
        course,
        newcomers=newcomers,
        day=concluded_on + timedelta(days=wait),
        granted=granted,
    )
    street.screening.conclude(listed, concluded_on, newcomers.programme, application.no)
    return application


def relieve(street: Street, random: Random, newcomers: Newcomers, day: date) -> None:
    """The outcome is temporary relief, and it is granted."""
    street.relief.grant(
        newcomers.members[0],
        newcomers.household.division,
        "illness",
        random.randint(3, 20) * 10000,
        day,
    )


def go_over(street: Street, random: Random) -> None:
    """A third of the households a month, until all were seen."""
    first, last = map(months.parse, CAMPAIGN)
    if not first <= street.month <= last:
        return
    for household in street.active:
        spell = household.spell
        if "gone over" in household.parts or not spell.covers(street.month):
            continue
        if random.random() * (last - street.month + 1) >= 1:
            continue
        household.parts.add("gone over")
        day = street.day(random.randint(2, 27))
        checker = street.officials.one(random, day, "village_committee", village=household.division)
        conclusion = random.choices(("eligible", "adjust", "doubtful"), (95, 4, 1))[0]
        street.screening.check_household(
            household,
            spell.programme,
            day,
            [checker],
            len(spell.members(street.month)),
            spell.entitlement(street.month),
            conclusion,
        )

"""Petitions of the month: mostly closed some weeks later; some repeat an earlier one."""

from datetime import timedelta
from random import Random

from services.simulator.life.chance import about
from services.simulator.street import Street

A_YEAR_PER_1200 = 45
REPEATS = 0.15

MATTERS = (
    ("M01", "complaint", "反映{name}家不符合条件仍领低保"),
    ("M02", "complaint", "反映低保金没有按时到账，户主{name}"),
    ("M03", "complaint", "反映村干部代管{name}的存折"),
    ("M04", "request", "{name}因病申请纳入低保"),
    ("M05", "request", "{name}申请临时救助"),
    ("M06", "request", "{name}要求重新核定金额"),
)
CHANNELS = ("来访", "来信", "12345热线", "网上信访")


def file(street: Street, random: Random) -> None:
    """File the month's petitions, and settle when they will be closed."""
    recent = street.petitions.recent
    for _ in range(about(random, street.size * A_YEAR_PER_1200 / 1200 / 12)):
        day = street.some_day(1, 28)
        division = random.choice(street.division.villages).code
        code, kind, matter = random.choice(MATTERS)
        petitioner: dict[str, str] | None = None
        household_no: str | None = None
        if recent and random.random() < REPEATS:
            earlier = random.choice(recent)
            division, code, household_no = earlier.division, earlier.matter_code, earlier.household_no
            _, kind, matter = next(entry for entry in MATTERS if entry[0] == code)
            if earlier.petitioner is not None and (household_no is None or random.random() < 0.7):
                petitioner = earlier.petitioner
        elif random.random() < 0.6:
            household = random.choice(street.active)
            person = household.spell.listings[0].person
            division, household_no = household.division, household.no
            if person.id_number is not None and person.died_on is None and random.random() < 0.8:
                petitioner = person.identity
        elif random.random() < 0.85:
            name = street.people.name(outsider=True)
            petitioner = street.people.person(name, random.randint(20, 80), street.month // 12).identity
        number = street.petitions.file(
            day,
            petitioner=petitioner,
            household_no=household_no,
            division=division,
            channel=random.choice(CHANNELS),
            kind=kind,
            matter_code=code,
            matter=matter.format(name=(petitioner or {"name": "某某"})["name"]),
        )
        closed_on = day + timedelta(days=random.randint(10, 75))
        if random.random() < 0.85 and closed_on < street.as_of:
            outcome = random.choices(("settled", "not_settled", "withdrawn"), (70, 20, 10))[0]
            street.petitions.close(number, closed_on, outcome)

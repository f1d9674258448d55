"""Petitions of the month: taken on, answered and mostly closed in time; some repeat an earlier one."""

from datetime import date, timedelta
from random import Random

from services.simulator.facts import Event
from services.simulator.life.chance import about
from services.simulator.offices.petitions import CHANNELS, MATTERS, Petition
from services.simulator.parameters import days
from services.simulator.schemes.petitions import signers
from services.simulator.street import Street

A_YEAR_PER_1200 = 30
REPEATS = 0.15
LINKED, TRANSFERRED, NOT_CONTENT, CLOSED = 0.5, 0.15, 0.06, 0.85
"""Of the repeats, of all petitions, of those answered twice over."""


def tell_repeats(street: Street, random: Random) -> None:
    """In the end the petitions office knows which of its petitions repeat an earlier one."""

    def tell() -> None:
        for petition in street.petitions.book.values():
            case = street.petitions.repeats(petition)
            if case is not None and petition.filed_on <= street.as_of:
                street.labels.irregular(
                    "repeat-petition", case, {"petition_no": petition.number}, severity="low"
                )

    street.in_the_end.append(tell)


def file(street: Street, random: Random) -> None:
    """File the month's petitions, and settle what will become of them."""
    for _ in range(about(random, street.size * A_YEAR_PER_1200 / 1200 / 12)):
        day = street.some_day(1, 28)
        recent = [petition for petition in street.petitions.recent if petition.filed_on < day]
        if recent and random.random() < REPEATS:
            earlier = random.choice(recent)
            filed = _repeat(street, random, earlier, day)
            if random.random() < LINKED and street.petitions.repeats(earlier) is None:
                _link(street, random, filed, earlier, day)
        else:
            filed = _file(street, random, day)
        _deal_with(street, random, filed["data"]["petition_no"], day)


def _file(street: Street, random: Random, day: date) -> Event:
    division = random.choice(street.division.villages).code
    petitioner: dict[str, str] | None = None
    household_no: str | None = None
    if random.random() < 0.6:
        household = random.choice(street.active)
        person = household.spell.listings[0].person
        division, household_no = household.division, household.no
        if person.id_number is not None and person.died_on is None and random.random() < 0.8:
            petitioner = person.identity
    elif random.random() < 0.85:
        name = street.people.name(outsider=True)
        petitioner = street.people.person(name, random.randint(20, 80), street.month // 12).identity
    return _write(street, random, day, random.choice(tuple(MATTERS)), division, petitioner, household_no)


def _repeat(street: Street, random: Random, earlier: Petition, day: date) -> Event:
    petitioner = None
    if earlier.petitioner is not None and (earlier.household_no is None or random.random() < 0.7):
        petitioner = earlier.petitioner
    return _write(
        street, random, day, earlier.matter_code, earlier.division, petitioner, earlier.household_no
    )


def _write(
    street: Street,
    random: Random,
    day: date,
    code: str,
    division: str,
    petitioner: dict[str, str] | None,
    household_no: str | None,
) -> Event:
    return street.petitions.file(
        day,
        petitioner=petitioner,
        household_no=household_no,
        division=division,
        channel=random.choice(CHANNELS),
        matter_code=code,
    )


def _link(street: Street, random: Random, filed: Event, earlier: Petition, day: date) -> None:
    if filed["data"].get("petitioner") == earlier.petitioner is not None:
        ground = "same_person"
    elif earlier.household_no is not None:
        ground = "same_household"
    else:
        ground = "same_matter"
    number = filed["data"]["petition_no"]
    by = street.officials.one(random, day, "handling_staff")
    street.petitions.link(number, earlier.number, day + timedelta(days=random.randint(1, 9)), ground, by.no)


def _deal_with(street: Street, random: Random, number: str, day: date) -> None:
    petitions = street.petitions
    accepted_on = day + timedelta(days=random.randint(1, days("petitions.accept_days", day)))
    due_on = accepted_on + timedelta(days=days("petitions.answer_days", accepted_on))
    answered_on = accepted_on + timedelta(days=random.randint(5, (due_on - accepted_on).days))
    petitions.accept(number, accepted_on, due_on)
    body = "社保所"
    if random.random() < TRANSFERRED:
        body = random.choice(("社会事务办", "纪工委", "财政办"))
        petitions.transfer(
            number, accepted_on + timedelta(days=2), body, "按职责转办", supervised=random.random() < 0.3
        )
    petitions.answer(number, answered_on, by=body)
    if random.random() < NOT_CONTENT:
        asked_on = answered_on + timedelta(days=random.randint(3, 29))
        petitions.ask_for_review(number, asked_on, "reexamination")
        answered_on = asked_on + timedelta(days=random.randint(5, 29))
        petitions.answer(number, answered_on, stage="reexamination", by="区民政局")
    if random.random() < CLOSED:
        closed_on = answered_on + timedelta(days=random.randint(0, 15))
        outcome = random.choices(("settled", "not_settled", "withdrawn"), (70, 20, 10))[0]
        petitions.close(number, closed_on, outcome, *signers(street, random, day, closed_on))

"""Clues of the month: looked into, answered and handed over in time; of some a case comes."""

from datetime import date, timedelta
from random import Random

from services.simulator.life.chance import about
from services.simulator.offices.clues import DISCIPLINE, KINDS
from services.simulator.offices.officials import Official
from services.simulator.parameters import days
from services.simulator.street import Street

A_YEAR_PER_1200 = 10
NAMED, ABOUT_A_CADRE, CASE_OPENED, EXEMPTED, OF_DISCIPLINE = 0.6, 0.5, 0.5, 0.3, 0.25


def come_in(street: Street, random: Random) -> None:
    """Receive the month's clues, and settle what comes of them."""
    for _ in range(about(random, street.size * A_YEAR_PER_1200 / 1200 / 12)):
        day = street.day(random.randint(1, 28))
        informant = None
        if random.random() < NAMED:
            name = street.people.name(outsider=True)
            informant = street.people.person(name, random.randint(20, 80), street.month // 12)
        cadre = None
        if random.random() < ABOUT_A_CADRE:
            cadre = street.officials.one(random, street.day(1), "village_committee", "handling_staff")
        if random.random() < OF_DISCIPLINE:
            _of_discipline(street, random, day)
            continue
        received = street.clues.receive(day, random.choice(tuple(KINDS)), informant=informant, about=cadre)
        clue_no = received["data"]["clue_no"]
        verified_on = day + timedelta(days=random.randint(5, days("clues.verify_days", day)))
        result = random.choices(("substantiated", "partly", "unsubstantiated"), (30, 25, 45))[0]
        answered_on = None
        if informant is not None:
            answered_on = verified_on + timedelta(days=random.randint(0, days("clues.answer_days", day)))
        street.clues.verify(clue_no, verified_on, result, answered_on)
        if cadre is not None and result != "unsubstantiated":
            _hand_over(street, random, clue_no, verified_on, cadre)


def _of_discipline(street: Street, random: Random, day: date) -> None:
    """Discipline inspection found it itself, or was told of it (B6)."""
    cadre = street.officials.one(random, street.day(1), "village_committee", "handling_staff")
    received = street.clues.receive(day, random.choice(tuple(KINDS)), about=cadre, track="discipline")
    clue_no, verified_on = received["data"]["clue_no"], day + timedelta(days=random.randint(5, 40))
    if random.random() < CASE_OPENED:
        street.clues.verify(clue_no, verified_on, "substantiated", by=DISCIPLINE)
        _decide(street, random, clue_no, verified_on, cadre)
    else:
        street.clues.verify(clue_no, verified_on, "unsubstantiated", by=DISCIPLINE)


def _decide(street: Street, random: Random, clue_no: str, from_on: date, cadre: Official) -> None:
    opened_on = from_on + timedelta(days=random.randint(8, 30))
    case_no = street.clues.open_case(clue_no, opened_on, cadre)
    decided_on = opened_on + timedelta(days=random.randint(20, 70))
    if random.random() < EXEMPTED:
        street.clues.exempt(clue_no, case_no, decided_on, cadre)
    else:
        measure = random.choices(("talk", "criticism", "warning", "demotion"), (40, 30, 20, 10))[0]
        street.clues.hold_accountable(clue_no, case_no, decided_on, cadre, measure)


def _hand_over(street: Street, random: Random, clue_no: str, verified_on: date, cadre: Official) -> None:
    limit = days("clues.transfer_days", verified_on)
    transferred_on = verified_on + timedelta(days=random.randint(1, limit))
    street.clues.transfer(clue_no, transferred_on, cadre)
    taken_over_on = transferred_on + timedelta(days=random.randint(1, 5))
    street.clues.take_over(clue_no, taken_over_on)
    if random.random() < CASE_OPENED:
        _decide(street, random, clue_no, taken_over_on, cadre)

"""Cards in other hands (卡折代管): taken over with the papers, looked at twice a year, given back."""

from datetime import timedelta
from random import Random

from services.simulator import months
from services.simulator.life.chance import about
from services.simulator.offices.custody import Card
from services.simulator.schemes.cards import unchecked
from services.simulator.street import Street

AT_FIRST = 0.05
A_YEAR = 0.012
GIVEN_BACK_A_YEAR = 0.1
IRREGULAR = 0.04
CHECK_AFTER = (3, 5)
"""Months after which a card is looked at again: always within policy ``custody.check_months``."""


def first_cards(street: Street, random: Random) -> None:
    """The cards that were out when the run began."""
    for _ in range(about(random, street.size * AT_FIRST)):
        _take_over(street, random)
    street.in_the_end.append(lambda: unchecked(street))


def look_after(street: Street, random: Random) -> None:
    """New cards change hands, known ones are looked at, some are given back."""
    for _ in range(about(random, street.size * A_YEAR / 12)):
        _take_over(street, random)
    for card in street.custody.still_out():
        if card.held(street.day(1)):
            _tend(street, random, card)


def _take_over(street: Street, random: Random) -> None:
    household = street.resident(random, "custody")
    head = household.spell.members(household.spell.first)[0]
    custodian = street.people.person(
        street.people.name(outsider=True), random.randint(25, 65), street.month // 12
    )
    granted = street.custody.grant(
        household,
        head,
        custodian,
        household.spell.account(street.month),
        street.day(random.randint(1, 27)),
        street.as_of + timedelta(days=random.randint(30, 900)),
        kind=random.choices(("relative", "other"), (80, 20))[0],
    )
    street.custody.card(granted).ordinary = True


def _tend(street: Street, random: Random, card: Card) -> None:
    if not card.handed_over:
        card.handed_over = True
        witness = street.officials.one(
            random, card.valid_from, "village_committee", village=card.household.division
        )
        street.custody.hand_over(card, card.valid_from, "to_custodian", witness)
    if card.valid_to < street.day(1) and card.unchecked is None:
        card.unchecked = "expired_and_forgotten"
    if card.unchecked is None and street.month - months.of(card.looked_at) >= random.randint(*CHECK_AFTER):
        day = street.day(random.randint(2, 27))
        if card.ended_on is None or day < card.ended_on:
            checkers = street.officials.two(random, day, "handling_staff", "township_staff")
            street.custody.check(card, day, list(checkers), in_order=random.random() >= IRREGULAR)
    if card.ordinary and card.handed_over and random.random() < GIVEN_BACK_A_YEAR / 12:
        street.custody.end(card.granted, street.day(28))

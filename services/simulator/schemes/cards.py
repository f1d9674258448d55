"""Cards in other hands: agreements and filings that are missing, checks that stop, people who hold many."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from services.simulator.household import Household
from services.simulator.offices.custody import Card
from services.simulator.offices.officials import Official
from services.simulator.parameters import days
from services.simulator.people import Person
from services.simulator.schemes.scheme import Act, Deed, Scheme
from services.simulator.street import Cast, Street
from services.simulator.workdays import months_after

WITHOUT_AGREEMENT = "custody-without-agreement"
UNFILED = "custody-unfiled"
UNCHECKED = "custody-unchecked"
MANY = "many-custodies"
CADRE = "cadre-custody"


def take_over(
    street: Street,
    random: Random,
    household: Household,
    custodian: Person,
    kind: str,
    *,
    agreement: bool = True,
    filed: bool = True,
    day: date | None = None,
) -> Card:
    """Somebody takes over the card of the household's head; nothing about the account changes."""
    day = day or street.day(random.randint(1, 25))
    granted = street.custody.grant(
        household,
        household.spell.members(street.month)[0],
        custodian,
        household.spell.account(street.month),
        day,
        street.as_of + timedelta(days=random.randint(30, 900)),
        agreement=agreement,
        filed=filed,
        kind=kind,
    )
    return street.custody.card(granted)


def somebody(street: Street, random: Random, name: str | None = None) -> Person:
    """A person who lives elsewhere."""
    name = name or street.people.name(outsider=True)
    return street.people.person(name, random.randint(25, 65), street.month // 12)


def wrong_while_held(
    street: Street,
    card: Card,
    rule: str,
    case: str,
    *,
    due_on: date | None = None,
    severity: str = "medium",
    **extras: Any,
) -> None:
    """The world knows that something about a card is wrong for as long as it is out, from its last day on."""

    def tell() -> None:
        if card.held(street.as_of) and (due_on is None or due_on < street.as_of):
            street.labels.irregular(rule, case, card.key, severity=severity, **extras)

    street.in_the_end.append(tell)


def never_signed(street: Street, card: Card, case: str) -> None:
    """There is no agreement, and none will come."""
    due_on = card.valid_from + timedelta(days=days("custody.agreement_days", card.valid_from))
    wrong_while_held(street, card, WITHOUT_AGREEMENT, case, due_on=due_on)


def never_filed(street: Street, card: Card, case: str) -> None:
    """Nobody filed it where it belongs, and nobody will."""
    due_on = card.valid_from + timedelta(days=days("custody.filing_days", card.valid_from))
    wrong_while_held(street, card, UNFILED, case, due_on=due_on)


def _card(
    street: Street,
    random: Random,
    kind: str,
    custodian: Person | None = None,
    *,
    agreement: bool = True,
    filed: bool = True,
) -> Card:
    household = street.resident(random, "custody")
    custodian = custodian or somebody(street, random)
    return take_over(street, random, household, custodian, kind, agreement=agreement, filed=filed)


def _file_later(card: Card, street: Street, random: Random, filed_with: str, limit: str) -> None:
    """The paper comes after the card, within the time that policy gives."""
    signed_on = card.valid_from + timedelta(days=random.randint(1, 12))
    filed_on = card.valid_from + timedelta(days=random.randint(13, days(limit, card.valid_from)))
    street.custody.file_agreement(card.granted, signed_on, filed_on, filed_with)


def _signed_later(street: Street, random: Random, custodian: Person) -> None:
    card = _card(street, random, "relative", custodian, agreement=False)
    _file_later(card, street, random, "county", "custody.agreement_days")
    street.labels.lawful(WITHOUT_AGREEMENT, "signed_later_in_time", card.key)


def _filed_at_the_township(street: Street, random: Random, custodian: Person) -> None:
    card = _card(street, random, "relative", custodian, filed=False)
    _file_later(card, street, random, "township", "custody.filing_days")
    street.labels.lawful(UNFILED, "relative_at_the_township", card.key)
    street.labels.lawful(UNCHECKED, "checked_as_usual", card.key)


# -- one person and the cards of others -------------------------------------------------------------------


def _collects_cards(street: Street, random: Random) -> None:
    """Somebody who is nobody's relative collects card after card, and looks after no paper."""
    custodian = somebody(street, random)
    cards = [
        _card(street, random, "other", custodian, agreement=n != 0, filed=n != 1)
        for n in range(random.randint(3, 4))
    ]
    never_signed(street, cards[0], "collector_signs_nothing")
    never_filed(street, cards[1], "collector_files_nothing")
    cards[2].unchecked = "never_checked"

    def tell() -> None:
        held = sorted(card.key["custody_no"] for card in cards if card.held(street.as_of))
        if len(held) > days("custody.cards_per_custodian", street.as_of):  # each is another household's
            key = {"person": custodian.key}
            street.labels.irregular(MANY, "collects_cards", key, severity="medium", cards=held)

    street.in_the_end.append(tell)


def _institution(street: Street, random: Random) -> None:
    """An institution holds the cards of those who live there; its contract with them is the agreement."""
    keeper = somebody(street, random)
    for _ in range(days("custody.cards_per_custodian", street.as_of) + 1):
        card = _card(street, random, "institution", keeper, agreement=False, filed=False)
        for rule in (WITHOUT_AGREEMENT, UNFILED):
            street.labels.lawful(rule, "institution", card.key)
    street.labels.lawful(MANY, "institution", {"person": keeper.key})


def _as_many_as_allowed(street: Street, random: Random) -> None:
    """Two cards; somebody of the same name holds a third."""
    custodian = somebody(street, random)
    namesake = somebody(street, random, custodian.name)
    _signed_later(street, random, custodian)
    _filed_at_the_township(street, random, custodian)
    _card(street, random, "relative", namesake)
    street.labels.lawful(MANY, "as_many_as_allowed", {"person": custodian.key})
    street.labels.lawful(MANY, "same_name", {"person": namesake.key})


def _one_given_back(street: Street, random: Random) -> None:
    """Three cards for a while; the one without papers goes back."""
    custodian = somebody(street, random)
    for _ in range(days("custody.cards_per_custodian", street.as_of)):
        _card(street, random, "relative", custodian)
    card = _card(street, random, "relative", custodian, agreement=False, filed=False)
    card.unchecked = "given_back"
    ended_on = card.valid_from + timedelta(days=random.randint(35, 300))
    street.custody.end(card.granted, min(ended_on, street.as_of))
    for rule in (WITHOUT_AGREEMENT, UNFILED, UNCHECKED):
        street.labels.lawful(rule, "given_back", card.key)
    street.labels.lawful(MANY, "one_given_back", {"person": custodian.key})


# -- papers -----------------------------------------------------------------------------------------------


def _no_papers(case: str) -> Act:
    def act(street: Street, random: Random) -> None:
        kind = "village_official" if case == "cadre_of_another_street" else "relative"
        card = _card(street, random, kind, agreement=False, filed=False)
        if case == "voided":
            day = card.valid_from + timedelta(days=2)
            street.custody.void(card.granted, day, "重复登记", deliver=day + timedelta(days=1))
        if case in ("voided", "still_in_time"):
            for rule in (WITHOUT_AGREEMENT, UNFILED, UNCHECKED):
                street.labels.lawful(rule, case, card.key)
        else:
            never_signed(street, card, case)
            never_filed(street, card, case)

    return act


def _filed(case: str, kind: str, filed_with: str) -> Act:
    """The paper comes later. A village's drawer is no filing, nor is the township's for a cadre's card."""

    def act(street: Street, random: Random) -> None:
        card = _card(street, random, kind, filed=False)
        _file_later(card, street, random, filed_with, "custody.filing_days")
        if filed_with == "county":
            street.labels.lawful(UNFILED, case, card.key)
        else:
            never_filed(street, card, case)

    return act


# -- checks -----------------------------------------------------------------------------------------------


def unchecked(street: Street) -> None:
    """After the run: which cards nobody looked at for too long."""
    for card in street.custody.cards.values():
        due_on = months_after(card.looked_at, days("custody.check_months", card.looked_at))
        if card.unchecked is not None and due_on < street.as_of and card.held(street.as_of):
            street.labels.irregular(
                UNCHECKED, card.unchecked, card.key, severity="medium", due_on=due_on.isoformat()
            )


def _checked_once(case: str) -> Act:
    """A card that is looked at once, whatever the usual round."""

    def act(street: Street, random: Random) -> None:
        card = _card(street, random, random.choice(("relative", "village_official")))
        card.unchecked = case
        limit = days("custody.check_months", card.valid_from)
        if case == "checks_stopped":
            checked_on = months_after(card.valid_from, random.randint(1, limit))
        else:
            checked_on = months_after(street.as_of, -limit)
            if months_after(checked_on, limit) < street.as_of:  # a shorter month
                checked_on += timedelta(days=1)
            street.labels.lawful(UNCHECKED, case, card.key)
        checkers = street.officials.two(random, street.day(1), "handling_staff", "township_staff")
        street.custody.check(card, checked_on, list(checkers))

    return act


# -- cadres -----------------------------------------------------------------------------------------------

CADRES = ("village_committee", "township_staff", "handling_staff")


def cadre(street: Street, random: Random, household: Household) -> Official:
    """An official of the household's village, who stays in office to the end of the run.

    Nobody is asked more often than a person may hold cards.
    """
    most = days("custody.cards_per_custodian", street.as_of)
    able = [official for official in street.officials.able(street.day(1), *CADRES) if official.asked < most]
    near = [official for official in able if official.village == household.division]
    official = random.choice(near or able)
    official.asked += 1
    official.stays = True
    return official


def as_what(official: Official) -> str:
    """What a cadre is called as custodian, openly."""
    return "village_official" if official.kind == "village_committee" else "township_staff"


def _cadre_holds(case: str, fails: list[str]) -> Act:
    def act(street: Street, random: Random) -> None:
        household = street.resident(random, "custody")
        official = cadre(street, random, household)
        card = take_over(
            street,
            random,
            household,
            official.person,
            "other" if "kind" in fails else as_what(official),
            agreement="agreement" not in fails,
            filed="filing" not in fails,
        )
        wrong_while_held(street, card, CADRE, case, severity="high", fails=fails)
        if "agreement" in fails:
            never_signed(street, card, case)
        if "filing" in fails:
            never_filed(street, card, case)

    return act


def _namesake_of_a_cadre(street: Street, random: Random) -> None:
    household = street.resident(random, "custody")
    namesake = somebody(street, random, random.choice(street.officials.roster).person.name)
    card = take_over(street, random, household, namesake, "other")
    street.labels.lawful(CADRE, "same_name", card.key)


def _beneficiary_leaves(street: Street, household: Household) -> Iterator[None]:
    """Everything about the card is wrong, but the household leaves and the card is its own affair."""
    random = street.casting
    card = take_over(
        street, random, household, somebody(street, random), "relative", agreement=False, filed=False
    )
    card.unchecked = "beneficiary_left"
    yield
    street.enrollment.exit_household(
        household, household.spell, "other", street.some_day(5, 20), street.month + 1
    )
    for rule in (WITHOUT_AGREEMENT, UNFILED, UNCHECKED):
        street.labels.lawful(rule, "beneficiary_left", card.key)
    yield


SCHEMES = (Scheme(UNCHECKED, "beneficiary_left", _beneficiary_leaves, 3, 23, Cast(unnamed=True)),)

DEEDS = (
    Deed(MANY, "collects_cards", _collects_cards, 1, 52, within=16),
    Deed(MANY, "institution", _institution, 1, 24, within=24),
    Deed(MANY, "as_many_as_allowed", _as_many_as_allowed, 3, 24, within=24),
    Deed(MANY, "one_given_back", _one_given_back, 3, 24, within=24),
    Deed(WITHOUT_AGREEMENT, "nobody_asked", _no_papers("nobody_asked"), 3, 6, within=24),
    Deed(
        WITHOUT_AGREEMENT, "cadre_of_another_street", _no_papers("cadre_of_another_street"), 3, 6, within=24
    ),
    Deed(WITHOUT_AGREEMENT, "voided", _no_papers("voided"), 2, 22),
    Deed(WITHOUT_AGREEMENT, "still_in_time", _no_papers("still_in_time"), 1, 22, within=1),
    Deed(
        UNFILED,
        "drawer_of_the_village",
        _filed("drawer_of_the_village", "relative", "village"),
        3,
        6,
        within=24,
    ),
    Deed(
        UNFILED,
        "cadre_at_the_township",
        _filed("cadre_at_the_township", "village_official", "township"),
        3,
        6,
        within=24,
    ),
    Deed(UNFILED, "cadre_at_the_county", _filed("cadre_at_the_county", "village_official", "county"), 3, 22),
    Deed(UNCHECKED, "checks_stopped", _checked_once("checks_stopped"), 14, 12, within=30),
    Deed(UNCHECKED, "checked_just_in_time", _checked_once("checked_just_in_time"), 8, 22, within=14),
    Deed(CADRE, "as_somebody_else", _cadre_holds("as_somebody_else", ["kind"]), 1, 10, within=30),
    Deed(
        CADRE,
        "cadre_without_agreement",
        _cadre_holds("cadre_without_agreement", ["agreement"]),
        3,
        8,
        within=30,
    ),
    Deed(CADRE, "cadre_unfiled", _cadre_holds("cadre_unfiled", ["filing"]), 3, 8, within=30),
    Deed(CADRE, "same_name", _namesake_of_a_cadre, 1, 22),
)

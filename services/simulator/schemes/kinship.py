"""Relatives of officials: filings that nobody looks into, and relatives whom nobody files."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.life.applications import begin, usual
from services.simulator.offices.kinship import KINDS, RELATIONS
from services.simulator.offices.office import key_of
from services.simulator.offices.officials import Official
from services.simulator.parameters import days
from services.simulator.people import Person
from services.simulator.schemes import cards
from services.simulator.schemes.limits import BROKEN, How, broken, day_done, owe
from services.simulator.schemes.scheme import Act, Deed, Scheme
from services.simulator.street import Cast, Street

UNREVIEWED = "kinship-unreviewed"
UNDECLARED = "kinship-undeclared"


# -- filings that nobody looks into -----------------------------------------------------------------------


def _declare(street: Street, random: Random, household: Household, day: date) -> Event:
    official = street.officials.one(random, day, *KINDS, village=household.division)
    relative = household.spell.members(street.month)[0]
    return street.kinship.declare(household, official, relative, random.choice(RELATIONS), day)


def _file_in_order(
    street: Street, random: Random, household: Household, official: Official, relative: Person, day: date
) -> None:
    """The filing is made, and looked into in time."""
    declared = street.kinship.declare(household, official, relative, random.choice(RELATIONS), day)
    reviewers = list(street.officials.two(random, street.day(1), "handling_staff"))
    street.kinship.review(declared, day + timedelta(days=random.randint(3, 40)), reviewers)


def _filing(case: str, how: How) -> Act:
    """``on_paper``: looked into in time, but without the visit that the county owes."""

    def act(street: Street, random: Random) -> None:
        household = street.resident(random, "kinship")
        programme = household.spell.programme
        day = street.day(random.randint(2, 25))
        declared = _declare(street, random, household, day)
        due_on = day + timedelta(days=days("kinship.review_days", day))
        reviewers = list(street.officials.two(random, day, "handling_staff"))
        done_on = day_done(street, random, how, day + timedelta(days=3), due_on)
        if done_on is not None:
            outcome = random.choices(("lawful", "favoured", "not_related"), (85, 10, 5))[0]
            street.kinship.review(declared, done_on, reviewers, outcome=outcome)
        if case == "on_paper":
            on_paper = day + timedelta(days=random.randint(5, 50))
            street.kinship.review(declared, on_paper, reviewers, visited=False)
        owe(
            street,
            UNREVIEWED,
            case,
            key_of(declared, "filing_no"),
            how,
            due_on,
            done_on,
            holds=lambda: household.receives(months.of(due_on), programme),
        )

    return act


def _voided(street: Street, random: Random) -> None:
    household = street.resident(random, "kinship")
    declared = _declare(street, random, household, street.day(random.randint(2, 20)))
    street.kinship.void(declared, street.day(24), "不是近亲属，误备案")
    street.labels.lawful(UNREVIEWED, "voided", key_of(declared, "filing_no"))


def _household_leaves(street: Street, household: Household) -> Iterator[None]:
    """The filing does its work at once: the household leaves before anybody comes."""
    declared = _declare(street, street.casting, household, street.day(20))
    street.enrollment.exit_household(household, household.spell, "favour", street.day(27), street.month + 1)
    street.labels.lawful(UNREVIEWED, "household_left", key_of(declared, "filing_no"))
    yield


# -- relatives whom nobody files --------------------------------------------------------------------------


def _owe_filing(
    street: Street,
    random: Random,
    household: Household,
    case: str,
    how: How,
    duty_on: date,
    ground: str,
    owed: Callable[[date], bool],
) -> date | None:
    """The relative is to be filed; returns the day on which that is done.

    ``owed`` says, after the run, whether the ground was still there on the last day for it. Where the
    household left and was enrolled again since, it is to be filed anew, and nobody does.
    """
    spell = household.spell
    due_on = duty_on + timedelta(days=days("kinship.filing_days", duty_on))
    done_on = day_done(street, random, how, duty_on + timedelta(days=2), due_on)

    def missed(last_day: date) -> bool:
        receives = household.receives(months.of(last_day), spell.programme)
        return last_day < street.as_of and receives and owed(last_day)

    def tell() -> None:
        key = {"household_no": household.number_now}
        now = household.spells[spell.programme]
        if now is not spell and now.first <= street.last_month:
            anew_on = max(duty_on, now.decided_on, months.day(now.first, 1))
            last_day = anew_on + timedelta(days=days("kinship.filing_days", anew_on))
            assert spell.ended_on is not None
            if missed(last_day) and (done_on is None or done_on < spell.ended_on):
                broken(street, UNDECLARED, "enrolled_again", key, last_day, severity="high", ground=ground)
        elif how not in BROKEN:
            street.labels.lawful(UNDECLARED, case, key)
        elif missed(due_on):
            broken(street, UNDECLARED, case, key, due_on, done_on, severity="high", ground=ground)

    street.in_the_end.append(tell)
    return done_on


def _listed(household: Household, person: Person, last_day: date) -> bool:
    """Whether somebody was on the household's list up to a day."""
    return household.still_lists(person, months.of(last_day)) or (
        last_day.day == 1 and household.still_lists(person, months.of(last_day) - 1)
    )


def _takes_up_a_post(case: str, how: How) -> Act:
    """Somebody of a household that receives becomes a member of the village committee."""

    def act(street: Street, random: Random) -> None:
        household = street.resident(random, "kinship", unnamed=True)
        village = household.division
        day = street.day(random.randint(2, 25))
        official = street.officials.appoint(
            household.spell.members(street.month)[0],
            "village_committee",
            "村(居)委会",
            "委员",
            day,
            village=village,
        )
        official.stays = True
        done_on = _owe_filing(
            street,
            random,
            household,
            case,
            how,
            day,
            "member",
            lambda last_day: _listed(household, official.person, last_day),
        )
        if done_on is not None:
            relative = household.spell.members(street.month)[-1]
            _file_in_order(street, random, household, official, relative, done_on)

    return act


def _holds_the_card(case: str, how: How) -> Act:
    """A cadre holds a card as the beneficiary's relative: so there is a relative to be filed."""

    def act(street: Street, random: Random) -> None:
        household = street.resident(random, "custody", "kinship")
        official = cards.cadre(street, random, household)
        card = cards.take_over(street, random, household, official.person, "relative")
        done_on = _owe_filing(
            street,
            random,
            household,
            case,
            how,
            card.valid_from,
            "custodian",
            lambda last_day: (
                (card.ended_on is None or card.ended_on >= last_day)
                and _listed(household, card.beneficiary, last_day)
            ),
        )
        if done_on is not None:
            _file_in_order(street, random, household, official, card.beneficiary, done_on)
            street.labels.lawful(cards.CADRE, "declared_relative", card.key)
        else:
            cards.wrong_while_held(
                street, card, cards.CADRE, "undeclared_relative", severity="high", fails=["kind"]
            )

    return act


def _applicant_declares(case: str, how: How) -> Act:
    """The household says itself that it is an official's kin; the official has to file that."""

    def act(street: Street, random: Random) -> None:
        def granted(household: Household) -> None:
            household.parts.add("kinship")
            spell = household.spell
            duty_on = max(spell.decided_on, months.day(spell.first, 1))
            done_on = _owe_filing(
                street,
                random,
                household,
                case,
                how,
                duty_on,
                "application",
                lambda _: household.spells[spell.programme] is spell,
            )
            if done_on is not None:
                official = street.officials.one(random, street.day(1), *KINDS, village=household.division)
                relative = household.spell.members(household.spell.first)[0]
                _file_in_order(street, random, household, official, relative, done_on)

        begin(street, random, replace(usual(random), kin=True), granted=granted)

    return act


def _same_name(street: Street, random: Random) -> None:
    """A cadre is called as somebody who receives."""
    household = street.resident(random, "kinship")
    name = household.spell.members(street.month)[0].name
    street.officials.appoint(
        cards.somebody(street, random, name),
        "village_committee",
        "村(居)委会",
        "委员",
        street.day(random.randint(2, 25)),
        village=household.division,
    )
    street.labels.lawful(UNDECLARED, "same_name", {"household_no": household.no})


def _left_before(street: Street, random: Random) -> None:
    """A former cadre's relative: the card is taken over when the post is another's."""
    household = street.resident(random, "custody", "kinship")
    day = street.day(random.randint(5, 20))
    official = street.officials.leaver(random, day)
    street.officials.succeed(official, cards.somebody(street, random), day, "term_ended")
    card = cards.take_over(street, random, household, official.person, "relative", day=day)
    street.labels.lawful(UNDECLARED, "left_office", {"household_no": household.no})
    street.labels.lawful(cards.CADRE, "left_office", card.key)


def _no_relative(street: Street, random: Random) -> None:
    """A cadre holds the card as a cadre: no relative at all."""
    household = street.resident(random, "custody", "kinship")
    official = cards.cadre(street, random, household)
    card = cards.take_over(street, random, household, official.person, cards.as_what(official))
    street.labels.lawful(UNDECLARED, "cadre_but_no_relative", {"household_no": household.no})
    street.labels.lawful(cards.CADRE, "with_papers", card.key)


def _deeds(rule: str, act: Any, cases: tuple[tuple[str, How, int], ...]) -> Iterator[Deed]:
    for case, how, per_1200 in cases:
        within = 1 if how == "still_in_time" else None
        yield Deed(rule, case, act(case, how), 1 if within else 4, per_1200, within)


SCHEMES = (Scheme(UNREVIEWED, "household_left", _household_leaves, 3, 23, Cast(part="kinship")),)

DEEDS = (
    *_deeds(
        UNREVIEWED,
        _filing,
        (
            ("never_reviewed", "never", 12),
            ("on_paper", "never", 10),
            ("reviewed_late", "late", 10),
            ("reviewed_in_time", "in_time", 23),
            ("reviewed_on_the_last_day", "on_the_last_day", 23),
            ("still_in_time", "still_in_time", 23),
        ),
    ),
    Deed(UNREVIEWED, "voided", _voided, 2, 23),
    *_deeds(
        UNDECLARED,
        _takes_up_a_post,
        (
            ("member_takes_up_a_post", "never", 12),
            ("member_filed_late", "late", 8),
            ("member_filed_in_time", "in_time", 27),
        ),
    ),
    *_deeds(
        UNDECLARED,
        _holds_the_card,
        (
            ("cadre_holds_the_card_of_a_relative", "never", 12),
            ("cadre_files_in_time", "in_time", 23),
            ("still_in_time", "still_in_time", 23),
        ),
    ),
    Deed(UNDECLARED, "application_says_so", _applicant_declares("application_says_so", "never"), 5, 8),
    Deed(UNDECLARED, "application_filed", _applicant_declares("application_filed", "in_time"), 5, 27),
    Deed(UNDECLARED, "same_name", _same_name, 1, 23),
    Deed(UNDECLARED, "left_office", _left_before, 1, 23),
    Deed(UNDECLARED, "cadre_but_no_relative", _no_relative, 1, 23),
)

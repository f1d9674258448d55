"""Households that nobody looks at again, hits that nobody looks into, grace that never ends."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from services.simulator import months
from services.simulator.household import Household
from services.simulator.offices.office import key_of
from services.simulator.parameters import days
from services.simulator.schemes.limits import How, day_done, owe
from services.simulator.schemes.scheme import Act, Deed, Scheme, Story
from services.simulator.street import Cast, Street
from services.simulator.workdays import months_after

OVERDUE = "review-overdue"
UNREVIEWED_HIT = "income-match-unreviewed"
GRACE = "grace-overrun"

LAWFULLY = ("stable_looked_at_this_year", "complaint_looked_into", "grace", "household_left")
"""Why nobody comes that is no forgetting."""


# -- reviews ----------------------------------------------------------------------------------------------


def overdue(street: Street) -> None:
    """After the run: which households that receive were not looked at for too long."""
    month = months.of(street.as_of)
    for household in street.active:
        spell = next((one for one in household.spells.values() if one.programme != "tekun"), None)
        if household.unreviewed is None or spell is None or not spell.covers(month):
            continue
        last = max(spell.decided_on, household.reviewed_on or spell.decided_on)
        # What was said of an income in an earlier spell says nothing of this one.
        seen = household.reviewed_on is not None and household.reviewed_on >= spell.decided_on
        unstable = seen and household.income_class != "stable"
        due_on = months_after(
            last, days("review.unstable_months" if unstable else "review.stable_months", last)
        )
        if due_on < street.as_of:
            key = {"household_no": household.no, "programme": spell.programme}
            case = household.unreviewed
            street.labels.irregular(OVERDUE, case, key, severity="medium", due_on=due_on.isoformat())


def _forgotten(case: str, income_class: str | None = None, kind: str = "periodic") -> Act:
    """Nobody comes any more; before that somebody came once again, if a class is named."""

    def act(street: Street, random: Random) -> None:
        household = street.resident(random, "review")
        household.unreviewed = case
        if income_class is not None:
            household.income_class = income_class
            day = street.day(random.randint(2, 25))
            reviewers = list(street.officials.two(random, day, "handling_staff", "village_committee"))
            street.reviews.review(household, household.spell.programme, day, reviewers, kind=kind)
        if case in LAWFULLY:
            key = {"household_no": household.no, "programme": household.spell.programme}
            street.labels.lawful(OVERDUE, case, key)

    return act


def _leaves_unreviewed(street: Street, household: Household) -> Iterator[None]:
    household.unreviewed = "household_left"
    spell = household.spell
    for _ in range(2):
        yield
    street.enrollment.exit_household(household, spell, "other", street.some_day(5, 20), street.month + 1)
    street.labels.lawful(
        OVERDUE, "household_left", {"household_no": household.no, "programme": spell.programme}
    )
    yield


# -- hits -------------------------------------------------------------------------------------------------


def _hit(case: str, how: How) -> Act:
    def act(street: Street, random: Random) -> None:
        household = street.resident(random, "comparison")
        person = household.spell.members(street.month)[0]
        day = street.day(random.randint(3, 25))
        official = street.officials.one(random, day, "handling_staff")
        due_on = day + timedelta(days=days("comparison.review_days", day))
        done_on = day_done(street, random, how, day + timedelta(days=2), due_on)
        outcome = random.choice(("confirmed", "excluded"))
        at_once = (official, day, outcome) if case == "looked_into_at_once" else None
        compared = street.reviews.compare(
            household,
            person,
            day,
            "银行存款",
            "deposits",
            hit=case != "no_hit",
            amount=random.randint(10, 900) * 10000,
            review=at_once,
        )
        key = key_of(compared, "comparison_no")
        if case in ("no_hit", "looked_into_at_once"):
            street.labels.lawful(UNREVIEWED_HIT, case, key)
            return
        if case == "voided":
            street.reviews.void(compared, day, "比对错误")
            street.labels.lawful(UNREVIEWED_HIT, case, key)
            return
        if done_on is not None:
            street.reviews.look_into(compared, official, done_on, outcome)
        owe(
            street,
            UNREVIEWED_HIT,
            case,
            key,
            how,
            due_on,
            done_on,
            holds=lambda: not household.has_left(person, due_on),
        )

    return act


# -- grace ------------------------------------------------------------------------------------------------


def _grace(case: str, how: How, length: int | None = None) -> Story:
    """Somebody finds work, and the household goes on receiving for some months; then it is to be decided."""

    def story(street: Street, household: Household) -> Iterator[None]:
        random, spell = street.random, household.spell
        household.unreviewed = "grace"
        count = length or random.randint(2, 5)
        first, day = street.month + 1, street.day(random.randint(4, 25))
        last = first + count - 1
        if case == "still_running":
            last = max(last, street.last_month)
        key = street.reviews.grant_grace(household, spell.programme, first, last, day)
        lawful_last = min(last, first + days("grace.months", day) - 1)
        due_on = months.last_day(lawful_last) + timedelta(days=days("grace.decision_days", day))
        done_on = None
        if case == "granted_too_long":
            done_on = months.last_day(last) + timedelta(days=random.randint(5, 20))
        elif case == "left_at_the_end":
            done_on = months.day(last, random.randint(5, 20))
        else:
            done_on = day_done(street, random, how, months.day(lawful_last, 1), due_on)
        owe(street, GRACE, case, key, how, due_on, done_on)
        if done_on is None:
            household.pinned = True
            household.unreviewed = "grace_forgotten" if how == "never" else "grace"
            return
        while street.month < months.of(done_on):
            yield
        if case == "left_at_the_end":
            street.enrollment.exit_household(household, spell, "other", done_on, last + 1)
        else:
            reviewers = list(street.officials.two(random, street.day(1), "handling_staff"))
            street.reviews.review(household, spell.programme, done_on, reviewers)
            household.unreviewed = None
        yield

    return story


_ONE = Cast(part="review")

SCHEMES = (
    Scheme(OVERDUE, "household_left", _leaves_unreviewed, 4, 23, _ONE),
    Scheme(GRACE, "never_decided", _grace("never_decided", "never"), 8, 13, _ONE),
    Scheme(GRACE, "decided_late", _grace("decided_late", "late"), 10, 10, _ONE),
    Scheme(GRACE, "granted_too_long", _grace("granted_too_long", "late", 9), 12, 8, _ONE),
    Scheme(GRACE, "left_at_the_end", _grace("left_at_the_end", "in_time"), 8, 23, _ONE),
    Scheme(GRACE, "goes_on_after_review", _grace("goes_on_after_review", "in_time"), 9, 23, _ONE),
    Scheme(
        GRACE,
        "six_months_decided_on_the_last_day",
        _grace("six_months_decided_on_the_last_day", "on_the_last_day", 6),
        10,
        23,
        _ONE,
    ),
)

_HITS: tuple[tuple[str, How, int, int | None], ...] = (
    ("never_looked_into", "never", 14, None),
    ("looked_into_late", "late", 12, None),
    ("looked_into_in_time", "in_time", 23, None),
    ("looked_into_on_the_last_day", "on_the_last_day", 23, None),
    ("looked_into_at_once", "in_time", 23, None),
    ("no_hit", "never", 23, None),
    ("voided", "never", 23, None),
    ("still_in_time", "still_in_time", 23, 1),
)

DEEDS = (
    Deed(OVERDUE, "never_again", _forgotten("never_again"), 14, 26, within=36),
    Deed(OVERDUE, "taken_for_yearly", _forgotten("taken_for_yearly", "unstable"), 8, 14, within=12),
    Deed(
        OVERDUE,
        "stable_looked_at_this_year",
        _forgotten("stable_looked_at_this_year", "stable"),
        7,
        23,
        within=11,
    ),
    Deed(
        OVERDUE,
        "complaint_looked_into",
        _forgotten("complaint_looked_into", "stable", "complaint"),
        2,
        23,
        within=10,
    ),
    *(
        Deed(UNREVIEWED_HIT, case, _hit(case, how), 1 if how == "still_in_time" else 4, per_1200, within)
        for case, how, per_1200, within in _HITS
    ),
)

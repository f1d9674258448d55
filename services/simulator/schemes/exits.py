"""Leaving the allowance: decided too long after it was found out, or with nobody looking afterwards."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.simulator import months
from services.simulator.household import Household
from services.simulator.offices.enrollment import Exit
from services.simulator.parameters import days
from services.simulator.schemes.limits import How, owe
from services.simulator.schemes.scheme import Scheme, Story
from services.simulator.street import Cast, Street

UNFOLLOWED = "exit-without-follow-up"
DELAYED = "exit-delayed"

FOLLOWED: tuple[tuple[How, ...], tuple[int, ...]] = (
    ("in_time", "on_the_last_day", "late", "never"),
    (74, 12, 6, 8),
)
"""How somebody looks after those who left."""


def label(street: Street, gone: Exit, due_on: date) -> None:
    """After the run: whether somebody looked in time after a household that left, and stayed away."""
    household, key = gone.household, gone.key

    def tell() -> None:
        spells = (*household.spells.values(), *household.former)
        again = [spell.decided_on for spell in spells if gone.decided_on < spell.decided_on <= street.as_of]
        followed = [day for day in household.followed_on if gone.decided_on <= day <= street.as_of]
        done_on = min([*followed, *again], default=None)
        if household.merged_into is not None:
            street.labels.lawful(UNFOLLOWED, "merged_into_another", key)
        elif again and min(again) <= due_on:
            street.labels.lawful(UNFOLLOWED, "enrolled_again", key)
        elif done_on is not None and done_on <= due_on:
            case = "followed_on_the_last_day" if done_on == due_on else "followed_in_time"
            street.labels.lawful(UNFOLLOWED, case, key)
        elif due_on >= street.as_of:
            street.labels.lawful(UNFOLLOWED, "still_in_time", key)
        elif done_on is not None:
            street.labels.irregular(
                UNFOLLOWED,
                "followed_late",
                key,
                severity="low",
                due_on=due_on.isoformat(),
                done_on=done_on.isoformat(),
            )
        else:
            street.labels.irregular(
                UNFOLLOWED, "forgotten", key, severity="medium", due_on=due_on.isoformat()
            )

    street.in_the_end.append(tell)


def _found_out(case: str, how: How, *, by_review: bool) -> Story:
    """It is found that a household no longer needs it, and after some time, or never, it leaves.

    ``by_review``: the finding is a review that says so; else the exit names the day.
    """

    def story(street: Street, household: Household) -> Iterator[None]:
        spell, found_on = household.spell, street.day(street.random.randint(3, 20))
        household.unreviewed = case
        due_on = found_on + timedelta(days=days("exit.decision_days", found_on))
        if by_review:
            reviewers = street.officials.two(street.random, found_on, "handling_staff", "village_committee")
            street.reviews.review(household, spell.programme, found_on, list(reviewers), outcome="stop")
        done_on = {
            "in_time": found_on + timedelta(days=street.random.randint(1, 25)),
            "on_the_last_day": due_on,
            "late": due_on + timedelta(days=street.random.randint(1, 55)),
        }.get(how)
        key = {
            "household_no": household.no,
            "programme": spell.programme,
            "found_on": found_on.isoformat(),
        }
        owe(street, DELAYED, case, key, how, due_on, done_on)
        if done_on is None:
            household.pinned = True
            return
        while street.month < months.of(done_on):
            yield
        street.enrollment.exit_household(
            household,
            spell,
            "policy",
            done_on,
            months.of(done_on) + 1,
            found_on=None if by_review else found_on,
        )
        yield

    return story


def _exits(case: str, how: How, per_1200: int, *, by_review: bool) -> Scheme:
    length = {"in_time": 2, "on_the_last_day": 2, "late": 4, "never": 3}[how]
    story = _found_out(case, how, by_review=by_review)
    return Scheme(DELAYED, case, story, length, per_1200, Cast(part="review"))


SCHEMES = (
    _exits("exit_decided_late", "late", 8, by_review=False),
    _exits("stop_carried_out_late", "late", 8, by_review=True),
    _exits("stop_never_carried_out", "never", 10, by_review=True),
    _exits("exit_decided_in_time", "in_time", 23, by_review=False),
    _exits("exit_decided_on_the_last_day", "on_the_last_day", 23, by_review=False),
    _exits("stop_carried_out_in_time", "in_time", 23, by_review=True),
)

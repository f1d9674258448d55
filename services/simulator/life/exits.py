"""Who leaves the allowance is looked after once more, so that nobody falls through (防脱保)."""

from datetime import timedelta
from random import Random

from services.simulator.parameters import days
from services.simulator.schemes.exits import FOLLOWED, UNFOLLOWED, label
from services.simulator.schemes.limits import day_done
from services.simulator.street import Street


def follow(street: Street, random: Random) -> None:
    """Somebody looks after the month's exits: most in time, some late, some never."""
    exits, street.enrollment.exits = street.enrollment.exits, []
    for gone in exits:
        if gone.kind == "death":
            street.labels.lawful(UNFOLLOWED, "nobody_is_left", gone.key)
            continue
        if gone.spell.stop is None:
            street.labels.lawful(UNFOLLOWED, "exit_voided", gone.key)
            continue
        due_on = gone.decided_on + timedelta(days=days("exit.follow_up_days", gone.decided_on))
        how = random.choices(*FOLLOWED)[0]
        if due_on >= street.as_of:
            how = "still_in_time"
        done_on = day_done(street, random, how, gone.decided_on + timedelta(days=10), due_on)
        if done_on is not None:
            gone.household.followed_on.append(done_on)
            reviewer = street.officials.one(
                random, street.day(1), "village_committee", village=gone.household.division
            )
            street.reviews.review(
                gone.household, gone.spell.programme, done_on, [reviewer], kind="follow_up", outcome="stop"
            )
        label(street, gone, due_on)

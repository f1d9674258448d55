"""The hotline: calls that nobody takes, and questions that nobody answers."""

from datetime import date, timedelta
from random import Random

from services.simulator.facts import Event
from services.simulator.offices.hotline import ASKED, on_duty
from services.simulator.offices.office import key_of
from services.simulator.parameters import days
from services.simulator.schemes.limits import How, day_done, owe
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street
from services.simulator.workdays import working_days_after

UNANSWERED = "unanswered-call"
REPLY = "reply-overdue"


def _working_day(street: Street, first: int, last: int, random: Random) -> date:
    return working_days_after(street.day(random.randint(first, last)) - timedelta(days=1), 1)


def _answer(street: Street, random: Random, called: Event, day: date) -> None:
    official = street.officials.one(random, street.day(1), "handling_staff")
    street.hotline.answer(called, on_duty(day, random.randint(0, 539)), official, called_back=True)


def _void(street: Street, called: Event, day: date, rule: str) -> None:
    street.hotline.void(called, day + timedelta(days=2), "测试电话")
    street.labels.lawful(rule, "voided", key_of(called, "call_no"))


def _missed(case: str, how: How) -> Act:
    """Nobody picks up while somebody is on duty; ``outside_duty_hours``, ``duty_withdrawn``: nobody is.

    The line is out of order after the days on which other stories use it.
    """

    def act(street: Street, random: Random) -> None:
        if case == "duty_withdrawn":
            day = _working_day(street, 27, 27, random)
            street.hotline.out_of_order.add(day)
        else:
            day = _working_day(street, 2, 24, random)
        minutes = random.randint(0, 539)
        if case == "outside_duty_hours":
            minutes = random.choice((random.randint(541, 800), random.randint(-200, -1)))
        called = street.hotline.call(on_duty(day, minutes), None, None)
        if case in ("outside_duty_hours", "duty_withdrawn"):
            street.labels.lawful(UNANSWERED, case, key_of(called, "call_no"))
        elif case == "voided":
            _void(street, called, day, UNANSWERED)
        else:
            due_on = working_days_after(day, days("hotline.call_back_working_days", day))
            done_on = day_done(street, random, how, day + timedelta(days=1), due_on)
            if done_on is not None:
                _answer(street, random, called, done_on)
            owe(street, UNANSWERED, case, key_of(called, "call_no"), how, due_on, done_on)

    return act


def _asked(case: str, how: How) -> Act:
    """Something is asked, to be answered by a day; ``without_a_day``: the county's limit is the last."""

    def act(street: Street, random: Random) -> None:
        day = _working_day(street, 18, 24, random)
        official = street.officials.one(random, street.day(1), "handling_staff")
        limit = days("hotline.reply_days", day)
        stated = None if case == "without_a_day" else random.choice((limit, 15))
        if how == "still_in_time":
            stated = 15
        due_on = day + timedelta(days=stated or limit)
        called = street.hotline.call(
            on_duty(day, random.randint(0, 539)),
            official,
            None,
            matter_code=None if case == "nothing_asked" else random.choice(tuple(ASKED)),
            due_on=None if case == "nothing_asked" or stated is None else due_on,
        )
        if case == "nothing_asked":
            street.labels.lawful(REPLY, case, key_of(called, "call_no"))
        elif case == "voided":
            _void(street, called, day, REPLY)
        else:
            done_on = day_done(street, random, how, day + timedelta(days=1), due_on)
            if done_on is not None:
                _answer(street, random, called, done_on)
            owe(street, REPLY, case, key_of(called, "call_no"), how, due_on, done_on)

    return act


_MISSED: tuple[tuple[str, How, int], ...] = (
    ("never_called_back", "never", 15),
    ("called_back_late", "late", 10),
    ("called_back_on_the_last_day", "on_the_last_day", 23),
    ("outside_duty_hours", "never", 23),
    ("duty_withdrawn", "never", 23),
    ("voided", "never", 23),
)
_ASKED: tuple[tuple[str, How, int], ...] = (
    ("never_answered", "never", 10),
    ("without_a_day", "never", 6),
    ("answered_late", "late", 9),
    ("answered_in_time", "in_time", 23),
    ("answered_on_the_last_day", "on_the_last_day", 23),
    ("nothing_asked", "never", 23),
    ("voided", "never", 23),
    ("still_in_time", "still_in_time", 23),
)

DEEDS = (
    *(Deed(UNANSWERED, case, _missed(case, how), 2, per_1200) for case, how, per_1200 in _MISSED),
    *(
        Deed(
            REPLY,
            case,
            _asked(case, how),
            1 if how == "still_in_time" else 2,
            per_1200,
            1 if how == "still_in_time" else None,
        )
        for case, how, per_1200 in _ASKED
    ),
)

"""Clues that nobody looks into, nobody hands over, or whose informants hear nothing."""

from datetime import timedelta
from random import Random

from services.simulator.offices.clues import KINDS
from services.simulator.offices.office import key_of
from services.simulator.parameters import days
from services.simulator.schemes.cards import somebody
from services.simulator.schemes.limits import How, day_done, owe
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street

UNVERIFIED = "clue-unverified"
UNTRANSFERRED = "clue-untransferred"
UNANSWERED = "informant-unanswered"


def _left(case: str, how: How) -> Act:
    """``of_discipline``: nothing for civil affairs to look into."""

    def act(street: Street, random: Random) -> None:
        day = street.day(random.randint(2, 25))
        track = "discipline" if case == "of_discipline" else "civil_affairs"
        received = street.clues.receive(day, random.choice(tuple(KINDS)), track=track)
        key = key_of(received, "clue_no")
        if case == "of_discipline":
            street.labels.lawful(UNVERIFIED, case, key)
            return
        if case == "voided":
            street.clues.void(received, day + timedelta(days=random.randint(1, 10)), "重复登记")
            street.labels.lawful(UNVERIFIED, case, key)
            return
        due_on = day + timedelta(days=days("clues.verify_days", day))
        done_on = day_done(street, random, how, day + timedelta(days=3), due_on)
        if done_on is not None:
            street.clues.verify(key["clue_no"], done_on, "unsubstantiated")
        owe(street, UNVERIFIED, case, key, how, due_on, done_on)

    return act


def _kept(case: str, how: How) -> Act:
    """A clue to a cadre is true; ``no_cadre``: it is another's; ``unsubstantiated``: it is not true."""

    def act(street: Street, random: Random) -> None:
        received_on = street.day(random.randint(1, 10))
        cadre = street.officials.one(random, street.day(1), "village_committee", "handling_staff")
        received = street.clues.receive(
            received_on,
            "other" if case == "no_cadre" else random.choice(tuple(KINDS)),
            about=None if case == "no_cadre" else cadre,
            about_other=somebody(street, random) if case == "no_cadre" else None,
        )
        key = key_of(received, "clue_no")
        verified_on = street.day(random.randint(22, 25))
        result = (
            "unsubstantiated" if case == "unsubstantiated" else random.choice(("substantiated", "partly"))
        )
        street.clues.verify(key["clue_no"], verified_on, result)
        if case in ("no_cadre", "unsubstantiated"):
            street.labels.lawful(UNTRANSFERRED, case, key)
            return
        due_on = verified_on + timedelta(days=days("clues.transfer_days", verified_on))
        done_on = day_done(street, random, how, verified_on + timedelta(days=1), due_on)
        if done_on is not None:
            street.clues.transfer(key["clue_no"], done_on, cadre)
            street.clues.take_over(key["clue_no"], done_on + timedelta(days=random.randint(1, 5)))
        owe(street, UNTRANSFERRED, case, key, how, due_on, done_on, severity="high")

    return act


def _unheard(case: str, how: How) -> Act:
    """``anonymous``: there is nobody to be answered."""

    def act(street: Street, random: Random) -> None:
        informant = None if case == "anonymous" else somebody(street, random)
        received = street.clues.receive(
            street.day(random.randint(1, 10)), random.choice(tuple(KINDS)), informant=informant
        )
        key = key_of(received, "clue_no")
        verified_on = street.day(random.randint(22, 25))
        due_on = verified_on + timedelta(days=days("clues.answer_days", verified_on))
        done_on = None if informant is None else day_done(street, random, how, verified_on, due_on)
        street.clues.verify(key["clue_no"], verified_on, "unsubstantiated", done_on)
        if informant is None:
            street.labels.lawful(UNANSWERED, case, key)
        else:
            owe(street, UNANSWERED, case, key, how, due_on, done_on)

    return act


_CASES: tuple[tuple[str, str, How, int], ...] = (
    (UNVERIFIED, "never_verified", "never", 14),
    (UNVERIFIED, "verified_late", "late", 10),
    (UNVERIFIED, "verified_on_the_last_day", "on_the_last_day", 23),
    (UNVERIFIED, "of_discipline", "never", 23),
    (UNVERIFIED, "voided", "never", 23),
    (UNVERIFIED, "still_in_time", "still_in_time", 23),
    (UNTRANSFERRED, "never_transferred", "never", 14),
    (UNTRANSFERRED, "transferred_late", "late", 10),
    (UNTRANSFERRED, "transferred_on_the_last_day", "on_the_last_day", 23),
    (UNTRANSFERRED, "no_cadre", "never", 23),
    (UNTRANSFERRED, "unsubstantiated", "never", 23),
    (UNTRANSFERRED, "still_in_time", "still_in_time", 23),
    (UNANSWERED, "never_answered", "never", 14),
    (UNANSWERED, "answered_late", "late", 10),
    (UNANSWERED, "answered_in_time", "in_time", 23),
    (UNANSWERED, "answered_on_the_last_day", "on_the_last_day", 23),
    (UNANSWERED, "anonymous", "never", 23),
    (UNANSWERED, "still_in_time", "still_in_time", 23),
)
_ACTS = {UNVERIFIED: _left, UNTRANSFERRED: _kept, UNANSWERED: _unheard}

DEEDS = tuple(
    Deed(
        rule,
        case,
        _ACTS[rule](case, how),
        1 if how == "still_in_time" else 3,
        per_1200,
        1 if how == "still_in_time" else None,
    )
    for rule, case, how, per_1200 in _CASES
)

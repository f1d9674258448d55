"""Petitions: filed again, left lying, closed without papers, by one hand, or by the dozen."""

from datetime import date, timedelta
from random import Random

from services.simulator.facts import Event
from services.simulator.offices.office import key_of
from services.simulator.offices.petitions import CHANNELS, MATTERS
from services.simulator.parameters import days
from services.simulator.schemes.cards import somebody
from services.simulator.schemes.limits import How, day_done, owe
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street

REPEAT = "repeat-petition"
OVERDUE = "petition-overdue"
WITHOUT_EVIDENCE = "closure-without-evidence"
ONE_HAND = "single-signature-closure"
BULK = "bulk-closure"
HEARING_DAY = 4
"""Friday, when petitioners are heard together with all offices concerned (集中接访)."""


def _file(
    street: Street,
    random: Random,
    day: date,
    *,
    petitioner: dict[str, str] | None = None,
    household_no: str | None = None,
    code: str | None = None,
) -> Event:
    """Somebody from elsewhere petitions, unless something is said."""
    return street.petitions.file(
        day,
        petitioner=petitioner or somebody(street, random).identity,
        household_no=household_no,
        division=random.choice(street.division.villages).code,
        channel=random.choice(CHANNELS),
        matter_code=code or random.choice(tuple(MATTERS)),
    )


def _in_time(street: Street, random: Random, filed: Event) -> date:
    """The petition is taken on and answered; returns the day of the answer."""
    day, number = date.fromisoformat(filed["data"]["filed_on"]), filed["data"]["petition_no"]
    accepted_on = day + timedelta(days=random.randint(1, 10))
    street.petitions.accept(number, accepted_on, accepted_on + timedelta(days=60))
    answered_on = accepted_on + timedelta(days=random.randint(5, 40))
    street.petitions.answer(number, answered_on)
    return answered_on


def signers(street: Street, random: Random, known_on: date, day: date) -> tuple[str, str]:
    """Numbers of two who sign closures of a day, both in office when that is settled.

    Neither signs another time on that day, so that nobody closes many by mere chance; where all have, the
    office borrows somebody.
    """
    officials, petitions = street.officials, street.petitions
    able = officials.able(known_on, "handling_staff", "township_staff")
    free = [official for official in able if petitions.free_to_sign(official, day)]
    while len(free) < 2:
        borrowed = somebody(street, random)
        free.append(officials.appoint(borrowed, "township_staff", "社会事务办", "借调人员", known_on))
    first, second = random.sample(free, 2)
    petitions.sign(day, first, second)
    return first.no, second.no


# -- filed again ------------------------------------------------------------------------------------------


def _twice(case: str) -> Act:
    """Two petitions, the second some weeks after the first; the book of petitions says whether it repeats."""

    def act(street: Street, random: Random) -> None:
        day = street.day(random.randint(2, 25))
        again_on = day + timedelta(days=random.randint(15, 80))
        code, other = random.sample(tuple(MATTERS), 2)
        person = somebody(street, random).identity
        household_no = None if case == "same_person" else street.resident(random, "petition").no
        if case == "same_matter_other_person":
            household_no = None
        first = _file(street, random, day, petitioner=person, household_no=household_no, code=code)
        if case in ("same_household", "same_matter_other_person"):
            person = somebody(street, random).identity
        if case == "same_person_other_matter":
            code = other
        again = _file(street, random, again_on, petitioner=person, household_no=household_no, code=code)
        _in_time(street, random, again)
        if case == "first_voided":
            street.petitions.void(first, day + timedelta(days=random.randint(1, 10)), "登记错误")
        else:
            _in_time(street, random, first)
        petition = street.petitions.book[again["data"]["petition_no"]]

        def tell() -> None:
            if street.petitions.repeats(petition) is None:
                street.labels.lawful(REPEAT, case, {"petition_no": petition.number})

        street.in_the_end.append(tell)

    return act


# -- left lying -------------------------------------------------------------------------------------------


def _waits(case: str, how: How) -> Act:
    """``extended``: due later than usual, as far as the law lets it; ``stretched``: farther than that."""

    def act(street: Street, random: Random) -> None:
        day = street.day(random.randint(2, 25))
        filed = _file(street, random, day)
        number = filed["data"]["petition_no"]
        due_on = day + timedelta(days=days("petitions.accept_days", day) + days("petitions.answer_days", day))
        accepted_on = day + timedelta(days=random.randint(1, 15))
        if case != "never_accepted":
            extra = {"extended": 30, "extended_in_time": 30, "stretched": 60}.get(case, 0)
            usual = accepted_on + timedelta(days=days("petitions.answer_days", accepted_on))
            street.petitions.accept(number, accepted_on, usual + timedelta(days=extra))
            due_on = usual + timedelta(days=min(extra, days("petitions.extension_days", accepted_on)))
        earliest = accepted_on + timedelta(days=5)
        if case == "extended_in_time":
            earliest = due_on - timedelta(days=25)
        done_on = day_done(street, random, how, earliest, due_on)
        if done_on is not None and case == "withdrawn":
            street.petitions.close(number, done_on, "withdrawn", *signers(street, random, day, done_on))
        elif done_on is not None:
            street.petitions.answer(number, done_on)
        owe(street, OVERDUE, case, {"petition_no": number}, how, due_on, done_on)

    return act


# -- closed ----------------------------------------------------------------------------------------------


def _without_evidence(case: str) -> Act:
    def act(street: Street, random: Random) -> None:
        filed = _file(street, random, street.day(random.randint(2, 25)))
        closed_on = _in_time(street, random, filed) + timedelta(days=random.randint(0, 9))
        key = key_of(filed, "petition_no")
        pair = signers(street, random, street.day(1), closed_on)
        outcome = {"not_settled": "not_settled", "withdrawn": "withdrawn"}.get(case, "settled")
        closed = street.petitions.close(key["petition_no"], closed_on, outcome, *pair, evidence=False)
        if case == "nothing_named":
            street.labels.irregular(WITHOUT_EVIDENCE, case, key, severity="medium")
            return
        if case == "closed_again_with_evidence":
            street.petitions.void(closed, closed_on + timedelta(days=1), "漏填证明材料")
            street.petitions.close(key["petition_no"], closed_on, outcome, *pair)
        street.labels.lawful(WITHOUT_EVIDENCE, case, key)

    return act


def _by_one_hand(case: str) -> Act:
    def act(street: Street, random: Random) -> None:
        filed = _file(street, random, street.day(random.randint(2, 25)))
        closed_on = _in_time(street, random, filed) + timedelta(days=random.randint(0, 9))
        key = key_of(filed, "petition_no")
        first, second = signers(street, random, street.day(1), closed_on)
        outcome = "withdrawn" if case == "withdrawn" else random.choice(("settled", "not_settled"))
        confirmed_by = {"signed_twice": first, "two_hands": second}.get(case)
        closed = street.petitions.close(key["petition_no"], closed_on, outcome, first, confirmed_by)
        if case in ("nobody_confirmed", "signed_twice"):
            street.labels.irregular(ONE_HAND, case, key, severity="medium")
            return
        if case == "closed_again_by_two":
            street.petitions.void(closed, closed_on + timedelta(days=1), "未经复核")
            street.petitions.close(key["petition_no"], closed_on, outcome, first, second)
        street.labels.lawful(ONE_HAND, case, key)

    return act


def _many_at_once(case: str) -> Act:
    """Petitions of the month are closed on one day; ``a_few``: as many as the county lets pass.

    More of them are in order on the day of common hearings, and closed by the dozen otherwise.
    """

    def act(street: Street, random: Random) -> None:
        closed_on = street.day(27) + timedelta(days=random.randint(1, 30))
        allowed = days("petitions.closures_a_day", closed_on)
        count = {"a_few": allowed, "all_at_once": allowed + random.randint(1, 3)}.get(case, allowed + 1)
        first, second = signers(street, random, street.day(1), closed_on)
        numbers = []
        for place in range(count):
            number = _file(street, random, street.day(random.randint(2, 26)))["data"]["petition_no"]
            numbers.append(number)
            pair = (second, first) if case == "two_people" and place % 2 else (first, second)
            closed = street.petitions.close(number, closed_on, "settled", *pair)
        if case == "one_voided":
            street.petitions.void(closed, closed_on + timedelta(days=1), "重复录入")
            street.petitions.answer(number, closed_on)
        key = {"closed_by": first, "closed_on": closed_on.isoformat()}
        if case == "all_at_once":
            in_order = closed_on.weekday() == HEARING_DAY
            street.labels.irregular(
                BULK, case, key, in_order=in_order, severity="medium", petitions=sorted(numbers)
            )
        else:
            street.labels.lawful(BULK, case, key)

    return act


_WAITS: tuple[tuple[str, How, int], ...] = (
    ("never_accepted", "never", 6),
    ("never_answered", "never", 8),
    ("answered_late", "late", 8),
    ("extended", "late", 6),
    ("stretched", "late", 6),
    ("answered_on_the_last_day", "on_the_last_day", 23),
    ("extended_in_time", "in_time", 23),
    ("withdrawn", "in_time", 23),
    ("still_in_time", "still_in_time", 23),
)

DEEDS = (
    Deed(REPEAT, "same_person", _twice("same_person"), 4, 8),
    Deed(REPEAT, "same_household", _twice("same_household"), 4, 8),
    Deed(REPEAT, "same_person_other_matter", _twice("same_person_other_matter"), 4, 24),
    Deed(REPEAT, "same_matter_other_person", _twice("same_matter_other_person"), 4, 23),
    Deed(REPEAT, "first_voided", _twice("first_voided"), 4, 24),
    *(
        Deed(
            OVERDUE,
            case,
            _waits(case, how),
            1 if how == "still_in_time" else 5,
            per_1200,
            1 if how == "still_in_time" else None,
        )
        for case, how, per_1200 in _WAITS
    ),
    Deed(WITHOUT_EVIDENCE, "nothing_named", _without_evidence("nothing_named"), 4, 24),
    Deed(WITHOUT_EVIDENCE, "not_settled", _without_evidence("not_settled"), 4, 23),
    Deed(WITHOUT_EVIDENCE, "withdrawn", _without_evidence("withdrawn"), 4, 23),
    Deed(
        WITHOUT_EVIDENCE,
        "closed_again_with_evidence",
        _without_evidence("closed_again_with_evidence"),
        4,
        23,
    ),
    Deed(ONE_HAND, "nobody_confirmed", _by_one_hand("nobody_confirmed"), 4, 14),
    Deed(ONE_HAND, "signed_twice", _by_one_hand("signed_twice"), 4, 10),
    Deed(ONE_HAND, "two_hands", _by_one_hand("two_hands"), 4, 23),
    Deed(ONE_HAND, "withdrawn", _by_one_hand("withdrawn"), 4, 23),
    Deed(ONE_HAND, "closed_again_by_two", _by_one_hand("closed_again_by_two"), 4, 23),
    Deed(BULK, "all_at_once", _many_at_once("all_at_once"), 3, 22),
    Deed(BULK, "a_few", _many_at_once("a_few"), 3, 23),
    Deed(BULK, "two_people", _many_at_once("two_people"), 3, 23),
    Deed(BULK, "one_voided", _many_at_once("one_voided"), 3, 23),
)

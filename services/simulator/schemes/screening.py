"""People at risk who wait, are promised help that never comes, or are not offered what fits (R18-R22)."""

from datetime import timedelta
from random import Random

from services.simulator import months
from services.simulator.life.applications import Course, usual
from services.simulator.life.screening import enrol_after, look, relieve
from services.simulator.offices.applications import Newcomers
from services.simulator.offices.office import key_of
from services.simulator.parameters import days
from services.simulator.schemes.limits import How, day_done, owe
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street

WAITING = "screening-waiting"
UNCOVERED = "uncovered-at-risk"
NOT_OFFERED = "single-person-not-offered"

SEVERE = ("severe_disability", "残联")


# -- no outcome in time -----------------------------------------------------------------------------------


def _waits(case: str, how: How) -> Act:
    def act(street: Street, random: Random) -> None:
        listed, day = look(street, random, street.newcomers(), assessed=case != "nobody_came")
        due_on = day + timedelta(days=days("screening.outcome_days", day))
        done_on = day_done(street, random, how, day + timedelta(days=9), due_on)
        key = key_of(listed, "screening_no")
        if case == "voided":
            street.screening.void(listed, day + timedelta(days=3), "重复登记")
            street.labels.lawful(WAITING, case, key)
            return
        if done_on is not None:
            outcome = "watched" if case == "watched" else random.choice(("watched", "not_eligible"))
            street.screening.conclude(listed, done_on, outcome)
        owe(street, WAITING, case, key, how, due_on, done_on)

    return act


# -- help that is promised --------------------------------------------------------------------------------


def _promised(case: str, how: How) -> Act:
    """The outcome is help; whether it comes, and when, is another matter."""

    def act(street: Street, random: Random) -> None:
        newcomers = street.newcomers()
        listed, day = look(street, random, newcomers)
        concluded_on = day + timedelta(days=random.randint(9, 14))
        limit = days("screening.cover_days", concluded_on)
        due_on, done_on = concluded_on + timedelta(days=limit), None
        if case in ("relief_granted", "relief_never_paid"):
            street.screening.conclude(listed, concluded_on, "temporary_relief")
            if case == "relief_granted":
                done_on = concluded_on + timedelta(days=random.randint(3, limit - 5))
                relieve(street, random, newcomers, done_on)
        elif case in ("nobody_applied", "still_in_time", "died"):
            street.screening.conclude(listed, concluded_on, newcomers.programme)
            if case == "died":
                person = newcomers.members[0]
                person.died_on = died_on = concluded_on + timedelta(days=random.randint(2, limit - 20))
                street.vitals.record_death(person, died_on, died_on + timedelta(days=3))
        else:
            course = usual(random)
            if case == "application_refused":
                course = Course(posted=None, decision=9, refused=True)
            wait = limit if case == "enrolled_late" else random.randint(1, 10)
            application = enrol_after(street, random, newcomers, listed, concluded_on, course, wait=wait)
            done_on = application.decided_on
        key = key_of(listed, "screening_no")
        owe(street, UNCOVERED, case, key, how, due_on, done_on, severity="high")

    return act


# -- what fits is not offered -----------------------------------------------------------------------------


def _fits(case: str, outcome: str) -> Act:
    """The 单人保 policy fits somebody with a severe disability, and what comes of it."""

    def act(street: Street, random: Random) -> None:
        newcomers = street.newcomers()
        if case == "receives_already":
            household = street.resident(random, "screening")
            spell = household.spell
            newcomers = Newcomers(household, spell.programme, spell.members(street.month))
        policy_no = f"{street.division.prefix}ZC0{3 if case == 'another_policy' else 1}"
        category = ("epidemic", "村(社区)上报") if case == "another_policy" else SEVERE
        listed, day = look(street, random, newcomers, category=category, policies=(policy_no,))
        concluded_on = day + timedelta(days=random.randint(9, 20))
        key = key_of(listed, "screening_no")
        if outcome == "dibao":
            enrol_after(street, random, newcomers, listed, concluded_on, usual(random))
        else:
            street.screening.conclude(listed, concluded_on, outcome)
            if outcome == "temporary_relief":
                relieve(street, random, newcomers, concluded_on + timedelta(days=5))

        def tell() -> None:
            # An exit may be decided afterwards, from a month before the conclusion on.
            left = case == "receives_already" and not newcomers.household.still_lists(
                newcomers.members[0], months.of(concluded_on)
            )
            if left or case in ("put_off", "called_not_eligible", "given_relief_only"):
                street.labels.irregular(
                    NOT_OFFERED, case, key, severity="medium", policy_no=[policy_no], outcome=outcome
                )
            else:
                street.labels.lawful(NOT_OFFERED, case, key)

        street.in_the_end.append(tell)

    return act


def _assessed_wrongly(street: Street, random: Random) -> None:
    """The assessment is undone: the person is somebody else, and the policy does not fit."""
    newcomers = street.newcomers()
    listed, day = look(street, random, newcomers, category=SEVERE, assessed=False)
    assessed_on = day + timedelta(days=5)
    assessed = street.screening.assess(
        listed, assessed_on, risk="high", income=0, policies=(f"{street.division.prefix}ZC01",)
    )
    street.screening.void(assessed, assessed_on + timedelta(days=2), "评估对象有误")
    street.screening.conclude(listed, day + timedelta(days=15), "watched")
    street.labels.lawful(NOT_OFFERED, "assessment_voided", key_of(listed, "screening_no"))


_WAITS: tuple[tuple[str, How, int, int, int | None], ...] = (
    ("nobody_came", "never", 3, 10, None),
    ("assessed_and_forgotten", "never", 3, 10, None),
    ("concluded_late", "late", 5, 10, None),
    ("concluded_in_time", "in_time", 3, 23, None),
    ("concluded_on_the_last_day", "on_the_last_day", 3, 23, None),
    ("watched", "in_time", 3, 23, None),
    ("voided", "never", 2, 23, None),
    ("still_in_time", "still_in_time", 1, 23, 1),
)
_PROMISED: tuple[tuple[str, How, int, int, int | None], ...] = (
    ("nobody_applied", "never", 5, 10, None),
    ("relief_never_paid", "never", 5, 8, None),
    ("enrolled_late", "late", 6, 8, None),
    ("relief_granted", "in_time", 5, 23, None),
    ("enrolled_in_time", "in_time", 5, 23, None),
    ("application_refused", "in_time", 5, 23, None),
    ("died", "in_time", 5, 23, None),
    ("still_in_time", "still_in_time", 2, 23, 2),
)
_FITS: tuple[tuple[str, str, int, str | None], ...] = (
    ("put_off", "watched", 10, None),
    ("called_not_eligible", "not_eligible", 8, None),
    ("given_relief_only", "temporary_relief", 6, None),
    ("offered", "dibao", 23, None),
    ("receives_already", "watched", 23, None),
    ("another_policy", "temporary_relief", 23, "2020-03"),
)

DEEDS = (
    *(
        Deed(WAITING, case, _waits(case, how), length, per_1200, within)
        for case, how, length, per_1200, within in _WAITS
    ),
    *(
        Deed(UNCOVERED, case, _promised(case, how), length, per_1200, within)
        for case, how, length, per_1200, within in _PROMISED
    ),
    *(
        Deed(NOT_OFFERED, case, _fits(case, outcome), 3, per_1200, begins=begins)
        for case, outcome, per_1200, begins in _FITS
    ),
    Deed(NOT_OFFERED, "assessment_voided", _assessed_wrongly, 3, 23),
)

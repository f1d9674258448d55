"""Applications that take too long, or lack a stage that the law wants (R36, R50)."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from services.simulator.household import Household
from services.simulator.life.applications import Course, begin, usual
from services.simulator.offices.applications import Application
from services.simulator.parameters import ANY_STEP, days, limit
from services.simulator.schemes.limits import How, owe
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street
from services.simulator.workdays import working_days_after

CLOCK = "application-clock"
MISSING = "missing-stage"


# -- too long ---------------------------------------------------------------------------------------------


def _visited(case: str, how: How) -> Act:
    """The visit comes late, or as late as it may."""

    def act(street: Street, random: Random) -> None:
        # what holds at the month's end: nobody applies in the days between
        longest = days("application.investigation_days", street.day(1))
        visit = longest if how == "on_the_last_day" else longest + random.randint(1, 6)
        if case == "visited_under_the_old_rule":
            visit = random.randint(5, longest)
        course = replace(usual(random), visit=visit, posted=visit + 1, decision=visit + 10)
        if how == "late":
            course = replace(course, check=visit)  # nor does anything else begin
        application = begin(street, random, course)
        due_on = working_days_after(application.applied_on, longest)
        done_on = working_days_after(application.applied_on, visit)
        owe(street, CLOCK, case, application.stage("investigation"), how, due_on, done_on)

    return act


def _decided(case: str, how: How) -> Act:
    """The decision comes late, never, or as late as the circumstances allow."""

    def act(street: Street, random: Random) -> None:
        total = days("application.total_days", street.day(1))
        longest = days("application.extended_days", street.day(1))
        delegated = days("application.delegated_days", street.day(1))
        course = usual(random)
        if case == "decided_late":
            course = replace(course, decision=random.randint(total + 1, longest))
        elif case == "extended":
            total, course = (
                longest,
                replace(course, result="doubtful", decision=random.randint(total + 1, longest)),
            )
        elif case == "delegated_late":
            course = replace(course, delegated=True, decision=random.randint(delegated + 1, total))
            total = delegated
        elif case == "delegated_in_time":
            total, course = delegated, replace(course, delegated=True)
        elif case == "decided_on_the_last_day":
            course = replace(course, decision=total)
        else:  # lies in a drawer
            course = replace(course, decision=None)
        application = begin(street, random, course)
        due_on = working_days_after(application.applied_on, total)
        owe(street, CLOCK, case, application.stage("decision"), how, due_on, application.decided_on)

    return act


def _notified(case: str, how: How) -> Act:
    """A refusal is written to the applicant late, never, or on the last day."""

    def act(street: Street, random: Random) -> None:
        longest = days("application.notice_days", street.day(1))
        notice = {"late": longest + random.randint(1, 12), "on_the_last_day": longest}.get(how)
        course = replace(usual(random), posted=None, decision=9, refused=True, notice=notice)
        application = begin(street, random, course)
        refused_on = application.decided_on
        assert refused_on is not None
        due_on = working_days_after(refused_on, longest)
        done_on = None if notice is None else working_days_after(refused_on, notice)
        owe(street, CLOCK, case, application.stage("notice"), how, due_on, done_on)

    return act


# -- a stage that is missing ------------------------------------------------------------------------------

_LACKS: dict[str, tuple[str, Course]] = {
    "no_visit": ("household_visit", Course(visit=None)),
    "no_check": ("information_check", Course(check=None)),
    "checked_after_the_decision": ("information_check", Course(check=16)),
    "not_publicised": ("publicity", Course(posted=None)),
    "taken_down_early": ("publicity", Course(shown=5)),
    "decided_while_it_hung": ("publicity", Course(posted=12, shown=14)),
    "never_applied": ("application", Course(stated=False)),
}
"""What is missing, and how that comes."""

_COMPLETE: dict[str, tuple[str, Course]] = {
    "seven_days": ("publicity", Course(shown=7)),
    "stages_sent_late": ("household_visit", Course(lag=45)),
    "refused_before_it_hung": ("publicity", Course(posted=None, decision=8, refused=True)),
}


def _hung_long_enough(application: Application, course: Course) -> bool:
    """Whether it was on the board for the whole time before it was decided, as it is around long holidays."""
    if course.posted is None or application.decided_on is None:
        return False
    posted_on = working_days_after(application.applied_on, course.posted)
    shown = days("application.publicity_days", application.decided_on)
    return course.shown >= shown and posted_on + timedelta(days=shown) <= application.decided_on


def _lacks(case: str) -> Act:
    stage, course = _LACKS[case]

    def act(street: Street, random: Random) -> None:
        def granted(household: Household) -> None:
            if stage != "publicity" or not _hung_long_enough(application, course):
                street.labels.irregular(MISSING, case, application.stage(stage), severity="medium")

        application = begin(street, random, course, granted=granted)
        if (
            case == "no_visit"
            and limit("application.investigation_steps", application.applied_on) != ANY_STEP
        ):
            # Whatever was decided needs no investigation any more.
            due_on = working_days_after(
                application.applied_on, days("application.investigation_days", application.applied_on)
            )
            key = application.stage("investigation")
            owe(street, CLOCK, "decided_unvisited", key, "late", due_on, application.decided_on)

    return act


def _complete(case: str) -> Act:
    stage, course = _COMPLETE[case]

    def act(street: Street, random: Random) -> None:
        street.labels.lawful(MISSING, case, begin(street, random, course).stage(stage))

    return act


_BEFORE_THE_NEW_RULE = "2021-06"

DEEDS = (
    Deed(CLOCK, "visited_late", _visited("visited_late", "late"), 4, 10),
    Deed(CLOCK, "visited_on_the_last_day", _visited("visited_on_the_last_day", "on_the_last_day"), 3, 23),
    Deed(
        CLOCK,
        "visited_under_the_old_rule",
        _visited("visited_under_the_old_rule", "in_time"),
        3,
        23,
        ends=_BEFORE_THE_NEW_RULE,
    ),
    Deed(CLOCK, "decided_late", _decided("decided_late", "late"), 5, 8),
    Deed(CLOCK, "delegated_late", _decided("delegated_late", "late"), 4, 8),
    Deed(CLOCK, "never_decided", _decided("never_decided", "never"), 4, 8),
    Deed(CLOCK, "extended", _decided("extended", "in_time"), 5, 23),
    Deed(CLOCK, "delegated_in_time", _decided("delegated_in_time", "in_time"), 3, 23),
    Deed(CLOCK, "decided_on_the_last_day", _decided("decided_on_the_last_day", "on_the_last_day"), 4, 23),
    Deed(CLOCK, "still_in_time", _decided("still_in_time", "still_in_time"), 1, 23, within=1),
    Deed(CLOCK, "notified_late", _notified("notified_late", "late"), 4, 8),
    Deed(CLOCK, "never_notified", _notified("never_notified", "never"), 3, 8),
    Deed(CLOCK, "notified_on_the_last_day", _notified("notified_on_the_last_day", "on_the_last_day"), 3, 23),
    *(Deed(MISSING, case, _lacks(case), 4, 5) for case in _LACKS),
    *(Deed(MISSING, case, _complete(case), 4, 23) for case in _COMPLETE),
)

"""Problems that come back (反弹回潮), and such as were put right on paper only (纸上整改)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from services.simulator.facts import Event
from services.simulator.life.problems import BODIES, DAYS_TO_RECTIFY, matter
from services.simulator.offices.problems import Matter
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street

REBOUND = "rebound"
ON_PAPER = "paper-rectification"


@dataclass(slots=True)
class _Course:
    """A problem as it goes on, step by step; ``day`` is that of the last step."""

    street: Street
    random: Random
    matter: Matter
    day: date
    number: str = ""

    def later(self, least: int, most: int) -> date:
        """Some days on."""
        self.day += timedelta(days=self.random.randint(least, most))
        return self.day

    def find(self, *, earlier: str | None = None) -> Event:
        """The problem, or what repeats it, is found."""
        due_on = self.day + timedelta(days=DAYS_TO_RECTIFY)
        found = self.street.problems.find(
            self.matter, self.day, self.random.choice(BODIES), due_on, earlier=earlier
        )
        self.number = self.number or found["data"]["problem_no"]
        return found

    def rectify(self, number: str | None = None, *, evidence: bool = True) -> None:
        """It, or another one, is said to be put right."""
        first = self.street.day(1)
        signers = self.street.officials.two(self.random, first, "handling_staff", "township_staff")
        self.street.problems.rectify(
            number or self.number, self.matter, self.day, *signers, evidence=evidence
        )

    def recheck(self, result: str) -> None:
        """Somebody looks again."""
        recheckers = self.street.officials.two(self.random, self.street.day(1), "leader", "discipline")
        drawn = self.random.random() < 0.7
        self.street.problems.recheck(self.number, self.day, recheckers, result, drawn=drawn)


_Way = Callable[[_Course], dict[str, Any]]
"""Goes from the finding to the end; returns the extras of the label, for irregularities."""


def _goes(rule: str, case: str, way: _Way, severity: str | None) -> Act:
    """A problem goes its way; with a severity that is irregular."""

    def act(street: Street, random: Random) -> None:
        course = _Course(street, random, matter(street, random), street.day(random.randint(2, 25)))
        course.find()
        extras = way(course)
        key = {"problem_no": course.number}
        if severity is None:
            street.labels.lawful(rule, case, key)
        else:
            street.labels.irregular(rule, case, key, severity=severity, **extras)

    return act


# -- come back ---------------------------------------------------------------------------------------------


def _found_again(course: _Course) -> dict[str, Any]:
    course.later(10, 35)
    course.rectify()
    again_on = course.later(1, 40)
    again = course.find(earlier=course.number)
    course.later(5, 25)
    course.rectify(again["data"]["problem_no"])
    return {"again_on": again_on.isoformat()}


def _recheck_says_rebounded(course: _Course) -> dict[str, Any]:
    course.later(10, 35)
    course.rectify()
    again_on = course.later(15, 40)
    course.recheck("rebounded")
    course.later(5, 25)
    course.rectify()
    return {"again_on": again_on.isoformat()}


def _found_again_before_rectified(course: _Course) -> dict[str, Any]:
    course.later(3, 15)
    again = course.find(earlier=course.number)
    course.later(0, 20)
    course.rectify()
    course.later(0, 9)
    course.rectify(again["data"]["problem_no"])
    return {}


def _another_there(course: _Course) -> dict[str, Any]:
    course.later(10, 35)
    course.rectify()
    course.later(10, 40)
    other = course.find()
    course.later(5, 25)
    course.rectify(other["data"]["problem_no"])
    return {}


def _repeat_voided(course: _Course) -> dict[str, Any]:
    course.later(10, 35)
    course.rectify()
    course.later(10, 40)
    again = course.find(earlier=course.number)
    course.street.problems.void(again, course.later(1, 9), "经核实不是同一问题")
    return {}


def _holds(course: _Course) -> dict[str, Any]:
    course.later(10, 35)
    course.rectify()
    course.later(15, 40)
    course.recheck("holds")
    return {}


# -- on paper ----------------------------------------------------------------------------------------------


def _no_evidence(course: _Course) -> dict[str, Any]:
    course.later(10, 35)
    course.rectify(evidence=False)
    return {"why": "no_evidence"}


def _recheck_fails(course: _Course) -> dict[str, Any]:
    course.later(10, 35)
    course.rectify()
    course.later(15, 40)
    course.recheck("not_rectified")
    return {"why": "recheck"}


def _no_evidence_again(course: _Course) -> dict[str, Any]:
    _recheck_fails(course)
    course.later(3, 20)
    course.rectify(evidence=False)
    return {"why": "no_evidence"}


def _recheck_fails_again(course: _Course) -> dict[str, Any]:
    _rectified_again(course)
    course.later(5, 25)
    course.recheck("not_rectified")
    return {"why": "recheck"}


def _evidence_later(course: _Course) -> dict[str, Any]:
    _no_evidence(course)
    course.later(1, 30)
    course.rectify()
    return {}


def _rectified_again(course: _Course) -> dict[str, Any]:
    _recheck_fails(course)
    course.later(3, 20)
    course.rectify()
    return {}


def _recheck_holds(course: _Course) -> dict[str, Any]:
    _no_evidence(course)
    course.later(15, 40)
    course.recheck("holds")
    return {}


def _not_rectified_yet(course: _Course) -> dict[str, Any]:
    course.later(15, 40)
    course.recheck("not_rectified")
    return {}


def _problem_voided(course: _Course) -> dict[str, Any]:
    other = course.find()
    course.later(5, 20)
    course.rectify(other["data"]["problem_no"], evidence=False)
    course.street.problems.void(other, course.later(1, 9), "重复登记")
    course.rectify()
    course.number = other["data"]["problem_no"]
    return {}


_WAYS: tuple[tuple[str, str, _Way, str | None, int], ...] = (
    (REBOUND, "found_again", _found_again, "high", 12),
    (REBOUND, "recheck_says_rebounded", _recheck_says_rebounded, "high", 12),
    (REBOUND, "found_again_before_rectified", _found_again_before_rectified, None, 23),
    (REBOUND, "another_problem_there", _another_there, None, 23),
    (REBOUND, "repeat_voided", _repeat_voided, None, 23),
    (REBOUND, "recheck_holds", _holds, None, 23),
    (ON_PAPER, "no_evidence", _no_evidence, "medium", 8),
    (ON_PAPER, "recheck_fails", _recheck_fails, "medium", 8),
    (ON_PAPER, "no_evidence_again", _no_evidence_again, "medium", 6),
    (ON_PAPER, "recheck_fails_again", _recheck_fails_again, "medium", 6),
    (ON_PAPER, "evidence_later", _evidence_later, None, 23),
    (ON_PAPER, "rectified_again", _rectified_again, None, 23),
    (ON_PAPER, "recheck_holds", _recheck_holds, None, 23),
    (ON_PAPER, "not_rectified_yet", _not_rectified_yet, None, 23),
    (ON_PAPER, "problem_voided", _problem_voided, None, 23),
)

DEEDS = tuple(
    Deed(rule, case, _goes(rule, case, way, severity), 6, per_1200)
    for rule, case, way, severity, per_1200 in _WAYS
)

"""clue-unverified: a clue of civil affairs that nobody looked into by the day it was due (R66)."""

from datetime import date

from services.detection.facts.clues import ClueReceived, ClueVerified
from services.detection.facts.enrollment import Enrolled
from services.detection.facts.petitions import PetitionFiled
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.clue import Clue


def clock_of(view: Clue, without: Clauses = ()) -> Clock | None:
    """Return when a clue must be looked into; None where civil affairs need not.

    Stated a second time it does not have its days anew; what was last said of it describes it.
    """
    received, begun = view.received, view.first(ClueReceived)
    if received is None or begun is None:
        return None
    if received.track != "civil_affairs" and "of_discipline" not in without:
        return None
    days = view.policy.days(VERIFY_DAYS, begun.date, view.scope)
    return Clock(
        due_on=later(begun.date, days),
        because=(begun, received),
        done=None if "verified" in without else view.first(ClueVerified),
        policy={VERIFY_DAYS.name: days},
    )


def findings(view: Clue, without: Clauses = ()) -> list[Finding]:
    """At most one finding a clue. Params: ``due_on``, ``done_on``."""
    household_no = view.received.household_no if view.received is not None else None
    return overdue(view, clock_of(view, without), NAME, {"clue_no": view.number}, "medium", household_no)


def next_due(view: Clue) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "clue-unverified"

VERIFY_DAYS = Parameter(
    name="clues.verify_days",
    default="60",
    unit="days after a clue is received",
    source="ours",
    title="线索查证期限",
    measure="收到线索后的天数",
    basis="本系统设定",
)

RULE = Rule[Clue](
    name=NAME,
    version=1,
    title="线索逾期未查证",
    phrases=(
        ("线索 {clue_no} 应于{due_on:day}前查证", "线索 {clue_no} 查证超期"),
        ("{done_on:day}才查证", "至今未查证，逾期{due_on:days_over}天", "至今未查证"),
    ),
    requirements=("R66",),
    subject="clue",
    triggers=frozenset({ClueReceived, ClueVerified}),
    neighbours=frozenset({Enrolled, PetitionFiled}),
    parameters=(VERIFY_DAYS,),
    key=("clue_no",),
    clauses={
        "of_discipline": "what discipline inspection has itself is not for civil affairs to look into",
        "verified": "it was looked into in time",
    },
    findings=findings,
    next_due=next_due,
)

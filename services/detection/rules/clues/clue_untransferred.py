"""clue-untransferred: a clue about a cadre, with something in it, that was not handed over (R66)."""

from datetime import date

from services.detection.facts.clues import ClueReceived, ClueTransferred, ClueVerified
from services.detection.facts.enrollment import Enrolled
from services.detection.facts.officials import Appointed, LeftPost
from services.detection.facts.petitions import PetitionFiled
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.clue import Clue


def clock_of(view: Clue, without: Clauses = ()) -> Clock | None:
    """Return when a clue of civil affairs must be handed over; None where it need not be.

    The first verification counts. The days are those in force when it was verified.
    """
    received, verified = view.received, view.first(ClueVerified)
    if received is None or verified is None:
        return None
    if received.track != "civil_affairs" and "of_discipline" not in without:
        return None
    if verified.result == "unsubstantiated" and "unsubstantiated" not in without:
        return None
    if not view.concerns_a_cadre() and "no_cadre" not in without:
        return None
    days = view.policy.days(TRANSFER_DAYS, verified.date, view.scope)
    return Clock(
        due_on=later(verified.date, days),
        because=(received, verified),
        done=None if "transferred" in without else view.first(ClueTransferred),
        policy={TRANSFER_DAYS.name: days},
    )


def findings(view: Clue, without: Clauses = ()) -> list[Finding]:
    """At most one finding a clue. Params: ``due_on``, ``done_on``."""
    household_no = view.received.household_no if view.received is not None else None
    return overdue(view, clock_of(view, without), NAME, {"clue_no": view.number}, "high", household_no)


def next_due(view: Clue) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "clue-untransferred"

TRANSFER_DAYS = Parameter(
    name="clues.transfer_days",
    default="15",
    unit="days after a clue about a cadre was found true",
    source="ours",
    title="涉及干部线索移交期限",
    measure="查证属实后的天数",
    basis="本系统设定",
)

RULE = Rule[Clue](
    name=NAME,
    version=2,
    title="线索逾期未移交",
    phrases=(
        "线索 {clue_no} 涉及干部，经核实属实或部分属实",
        "应于{due_on:day}前移交纪检监察机关",
        ("{done_on:day}才移交", "至今未移交，逾期{due_on:days_over}天", "至今未移交"),
    ),
    requirements=("R66",),
    subject="clue",
    triggers=frozenset({ClueReceived, ClueVerified, ClueTransferred}),
    neighbours=frozenset({Appointed, LeftPost, Enrolled, PetitionFiled}),
    parameters=(TRANSFER_DAYS,),
    key=("clue_no",),
    clauses={
        "of_discipline": "what discipline inspection has itself need not be handed over to it",
        "unsubstantiated": "there was nothing in it",
        "no_cadre": "only clues about cadres are handed over",
        "transferred": "it was handed over in time",
    },
    findings=findings,
    next_due=next_due,
)

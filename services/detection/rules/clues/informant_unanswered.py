"""informant-unanswered: somebody gave their name with a clue, and was not told what came of it (R66)."""

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
    """Return when an informant must be answered; None where nobody is to be.

    The first verification begins it; whichever verification says that they were answered stops it.
    """
    received, verified = view.received, view.first(ClueVerified)
    if received is None or verified is None:
        return None
    if received.track != "civil_affairs" and "of_discipline" not in without:
        return None
    if not received.named and "anonymous" not in without:
        return None
    days = view.policy.days(ANSWER_DAYS, verified.date, view.scope)
    there = [fact for fact in view.answers if view.closed is not None and fact.date <= view.closed]
    done = there[0] if there and "answered" not in without else None
    # One fact may say both; it is named once.
    begun = None if done is not None and done.event_id == verified.event_id else verified
    return Clock(
        due_on=later(verified.date, days),
        because=(received, begun),
        done=done,
        policy={ANSWER_DAYS.name: days},
    )


def findings(view: Clue, without: Clauses = ()) -> list[Finding]:
    """At most one finding a clue. Params: ``due_on``, ``done_on``."""
    household_no = view.received.household_no if view.received is not None else None
    return overdue(view, clock_of(view, without), NAME, {"clue_no": view.number}, "medium", household_no)


def next_due(view: Clue) -> date | None:
    """Return the first day whose closing may change the answer; that of an answer dated ahead may."""
    days = [clock.next_due(view, [clock_of(view)])]
    days += [
        date.fromisoformat(fact.date)
        for fact in view.answers
        if view.closed is not None and fact.date > view.closed
    ]
    return min((day for day in days if day is not None), default=None)


NAME = "informant-unanswered"

ANSWER_DAYS = Parameter(
    name="clues.answer_days",
    default="30",
    unit="days after a named report was looked into",
    source="57号 37 (that it is answered); ours (the number)",
    title="实名举报反馈期限",
    measure="查证后的天数",
    basis="民发〔2021〕57号第37条，天数为本系统设定",
)

RULE = Rule[Clue](
    name=NAME,
    version=1,
    title="实名举报逾期未答复",
    phrases=(
        ("线索 {clue_no} 系实名举报，查证后应于{due_on:day}前答复举报人", "线索 {clue_no} 答复举报人超期"),
        ("{done_on:day}才答复", "至今未答复，逾期{due_on:days_over}天", "至今未答复"),
    ),
    requirements=("R66",),
    subject="clue",
    triggers=frozenset({ClueReceived, ClueVerified}),
    neighbours=frozenset({Enrolled, PetitionFiled}),
    parameters=(ANSWER_DAYS,),
    key=("clue_no",),
    clauses={
        "of_discipline": "discipline inspection answers those who report to it itself",
        "anonymous": "there is nobody to be answered",
        "answered": "the informant was answered in time",
    },
    findings=findings,
    next_due=next_due,
)

"""petition-overdue: a petition that was neither answered nor closed by the day it was due (R37, R55)."""

from datetime import date

from services.detection.facts.enrollment import Enrolled
from services.detection.facts.fact import Body
from services.detection.facts.petitions import (
    PetitionAccepted,
    PetitionAnswered,
    PetitionClosed,
    PetitionFiled,
    PetitionTransferred,
)
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.petition import Petition


def clock_of(view: Petition, without: Clauses = ()) -> Clock | None:
    """Return when a petition must be answered at the first stage, or closed.

    The last acceptance says, within what the law allows after it; before there is one, the days to accept and
    to answer run from filing. A transfer by the day due begins those anew; one after it changes nothing.
    """
    filed = view.filed
    if filed is None:
        return None
    because: Body = filed
    due_on, policy = _waiting(view, filed.date)
    for step in _steps(view):
        if type(step) is PetitionAccepted:
            if "accepted" not in without:
                due_on, policy = _accepted(view, step, without)
                because = step
        elif step.date <= due_on and "transferred" not in without:
            due_on, policy = _waiting(view, step.date)
            because = step
    return Clock(
        due_on=due_on,
        because=(filed, because),
        done=None if "done" in without else _done(view, without),
        policy=policy,
    )


def _steps(view: Petition) -> list[PetitionAccepted | PetitionTransferred]:
    """Return what moves the day due, in order; of one day the transfer first, for who gets it accepts it."""
    steps: list[PetitionAccepted | PetitionTransferred] = []
    steps += view.of(PetitionTransferred)
    steps += view.of(PetitionAccepted)
    return sorted(steps, key=lambda step: (step.date, type(step) is PetitionAccepted, step.event_id))


def _waiting(view: Petition, day: str) -> tuple[str, dict[str, int]]:
    accept = view.policy.days(ACCEPT_DAYS, day, view.scope)
    answer = view.policy.days(ANSWER_DAYS, day, view.scope)
    return later(day, accept + answer), {ACCEPT_DAYS.name: accept, ANSWER_DAYS.name: answer}


def _accepted(view: Petition, step: PetitionAccepted, without: Clauses) -> tuple[str, dict[str, int]]:
    answer = view.policy.days(ANSWER_DAYS, step.date, view.scope)
    more = 0 if "extended" in without else view.policy.days(EXTENSION_DAYS, step.date, view.scope)
    due_on = min(step.due_on, later(step.date, answer + more))
    return due_on, {ANSWER_DAYS.name: answer, EXTENSION_DAYS.name: more}


def _done(view: Petition, without: Clauses) -> Body | None:
    acts: list[Body] = [fact for fact in view.of(PetitionAnswered) if fact.stage == "first"]
    if "closed" not in without:
        acts += view.of(PetitionClosed)
    return min(acts, key=lambda fact: (fact.date, fact.event_id), default=None)


def findings(view: Petition, without: Clauses = ()) -> list[Finding]:
    """At most one finding a petition. Params: ``due_on``, ``done_on``."""
    household_no = view.filed.household_no if view.filed is not None else None
    return overdue(view, clock_of(view, without), NAME, {"petition_no": view.number}, "medium", household_no)


def next_due(view: Petition) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "petition-overdue"

_LAW = "信访条例 22, 33 (to 2022-04-30); 信访工作条例 23, 34 (from 2022-05-01)"
_LAW_SAID = "信访条例第22、33条（至2022年4月30日），信访工作条例第23、34条（自2022年5月1日）"
ACCEPT_DAYS = Parameter(
    name="petitions.accept_days",
    default="15",
    unit="days after the petition is filed",
    source=_LAW,
    title="信访受理期限",
    measure="登记后的天数",
    basis=_LAW_SAID,
)
ANSWER_DAYS = Parameter(
    name="petitions.answer_days",
    default="60",
    unit="days after the petition is accepted",
    source=_LAW,
    title="信访办理期限",
    measure="受理后的天数",
    basis=_LAW_SAID,
)
EXTENSION_DAYS = Parameter(
    name="petitions.extension_days",
    default="30",
    unit="days by which that may be extended",
    source=_LAW,
    title="信访延期",
    measure="可延长的天数",
    basis=_LAW_SAID,
)

RULE = Rule[Petition](
    name=NAME,
    version=1,
    title="信访办理超期",
    phrases=(
        ("信访 {petition_no} 应于{due_on:day}前答复或办结", "信访 {petition_no} 办理超期"),
        ("{done_on:day}才办理", "至今未答复、未办结，逾期{due_on:days_over}天", "至今未答复、未办结"),
    ),
    requirements=("R37", "R55"),
    subject="petition",
    triggers=frozenset(
        {PetitionFiled, PetitionAccepted, PetitionTransferred, PetitionAnswered, PetitionClosed}
    ),
    neighbours=frozenset({Enrolled}),
    parameters=(ACCEPT_DAYS, ANSWER_DAYS, EXTENSION_DAYS),
    key=("petition_no",),
    clauses={
        "accepted": "once somebody accepted it the day that was then set counts",
        "extended": "the law allows an extension",
        "transferred": "whom it was transferred to has the time anew",
        "closed": "a petition may be closed, or withdrawn, without an answer",
        "done": "it was answered in time",
    },
    findings=findings,
    next_due=next_due,
)

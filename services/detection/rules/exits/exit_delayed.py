"""exit-delayed: a household that no longer meets the conditions, as was found, and that goes on (R15)."""

from collections.abc import Iterator
from datetime import date

from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged, Reviewed
from services.detection.facts.fact import Body
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.benefit import Benefit

LAST_DAY = date.max.isoformat()

_Found = tuple[str, Exited | Reviewed, Body | None]
"""On what day it was found, the fact that says so, and the exit by which it was done."""


def clocks_of(view: Benefit, without: Clauses = ()) -> Iterator[tuple[str, str, Clock]]:
    """Yield programme, day of the finding, and by when the household, or the members, must have left.

    Of several findings for one exit the earliest counts; of several exits for one day the last one.
    """
    programmes = {fact.programme for fact in view.of(Exited)} | {fact.programme for fact in view.reviews}
    for programme in sorted(programmes):
        found = [*_by_exit(view, programme, without), *_by_review(view, programme, without)]
        of_exit: dict[str, _Found] = {}
        for one in sorted(found, key=lambda one: (one[0], one[1].event_id)):
            of_exit.setdefault("" if one[2] is None else one[2].event_id, one)
        of_day: dict[str, _Found] = {}
        for one in sorted(of_exit.values(), key=_done_on):
            of_day[one[0]] = one
        for day, because, done in of_day.values():
            days = view.policy.days(DECISION_DAYS, day, view.scope_in(programme, because.division))
            yield (
                programme,
                day,
                Clock(
                    due_on=later(day, days),
                    because=(because,),
                    done=None if "in_time" in without else done,
                    policy={DECISION_DAYS.name: days},
                ),
            )


def _done_on(found: _Found) -> tuple[str, str]:
    done = found[2]
    return (LAST_DAY, "") if done is None else (done.date, done.event_id)


def _by_exit(view: Benefit, programme: str, without: Clauses) -> Iterator[_Found]:
    exits = [fact for fact in view.of(Exited) if fact.programme == programme]
    # Restated, it is the first statement that says when the household, or these members, left.
    first: dict[_Leaving, Exited] = {}
    for fact in exits:
        first.setdefault(_leaving(fact), fact)
    for fact in exits:
        if fact.found_on is None or (fact.exit_kind == "death" and "died" not in without):
            continue
        yield fact.found_on, fact, first[_leaving(fact)]


_Leaving = tuple[str, tuple[str, ...] | None]
"""Month and persons; None: the whole household."""


def _leaving(fact: Exited) -> _Leaving:
    return fact.month, None if fact.persons is None else tuple(fact.persons)


def _by_review(view: Benefit, programme: str, without: Clauses) -> Iterator[_Found]:
    standing: dict[str, _Found] = {}
    for fact in view.reviews:
        if fact.programme != programme:
            continue
        done = _left(view, fact)
        if done is not None and done.date < fact.date:
            continue  # what is said of a household that has left changes nothing
        of = "" if done is None else done.event_id
        if fact.outcome == "stop":
            # Of several in a row the first.
            standing.setdefault(of, (fact.date, fact, done))
        elif "taken_back" not in without:
            standing.pop(of, None)
    yield from standing.values()


def _left(view: Benefit, review: Reviewed) -> Body | None:
    """Return the exit of the household from what it was in when it was reviewed."""
    spell = view.spell_on(review.programme, review.date)
    if spell is not None:
        return spell.ended_by
    exits = [one for one in view.exits() if one.programme == review.programme and one.date >= review.date]
    return exits[0] if exits else None


def findings(view: Benefit, without: Clauses = ()) -> list[Finding]:
    """At most one finding for a day on which it was found. Params: ``due_on``, ``done_on``."""
    return [
        finding
        for programme, day, one in clocks_of(view, without)
        for finding in overdue(
            view,
            one,
            NAME,
            {"household_no": view.number, "programme": programme, "found_on": day},
            "medium",
            view.number,
        )
    ]


def next_due(view: Benefit) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, (one for _, _, one in clocks_of(view)))


NAME = "exit-delayed"

DECISION_DAYS = Parameter(
    name="exit.decision_days",
    default="30",
    unit="days after it was found that the conditions no longer hold",
    source="ours",
    title="停发决定期限",
    measure="发现不再符合条件后的天数",
    basis="本系统设定",
)

RULE = Rule[Benefit](
    name=NAME,
    version=2,
    title="应退未退",
    phrases=(
        "{household_no}户{programme:word}于{found_on:day}发现不再符合条件",
        ("应于{due_on:day}前退出", "应予退出"),
        ("{done_on:day}才退出", "至今未退出，逾期{due_on:days_over}天", "至今未退出"),
    ),
    requirements=("R15",),
    subject="benefit",
    triggers=frozenset({Enrolled, MembersChanged, Exited, Reviewed}),
    parameters=(DECISION_DAYS,),
    key=("household_no", "programme", "found_on"),
    clauses={
        "died": "a death is not found out by a review",
        "taken_back": "a later review says that the conditions hold",
        "in_time": "it was carried out in time",
    },
    findings=findings,
    next_due=next_due,
)

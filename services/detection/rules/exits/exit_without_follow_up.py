"""exit-without-follow-up: a household that left, and nobody looked how it fares (R20)."""

from collections.abc import Iterator, Mapping
from datetime import date

from services.detection.facts.enrollment import Change, Enrolled, Exited, Listed, MembersChanged, Reviewed
from services.detection.facts.fact import Body
from services.detection.facts.identity import MovedOn
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.benefit import FOLLOW_UP
from services.detection.subjects.leaving import Leaving


def clocks_of(view: Leaving, without: Clauses = ()) -> Iterator[tuple[Exited, Clock]]:
    """Yield, for each exit of the household, by when somebody must have looked after it.

    Of several statements of one exit the first begins the clock.
    """
    if view.of(MovedOn) and "merged" not in without:
        return
    changes = {fact.event_id: fact for fact in view.changes()}
    exits: dict[tuple[str, str], Exited] = {}
    for fact in view.exits():
        exits.setdefault((fact.programme, fact.month), fact)
    for fact in exits.values():
        if fact.exit_kind == "death" and "died" not in without:
            continue
        scope = view.scope_in(fact.programme, fact.division)
        days = view.policy.days(FOLLOW_UP_DAYS, fact.date, scope)
        yield (
            fact,
            Clock(
                due_on=later(fact.date, days),
                because=(fact,),
                done=_done(view, fact, changes, without),
                policy={FOLLOW_UP_DAYS.name: days},
            ),
        )


def _done(view: Leaving, left: Exited, changes: Mapping[str, Change], without: Clauses) -> Body | None:
    acts: list[Body] = []
    if "followed" not in without:
        # One before it is that of an earlier exit.
        acts += [fact for fact in view.of(Reviewed) if fact.kind == FOLLOW_UP and fact.date >= left.date]
    if "enrolled_again" not in without:
        acts += _enrolled_again(view, left, changes)
    return min(acts, key=lambda fact: (fact.date, fact.event_id), default=None)


def _enrolled_again(view: Leaving, left: Exited, changes: Mapping[str, Change]) -> list[Body]:
    """Return the enrolments, since, of the household or of anybody who was a member to the end.

    One that takes effect before the exit, in the same household and programme, is ended by it, whenever it
    was decided: nobody receives again by that.
    """
    persons = {
        stay.person
        for spell in view.spells.get(left.programme, ())
        if spell.ended_by is not None and spell.ended_by.event_id == left.event_id
        for stay in spell.stays
        if stay.to_month == spell.to_month
    }
    acts: list[Body] = [*view.of(Enrolled), *view.joined(persons)]
    since = (fact for fact in acts if fact.date >= left.date)
    return [fact for fact in since if not _is_ended(changes.get(fact.event_id), left)]


def _is_ended(change: Change | None, left: Exited) -> bool:
    if change is None or change.programme != left.programme:
        return False
    return (change.month, change.date, change.event_id) < (left.month, left.date, left.event_id)


def findings(view: Leaving, without: Clauses = ()) -> list[Finding]:
    """At most one finding an exit. Params: ``due_on``, ``done_on``."""
    return [
        finding
        for fact, one in clocks_of(view, without)
        for finding in overdue(
            view,
            one,
            NAME,
            {"household_no": view.number, "programme": fact.programme, "stop_month": fact.month},
            "medium",
            view.number,
        )
    ]


def next_due(view: Leaving) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, (one for _, one in clocks_of(view)))


NAME = "exit-without-follow-up"

FOLLOW_UP_DAYS = Parameter(
    name="exit.follow_up_days",
    default="90",
    unit="days after the exit is decided",
    source="ours",
    title="退出后跟踪期限",
    measure="决定退出后的天数",
    basis="本系统设定",
)

RULE = Rule[Leaving](
    name=NAME,
    version=2,
    title="退出后未跟踪",
    phrases=(
        "{household_no}户{programme:word}自{stop_month:month}起停发",
        ("应于{due_on:day}前跟踪回访", "退出后应跟踪回访"),
        ("{done_on:day}才跟踪", "至今未跟踪，逾期{due_on:days_over}天", "至今未跟踪"),
    ),
    requirements=("R20",),
    subject="leaving",
    triggers=frozenset({Enrolled, MembersChanged, Exited, Reviewed, MovedOn}),
    neighbours=frozenset({Listed}),
    parameters=(FOLLOW_UP_DAYS,),
    key=("household_no", "programme", "stop_month"),
    clauses={
        "died": "whose last member died is not followed up",
        "merged": "a household that was merged into another, or divided, goes on under another number",
        "followed": "somebody looked in time",
        "enrolled_again": "a member receives again",
    },
    findings=findings,
    next_due=next_due,
)

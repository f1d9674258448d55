"""grace-overrun: a household that earns, whose months of grace are over, and nobody decided on (R20)."""

from collections.abc import Iterator
from datetime import date, timedelta

from events.values import add_months, first_day
from services.detection.facts.enrollment import (
    Enrolled,
    Exited,
    GraceGranted,
    MembersChanged,
    Reviewed,
)
from services.detection.facts.fact import Body
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.benefit import Benefit


def clocks_of(view: Benefit, without: Clauses = ()) -> Iterator[tuple[GraceGranted, Clock]]:
    """Yield, for each grant of grace, by when it must be decided how the household goes on.

    Grants in a row may be ``grace.months`` in all. Of several for one month the last describes it.
    """
    grants = {(fact.programme, fact.from_month): fact for fact in view.of(GraceGranted)}
    begun: dict[tuple[str, str], str] = {}
    for (programme, from_month), grant in sorted(grants.items()):
        # Whatever follows it in a row began where it did itself.
        first = begun.get((programme, from_month), from_month)
        after = programme, add_months(grant.to_month, 1)
        begun[after] = first
        following = grants.get(after)
        yield grant, _clock(view, grant, first, following, without)


def _clock(
    view: Benefit, grant: GraceGranted, first: str, following: GraceGranted | None, without: Clauses
) -> Clock:
    scope = view.scope_in(grant.programme, grant.division)
    months = view.policy.days(MONTHS, grant.date, scope)
    # Months are counted to a year that no grant reaches: a policy of a million is none.
    last = min(grant.to_month, add_months(first, min(months, _FOR_EVER) - 1))
    end = (first_day(add_months(last, 1)) - timedelta(days=1)).isoformat()
    days = view.policy.days(DECISION_DAYS, end, scope)
    return Clock(
        due_on=later(end, days),
        because=(grant,),
        done=_decided(view, grant, last, following, without),
        policy={MONTHS.name: months, DECISION_DAYS.name: days},
    )


def _decided(
    view: Benefit, grant: GraceGranted, last: str, following: GraceGranted | None, without: Clauses
) -> Body | None:
    acts: list[Body] = []
    if "left" not in without:
        spell = view.spell_on(grant.programme, grant.date)
        if spell is not None:
            acts += [] if spell.ended_by is None else [spell.ended_by]
        else:
            acts += [
                fact for fact in view.exits() if fact.programme == grant.programme and fact.date >= grant.date
            ]
    if "reviewed" not in without:
        acts += [
            fact
            for fact in view.reviews
            if fact.programme == grant.programme and fact.date >= first_day(last).isoformat()
        ]
    if following is not None and "granted_again" not in without:
        acts.append(following)
    return min(acts, key=lambda fact: (fact.date, fact.event_id), default=None)


def findings(view: Benefit, without: Clauses = ()) -> list[Finding]:
    """At most one finding a grant. Params: ``due_on``, ``done_on``."""
    return [
        finding
        for grant, one in clocks_of(view, without)
        for finding in overdue(
            view,
            one,
            NAME,
            {
                "household_no": view.number,
                "programme": grant.programme,
                "from_month": grant.from_month,
            },
            "medium",
            view.number,
        )
    ]


def next_due(view: Benefit) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, (one for _, one in clocks_of(view)))


NAME = "grace-overrun"

_FOR_EVER = 1200

MONTHS = Parameter(
    name="grace.months",
    default="6",
    unit="months of grace at most",
    source="民发〔2021〕57号 33",
    title="渐退期最长月数",
    measure="个月",
    basis="民发〔2021〕57号第33条",
)
DECISION_DAYS = Parameter(
    name="grace.decision_days",
    default="30",
    unit="days after the last month of grace",
    source="ours",
    title="渐退期满处置期限",
    measure="渐退期最后一个月结束后的天数",
    basis="本系统设定",
)

RULE = Rule[Benefit](
    name=NAME,
    version=2,
    title="渐退期满未处理",
    phrases=(
        "{household_no}户{programme:word}自{from_month:month}起渐退",
        ("应于{due_on:day}前复核或退出", "期满应复核或退出"),
        ("{done_on:day}才处理", "至今未处理，逾期{due_on:days_over}天", "至今未处理"),
    ),
    requirements=("R20",),
    subject="benefit",
    triggers=frozenset({Enrolled, MembersChanged, Exited, Reviewed, GraceGranted}),
    parameters=(MONTHS, DECISION_DAYS),
    key=("household_no", "programme", "from_month"),
    clauses={
        "left": "the household has left",
        "reviewed": "it was looked at again at the end of grace, or after it",
        "granted_again": "a grant that follows at once says how it goes on",
    },
    findings=findings,
    next_due=next_due,
)

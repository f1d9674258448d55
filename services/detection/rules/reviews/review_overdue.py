"""review-overdue: a household that receives 低保 and that nobody looked at again for too long (R15, R18)."""

from datetime import date

from events.values import first_day
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged, Reviewed
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import later, months_later
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.benefit import Benefit
from services.detection.subjects.membership import Spell

_PROGRAMMES = ("rural_dibao", "urban_dibao")


def findings(view: Benefit, without: Clauses = ()) -> list[Finding]:
    """At most one finding a programme. The months are those in force on the latest closed day.

    Params: ``due_on`` (the last day for the next review), ``reviewed_on`` (of the last, if there was one in
    the spell), ``income_class`` (what it said the household lives on).
    """
    closed = view.closed
    if closed is None:
        return []
    found: list[Finding] = []
    for programme in _PROGRAMMES:
        spell = _running(view, programme, closed, without)
        if spell is None:
            continue
        due_on, last, classed, parameter, months = _due(view, spell, closed, without)
        if due_on >= closed and "in_time" not in without:
            continue
        ids, count, _ = evidence([spell.enrolled, last, classed])
        params = {"due_on": due_on}
        if last is not None:
            params["reviewed_on"] = last.date
        if classed is not None and classed.income_class is not None:
            params["income_class"] = classed.income_class
        found.append(
            Finding(
                rule=NAME,
                key={"household_no": view.number, "programme": programme},
                severity="medium",
                params=params,
                evidence=ids,
                evidence_count=count,
                holds_since=later(due_on, 1),
                policy={parameter.name: months},
                household_no=view.number,
            )
        )
    return found


def _running(view: Benefit, programme: str, day: str, without: Clauses) -> Spell | None:
    spells = view.spells.get(programme, [])
    running = [one for one in spells if one.covers(day[:7]) or ("left" in without and one.to_month)]
    return running[-1] if running else None


def _due(
    view: Benefit, spell: Spell, day: str, without: Clauses
) -> tuple[str, Reviewed | None, Reviewed | None, Parameter, int]:
    """Return the last day, the last review, the one that says what they live on, and the months by that."""
    reviews = [
        fact
        for fact in view.reviews
        if fact.programme == spell.programme
        and fact.date >= spell.enrolled.date
        and "reviewed" not in without
    ]
    classed = [fact for fact in reviews if fact.income_class is not None]
    last, said = reviews[-1] if reviews else None, classed[-1] if classed else None
    stable = said is None or said.income_class == "stable"
    parameter = STABLE_MONTHS if stable else UNSTABLE_MONTHS
    months = view.policy.days(parameter, day, view.scope_in(spell.programme, spell.enrolled.division))
    since = spell.enrolled.date if last is None else last.date
    return months_later(since, months), last, said, parameter, months


def next_due(view: Benefit) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_turn(view, _turns(view), (STABLE_MONTHS, UNSTABLE_MONTHS))


def _turns(view: Benefit) -> list[str]:
    days: list[str] = []
    for programme in _PROGRAMMES:
        for spell in view.spells.get(programme, ()):
            months = (spell.from_month, spell.to_month)
            days += [first_day(month).isoformat() for month in months if month is not None]
            if view.closed is not None:
                days.append(later(_due(view, spell, view.closed, ())[0], 1))
    return days


NAME = "review-overdue"

STABLE_MONTHS = Parameter(
    name="review.stable_months",
    default="12",
    unit="months after the last review, where the income is stable",
    source="民发〔2021〕57号 31",
    title="收入稳定家庭复核周期",
    measure="上次复核后的月数",
    basis="民发〔2021〕57号第31条",
)
UNSTABLE_MONTHS = Parameter(
    name="review.unstable_months",
    default="6",
    unit="months after the last review, where the income is not stable, or somebody is able-bodied",
    source="民发〔2021〕57号 31",
    title="收入不稳定或有劳动能力家庭复核周期",
    measure="上次复核后的月数",
    basis="民发〔2021〕57号第31条",
)

RULE = Rule[Benefit](
    name=NAME,
    version=2,
    title="定期复核逾期",
    phrases=(
        ("{household_no}户{programme:word}上次复核在{reviewed_on:day}", "{household_no}户{programme:word}"),
        "{income_class:word}",
        ("应于{due_on:day}前复核", "应定期复核"),
        ("至今未复核，逾期{due_on:days_over}天", "至今未复核"),
    ),
    requirements=("R15", "R18"),
    subject="benefit",
    triggers=frozenset({Enrolled, MembersChanged, Exited, Reviewed}),
    parameters=(STABLE_MONTHS, UNSTABLE_MONTHS),
    key=("household_no", "programme"),
    clauses={
        "left": "who receives no more is not reviewed",
        "reviewed": "somebody looked again since",
        "in_time": "there are still months until the next review",
    },
    findings=findings,
    next_due=next_due,
)

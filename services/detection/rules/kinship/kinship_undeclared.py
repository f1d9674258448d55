"""kinship-undeclared: a household of an official's near relative that the official did not file (R17)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.detection.facts.custody import Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, Joined, KinApplied, MembersChanged
from services.detection.facts.fact import Body
from services.detection.facts.kinship import KinDeclared
from services.detection.facts.officials import Appointed, LeftPost
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.beside import first_of
from services.detection.subjects.kin import Kin
from services.detection.subjects.membership import Stay
from services.detection.subjects.posts import Post, posts_of

GROUNDS = ("application", "member", "custodian")
"""Why a household is to be filed, in the order in which they are named."""


@dataclass(frozen=True, slots=True)
class Ground:
    """From a day on a household is to be filed; ``official``: by whom, where it is known."""

    start: str
    kind: str
    official: str | None
    because: tuple[Body | None, ...]
    done: Body | None


@dataclass(frozen=True, slots=True)
class Duty:
    """All grounds of one day together: done when each official has filed."""

    grounds: Sequence[Ground]
    clock: Clock

    @property
    def kinds(self) -> list[str]:
        """Its grounds, each once, in order."""
        return sorted({ground.kind for ground in self.grounds}, key=GROUNDS.index)

    @property
    def unnamed(self) -> list[str]:
        """Tokens of the officials who have not filed."""
        return sorted({one.official for one in self.grounds if one.official and one.done is None})


def duties(view: Kin, without: Clauses = ()) -> list[Duty]:
    """Return what is owed, by the day on which it began: the spells count that are the household's last.

    Nothing is where the household is in no spell on the last day for it. The days are those in force on the
    day on which it began.
    """
    if not view.concerned and "no_kin" not in without:
        return []
    by_day: dict[str, list[Ground]] = {}
    for ground in (*_applications(view, without), *_members(view, without), *_custodians(view, without)):
        by_day.setdefault(ground.start, []).append(ground)
    found = []
    for start, grounds in sorted(by_day.items()):
        days, due_on = _due(view, start)
        if not any(spell.covers(due_on[:7]) for spell in view.begun) and "left_all" not in without:
            continue
        acts = [ground.done for ground in grounds]
        done = [act for act in acts if act is not None]
        found.append(
            Duty(
                grounds,
                Clock(
                    due_on=due_on,
                    because=tuple(fact for ground in grounds for fact in ground.because),
                    done=max(done, key=lambda fact: (fact.date, fact.event_id))
                    if len(done) == len(acts)
                    else None,
                    policy={FILING_DAYS.name: days},
                ),
            )
        )
    return found


def _due(view: Kin, start: str) -> tuple[int, str]:
    days = view.policy.days(FILING_DAYS, start, view.scope)
    return days, later(start, days)


def _applications(view: Kin, without: Clauses) -> Iterator[Ground]:
    """Yield the enrolments on applications that say so themselves. Any filing will do."""
    for spell in view.begun:
        if spell in view.over and "enrolled_again" not in without:
            continue
        for fact in spell.statements:
            number = view.applications.get(fact.event_id)
            if isinstance(fact, Enrolled) and (number in view.applied or "no_kin" in without):
                start = max(first_of(fact.month), fact.date)
                yield Ground(start, "application", None, (fact,), _filed(view, None, (), without))


def _members(view: Kin, without: Clauses) -> Iterator[Ground]:
    """Yield the times for which somebody in office is a member."""
    for spell in view.begun:
        if spell in view.over and "enrolled_again" not in without:
            continue
        for stay in spell.stays:
            posts = posts_of(view, stay.person)
            for post in posts:
                start = max(first_of(stay.from_month), stay.joined_by.date, post.appointed.date)
                if not stay.covers(start[:7]) or not post.covers(start):
                    continue
                due_on = _due(view, start)[1]
                if _in_office(posts, due_on, without) and not _gone(view, [stay], due_on, without):
                    filed = _filed(view, stay.person, posts, without)
                    yield Ground(start, "member", stay.person, (post.appointed, stay.joined_by), filed)


def _custodians(view: Kin, without: Clauses) -> Iterator[Ground]:
    """Yield the times for which somebody in office holds a card as a relative."""
    last = [spell for spell in view.begun if spell not in view.over]
    # Whoever is enrolled again has the clock of the spell that runs now.
    again = min((max(first_of(spell.from_month), spell.enrolled.date) for spell in last), default="")
    for holding in view.times(without):
        if holding.kind != "relative" and "openly" not in without:
            continue
        posts = posts_of(view, holding.holder)
        stays = view.stays(view.number, holding.grant.beneficiary)
        for post in posts:
            start = max(holding.since, post.appointed.date)
            if view.over and "enrolled_again" not in without:
                start = max(start, again)
            if not holding.covers(start) or not post.covers(start):
                continue
            due_on = _due(view, start)[1]
            if holding.until is not None and holding.until < due_on:
                continue
            if _in_office(posts, due_on, without) and not _gone(view, stays, due_on, without):
                filed = _filed(view, holding.holder, posts, without)
                yield Ground(
                    start, "custodian", holding.holder, (post.appointed, holding.grant, holding.taken), filed
                )


def _in_office(posts: Sequence[Post], due_on: str, without: Clauses) -> bool:
    """Whether somebody had not left office, or held another post, by the last day for it."""
    return "left_office" in without or any(post.covers(due_on) for post in posts)


def _gone(view: Kin, stays: Sequence[Stay], due_on: str, without: Clauses) -> bool:
    """Whether somebody was no member any more before the last day for it, in whichever programme."""
    if "left" in without:
        return False
    if any(stay.covers(due_on[:7]) for one in stays for stay in view.stays(view.number, one.person)):
        return False
    return all(stay.to_month is not None and first_of(stay.to_month) < due_on for stay in stays)


def _filed(view: Kin, official: str | None, posts: Sequence[Post], without: Clauses) -> Body | None:
    """Return the first filing that names an official, or any; what was filed of an earlier spell is none."""
    if "filed" in without:
        return None
    named = (
        filing.statements[0] if official is None else filing.naming(view, official, posts)
        for filing in view.filings()
    )
    since = "" if "enrolled_again" in without else view.over_since
    return min(
        (fact for fact in named if fact is not None and fact.date >= since),
        key=lambda fact: (fact.date, fact.event_id),
        default=None,
    )


def findings(view: Kin, without: Clauses = ()) -> list[Finding]:
    """At most one finding a household: the first duty that is not done, else the first that was done late.

    Params: ``due_on``, ``done_on``, ``ground`` (all of its day, joined by ``+``), ``grounds`` (the same as a
    list), ``officials`` (tokens of those who have not filed).
    """
    found: list[Finding] = []
    for duty in duties(view, without):
        more = {"ground": "+".join(duty.kinds), "grounds": duty.kinds, "officials": duty.unnamed}
        key = {"household_no": view.number}
        for one in overdue(view, duty.clock, NAME, key, "high", view.number):
            found.append(replace(one, params=one.params | more))
    return sorted(found, key=lambda one: "done_on" in one.params)[:1]


def next_due(view: Kin) -> date | None:
    """Return the first day whose closing may change the answer."""
    if not view.concerned:
        return clock.next_due(view, ())
    days = [first_of(spell.from_month) for spell in view.spells(view.number)]
    found = (clock.next_due(view, [duty.clock for duty in duties(view)]), clock.next_turn(view, days))
    return min((day for day in found if day is not None), default=None)


NAME = "kinship-undeclared"

FILING_DAYS = Parameter(
    name="kinship.filing_days",
    default="30",
    unit="days after the household is granted the allowance",
    source="ours",
    title="近亲属备案期限",
    measure="纳入保障后的天数",
    basis="本系统设定",
)

RULE = Rule[Kin](
    name=NAME,
    version=1,
    title="近亲属未备案",
    phrases=(
        (
            "{household_no}户涉及工作人员近亲属（{grounds:words}），应于{due_on:day}前备案",
            "{household_no}户涉及工作人员近亲属，应予备案",
        ),
        ("{done_on:day}才备案", "至今未备案，逾期{due_on:days_over}天", "至今未备案"),
        "未备案的工作人员：{officials:first_ten}",
    ),
    requirements=("R17",),
    subject="kin",
    triggers=frozenset({Joined, KinApplied, Granted, HandedOver, KinDeclared}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited, Appointed, LeftPost, Granted, HandedOver, Ended}),
    parameters=(FILING_DAYS,),
    key=("household_no",),
    clauses={
        "no_kin": "a household that declares no such kin need not be filed for its application",
        "left_office": "whoever left office before the last day need not file",
        "left": "of somebody who received no more before the last day nothing need be filed",
        "left_all": "nor of a household that received no more",
        "ended": "nor where the card was taken back before the last day",
        "given_back": "nor where it was handed back to the beneficiary",
        "handed_on": "nor by whoever had handed it on",
        "openly": "an official may hold a card openly as one, without being a relative",
        "enrolled_again": "a household that was enrolled again has the clock of its last spell",
        "filed": "the official filed in time",
    },
    findings=findings,
    next_due=next_due,
)

"""tekun-agreement-missing: somebody is supported at home, and nobody undertook in time to care (R24)."""

from collections.abc import Iterator
from datetime import date

from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.tekun import CareAdmitted, CareAgreed, CareBegun
from services.detection.facts.vitals import Died
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.care import Care


def clocks(view: Care, without: Clauses = ()) -> Iterator[tuple[dict[str, str], Clock]]:
    """Yield by when an agreement is due for each care at home, with the key that names it.

    It is owed to who is a member in the month of that day. The days are those in force when care began.
    """
    told = set()
    for begun in view.of(CareBegun):
        person = view.person(begun.person)
        if (person, begun.date) in told:
            continue
        told.add((person, begun.date))
        days = view.policy.days(AGREEMENT_DAYS, begun.date, view.scope_in(view.number, begun.division))
        due_on = later(begun.date, days)
        if not _owed(view, person, begun.date, due_on, without):
            continue
        signed = [
            fact
            for fact in view.of(CareAgreed)
            if view.person(fact.person) == person and fact.valid_to >= begun.date
        ]
        yield (
            {"household_no": view.number, "person": person, "begun_on": begun.date},
            Clock(
                due_on=due_on,
                because=(begun,),
                done=signed[0] if signed and "signed" not in without else None,
                policy={AGREEMENT_DAYS.name: days},
            ),
        )


def _owed(view: Care, person: str, begun_on: str, due_on: str, without: Clauses) -> bool:
    if "left" not in without and not view.lists(person, due_on[:7]):
        return False
    if "died" not in without and view.died_by(person, due_on):
        return False
    return "admitted" in without or not any(
        begun_on <= fact.date <= due_on
        for fact in view.of(CareAdmitted)
        if view.person(fact.person) == person
    )


def findings(view: Care, without: Clauses = ()) -> list[Finding]:
    """At most one finding for each person and day on which care began. Params: ``due_on``, ``done_on``."""
    return [
        finding
        for key, one in clocks(view, without)
        for finding in overdue(view, one, NAME, key, "medium", view.number)
    ]


def next_due(view: Care) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [one for _, one in clocks(view)])


NAME = "tekun-agreement-missing"

AGREEMENT_DAYS = Parameter(
    name="tekun.agreement_days",
    default="30",
    unit="days after care at home begins",
    source="ours",
    title="照料服务协议签订期限",
    measure="开始居家照料后的天数",
    basis="本系统设定",
)

RULE = Rule[Care](
    name=NAME,
    version=2,
    title="分散供养未签照料协议",
    phrases=(
        "{household_no}户特困人员 {person} 自{begun_on:day}起分散供养",
        ("应于{due_on:day}前签订照料服务协议", "照料服务协议逾期未签"),
        ("{done_on:day}才签订", "至今未签，逾期{due_on:days_over}天", "至今未签"),
    ),
    requirements=("R24",),
    subject="care",
    triggers=frozenset({CareBegun, CareAgreed, CareAdmitted}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited, Died}),
    parameters=(AGREEMENT_DAYS,),
    key=("household_no", "person", "begun_on"),
    clauses={
        "signed": "an agreement was signed in time",
        "left": "the person has left the household by then",
        "died": "the person had died by then",
        "admitted": "the person was admitted to an institution instead",
    },
    findings=findings,
    next_due=next_due,
)

"""bulk-closure: more petitions closed by one official on one day than can have been looked into (R49)."""

from datetime import date

from services.detection.facts.petitions import ClosedBy, PetitionFiled
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.rule import NAMED_CAP, Clauses, Finding, Rule, evidence
from services.detection.subjects.closer import Closer


def findings(view: Closer, without: Clauses = ()) -> list[Finding]:
    """At most one finding an official and day.

    Params: ``petitions`` (numbers in order, at most 50), ``petition_count``.
    """
    closures = [
        closure for closure in view.of(ClosedBy) if closure.outcome != "withdrawn" or "withdrawn" in without
    ]
    petitions = sorted({closure.petition_no for closure in closures})
    allowed = view.policy.days(CLOSURES_A_DAY, view.day, view.scope)
    if (len(closures) if "once" in without else len(petitions)) <= allowed:
        return []
    ids, count, latest = evidence(closures)
    return [
        Finding(
            rule=NAME,
            key={"closed_by": view.official_no, "closed_on": view.day},
            severity="medium",
            params={"petitions": petitions[:NAMED_CAP], "petition_count": len(petitions)},
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
            policy={CLOSURES_A_DAY.name: allowed},
        )
    ]


def next_due(view: Closer) -> date | None:
    """Return the day on which closures dated in the future take effect."""
    return clock.next_due(view, ())


NAME = "bulk-closure"

CLOSURES_A_DAY = Parameter(
    name="petitions.closures_a_day",
    default="3",
    unit="petitions that one person may close on one day",
    source="ours",
    title="一人一日办结件数上限",
    measure="件",
    basis="本系统设定",
)

RULE = Rule[Closer](
    name=NAME,
    version=2,
    title="集中批量办结",
    phrases=(
        (
            "{closed_by} 在{closed_on:day}一天内办结信访{petition_count}件：{petitions:first_ten}",
            "{closed_by} 在{closed_on:day}一天内集中办结信访",
        ),
    ),
    requirements=("R49",),
    subject="closer",
    triggers=frozenset({ClosedBy}),
    neighbours=frozenset({PetitionFiled}),
    parameters=(CLOSURES_A_DAY,),
    key=("closed_by", "closed_on"),
    clauses={
        "withdrawn": "what its petitioner withdrew needed no looking into",
        "once": "a petition that was closed twice is one",
    },
    findings=findings,
    next_due=next_due,
)

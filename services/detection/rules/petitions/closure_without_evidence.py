"""closure-without-evidence: a petition that was closed as settled, and nothing shows it (R40, R49)."""

from datetime import date

from services.detection.facts.petitions import PetitionClosed, PetitionFiled
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.petition import Petition


def findings(view: Petition, without: Clauses = ()) -> list[Finding]:
    """At most one finding a petition, whichever of its closures it is. Params: ``closed_on``, of the last."""
    bare = [
        closure
        for closure in view.of(PetitionClosed)
        if closure.outcome == "settled" or "unsettled" in without
        if not closure.evidenced or "evidenced" in without
    ]
    if not bare:
        return []
    ids, count, latest = evidence(bare)
    return [
        Finding(
            rule=NAME,
            key={"petition_no": view.number},
            severity="medium",
            params={"closed_on": bare[-1].date},
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
            household_no=view.filed.household_no if view.filed is not None else None,
        )
    ]


def next_due(view: Petition) -> date | None:
    """Return the day on which a closure dated in the future takes effect."""
    return clock.next_due(view, ())


NAME = "closure-without-evidence"

RULE = Rule[Petition](
    name=NAME,
    version=1,
    title="办结无佐证材料",
    phrases=("信访 {petition_no} 以处置到位办结", "办结于{closed_on:day}", "未附佐证材料"),
    requirements=("R40", "R49"),
    subject="petition",
    triggers=frozenset({PetitionClosed, PetitionFiled}),
    key=("petition_no",),
    clauses={
        "unsettled": "nothing was settled that could be shown, or the petition was withdrawn",
        "evidenced": "evidence is named",
    },
    findings=findings,
    next_due=next_due,
)

"""rebound: a problem that was put right and came back (反弹回潮, R47)."""

from datetime import date

from services.detection.facts.campaign import FoundAgain, ProblemFound, ProblemRechecked, ProblemRectified
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.subject import Dossier


def findings(view: Dossier, without: Clauses = ()) -> list[Finding]:
    """At most one finding a problem, which stays however well it is put right afterwards.

    Params: ``again_on`` (the first day), ``again_no`` (the problem that repeats it, if one does on that day).
    """
    found, rectified = view.last(ProblemFound), view.first(ProblemRectified)
    if found is None or (rectified is None and "not_rectified" not in without):
        return []
    since = "" if rectified is None or "before" in without else rectified.date
    again: list[FoundAgain | ProblemRechecked] = [
        *(fact for fact in view.of(FoundAgain) if fact.date > since),
        *(fact for fact in view.of(ProblemRechecked) if fact.result == "rebounded" or "holds" in without),
    ]
    if not again:
        return []
    first = min(again, key=lambda fact: (fact.date, fact.event_id))
    ids, count, latest = evidence([found, rectified, first])
    return [
        Finding(
            rule=NAME,
            key={"problem_no": view.number},
            severity="high",
            params={"again_on": first.date}
            | ({"again_no": first.problem_no} if type(first) is FoundAgain else {}),
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
            household_no=found.household_no,
        )
    ]


def next_due(view: Dossier) -> date | None:
    """Return the day on which something dated in the future is there."""
    return clock.next_due(view, ())


NAME = "rebound"

RULE = Rule[Dossier](
    name=NAME,
    version=1,
    title="整改后反弹回潮",
    phrases=(
        "问题 {problem_no} 整改后反弹",
        ("{again_on:day}再次发现（问题 {again_no}）", "{again_on:day}复查认定反弹"),
    ),
    requirements=("R47",),
    subject="problem",
    triggers=frozenset({ProblemFound, FoundAgain, ProblemRectified, ProblemRechecked}),
    key=("problem_no",),
    clauses={
        "not_rectified": "nobody has said yet that it was put right",
        "before": "the other was found before this one was put right, or on that day",
        "holds": "the recheck did not say that it came back",
    },
    findings=findings,
    next_due=next_due,
)

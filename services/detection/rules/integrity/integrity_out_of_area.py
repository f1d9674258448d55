"""integrity-out-of-area: a source that is bound to an area stated a fact of what lies outside it."""

from services.detection.facts.envelope import LOCATING, AreaBound, inside
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.bounds import Bounds, division_of


def findings(view: Bounds, without: Clauses = ()) -> list[Finding]:
    """One finding for each fact that lies outside the area to which the key was bound that stated it.

    A fact lies in its own division, else where its household does, else its petition, clue, screening, batch,
    call or task, else the household in which its person was enrolled: as the latest of what had taken effect
    in the fact's month says, or the first of all before that. While nobody says, nothing is found. Params:
    ``source``, ``area`` (prefixes of divisions, a comma between them), ``village``.
    """
    found = []
    for fact in view.facts:
        located = view.located(fact)
        village = fact.division or (division_of(located) if located is not None else None)
        if village is None or inside(village, fact.area):
            continue
        ids, count, _ = evidence([fact, located])
        kind, _, number = (fact.place or "").partition(":")
        found.append(
            Finding(
                rule=NAME,
                key={"event_id": fact.event_id},
                month=fact.month,
                severity="high",
                params={"source": fact.source, "area": fact.area, "village": village},
                evidence=ids,
                evidence_count=count,
                holds_since=fact.date,
                household_no=number if kind == "household" else None,
            )
        )
    return found


NAME = "integrity-out-of-area"

RULE = Rule[Bounds](
    name=NAME,
    version=1,
    title="越权报送辖区外数据",
    phrases=(
        (
            "来源 {source} 只可报送 {area} 辖区",
            "事实 {event_id} 不在其来源的辖区内",
        ),
        "却报送了 {village} 的事实 {event_id}",
    ),
    requirements=("R9", "R14"),
    subject="bounds",
    triggers=frozenset({AreaBound}),
    neighbours=frozenset(body for bodies in LOCATING.values() for body in bodies),
    key=("event_id",),
    by_month=True,
    findings=findings,
)

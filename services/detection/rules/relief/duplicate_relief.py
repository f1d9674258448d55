"""duplicate-relief: more than one grant of temporary relief to one person for one occasion (R23)."""

from collections import defaultdict
from datetime import date

from services.detection.facts.relief import ReliefGranted
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.subject import Dossier


def findings(view: Dossier, without: Clauses = ()) -> list[Finding]:
    """One finding for each person relieved twice for an occasion. Params: ``grants`` (numbers)."""
    by_person: dict[str, list[ReliefGranted]] = defaultdict(list)
    for grant in view.of(ReliefGranted):
        person = grant.person if "two_numbers" in without else view.person(grant.person)
        by_person["" if "another_person" in without else person].append(grant)
    found = []
    for person, grants in by_person.items():
        if len(grants) < 2:
            continue
        ids, count, latest = evidence(grants)
        found.append(
            Finding(
                rule=NAME,
                key={"person": person or grants[0].person, "occasion_no": view.number},
                severity="high",
                params={
                    "grants": sorted(grant.relief_no for grant in grants),
                    "amount_fen": sum(grant.amount for grant in grants),
                },
                evidence=ids,
                evidence_count=count,
                holds_since=latest,
                household_no=grants[-1].household_no,
            )
        )
    return found


def next_due(view: Dossier) -> date | None:
    """Return the day on which a grant dated in the future takes effect."""
    return clock.next_due(view, ())


NAME = "duplicate-relief"

RULE = Rule[Dossier](
    name=NAME,
    version=3,
    title="临时救助重复给付",
    phrases=(
        (
            "{person} 因同一事由 {occasion_no} 获临时救助{grants:count}次：{grants:first_ten}",
            "{person} 因同一事由 {occasion_no} 多次获临时救助",
        ),
        "合计{amount_fen:yuan}",
    ),
    requirements=("R23",),
    subject="occasion",
    triggers=frozenset({ReliefGranted}),
    key=("person", "occasion_no"),
    clauses={
        "another_person": "two persons of a family may be relieved for what happened to both",
        "two_numbers": "one person may have had another number",
    },
    findings=findings,
    next_due=next_due,
)

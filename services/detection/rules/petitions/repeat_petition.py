"""repeat-petition: a petition on a matter on which its petitioner, or household, petitioned before (R38)."""

from datetime import date

from services.detection.facts.petitions import OnMatter, PetitionFiled
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.subject import Dossier

SINCE = "2018-01-01"
"""Annex 2 counts those that repeat one filed since then; so does the plan (R37)."""


def findings(view: Dossier, without: Clauses = ()) -> list[Finding]:
    """One finding for each petition that repeats another.

    Params: ``earlier_petition_no`` (the last one before), ``common`` (``same_person``, ``same_household``).
    """
    before: dict[tuple[str, str], OnMatter] = {}
    found = []
    for petition in _petitions(view, without):
        about = _about(view, petition, without)
        repeated = {name: before[name, whose] for name, whose in about.items() if (name, whose) in before}
        before |= dict.fromkeys(about.items(), petition)
        if not repeated:
            continue
        earlier = max(repeated.values(), key=lambda fact: (fact.date, fact.event_id))
        ids, count, latest = evidence([petition, *repeated.values()])
        found.append(
            Finding(
                rule=NAME,
                key={"petition_no": petition.petition_no},
                severity="low",
                params={"earlier_petition_no": earlier.petition_no, "common": list(repeated)},
                evidence=ids,
                evidence_count=count,
                holds_since=latest,
                household_no=petition.household_no,
            )
        )
    return found


def _petitions(view: Dossier, without: Clauses) -> list[OnMatter]:
    """Return the petitions in order; what was last said of one describes it."""
    stated = view.of(OnMatter)
    if "once" in without:
        return stated
    return [
        fact
        for fact in stated
        if fact.date >= SINCE or "before" in without
        if view.around(f"petition:{fact.petition_no}", PetitionFiled)[-1].event_id == fact.event_id
    ]


def _about(view: Dossier, petition: OnMatter, without: Clauses) -> dict[str, str]:
    """Return what a petition has in common with those that it repeats: who it is by, and about."""
    if "others" in without:
        return {"same_person": ""}
    about = {}
    if petition.petitioner is not None:
        about["same_person"] = view.person(petition.petitioner)
    if petition.household_no is not None:
        about["same_household"] = view.household(petition.household_no)
    return about


def next_due(view: Dossier) -> date | None:
    """Return the day on which a petition dated in the future is there."""
    return clock.next_due(view, ())


NAME = "repeat-petition"

RULE = Rule[Dossier](
    name=NAME,
    version=2,
    title="重复信访",
    phrases=(
        (
            "信访 {petition_no} 与此前的信访 {earlier_petition_no} 系{common:words}、同一事项",
            "信访 {petition_no} 系重复信访",
        ),
    ),
    requirements=("R38",),
    subject="matter",
    triggers=frozenset({OnMatter}),
    neighbours=frozenset({PetitionFiled}),
    key=("petition_no",),
    clauses={
        "others": "somebody else petitioned on the like, about another household",
        "before": "what was filed before 2018 is not counted",
        "once": "a petition that is stated twice is one",
    },
    findings=findings,
    next_due=next_due,
)

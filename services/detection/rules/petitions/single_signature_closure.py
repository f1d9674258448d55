"""single-signature-closure: a petition that was closed by fewer than two persons (R40)."""

from datetime import date

from services.detection.facts.officials import Appointed
from services.detection.facts.petitions import PetitionClosed, PetitionFiled
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.petition import Petition


def findings(view: Petition, without: Clauses = ()) -> list[Finding]:
    """At most one finding a petition, whichever of its closures it is.

    Params, of the last: ``closed_on``, ``signed_by`` (the official's number) where anybody signed.
    """
    short = [
        closure
        for closure in view.of(PetitionClosed)
        if closure.outcome != "withdrawn" or "withdrawn" in without
        if not _two_signed(view, closure) or "two_signed" in without
    ]
    if not short:
        return []
    last = short[-1]
    ids, count, latest = evidence(short)
    signed_by = last.closed_by or last.confirmed_by
    return [
        Finding(
            rule=NAME,
            key={"petition_no": view.number},
            severity="medium",
            params={"closed_on": last.date} | ({"signed_by": signed_by} if signed_by else {}),
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
            household_no=view.filed.household_no if view.filed is not None else None,
        )
    ]


def _two_signed(view: Petition, closure: PetitionClosed) -> bool:
    """Whether two persons signed; one name is one signature, whichever of the two it is."""
    first, second = closure.closed_by, closure.confirmed_by
    return first is not None and second is not None and not view.is_one_person(first, second)


def next_due(view: Petition) -> date | None:
    """Return the day on which a closure, or an appointment, dated in the future takes effect."""
    return clock.next_due(view, ())


NAME = "single-signature-closure"

RULE = Rule[Petition](
    name=NAME,
    version=1,
    title="办结未经双人签字",
    phrases=(
        ("信访 {petition_no} 于{closed_on:day}办结", "信访 {petition_no} 已办结"),
        ("仅{signed_by}一人签字", "未经两人签字"),
    ),
    requirements=("R40",),
    subject="petition",
    triggers=frozenset({PetitionClosed, PetitionFiled}),
    neighbours=frozenset({Appointed}),
    key=("petition_no",),
    clauses={
        "withdrawn": "what its petitioner withdrew needs no signatures",
        "two_signed": "one person closed it and another confirmed that",
    },
    findings=findings,
    next_due=next_due,
)

"""What a rule finds in facts that all count, in every subject that it lives on; nothing is stored."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from services.detection import facts
from services.detection.calendar import WorkingDays
from services.detection.facts.calendar import YearArranged
from services.detection.facts.fact import Body
from services.detection.facts.policy import PolicyAdopted
from services.detection.identity import Identity
from services.detection.policy import Policy
from services.detection.rows import LINK, fact_rows
from services.detection.rules import BY_NAME
from services.detection.rules.rule import Finding
from services.detection.subjects import NUMBERED, kind_of, subject_of
from services.detection.subjects.subject import Lasting, Seen
from tests.oracle.facts import live_facts
from tests.services.detection.upstream import Raw, digest_of, event_of


def kept(raws: list[Raw]) -> dict[str, dict[bool, list[Body]]]:
    """Return the bodies that each subject keeps: without a month (False), and with one (True)."""
    by_subject: dict[str, dict[bool, list[Body]]] = defaultdict(lambda: {False: [], True: []})
    for raw in raws:
        for row in fact_rows(event_of(raw)):
            if row.kind != LINK:
                by_subject[row.subject][row.month != ""] += facts.decode(row.body)
    return by_subject


def identity_of(by_subject: dict[str, dict[bool, list[Body]]], closed: str | None) -> Identity:
    """Return who is the same, as of a day."""
    stated = [*by_subject["identity:person"][False], *by_subject["identity:household"][False]]
    return Identity(stated, closed, NUMBERED)


def view_of(name: str, raws: list[Raw], closed: str | None = None) -> Any:
    """Return the view of a subject (``household:H``), with what its neighbours say."""
    by_subject = kept(raws)
    subject = subject_of(kind_of(name))
    identity = identity_of(by_subject, closed)
    own: dict[bool, list[Body]] = {False: [], True: []}
    for one in identity.all(name) if subject.number_of else (name,):
        for monthly, bodies in by_subject[one].items():
            own[monthly] += bodies
    read = {neighbour.kind: neighbour.facts for neighbour in subject.neighbours}
    beside = {
        other: [fact for fact in by_subject[other][False] if type(fact) in read[kind_of(other)]]
        for fact in [*own[False], *own[True]]
        for stated in subject.names(fact)
        for other in identity.all(stated)
    }
    through = {neighbour.kind for neighbour in subject.neighbours if neighbour.beyond}
    for name_between in [one for one in beside if kind_of(one) in through]:
        between = subject_of(kind_of(name_between))
        further = {neighbour.kind: neighbour.facts for neighbour in between.neighbours}
        for fact in beside[name_between]:
            for other in between.names(fact):
                bodies = by_subject[other][False]
                beside[other] = [one for one in bodies if type(one) in further[kind_of(other)]]
    policy = Policy(
        fact for one in [*by_subject.values()] for fact in one[False] if type(fact) is PolicyAdopted
    )
    calendar = WorkingDays(fact for fact in by_subject["calendar:year"][False] if type(fact) is YearArranged)
    return subject.view(
        Seen(
            name.partition(":")[2],
            Lasting(own[False]),
            own[True],
            beside,
            policy,
            closed,
            calendar=calendar,
            identity=identity,
        )
    )


def found(rule: str, raws: list[Raw], closed: str | None = None, without: str = "") -> list[Finding]:
    """Return what a rule finds; ``without``: a clause that is turned off."""
    declared = BY_NAME[rule]
    by_subject = kept(raws)
    identity, subject = identity_of(by_subject, closed), subject_of(declared.subject)
    names = {name for name in by_subject if kind_of(name) == declared.subject}
    if subject.number_of:
        names = {identity.now(name) for name in names}
    views = [view_of(name, raws, closed) for name in sorted(names)]
    return [finding for view in views for finding in declared.findings(view, {without} if without else ())]


def due(rule: str, name: str, raws: list[Raw], closed: str | None = None) -> str | None:
    """Return the day after ``closed`` on which a rule looks at a subject again."""
    next_due = BY_NAME[rule].next_due
    assert next_due is not None
    day = next_due(view_of(name, raws, closed))
    return None if day is None else day.isoformat()


def that_count(raws: list[Raw]) -> list[Raw]:
    """Return the facts that count: neither voided nor of two contents, each once."""
    return [one.raw for one in live_facts(raws, digest_of=digest_of)]

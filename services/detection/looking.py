"""What a rule finds in facts that no void undoes, in every subject that it lives on; nothing is stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from events.envelope import Event
from services.detection import facts
from services.detection.calendar import WorkingDays
from services.detection.facts.calendar import YearArranged
from services.detection.facts.envelope import Claim, claim_of, content_of, stated
from services.detection.facts.fact import Body
from services.detection.facts.policy import PolicyAdopted
from services.detection.identity import Identity
from services.detection.policy import Policy
from services.detection.rows import LINK, fact_rows
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects import NUMBERED, kind_of, subject_of
from services.detection.subjects.subject import Lasting, Seen

Kept = Mapping[str, dict[bool, list[Body]]]
"""The bodies that each subject keeps: without a month (False), and with one (True)."""


def kept(events: Iterable[Event]) -> Kept:
    """Return what each subject keeps of facts that no void undoes."""
    by_subject: dict[str, dict[bool, list[Body]]] = defaultdict(lambda: {False: [], True: []})
    contents: dict[UUID, dict[str, Event]] = defaultdict(dict)
    for event in events:
        contents[event.event_id].setdefault(event.digest, event)
    numbers: dict[bytes, list[tuple[UUID, Claim]]] = defaultdict(list)
    for event_id, versions in contents.items():
        if len(versions) > 1:
            for one in versions.values():
                content = content_of(event_id, one.source, one.serial, UUID(one.digest), _receipts(one))
                by_subject[content.subject][False].append(content.body)
            continue
        (event,) = versions.values()
        for row in fact_rows(event):
            if row.kind != LINK:
                by_subject[row.subject][row.month != ""] += facts.decode(row.body)
        if (claim := claim_of(event)) is not None:
            numbers[claim.identity].append((event_id, claim))
    for claims in numbers.values():
        for event_id, claim in claims if len(claims) > 1 else ():
            (event,) = contents[event_id].values()
            number = stated(event_id, claim, _receipts(event))
            by_subject[number.subject][number.month != ""].append(number.body)
    return by_subject


def _receipts(event: Event) -> list[str]:
    return [] if event.correlation_id is None else [event.correlation_id]


def view_of(name: str, by_subject: Kept, closed: str | None = None) -> Any:
    """Return the view of a subject (``household:H``), with what its neighbours say."""
    subject = subject_of(kind_of(name))
    identity = _identity(by_subject, closed)
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


def found(
    rule: Rule[Any], by_subject: Kept, closed: str | None = None, without: Clauses = ()
) -> list[Finding]:
    """Return what a rule finds, as of a closed day; ``without``: clauses that are turned off."""
    identity, subject = _identity(by_subject, closed), subject_of(rule.subject)
    names = {name for name in by_subject if kind_of(name) == rule.subject}
    if subject.number_of:
        names = {identity.now(name) for name in names}
    views = [view_of(name, by_subject, closed) for name in sorted(names)]
    return [finding for view in views for finding in rule.findings(view, without)]


def _identity(by_subject: Kept, closed: str | None) -> Identity:
    """Who is the same, as of a day."""
    stated = [*by_subject["identity:person"][False], *by_subject["identity:household"][False]]
    return Identity(stated, closed, NUMBERED)

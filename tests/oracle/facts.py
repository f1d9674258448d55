"""Upstream facts as the contract reads them: repeats collapsed, conflicts set aside, voids applied."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.oracle.persons import canonical_account_number, canonical_id_number

Raw = dict[str, Any]
"""One structured CloudEvent, as published."""

DigestOf = Callable[[Raw], str]
"""The content digest that the system under test gives to one version of a fact."""

# China has kept UTC+8 without summer time since 1992, and no fact is older than that.
SHANGHAI = timezone(timedelta(hours=8))

BUSINESS_DATE_FIELDS = {
    "campaign.opened": "issued_on",
    "campaign.task_assigned": "assigned_on",
    "campaign.task_reported": "reported_on",
    "campaign.visited": "visited_on",
    "campaign.talked_to": "talked_on",
    "campaign.met": "met_on",
    "campaign.circulated": "circulated_on",
    "campaign.ledger_submitted": "submitted_on",
    "campaign.project_started": "started_on",
    "campaign.project_reported": "reported_on",
    "campaign.trained": "trained_on",
    "campaign.problem_found": "found_on",
    "campaign.problem_rectified": "rectified_on",
    "campaign.problem_rechecked": "rechecked_on",
    "enrollment.applied": "applied_on",
    "enrollment.investigated": "investigated_on",
    "enrollment.publicised": "posted_on",
    "enrollment.refused": "refused_on",
    "enrollment.enrolled": "decided_on",
    "enrollment.exited": "decided_on",
    "enrollment.compared": "compared_on",
    "funds.raised": "raised_on",
    "funds.allocated": "allocated_on",
    "funds.appropriated": "appropriated_on",
    "funds.batch_submitted": "to_bank_on",
    "funds.batch_settled": "settled_on",
    "kinship.declared": "declared_on",
    "kinship.reviewed": "reviewed_on",
    "officials.appointed": "appointed_on",
    "officials.left": "left_on",
    "payments.paid": "paid_on",
    "payments.returned": "returned_on",
    "payments.recovered": "recovered_on",
    "vitals.died": "died_on",
    "custody.ended": "ended_on",
    "petitions.filed": "filed_on",
    "petitions.closed": "closed_on",
    "relief.granted": "granted_on",
    "clues.received": "received_on",
    "clues.verified": "verified_on",
    "clues.transferred": "transferred_on",
    "clues.taken_over": "taken_over_on",
    "clues.case_opened": "opened_on",
    "clues.held_accountable": "decided_on",
    "clues.exempted": "decided_on",
    "screening.listed": "listed_on",
    "screening.visited": "visited_on",
    "screening.assessed": "assessed_on",
    "screening.concluded": "concluded_on",
    "screening.household_checked": "checked_on",
    "tekun.central_demanded": "demanded_on",
    "tekun.admitted": "admitted_on",
    "tekun.discharged": "discharged_on",
    "tekun.dispersed_care_begun": "begun_on",
    "tekun.care_agreement_signed": "signed_on",
    "policy.adopted": "from",
    "policy.issued": "from",
    "survey.designed": "designed_on",
    "survey.answered": "answered_on",
    "calendar.day_closed": "day",
}
"""Where a type says its business date; every other type happened on the Shanghai date of its `time`."""

CANONICAL_FORMS = {
    "id_number": canonical_id_number,
    "number": canonical_account_number,
    "account_number": canonical_account_number,
}

DEFAULTS: dict[str, Any] = {"institution": False, "added": [], "removed": [], "working_days": []}
"""Fields that mean the same whether they are left out or state this."""


@dataclass(frozen=True)
class Fact:
    """One version of a fact: `kind` is the type without `dibao.` and version, such as `payments.paid`."""

    event_id: str
    source: str
    id: str
    kind: str
    time: datetime
    business_date: date
    data: dict[str, Any] = field(hash=False)
    content: str = field(repr=False)
    raw: Raw = field(repr=False, hash=False, compare=False)

    @property
    def is_void(self) -> bool:
        return self.kind.endswith(".voided")


def read_facts(path: Path) -> list[Raw]:
    """Every line of an NDJSON file, as it stands."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def event_id(source: str, id: str) -> str:
    """The system's own id of a fact."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, source + "\n" + id))


def canonical(value: Any, name: str = "") -> Any:
    """`value` without what says nothing, ID and account numbers in their one form, 1.0 the same as 1."""
    if isinstance(value, dict):
        return {key: canonical(inner, key) for key, inner in value.items() if says_something(key, inner)}
    if isinstance(value, list):
        return [canonical(inner) for inner in value]
    if name in CANONICAL_FORMS and isinstance(value, str):
        return CANONICAL_FORMS[name](value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def says_something(name: str, value: Any) -> bool:
    """Null says nothing, and neither does a field that states its default."""
    return value is not None and not (name in DEFAULTS and value == DEFAULTS[name])


def fact_from(raw: Raw) -> Fact:
    """The fact that a structured CloudEvent states."""
    time = datetime.fromisoformat(raw["time"])
    data = canonical(raw["data"])
    kind = ".".join(raw["type"].split(".")[1:-1])
    if kind in BUSINESS_DATE_FIELDS:
        business_date = date.fromisoformat(data[BUSINESS_DATE_FIELDS[kind]])
    else:
        business_date = time.astimezone(SHANGHAI).date()
    instant = time.astimezone(UTC).isoformat()
    return Fact(
        event_id=event_id(raw["source"], raw["id"]),
        source=raw["source"],
        id=raw["id"],
        kind=kind,
        time=time,
        business_date=business_date,
        data=data,
        content=json.dumps([raw["type"], instant, data], sort_keys=True, ensure_ascii=False),
        raw=raw,
    )


def versions_by_event(raws: Iterable[Raw]) -> dict[str, list[Fact]]:
    """The different contents stated under each source and id; a repeat adds nothing."""
    versions: dict[str, dict[str, Fact]] = defaultdict(dict)
    for raw in raws:
        fact = fact_from(raw)
        versions[fact.event_id].setdefault(fact.content, fact)
    return {event: list(by_content.values()) for event, by_content in versions.items()}


def undoes(void: Fact, fact: Fact, digest_of: DigestOf | None) -> bool:
    """Whether `void` names this version: every version of its id, or with a digest only that one.

    Raises ValueError where a void carries a digest and nobody said how digests are computed.
    """
    if (void.data["source"], void.data["id"]) != (fact.source, fact.id):
        return False
    if "digest" not in void.data:
        return True
    if digest_of is None:
        raise ValueError("a void carries a digest: give digest_of")
    return bool(void.data["digest"] == digest_of(fact.raw))


def unvoided(raws: Iterable[Raw], digest_of: DigestOf | None = None) -> dict[str, list[Fact]]:
    """The versions of each fact (voids themselves left out) that no void undoes, in whatever order they came.

    A void counts only while its own id has one content. Voids of voids have no effect.
    """
    versions = versions_by_event(raws)
    voids: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for same_id in versions.values():
        if len(same_id) == 1 and same_id[0].is_void:
            voids[same_id[0].data["source"], same_id[0].data["id"]].append(same_id[0])
    return {
        event: [
            fact
            for fact in same_id
            if not any(undoes(void, fact, digest_of) for void in voids[fact.source, fact.id])
        ]
        for event, same_id in versions.items()
        if not all(fact.is_void for fact in same_id)
    }


def conflicts(raws: Iterable[Raw], digest_of: DigestOf | None = None) -> list[str]:
    """Event ids that still have two or more contents: none of those counts."""
    return sorted(event for event, left in unvoided(raws, digest_of).items() if len(left) > 1)


def live_facts(
    raws: Iterable[Raw],
    until: date | None = None,
    digest_of: DigestOf | None = None,
    without: Collection[str] = (),
) -> list[Fact]:
    """The facts that count, with business date up to `until`, in order of event id.

    Whether a fact is voided or in conflict is settled before the cut: both say what was recorded wrongly, not
    when something happened. `without` turns off `voided`, `repeated` or `conflict` (see `clauses`).
    """
    raws = list(raws)
    if "voided" in without:
        raws = [raw for raw in raws if not raw["type"].endswith(".voided.v1")]
    left = unvoided(raws, digest_of)
    if "conflict" in without:
        counted = {event: versions[-1] for event, versions in left.items() if versions}
    else:
        counted = {event: versions[0] for event, versions in left.items() if len(versions) == 1}
    facts = list(counted.values())
    if "repeated" in without:
        facts = [counted[key] for raw in raws if (key := event_id(raw["source"], raw["id"])) in counted]
    facts = [fact for fact in facts if not fact.is_void and (until is None or fact.business_date <= until)]
    return sorted(facts, key=lambda fact: fact.event_id)


def latest_closed_day(facts: Iterable[Fact]) -> date | None:
    """The latest day that a `calendar.day_closed` names."""
    return max((fact.business_date for fact in facts if fact.kind == "calendar.day_closed"), default=None)

"""The rules about how facts were stated, by a full scan: ids, numbers and areas, whichever day is closed.

Beside the contract's envelope a fact may say here with which receipt it came (`correlationid`), and to which
area the key was bound that stated it (`sourcearea`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tests.oracle.facts import DigestOf, Fact, Raw, event_id, undoes, versions_by_event
from tests.oracle.months import month_of
from tests.oracle.oversight.log import Found, found
from tests.oracle.persons import person_key

UNIQUE: dict[str, tuple[str, ...]] = {
    "campaign.circulated": ("circular_no",),
    "campaign.ledger_submitted": ("submission_no",),
    "campaign.met": ("meeting_no",),
    "campaign.opened": ("campaign_no",),
    "campaign.problem_found": ("problem_no",),
    "campaign.project_started": ("project_no",),
    "campaign.talked_to": ("talk_no",),
    "campaign.task_assigned": ("task_no",),
    "campaign.trained": ("training_no",),
    "campaign.visited": ("visit_no",),
    "clues.case_opened": ("clue_no", "case_no"),
    "clues.received": ("clue_no",),
    "custody.granted": ("custody_no",),
    "enrollment.applied": ("application_no",),
    "enrollment.enrolled": ("household_no", "programme", "from_month"),
    "enrollment.reviewed": ("review_no",),
    "funds.allocated": ("allocation_no",),
    "funds.appropriated": ("appropriation_no",),
    "funds.batch_submitted": ("batch_no",),
    "funds.raised": ("fund_no",),
    "hotline.called": ("call_no",),
    "hotline.rostered": ("duty_no",),
    "hotline.sampled": ("sample_no",),
    "kinship.declared": ("filing_no",),
    "officials.appointed": ("appointment_no",),
    "payments.paid": ("payment_no",),
    "payments.recovered": ("recovery_no",),
    "petitions.filed": ("petition_no",),
    "policy.issued": ("policy_no",),
    "relief.granted": ("relief_no",),
    "screening.household_checked": ("screening_no",),
    "screening.listed": ("screening_no",),
    "survey.answered": ("survey_no", "answer_no"),
    "survey.designed": ("survey_no",),
}
"""The fields whose values, together, one fact of a type may state."""

LISTED_AT_MOST = 50

LOCATED_BY = {
    "household_no": ("enrollment.enrolled", "identity.household_moved"),
    "petition_no": ("petitions.filed",),
    "clue_no": ("clues.received",),
    "screening_no": ("screening.listed",),
    "batch_no": ("funds.batch_submitted",),
    "call_no": ("hotline.called",),
    "task_no": ("campaign.task_assigned",),
}
"""Which facts say where the number lies that a fact names; the first that it names decides."""


def standing(raws: Iterable[Raw], digest_of: DigestOf) -> dict[str, list[Fact]]:
    """The contents of each id that no void undoes; those of voids too, so that an alert may be ended."""
    versions = versions_by_event(raws)
    voids: dict[str, list[Fact]] = defaultdict(list)
    for same_id in versions.values():
        if len(same_id) == 1 and same_id[0].is_void:
            (void,) = same_id
            voids[event_id(void.data["source"], void.data["id"])].append(void)
    return {
        event: [one for one in same_id if not any(undoes(void, one, digest_of) for void in voids[event])]
        for event, same_id in versions.items()
    }


def receipts_by_content(raws: Iterable[Raw], digest_of: DigestOf) -> dict[tuple[str, str], list[str]]:
    """The receipts with which each content of an id came, in order."""
    receipts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for raw in raws:
        if "correlationid" in raw:
            receipts[event_id(raw["source"], raw["id"]), digest_of(raw)].add(raw["correlationid"])
    return defaultdict(list, {place: sorted(of) for place, of in receipts.items()})


def findings(raws: list[Raw], digest_of: DigestOf) -> Iterable[tuple[str, Found]]:
    """Every open finding of the three rules, with its rule."""
    left = standing(raws, digest_of)
    receipts = receipts_by_content(raws, digest_of)
    counting = [contents[0] for contents in left.values() if len(contents) == 1]
    for event, contents in left.items():
        if len(contents) > 1:
            digests = sorted(digest_of(one.raw) for one in contents)
            extras = {
                "source": contents[0].source,
                "id": contents[0].id,
                "digests": digests,
                "receipts": [next(iter(receipts[event, digest]), None) for digest in digests],
            }
            yield "integrity-conflicting-content", found("high", extras, event_id=event)
    for (kind, number), using in used_twice(counting).items():
        using = sorted(using, key=lambda one: one.event_id)[:LISTED_AT_MOST]
        extras = {
            "events": [one.event_id for one in using],
            "receipts": [next(iter(receipts[one.event_id, digest_of(one.raw)]), None) for one in using],
        }
        yield "integrity-number-used-twice", found("high", extras, kind=kind, number=number)
    for fact in counting:
        area = fact.raw.get("sourcearea")
        village = village_of(fact, counting)
        if area is not None and village is not None and not lies_in(village, area):
            extras = {"source": fact.source, "area": area, "village": village}
            yield "integrity-out-of-area", found("high", extras, event_id=fact.event_id)


def used_twice(counting: Iterable[Fact]) -> dict[tuple[str, str], list[Fact]]:
    """The facts that state a number which another one of their type states."""
    stating: dict[tuple[str, str, str], list[Fact]] = defaultdict(list)
    for fact in counting:
        if fields := UNIQUE.get(fact.kind):
            number = " ".join(fact.data[field] for field in fields)
            stating["+".join(fields), number, fact.kind].append(fact)
    several: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for (kind, number, _), facts in stating.items():
        if len(facts) > 1:
            several[kind, number] += facts
    return several


def lies_in(village: str, area: str) -> bool:
    return any(village.startswith(prefix) for prefix in area.split(","))


def village_of(fact: Fact, counting: Iterable[Fact]) -> str | None:
    """Where a fact belongs: its own division, else that of what it names."""
    if "division" in fact.data:
        return str(fact.data["division"])
    month = fact.data.get("month", month_of(fact.business_date))
    for field, kinds in LOCATED_BY.items():
        if field in fact.data:
            locating = [one for one in counting if one.kind in kinds and one.data[field] == fact.data[field]]
            return latest_by(month, locating)
    if "person" not in fact.data:
        return None
    person = person_key(fact.data["person"], fact.source)
    return latest_by(month, [one for one in counting if person in joining(one)])


def joining(fact: Fact) -> set[str]:
    """Who joins a household by a fact."""
    entries = [*fact.data.get("members", ()), *fact.data.get("added", ())]
    if fact.kind not in ("enrollment.enrolled", "enrollment.members_changed"):
        return set()
    return {person_key(entry["person"], fact.source) for entry in entries}


def latest_by(month: str, locating: list[Fact]) -> str | None:
    """The division that held in a month, or the first of all where none did yet."""
    stated = sorted(
        (one.data.get("from_month", month_of(one.business_date)), one.business_date, one.event_id, one)
        for one in locating
        if "division" in one.data
    )
    before = [one for one in stated if one[0] <= month]
    if not stated:
        return None
    return str((before[-1] if before else stated[0])[-1].data["division"])

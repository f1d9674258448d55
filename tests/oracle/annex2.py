"""The cells of Annex 2 that the first facts define."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.oracle import ledgers
from tests.oracle.facts import DigestOf, Fact, Raw, live_facts
from tests.oracle.membership import Household, Spell, Stay, households_of
from tests.oracle.persons import person_key

SINCE = date(2021, 1, 1)
EXIT_KINDS = {"a": "favour", "b": "policy", "c": "death", "d": "other"}
ROUTES = {"a": "single_person", "b": "epidemic"}
PETITION_KINDS = {"C2": "complaint", "C3": "request"}


def cells(
    raws: Iterable[Raw],
    until: date,
    programme: str = "rural_dibao",
    division_prefix: str = "",
    digest_of: DigestOf | None = None,
) -> dict[str, int]:
    """Column code (A1h, A1p, … C3a) → count, cumulative up to `until`; h are 户, p are 人.

    Columns that nothing feeds yet are absent. Petitions, relief and clues belong to no programme.
    """
    facts = live_facts(raws, until=until, digest_of=digest_of)
    spells = [
        spell
        for household in households_of(facts).values()
        for spell in household.spells_in(programme)
        if (spell.enrolled.data.get("division") or "").startswith(division_prefix)
    ]
    petitions = [
        petition for petition in ledgers.petitions(facts) if petition.division.startswith(division_prefix)
    ]
    households = households_of(facts)
    home = {
        fact.data["clue_no"]: ledgers.division_of(fact, households)
        for fact in ledgers.by_business_date(facts, "clues.received")
    }

    def here(fact: Fact) -> bool:
        place = ledgers.division_of(fact, households) or home.get(fact.data.get("clue_no"))
        return (place or "").startswith(division_prefix)

    return (
        exits(spells)
        | entries(spells)
        | {"A3": epidemic_relief(filter(here, facts))}
        | care([fact for fact in facts if here(fact)])
        | irregularities(facts, [fact for fact in facts if here(fact)], households, programme)
        | clues([fact for fact in facts if fact.kind == "clues.verified" or here(fact)])
        | repeat_petitions(petitions)
    )


def epidemic_relief(facts: Iterable[Fact]) -> int:
    """A3: how many times persons were relieved for the epidemic."""
    return sum(
        fact.data.get("person_times", 1)
        for fact in facts
        if fact.kind == "relief.granted" and fact.data["cause"] == "epidemic" and fact.business_date >= SINCE
    )


def care(facts: list[Fact]) -> dict[str, int]:
    """A4-A5a: persons who asked for a place, got one, are cared for at home, and signed by whom."""

    def persons(*kinds: str) -> set[str]:
        return {
            person_key(fact.data["person"], fact.source)
            for fact in facts
            if fact.kind in kinds and fact.business_date >= SINCE
        }

    at_home = persons("tekun.dispersed_care_begun")
    return {
        "A4": len(persons("tekun.central_demanded", "tekun.admitted")),
        "A4a": len(persons("tekun.admitted")),
        "A5": len(at_home),
        "A5a": len(at_home & persons("tekun.care_agreement_signed")),
    }


def irregularities(
    facts: list[Fact], here: list[Fact], households: dict[str, Household], programme: str
) -> dict[str, int]:
    """A6, A7: problems of payments, and of these the ones whose last word is that they are put right."""
    words: dict[str, list[tuple[date, bool, str, str]]] = {}
    for fact in facts:
        if fact.kind in ("campaign.problem_rectified", "campaign.problem_rechecked"):
            again = fact.kind.endswith("rechecked")
            said = fact.data["result"] if again else "holds"
            word = fact.business_date, again, fact.event_id, said
            words.setdefault(fact.data["problem_no"], []).append(word)

    def counts(fact: Fact) -> bool:
        household_no = fact.data.get("household_no")
        if household_no is None:
            return programme == "rural_dibao"
        household = households.get(household_no)
        month = f"{fact.business_date:%Y-%m}"
        return household is not None and household.spell(programme, month) is not None

    latest = {
        fact.data["problem_no"]: fact for fact in ledgers.by_business_date(here, "campaign.problem_found")
    }
    found = [
        number
        for number, fact in latest.items()
        if fact.data["task_class"] == "payments" and fact.business_date >= SINCE and counts(fact)
    ]
    put_right = [number for number in found if number in words and max(words[number])[3] == "holds"]
    return {"A6": len(found), "A7": len(put_right)}


def clues(facts: list[Fact]) -> dict[str, int]:
    """B1-B8: clues, cases and cadres, each counted once."""
    verdict = {
        fact.data["clue_no"]: fact.data["result"]
        for fact in ledgers.by_business_date(facts, "clues.verified")
    }

    def of(kind: str) -> list[Fact]:
        return [fact for fact in facts if fact.kind == f"clues.{kind}" and fact.business_date >= SINCE]

    def numbers(stated: Iterable[Fact], name: str = "clue_no") -> set[str]:
        return {fact.data[name] for fact in stated}

    def person(fact: Fact, stated: dict[str, Any]) -> str:
        return person_key(stated, fact.source)

    own = numbers(fact for fact in of("received") if fact.data["track"] == "civil_affairs")
    theirs = numbers(
        fact
        for fact in of("received")
        if fact.data["track"] == "discipline" and fact.data["origin"] in ("found", "reported")
    )
    cadres = {person(fact, cadre) for fact in of("transferred") for cadre in fact.data.get("cadres", ())}
    accountable = {person(fact, fact.data["person"]) for fact in of("held_accountable")}
    return {
        "B1": len(own),
        "B2": sum(verdict.get(number) in ("substantiated", "partly") for number in own),
        "B3": len(numbers(of("transferred"))),
        "B4": len(cadres),
        "B5": len(numbers(of("taken_over"))),
        "B6": len(theirs),
        "B7": len(numbers(of("case_opened"), "case_no")),
        "B8": len(accountable),
    }


def exits(spells: list[Spell]) -> dict[str, int]:
    """A1: 户 whose spell an exit ended, 人 who left by an exit; a removal is not an exit."""

    def kind_of(left: Spell | Stay) -> str | None:
        cause = left.ended_by if isinstance(left, Spell) else left.left_by
        return ledgers.exit_kind(cause) if cause and cause.business_date >= SINCE else None

    ended = [kind_of(spell) for spell in spells]
    left = [kind_of(stay) for spell in spells for stay in spell.stays]
    counted = {"A1h": sum(kind is not None for kind in ended), "A1p": sum(kind is not None for kind in left)}
    for letter, kind in EXIT_KINDS.items():
        counted[f"A1{letter}h"] = ended.count(kind)
        counted[f"A1{letter}p"] = left.count(kind)
    return counted


def entries(spells: list[Spell]) -> dict[str, int]:
    """A2: 户 are spells begun by a decision of the period, 人 their members in the first month."""
    begun = [spell for spell in spells if spell.enrolled.business_date >= SINCE]
    counted = {"A2h": len(begun), "A2p": sum(len(spell.members(spell.from_month)) for spell in begun)}
    for letter, route in ROUTES.items():
        by_route = [spell for spell in begun if spell.enrolled.data["route"] == route]
        counted[f"A2{letter}h"] = len(by_route)
        counted[f"A2{letter}p"] = sum(len(spell.members(spell.from_month)) for spell in by_route)
    return counted


def repeat_petitions(petitions: list[ledgers.PetitionRow]) -> dict[str, int]:
    """C1: petitions that repeat an earlier one; C2, C3 by kind; …a those closed as settled."""
    repeating = [petition for petition in petitions if petition.repeats]
    counted = {"C1": len(repeating)}
    for code, kind in PETITION_KINDS.items():
        of_kind = [petition for petition in repeating if petition.kind == kind]
        counted[code] = len(of_kind)
        counted[code + "a"] = sum(petition.outcome == "settled" for petition in of_kind)
    return counted

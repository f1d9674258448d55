"""The cells of Annex 2 that the first facts define."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.oracle import ledgers
from tests.oracle.facts import DigestOf, Raw, live_facts
from tests.oracle.membership import Spell, Stay, households_of

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

    Columns that nothing feeds yet are absent. Petitions belong to no programme.
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
    return exits(spells) | entries(spells) | repeat_petitions(petitions)


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

"""Cards in other hands: papers, checks, holders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import (
    Found,
    Log,
    day_of,
    found,
    in_office,
    in_order,
    later,
    months_later,
    persons_in_office,
)
from tests.oracle.persons import person_key

OFFICIAL = ("village_official", "township_staff")


@dataclass(frozen=True)
class Card:
    """A card that is held on the closed day: the grant that describes it, who holds it, and as what."""

    grant: Fact
    holder: str
    kind: str

    @property
    def number(self) -> str:
        return str(self.grant.data["custody_no"])

    @property
    def since(self) -> date:
        return day_of(self.grant.data["valid_from"])


def grants(log: Log) -> list[Fact]:
    """The last grant of each number."""
    return [in_order(same)[-1] for same in log.by("custody.granted", "custody_no").values() if same]


def holder_on(log: Log, grant: Fact, day: date) -> tuple[str, str] | None:
    """Who has the card on a day, and as what, by the last handing over until then."""
    number = grant.data["custody_no"]
    if day < day_of(grant.data["valid_from"]):
        return None
    if any(day_of(fact.data["ended_on"]) <= day for fact in log.by("custody.ended", "custody_no")[number]):
        return None
    kind = grant.data["custodian_kind"]
    handed = [f for f in log.by("custody.handed_over", "custody_no")[number] if f.business_date <= day]
    if not handed:
        return person_key(grant.data["custodian"], grant.source), kind
    last = in_order(handed)[-1]
    if last.data["direction"] == "to_beneficiary":
        return None
    return person_key(last.data["to_person"], last.source), last.data.get("custodian_kind", kind)


def held(log: Log) -> Iterable[Card]:
    for grant in grants(log):
        holder = holder_on(log, grant, log.day)
        if holder is None:
            continue
        members = log.members(grant.data["household_no"], log.month)
        if person_key(grant.data["beneficiary"], grant.source) in members:
            yield Card(grant, *holder)


def overdue(log: Log, card: Card, parameter: str) -> bool:
    return later(card.since, log.policy(parameter, log.day, card.grant.data)) < log.day


def agreed(log: Log, card: Card) -> bool:
    return "agreement_no" in card.grant.data or bool(filings(log, card))


def filings(log: Log, card: Card) -> list[Fact]:
    return log.by("custody.agreement_filed", "custody_no")[card.number]


def filed(log: Log, card: Card, *enough: str) -> bool:
    return "filed_on" in card.grant.data or any(f.data["filed_with"] in enough for f in filings(log, card))


def without_agreement(log: Log) -> Iterable[Found]:
    for card in held(log):
        if card.kind == "institution" or agreed(log, card):
            continue
        if overdue(log, card, "custody.agreement_days"):
            yield found("medium", custody_no=card.number)


def unfiled(log: Log) -> Iterable[Found]:
    """With the county where an official holds the card, else with the township at least."""
    for card in held(log):
        enough = ("county",) if card.kind in OFFICIAL else ("county", "township")
        if card.kind == "institution" or filed(log, card, *enough):
            continue
        if overdue(log, card, "custody.filing_days"):
            yield found("medium", custody_no=card.number)


def unchecked(log: Log) -> Iterable[Found]:
    checks = log.by("custody.checked", "custody_no")
    for card in held(log):
        last = max([card.since, *(day_of(fact.data["checked_on"]) for fact in checks[card.number])])
        due_on = months_later(last, log.policy("custody.check_months", log.day, card.grant.data))
        if due_on < log.day:
            yield found("medium", {"due_on": due_on.isoformat()}, custody_no=card.number)


def many(log: Log) -> Iterable[Found]:
    cards: dict[str, list[Card]] = defaultdict(list)
    for card in held(log):
        if card.kind != "institution":
            cards[card.holder].append(card)
    for person, theirs in cards.items():
        households = {card.grant.data["household_no"] for card in theirs}
        if len(households) > log.policy("custody.cards_per_custodian", log.day):
            yield found("medium", {"cards": sorted(card.number for card in theirs)[:50]}, person=person)


def roster(log: Log, person: str) -> set[str]:
    """The numbers of a person who is an official."""
    return {
        fact.data["official_no"]
        for fact in log.of("officials.appointed")
        if person_key(fact.data["person"], fact.source) == person
    }


def declared(log: Log, household: str, official: str) -> bool:
    """Whether a filing of the household names an official, and no last review says that it is wrong."""
    numbers = roster(log, official)
    for filing_no, filed in log.by("kinship.declared", "filing_no").items():
        filed = in_order(fact for fact in filed if fact.data["household_no"] == household)
        reviews = in_order(
            fact
            for fact in log.by("kinship.reviewed", "filing_no")[filing_no]
            if fact.data["household_no"] == household
        )
        named = filed and (
            person_key(filed[-1].data["official"], filed[-1].source) == official
            or filed[-1].data.get("official_no") in numbers
        )
        if named and not (reviews and reviews[-1].data["outcome"] == "not_related"):
            return True
    return False


def by_cadres(log: Log) -> Iterable[Found]:
    posts = persons_in_office(log)
    for card in held(log):
        if card.kind == "institution" or not in_office(posts.get(card.holder, []), log.day):
            continue
        openly = card.kind in OFFICIAL
        related = card.kind == "relative" and declared(log, card.grant.data["household_no"], card.holder)
        fails = [
            *([] if agreed(log, card) or not overdue(log, card, "custody.agreement_days") else ["agreement"]),
            *(
                []
                if filed(log, card, "county") or not overdue(log, card, "custody.filing_days")
                else ["filing"]
            ),
            *([] if openly or related else ["kind"]),
        ]
        if fails:
            yield found("high", {"fails": fails}, custody_no=card.number)


RULES = {
    "custody-without-agreement": without_agreement,
    "custody-unfiled": unfiled,
    "custody-unchecked": unchecked,
    "many-custodies": many,
    "cadre-custody": by_cadres,
}

"""Near relatives of officials: filings not looked into, relatives not filed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.membership import Spell, Stay
from tests.oracle.months import first_day, month_of
from tests.oracle.oversight.custody import grants, roster
from tests.oracle.oversight.log import (
    Found,
    Log,
    clock,
    day_of,
    found,
    in_office,
    in_order,
    later,
    persons_in_office,
)
from tests.oracle.persons import person_key

GROUNDS = ("application", "member", "custodian")


def unreviewed(log: Log) -> Iterable[Found]:
    """A review counts where the household was visited."""
    reviews = log.by("kinship.reviewed", "filing_no")
    for number, same in log.by("kinship.declared", "filing_no").items():
        data = in_order(same)[-1].data
        declared_on = min(fact.business_date for fact in same)
        due_on = later(declared_on, log.policy("kinship.review_days", declared_on, data))
        visits = [day_of(fact.data["reviewed_on"]) for fact in reviews[number] if fact.data["visited"]]
        yield from clock(
            log,
            due_on,
            min(visits, default=None),
            still_owed=log.spell(data["household_no"], data["programme"], month_of(due_on)) is not None,
            filing_no=number,
        )


@dataclass(frozen=True)
class Ground:
    """From a day on a household is to be filed, by an official where it is known by whom."""

    start: date
    kind: str
    official: str | None = None


def undeclared(log: Log) -> Iterable[Found]:
    for number in log.households:
        broken = [one for one in _broken(log, number) if one is not None]
        broken.sort(key=lambda one: (one[2] is not None, one[0]))
        for _, due_on, done_on, kinds in broken[:1]:
            said = {
                "due_on": due_on.isoformat(),
                "done_on": done_on and done_on.isoformat(),
                "ground": "+".join(sorted(kinds, key=GROUNDS.index)),
            }
            severity = "high" if done_on is None else "low"
            yield found(severity, said, household_no=number)


def _broken(log: Log, number: str) -> Iterator[tuple[date, date, date | None, set[str]]]:
    """By the day on which it began: what was not filed in time, when it was due, and when it was filed."""
    by_day: dict[date, list[Ground]] = defaultdict(list)
    for ground in _grounds(log, number):
        by_day[ground.start].append(ground)
    for start, grounds in by_day.items():
        due_on = _due(log, number, start)
        if due_on >= log.day or not any(s.covers(month_of(due_on)) for s in _begun(log, number)):
            continue
        filed = [_filed(log, number, ground.official) for ground in grounds]
        done_on = None if None in filed else max(day for day in filed if day is not None)
        if done_on is None or done_on > due_on:
            yield start, due_on, done_on, {ground.kind for ground in grounds}


def _due(log: Log, number: str, start: date) -> date:
    return later(start, log.policy("kinship.filing_days", start, {"household_no": number}))


def _begun(log: Log, number: str) -> list[Spell]:
    return [spell for spell in log.household(number).spells if spell.from_month <= log.month]


def _over(log: Log, number: str) -> list[Spell]:
    """Spells after whose end the household was enrolled again."""
    begun = _begun(log, number)
    return [
        spell
        for spell in begun
        if spell.to_month and any(one is not spell and one.from_month >= spell.to_month for one in begun)
    ]


def _begins(spell: Spell) -> date:
    return max(first_day(spell.from_month), spell.enrolled.business_date)


def _filed(log: Log, number: str, official: str | None) -> date | None:
    """The first filing that names an official (any where none is known), none of a spell that is over."""
    since = max(
        (
            min(first_day(spell.to_month), spell.ended_by.business_date)
            for spell in _over(log, number)
            if spell.to_month and spell.ended_by
        ),
        default=date.min,
    )
    numbers = set() if official is None else roster(log, official)
    days = []
    filings: dict[str, list[Fact]] = defaultdict(list)
    for fact in log.by("kinship.declared", "household_no")[number]:
        filings[fact.data["filing_no"]].append(fact)
    for same in filings.values():
        ordered = in_order(same)
        naming = [
            fact
            for fact in ordered
            if official is None
            or person_key(fact.data["official"], fact.source) == official
            or fact.data.get("official_no") in numbers
        ]
        if naming and naming[-1] is ordered[-1]:
            days.append(naming[0].business_date)
    return min((day for day in days if day >= since), default=None)


def _grounds(log: Log, number: str) -> Iterator[Ground]:
    """What facts show of an official's near relative in the household's last spells, as far as it is owed."""
    posts, over = persons_in_office(log), _over(log, number)
    running = [spell for spell in _begun(log, number) if spell not in over]
    kin = _of_kin(log, number)
    for spell in running:
        for fact in spell.statements:
            if fact.kind == "enrollment.enrolled" and fact.data.get("application_no") in kin:
                yield Ground(max(first_day(fact.data["from_month"]), fact.business_date), "application")
        for stay in spell.stays:
            theirs = posts.get(stay.person, [])
            for begun, ended in theirs:
                start = max(first_day(stay.from_month), stay.joined_by.business_date, begun)
                if not stay.covers(month_of(start)) or (ended is not None and ended < start):
                    continue
                due_on = _due(log, number, start)
                if in_office(theirs, due_on) and not _gone(log, number, [stay], due_on):
                    yield Ground(start, "member", stay.person)
    again = min((_begins(spell) for spell in running), default=date.min) if over else date.min
    for grant in grants(log):
        if grant.data["household_no"] != number:
            continue
        beneficiary = person_key(grant.data["beneficiary"], grant.source)
        stays = [s for spell in log.household(number).spells for s in spell.stays if s.person == beneficiary]
        for holder, kind, since, until in _holders(log, grant):
            theirs = posts.get(holder, [])
            for begun, ended in theirs if kind == "relative" else ():
                start = max(since, begun, again)
                if (until is not None and until <= start) or (ended is not None and ended < start):
                    continue
                due_on = _due(log, number, start)
                kept = until is None or until >= due_on
                if kept and in_office(theirs, due_on) and not _gone(log, number, stays, due_on):
                    yield Ground(start, "custodian", holder)


def _of_kin(log: Log, number: str) -> set[str]:
    said = {
        fact.data["application_no"]: fact.data["kin_of_official"]
        for fact in in_order(log.by("enrollment.applied", "household_no")[number])
    }
    return {application for application, kin in said.items() if kin}


def _gone(log: Log, number: str, stays: Iterable[Stay], due_on: date) -> bool:
    """Whether somebody was no member of the household any more before a day, and is none in its month."""
    persons = {stay.person for stay in stays}
    if persons & log.members(number, month_of(due_on)):
        return False
    return all(stay.to_month is not None and first_day(stay.to_month) < due_on for stay in stays)


def _holders(log: Log, grant: Fact) -> Iterator[tuple[str, str, date, date | None]]:
    """Who held a card, as what, from when, and up to the day on which it was another's or came back."""
    number, since = grant.data["custody_no"], day_of(grant.data["valid_from"])
    kind = grant.data["custodian_kind"]
    steps: list[tuple[date, str | None, str]] = [
        (since, person_key(grant.data["custodian"], grant.source), kind)
    ]
    for fact in in_order(log.by("custody.handed_over", "custody_no")[number]):
        back = fact.data["direction"] == "to_beneficiary"
        holder = None if back else person_key(fact.data["to_person"], fact.source)
        steps.append((max(since, fact.business_date), holder, fact.data.get("custodian_kind", kind)))
    ends = [day_of(fact.data["ended_on"]) for fact in log.by("custody.ended", "custody_no")[number]]
    if ends:
        steps = [step for step in steps if step[0] < min(ends)] + [(min(ends), None, kind)]
    changes = [step for n, step in enumerate(steps) if n == 0 or step[1:] != steps[n - 1][1:]]
    for n, (begun, holder, as_what) in enumerate(changes):
        until = changes[n + 1][0] if n + 1 < len(changes) else None
        if holder is not None and begun != until:
            yield holder, as_what, begun, until


RULES = {"kinship-unreviewed": unreviewed, "kinship-undeclared": undeclared}

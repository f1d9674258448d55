"""After the decision: reviews, hits, grace, exits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import date

from tests.oracle.facts import SHANGHAI, Fact
from tests.oracle.membership import Spell, effective_month, spells_of
from tests.oracle.months import first_day, plus_months
from tests.oracle.oversight.log import (
    Found,
    Log,
    clock,
    day_of,
    first,
    found,
    later,
    months_later,
    stated_number,
)
from tests.oracle.persons import person_key

DIBAO = ("urban_dibao", "rural_dibao")
Key = tuple[str, str]


def _looks(log: Log) -> dict[Key, list[Fact]]:
    """Every look at a household in a programme, by day; following up those who left is none."""
    looks: dict[Key, list[Fact]] = defaultdict(list)
    for fact in log.of("enrollment.reviewed"):
        if fact.data["kind"] != "follow_up":
            looks[fact.data["household_no"], fact.data["programme"]].append(fact)
    for facts in looks.values():
        facts.sort(key=lambda fact: (fact.data["reviewed_on"], fact.event_id))
    return looks


def overdue(log: Log) -> Iterable[Found]:
    looks = _looks(log)
    for number, household in log.households.items():
        for programme in DIBAO:
            spell = household.spell(programme, log.month)
            if spell is None:
                continue
            begun = spell.enrolled.business_date
            own = [fact for fact in looks[number, programme] if day_of(fact.data["reviewed_on"]) >= begun]
            classes = [fact.data["income_class"] for fact in own if "income_class" in fact.data]
            last = day_of(own[-1].data["reviewed_on"]) if own else begun
            stable = not classes or classes[-1] == "stable"
            parameter = "review.stable_months" if stable else "review.unstable_months"
            about = {"household_no": number, "programme": programme}
            due_on = months_later(last, log.policy(parameter, log.day, about))
            if due_on < log.day:
                said = {"due_on": due_on.isoformat()}
                yield found("medium", said, household_no=number, programme=programme)


def unreviewed_hits(log: Log) -> Iterable[Found]:
    for number, facts in log.by("enrollment.compared", "comparison_no").items():
        hits = [fact for fact in facts if fact.data["hit"]]
        if not hits:
            continue
        day = day_of(hits[0].data["compared_on"])
        due_on = later(day, log.policy("comparison.review_days", day, facts[-1].data))
        settled: list[date] = []
        for fact in facts:
            if not fact.data["hit"]:
                settled.append(_said_on(fact))
            elif fact.data.get("review", "pending") == "pending":
                settled.clear()
            else:
                reviewed_on = fact.data.get("reviewed_on")
                settled.append(_said_on(fact) if reviewed_on is None else day_of(reviewed_on))
        yield from clock(
            log,
            due_on,
            first(settled),
            still_owed=not _has_left(log, facts[-1], due_on),
            comparison_no=number,
        )


def _said_on(fact: Fact) -> date:
    return fact.time.astimezone(SHANGHAI).date()


def _has_left(log: Log, compared: Fact, before: date) -> bool:
    """Whether it was decided before a day that the person leaves whatever they were in."""
    person = person_key(compared.data["person"], compared.source)
    spells = log.household(compared.data["household_no"]).spells
    stays = [
        (stay, spell)
        for programme in {spell.programme for spell in spells}
        for facts in _known(log, compared.data["household_no"], programme, before)
        for spell in spells_of(facts)
        for stay in spell.stays
        if stay.person == person
    ]
    return bool(stays) and all(stay.to_month is not None for stay, _ in stays)


def _known(log: Log, number: str, programme: str, before: date) -> Iterable[list[Fact]]:
    """What was decided before a day, by the number under which it was stated."""
    kinds = ("enrollment.enrolled", "enrollment.members_changed", "enrollment.exited")
    stated: dict[str, list[Fact]] = defaultdict(list)
    for kind in kinds:
        for fact in log.by(kind, "household_no", "programme")[number, programme]:
            if fact.business_date < before:
                stated[stated_number(fact)].append(fact)
    return stated.values()


def _left(log: Log, number: str, programme: str, day: date) -> Fact | None:
    """By what the household leaves what it was last enrolled in by a day."""
    whole = log.household(number).spells_in(programme)
    spells = [spell for spell in whole if spell.enrolled.business_date <= day]
    if spells:
        return spells[-1].ended_by
    # With its last member a household leaves as well.
    ends = {spell.ended_by.event_id for spell in whole if spell.ended_by is not None}
    exits = [
        fact
        for fact in log.by("enrollment.exited", "household_no", "programme")[number, programme]
        if fact.business_date >= day and (fact.data["scope"] == "household" or fact.event_id in ends)
    ]
    return min(exits, key=_decided, default=None)


def _decided(fact: Fact) -> tuple[date, str]:
    return fact.business_date, fact.event_id


def grace(log: Log) -> Iterable[Found]:
    looks = _looks(log)
    for key, facts in log.by("enrollment.grace_granted", "household_no", "programme").items():
        facts = sorted(facts, key=lambda fact: (fact.data["decided_on"], fact.event_id))
        grants = {fact.data["from_month"]: fact.data for fact in facts}
        chain = ""
        after = ""
        for from_month, grant in sorted(grants.items()):
            chain = chain if from_month == after else from_month
            after = plus_months(grant["to_month"], 1)
            decided_on = day_of(grant["decided_on"])
            most = plus_months(chain, log.policy("grace.months", decided_on, grant) - 1)
            last = first_day(min(grant["to_month"], most))
            end = later(months_later(last, 1), -1)
            due_on = later(end, log.policy("grace.decision_days", end, grant))
            done = [day_of(f.data["reviewed_on"]) for f in looks[key]]
            done = [day for day in done if day >= last]
            if (left := _left(log, key[0], key[1], decided_on)) is not None:
                done.append(left.business_date)
            if after in grants:
                done.append(day_of(grants[after]["decided_on"]))
            yield from clock(
                log,
                due_on,
                first(done),
                household_no=key[0],
                programme=key[1],
                from_month=from_month,
            )


def _ended(log: Log, number: str, exit_: Fact) -> Spell | None:
    spells = log.household(number).spells_in(exit_.data["programme"])
    return next((s for s in spells if s.ended_by and s.ended_by.event_id == exit_.event_id), None)


def without_follow_up(log: Log) -> Iterable[Found]:
    reviews = log.by("enrollment.reviewed", "household_no")
    moved_on = {number for f in log.of("identity.households_merged") for number in f.data["merged"]}
    for fact in log.of("identity.household_split"):
        number = fact.data["household_no"]
        if number not in {part["household_no"] for part in fact.data["parts"]}:
            moved_on.add(number)
    joins: dict[str, list[Fact]] = defaultdict(list)
    for kind, members in (("enrollment.enrolled", "members"), ("enrollment.members_changed", "added")):
        for fact in log.of(kind):
            for member in fact.data.get(members, []):
                joins[person_key(member["person"], fact.source)].append(fact)
    told: set[tuple[str, ...]] = set()
    for fact in sorted(log.of("enrollment.exited"), key=lambda f: (f.data["decided_on"], f.event_id)):
        data = fact.data
        number, decided_on = data["household_no"], day_of(data["decided_on"])
        spell = _ended(log, number, fact)
        key = number, data["programme"], data["stop_month"]
        if (data["scope"] == "member" and spell is None) or key in told:
            continue
        told.add(key)
        if data["exit_kind"] == "death":
            continue
        due_on = later(decided_on, log.policy("exit.follow_up_days", decided_on, data))
        again = [*log.by("enrollment.enrolled", "household_no")[number]]
        if spell is not None:
            stayed = [stay.person for stay in spell.stays if stay.to_month == spell.to_month]
            again += [f for person in stayed for f in joins[person]]
        # What takes effect before the exit is ended by it, whenever it was decided.
        again = [
            f for f in again if not (_place(f) == _place(fact) and _takes_effect(f) < _takes_effect(fact))
        ]
        followed = [day_of(f.data["reviewed_on"]) for f in reviews[number] if f.data["kind"] == "follow_up"]
        days = followed + [f.business_date for f in again]
        yield from clock(
            log,
            due_on,
            first(day for day in days if day >= decided_on),
            still_owed=number not in moved_on,
            household_no=number,
            programme=data["programme"],
            stop_month=data["stop_month"],
        )


def _place(fact: Fact) -> Key:
    return fact.data["household_no"], fact.data["programme"]


def _takes_effect(fact: Fact) -> tuple[str, date, str]:
    return effective_month(fact), fact.business_date, str(fact.event_id)


def _exit(fact: Fact) -> Hashable:
    """What is one exit, however often it is stated: it was when it was first said to be."""
    data = fact.data
    persons = frozenset(person_key(person, fact.source) for person in data.get("members", ()))
    return data["household_no"], data["programme"], data["stop_month"], persons


def delayed(log: Log) -> Iterable[Found]:
    # (household, programme) → (the exit by which it was done, if any) → the days on which it was found
    found_on: dict[Key, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    stated: dict[Hashable, Fact] = {}
    exits = sorted(log.of("enrollment.exited"), key=_decided)
    for fact in exits:
        stated.setdefault(_exit(fact), fact)
    by_id = {fact.event_id: fact for fact in [*exits, *log.of("enrollment.members_changed")]}
    for fact in exits:
        if "found_on" in fact.data and fact.data["exit_kind"] != "death":
            days = found_on[_place(fact)][stated[_exit(fact)].event_id]
            days.add(day_of(fact.data["found_on"]))
    for key, facts in _looks(log).items():
        standing: dict[str, date] = {}
        for fact in facts:
            day = day_of(fact.data["reviewed_on"])
            left = _left(log, key[0], key[1], day)
            if left is not None and left.business_date < day:
                continue
            of = "" if left is None else left.event_id
            if fact.data["outcome"] != "stop":
                standing.pop(of, None)
            else:
                standing.setdefault(of, day)
        for of, day in standing.items():
            found_on[key][of].add(day)
    for (number, programme), by_exit in sorted(found_on.items()):
        # Of several exits that were found on one day the last counts, and most of all one that never was.
        last: dict[date, date | None] = {}
        for of in sorted(by_exit, key=lambda of: (of == "", of and _decided(by_id[of]))):
            last[min(by_exit[of])] = by_id[of].business_date if of else None
        for day, done_on in last.items():
            about = {"household_no": number, "programme": programme}
            yield from clock(
                log,
                later(day, log.policy("exit.decision_days", day, about)),
                done_on,
                household_no=number,
                programme=programme,
                found_on=day.isoformat(),
            )


RULES = {
    "review-overdue": overdue,
    "income-match-unreviewed": unreviewed_hits,
    "grace-overrun": grace,
    "exit-without-follow-up": without_follow_up,
    "exit-delayed": delayed,
}

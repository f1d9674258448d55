"""After the decision: reviews, hits, grace, exits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from tests.oracle.months import first_day, plus_months
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, found, later, months_later

DIBAO = ("urban_dibao", "rural_dibao")


def overdue(log: Log) -> Iterable[Found]:
    reviews = log.by("enrollment.reviewed", "household_no")
    for household in log.households.values():
        looks = [f for f in reviews[household.household_no] if f.data["kind"] != "follow_up"]
        classes = [(f.data["reviewed_on"], f.data["income_class"]) for f in looks if "income_class" in f.data]
        for programme in DIBAO:
            spell = household.spell(programme, log.month)
            if spell is None:
                continue
            last = max([spell.enrolled.business_date, *(day_of(fact.data["reviewed_on"]) for fact in looks)])
            stable = not classes or max(classes)[1] == "stable"
            parameter = "review.stable_months" if stable else "review.unstable_months"
            due_on = months_later(last, log.policy(parameter, last))
            if due_on < log.day:
                yield found(
                    "medium",
                    {"due_on": due_on.isoformat()},
                    household_no=household.household_no,
                    programme=programme,
                )


def unreviewed_hits(log: Log) -> Iterable[Found]:
    for number, facts in log.by("enrollment.compared", "comparison_no").items():
        if not any(fact.data["hit"] for fact in facts):
            continue
        day = day_of(facts[0].data["compared_on"])
        due_on = later(day, log.policy("comparison.review_days", day))
        looked_on = (day_of(f.data["reviewed_on"]) for f in facts if f.data.get("review") != "pending")
        yield from clock(log, due_on, first(looked_on), comparison_no=number)


def _exits(log: Log) -> dict[tuple[str, str], list[date]]:
    days = defaultdict(list)
    for fact in log.of("enrollment.exited"):
        if fact.data["scope"] == "household":
            days[fact.data["household_no"], fact.data["programme"]].append(day_of(fact.data["decided_on"]))
    return days


def grace(log: Log) -> Iterable[Found]:
    exits = _exits(log)
    reviews = log.by("enrollment.reviewed", "household_no", "programme")
    for fact in log.of("enrollment.grace_granted"):
        data, decided_on = fact.data, day_of(fact.data["decided_on"])
        most = plus_months(data["from_month"], log.policy("grace.months", decided_on) - 1)
        last = first_day(min(data["to_month"], most))
        end = later(months_later(last, 1), -1)
        due_on = later(end, log.policy("grace.decision_days", decided_on))
        key = data["household_no"], data["programme"]
        looked = (day_of(f.data["reviewed_on"]) for f in reviews[key])
        done = [day for day in exits[key] if day >= decided_on] + [day for day in looked if day >= last]
        yield from clock(
            log,
            due_on,
            first(done),
            household_no=key[0],
            programme=key[1],
            from_month=data["from_month"],
        )


def without_follow_up(log: Log) -> Iterable[Found]:
    reviews = log.by("enrollment.reviewed", "household_no")
    enrolments = log.by("enrollment.enrolled", "household_no")
    merged = {number for f in log.of("identity.households_merged") for number in f.data["merged"]}
    for fact in log.of("enrollment.exited"):
        data = fact.data
        if data["scope"] == "member" or data["exit_kind"] == "death":
            continue
        number, decided_on = data["household_no"], day_of(data["decided_on"])
        due_on = later(decided_on, log.policy("exit.follow_up_days", decided_on))
        again = any(decided_on < f.business_date <= due_on for f in enrolments[number])
        followed = (day_of(f.data["reviewed_on"]) for f in reviews[number] if f.data["kind"] == "follow_up")
        yield from clock(
            log,
            due_on,
            first(day for day in followed if day >= decided_on),
            still_owed=not again and number not in merged,
            household_no=number,
            programme=data["programme"],
            stop_month=data["stop_month"],
        )


def delayed(log: Log) -> Iterable[Found]:
    findings: set[tuple[str, str, str]] = set()
    for fact in log.of("enrollment.exited"):
        if "found_on" in fact.data:
            findings.add((fact.data["household_no"], fact.data["programme"], fact.data["found_on"]))
    for fact in log.of("enrollment.reviewed"):
        if fact.data["outcome"] == "stop" and fact.data["kind"] != "follow_up":
            findings.add((fact.data["household_no"], fact.data["programme"], fact.data["reviewed_on"]))
    exits = _exits(log)
    for household_no, programme, found_on in sorted(findings):
        day = day_of(found_on)
        yield from clock(
            log,
            later(day, log.policy("exit.decision_days", day)),
            first(exit_on for exit_on in exits[household_no, programme] if exit_on >= day),
            household_no=household_no,
            programme=programme,
            found_on=found_on,
        )


RULES = {
    "review-overdue": overdue,
    "income-match-unreviewed": unreviewed_hits,
    "grace-overrun": grace,
    "exit-without-follow-up": without_follow_up,
    "exit-delayed": delayed,
}

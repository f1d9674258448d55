"""Before the decision: clocks and stages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, found, later
from tests.oracle.persons import person_key


def _decisions(log: Log, applied: Fact) -> list[date]:
    """When it was granted or refused: by its number, by an enrolment without one, or by giving relief."""
    number, applied_on = applied.data["application_no"], day_of(applied.data["applied_on"])
    programme, household = applied.data["programme"], applied.data["household_no"]
    days = [f.business_date for f in log.by("enrollment.enrolled", "application_no")[number]]
    days += [day_of(f.data["refused_on"]) for f in log.by("enrollment.refused", "application_no")[number]]
    nameless = log.by("enrollment.enrolled", "household_no", "programme", "application_no")
    since = [f.business_date for f in nameless[household, programme, None]]
    if programme == "temporary_relief":
        applicant = person_key(applied.data["applicant"], applied.source)
        since += [
            f.business_date
            for f in log.of("relief.granted")
            if f.data.get("household_no") == household or person_key(f.data["person"], f.source) == applicant
        ]
    return days + [day for day in since if day >= applied_on]


def clocks(log: Log) -> Iterable[Found]:
    steps = log.by("enrollment.investigated", "application_no")
    for number, statements in log.by("enrollment.applied", "application_no").items():
        fact = min(statements, key=lambda f: (f.data["applied_on"], f.event_id))
        applied_on = day_of(fact.data["applied_on"])

        def due(parameter: str, day: date = applied_on, about: Any = fact.data) -> date:
            return log.working_days_later(day, log.policy(f"application.{parameter}_days", day, about))

        begins = log.policy("application.investigation_steps", applied_on, fact.data)
        begun = [
            day_of(step.data["investigated_on"])
            for step in steps[number]
            if begins == "any" or step.data["kind"] in begins.split()
        ]
        decided = _decisions(log, fact)
        yield from clock(
            log, due("investigation"), first(begun + decided), application_no=number, stage="investigation"
        )
        last_day = due("delegated" if fact.data.get("delegated") else "total")
        doubts = [day_of(s.data["investigated_on"]) for s in steps[number] if s.data["result"] == "doubtful"]
        if any(day <= min(last_day, log.day) for day in doubts):
            last_day = due("extended")
        yield from clock(log, last_day, first(decided), application_no=number, stage="decision")
    for number, refusals in log.by("enrollment.refused", "application_no").items():
        refused = min(refusals, key=lambda fact: (fact.data["refused_on"], fact.event_id)).data
        refused_on = day_of(refused["refused_on"])
        told = [day_of(fact.data["notified_on"]) for fact in refusals if "notified_on" in fact.data]
        days = log.policy("application.notice_days", refused_on, refused)
        due_on = log.working_days_later(refused_on, days)
        yield from clock(log, due_on, first(told), application_no=number, stage="notice")


def missing(log: Log) -> Iterable[Found]:
    applied = log.by("enrollment.applied", "application_no")
    steps = log.by("enrollment.investigated", "application_no")
    boards = log.by("enrollment.publicised", "application_no")
    for number, grants in log.by("enrollment.enrolled", "application_no").items():
        if number is None:
            continue
        granted = min(grants, key=lambda fact: (fact.business_date, fact.event_id))
        decided_on = granted.business_date
        stages = {s.data["kind"] for s in steps[number] if day_of(s.data["investigated_on"]) <= decided_on}
        if any(day_of(f.data["applied_on"]) <= decided_on for f in applied[number]):
            stages.add("application")
        days = log.policy("application.publicity_days", decided_on, granted.data)
        for board in boards[number]:
            long_enough = later(day_of(board.data["posted_on"]), days)
            hung = "removed_on" not in board.data or day_of(board.data["removed_on"]) >= long_enough
            if board.data["stage"] == "review" and hung and long_enough <= decided_on:
                stages.add("publicity")
        for stage in ("application", "household_visit", "information_check", "publicity"):
            if stage not in stages:
                yield found("medium", application_no=number, stage=stage)


RULES = {"application-clock": clocks, "missing-stage": missing}

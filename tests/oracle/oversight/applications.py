"""Before the decision: clocks and stages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.oracle.oversight.log import Found, Log, clock, day_of, first, found, later, working_days_later


def clocks(log: Log) -> Iterable[Found]:
    steps = log.by("enrollment.investigated", "application_no")
    granted = log.by("enrollment.enrolled", "application_no")
    refusals = log.by("enrollment.refused", "application_no")
    for fact in log.of("enrollment.applied"):
        number, applied_on = fact.data["application_no"], day_of(fact.data["applied_on"])

        def due(parameter: str, day: date = applied_on) -> date:
            return working_days_later(day, log.policy(f"application.{parameter}_days", day))

        visits = [s for s in steps[number] if s.data["kind"] == "household_visit"]
        yield from clock(
            log,
            due("investigation"),
            first(day_of(visit.data["investigated_on"]) for visit in visits),
            application_no=number,
            stage="investigation",
        )
        longest = "total"
        if fact.data.get("delegated"):
            longest = "delegated"
        elif any(step.data["result"] == "doubtful" for step in steps[number]):
            longest = "extended"
        decisions = [f.business_date for f in granted[number]]
        decisions += [day_of(f.data["refused_on"]) for f in refusals[number]]
        yield from clock(log, due(longest), first(decisions), application_no=number, stage="decision")
    for fact in log.of("enrollment.refused"):
        refused_on, notified_on = day_of(fact.data["refused_on"]), fact.data.get("notified_on")
        due_on = working_days_later(refused_on, log.policy("application.notice_days", refused_on))
        yield from clock(
            log,
            due_on,
            notified_on and day_of(notified_on),
            application_no=fact.data["application_no"],
            stage="notice",
        )


def missing(log: Log) -> Iterable[Found]:
    applied = log.by("enrollment.applied", "application_no")
    steps = log.by("enrollment.investigated", "application_no")
    boards = log.by("enrollment.publicised", "application_no")
    for fact in log.of("enrollment.enrolled"):
        number = fact.data.get("application_no")
        if number is None:
            continue
        decided_on = fact.business_date
        stages = {s.data["kind"] for s in steps[number] if day_of(s.data["investigated_on"]) <= decided_on}
        if any(day_of(f.data["applied_on"]) <= decided_on for f in applied[number]):
            stages.add("application")
        for board in boards[number]:
            posted_on, removed_on = day_of(board.data["posted_on"]), board.data.get("removed_on")
            long_enough = later(posted_on, log.policy("application.publicity_days", posted_on))
            if removed_on is not None and long_enough <= day_of(removed_on) <= decided_on:
                stages.add("publicity")
        for stage in ("application", "household_visit", "information_check", "publicity"):
            if stage not in stages:
                yield found("medium", application_no=number, stage=stage)


RULES = {"application-clock": clocks, "missing-stage": missing}

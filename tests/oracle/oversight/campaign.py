"""The campaign: tasks and ledgers in time; problems that came back, or were put right on paper only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.months import month_of
from tests.oracle.oversight.funds import last_day
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, found, in_order, later


def behind(log: Log) -> Iterable[Found]:
    reports = log.by("campaign.task_reported", "task_no")
    for number, stated in log.by("campaign.task_assigned", "task_no").items():
        begun, task = in_order(stated)[0], in_order(stated)[-1]
        assigned_on = day_of(begun.data["assigned_on"])
        limit = later(assigned_on, log.policy("campaign.task_days", assigned_on, task.data))
        done = (day_of(fact.data["reported_on"]) for fact in reports[number] if fact.data.get("done"))
        yield from clock(log, max(limit, day_of(task.data["due_on"])), first(done), task_no=number)


def overdue(log: Log) -> Iterable[Found]:
    submitted = log.by("campaign.ledger_submitted", "campaign_no", "division", "ledger", "quarter")
    assigned = log.by("campaign.task_assigned", "campaign_no", "division")
    opened = log.by("campaign.opened", "campaign_no")
    for (number, division), tasks in assigned.items():
        if division is None:
            continue
        about = {"division": division}
        begun = min(task.data["assigned_on"] for task in tasks)
        plans = [fact for fact in opened.get(number, ()) if fact.data["issued_on"] <= log.day.isoformat()]
        plan = max(plans, key=lambda fact: (fact.data["issued_on"], fact.event_id), default=None)
        phases = plan.data.get("phases", ()) if plan is not None else ()
        until = max((phase["to_on"] for phase in phases), default=log.day.isoformat())
        for quarter, end in _quarters(begun, min(until, log.day.isoformat())):
            for ledger in log.policy("campaign.ledgers", end, about).split() if end <= log.day else ():
                days = [
                    day_of(fact.data["submitted_on"]) for fact in submitted[number, division, ledger, quarter]
                ]
                yield from clock(
                    log,
                    later(end, log.policy("campaign.ledger_days", end, about)),
                    first(day for day in days if day >= end),
                    campaign_no=number,
                    division=division,
                    ledger=ledger,
                    quarter=quarter,
                )


def _quarters(first_day: str, last: str) -> Iterator[tuple[str, date]]:
    """Each quarter that has one of these days, with its end."""
    year, quarter = int(first_day[:4]), (int(first_day[5:7]) + 2) // 3
    while f"{year}-{3 * quarter - 2:02d}" <= month_of(day_of(last)):
        yield f"{year}-Q{quarter}", last_day(f"{year}-{3 * quarter:02d}")
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)


def _rectified(log: Log) -> Iterator[tuple[str, list[Fact]]]:
    """Problems found, with what was said of putting them right."""
    known = log.by("campaign.problem_found", "problem_no")
    for number, facts in log.by("campaign.problem_rectified", "problem_no").items():
        if number in known:
            yield number, facts


def rebounds(log: Log) -> Iterable[Found]:
    again = log.by("campaign.problem_found", "earlier_problem_no")
    rechecks = log.by("campaign.problem_rechecked", "problem_no")
    for number, facts in _rectified(log):
        since = min(fact.data["rectified_on"] for fact in facts)
        days = [fact.data["found_on"] for fact in again.get(number, ()) if fact.data["found_on"] > since]
        days += [
            fact.data["rechecked_on"]
            for fact in rechecks.get(number, ())
            if fact.data["result"] == "rebounded"
        ]
        if days:
            yield found("high", {"again_on": min(days)}, problem_no=number)


def on_paper(log: Log) -> Iterable[Found]:
    rechecks = log.by("campaign.problem_rechecked", "problem_no")
    for number, facts in _rectified(log):
        words = [(fact.data["rectified_on"], 0, fact.event_id, fact) for fact in facts]
        words += [(fact.data["rechecked_on"], 1, fact.event_id, fact) for fact in rechecks.get(number, ())]
        *_, said = max(words, key=lambda word: word[:3])
        if "rectified_on" in said.data and "evidence" not in said.data:
            yield found("medium", {"why": "no_evidence"}, problem_no=number)
        elif said.data.get("result") == "not_rectified":
            yield found("medium", {"why": "recheck"}, problem_no=number)


RULES = {
    "task-behind": behind,
    "ledger-overdue": overdue,
    "rebound": rebounds,
    "paper-rectification": on_paper,
}

"""Calls that nobody took, and questions that nobody answered in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, in_order, later


def day_in(instant: str) -> date:
    """The day of an instant that upstream states in Chinese time."""
    return datetime.fromisoformat(instant).date()


def answers(log: Log, call: Fact) -> list[Fact]:
    return log.by("hotline.answered", "call_no")[call.data["call_no"]]


def calls(log: Log) -> Iterable[tuple[date, Fact]]:
    """Each call: the day on which it was first said to be, and what was last said of it."""
    for stated in log.by("hotline.called", "call_no").values():
        begun, *_, last = [*in_order(stated)[:1], *in_order(stated)]
        yield begun.business_date, last


def unanswered(log: Log) -> Iterable[Found]:
    for day, call in calls(log):
        if call.data["picked_up"] or not _somebody_on_duty(log, call):
            continue
        yield from clock(
            log,
            log.working_days_later(day, log.policy("hotline.call_back_working_days", day, call.data)),
            first(day_in(f.data["answered_at"]) for f in answers(log, call) if f.data["called_back"]),
            call_no=call.data["call_no"],
        )


def _minute(instant: str) -> datetime:
    return datetime.fromisoformat(instant).replace(second=0, microsecond=0)


def _somebody_on_duty(log: Log, call: Fact) -> bool:
    """The minute a duty begins is in, the minute it ends is out."""
    called_at = _minute(call.data["called_at"])
    return any(
        _minute(duty.data["begins_at"]) <= called_at < _minute(duty.data["ends_at"])
        for duty in log.by("hotline.rostered", "line")[call.data["line"]]
    )


def reply_overdue(log: Log) -> Iterable[Found]:
    for day, call in calls(log):
        data = call.data
        if not data["picked_up"] or "matter_code" not in data:
            continue
        stated = data.get("due_on")
        yield from clock(
            log,
            day_of(stated) if stated else later(day, log.policy("hotline.reply_days", day, data)),
            first(day_in(fact.data["answered_at"]) for fact in answers(log, call)),
            call_no=data["call_no"],
        )


RULES = {"unanswered-call": unanswered, "reply-overdue": reply_overdue}

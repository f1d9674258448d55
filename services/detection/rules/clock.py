"""Clocks: something is to be done by a day (``due_on``), and is found when that day is over without it.

Once it was done late the finding stays, with ``low``: both days stay the same however much time passes.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.detection.facts.fact import Body
from services.detection.policy import Parameter
from services.detection.rules.rule import Finding, Severity, evidence
from services.detection.subjects.subject import Dossier


def later(day: str, days: int) -> str:
    """Return the day that many days later, or the last day of the calendar where it ends before."""
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return date.max.isoformat()


def months_later(day: str, months: int) -> str:
    """Return the same day so many months on, or the last of a shorter month; at most the calendar's end."""
    begun = date.fromisoformat(day)
    ordinal = begun.year * 12 + begun.month - 1 + months
    year, month = ordinal // 12, ordinal % 12 + 1
    if year > date.max.year:
        return date.max.isoformat()
    return begun.replace(year=year, month=month, day=min(begun.day, monthrange(year, month)[1])).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What is owed: by when, the facts that say so, and the fact by which it was done.

    ``policy``: the values used. A clock that was stopped in time finds nothing. ``done`` may lie ahead of the
    latest closed day: until then it is not done.
    """

    due_on: str
    because: tuple[Body | None, ...]
    done: Body | None = None
    policy: dict[str, Any] = field(default_factory=dict)

    @property
    def in_time(self) -> bool:
        """Whether it was done by the day due."""
        return self.done is not None and self.done.date <= self.due_on


def overdue(
    dossier: Dossier,
    clock: Clock | None,
    rule: str,
    key: dict[str, str],
    severity: Severity,
    household_no: str | None = None,
) -> list[Finding]:
    """Return the finding of a clock that ran out by the latest closed day, if it did.

    Params: ``due_on``, and ``done_on`` where it was done late.
    """
    if clock is None or clock.in_time or dossier.closed is None or clock.due_on >= dossier.closed:
        return []
    acted = clock.done if clock.done is not None and clock.done.date <= dossier.closed else None
    ids, count, _ = evidence([*clock.because, acted])
    done = {} if acted is None else {"done_on": acted.date}
    return [
        Finding(
            rule=rule,
            key=key,
            severity=severity if acted is None else "low",
            params={"due_on": clock.due_on} | done,
            evidence=ids,
            evidence_count=count,
            holds_since=later(clock.due_on, 1),
            policy=clock.policy,
            household_no=household_no,
        )
    ]


def next_due(dossier: Dossier, clocks: Iterable[Clock | None]) -> date | None:
    """Return the first day whose closing may change what clocks find: one runs out, a fact takes effect."""
    days = [] if dossier.ahead is None else [dossier.ahead]
    for clock in clocks:
        if clock is not None and not clock.in_time and clock.due_on != date.max.isoformat():
            turns = [later(clock.due_on, 1)] + ([] if clock.done is None else [clock.done.date])
            days += [day for day in turns if dossier.closed is None or day > dossier.closed]
    return date.fromisoformat(min(days)) if days else None


def next_turn(dossier: Dossier, days: Iterable[str], parameters: Iterable[Parameter] = ()) -> date | None:
    """Return the first day whose closing may change what is so on a day.

    ``days``: those on which it may turn; ``parameters``: those of which the value on the closed day is taken.
    """
    found = [] if dossier.ahead is None else [dossier.ahead]
    closed = dossier.closed
    if closed is not None:
        found += [day for day in days if day > closed]
        changes = (dossier.policy.next_change(parameter, closed) for parameter in parameters)
        found += [day for day in changes if day is not None]
    return date.fromisoformat(min(found)) if found else None

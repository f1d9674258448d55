"""How an office keeps a time limit, and what the world knows of it afterwards."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from services.simulator.street import Street

How = Literal["in_time", "on_the_last_day", "late", "never", "still_in_time"]
"""What became of a thing that had to be done by a day. ``still_in_time``: not done, and not due yet."""

BROKEN: tuple[How, ...] = ("late", "never")


def day_done(street: Street, random: Random, how: How, from_on: date, due_on: date) -> date | None:
    """The day on which it was done, where it was."""
    if how == "in_time":
        return from_on + timedelta(days=random.randint(0, max(0, (due_on - from_on).days - 1)))
    if how == "on_the_last_day":
        return due_on
    if how == "late":
        return due_on + timedelta(days=random.randint(1, min(60, (street.as_of - due_on).days)))
    return None


def owe(
    street: Street,
    rule: str,
    case: str,
    key: dict[str, str],
    how: How,
    due_on: date,
    done_on: date | None,
    *,
    holds: Callable[[], bool] = lambda: True,
    severity: str = "medium",
    **extras: Any,
) -> None:
    """Label what became of it, after the run.

    ``holds`` says then whether it was owed at all; nothing is labelled where it was not.
    """

    def tell() -> None:
        if how not in BROKEN:
            street.labels.lawful(rule, case, key)
        elif holds():
            broken(street, rule, case, key, due_on, done_on, severity=severity, **extras)

    street.in_the_end.append(tell)


def broken(
    street: Street,
    rule: str,
    case: str,
    key: dict[str, str],
    due_on: date,
    done_on: date | None = None,
    *,
    severity: str = "medium",
    **extras: Any,
) -> None:
    """Label that a limit was broken: of low severity once it was done."""
    said = {"severity": severity, "due_on": due_on.isoformat(), **extras}
    if done_on is not None:
        said |= {"severity": "low", "done_on": done_on.isoformat()}
    street.labels.irregular(rule, case, key, **said)

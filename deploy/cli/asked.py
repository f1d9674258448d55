"""What is asked at the command line, checked as over HTTP: exit 2 where a question cannot be one."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import typer

from deploy.cli.output import fail
from services.reporting.queries import WrongQuestionError, checked_day

Answer = TypeVar("Answer")

MOST = 1_000_000
"""Rows that somebody may ask for at once."""


def day(text: str) -> date:
    """Return the day that an option or an argument names."""
    try:
        return checked_day(text)
    except WrongQuestionError as error:
        raise typer.BadParameter(f"expected {error.expected}.") from None


def question(state: Callable[[], Answer], check: Callable[[Answer], None] = lambda _: None) -> Answer:
    """Return a question as it is stated, if nothing speaks against it, or say what was expected of it."""
    try:
        asked = state()
        check(asked)
        return asked
    except WrongQuestionError as error:
        raise fail(f"{error}.", 2) from None

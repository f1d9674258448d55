"""What a rule finds in facts as examples write them, which all count."""

from __future__ import annotations

from typing import Any

from services.detection import looking
from services.detection.rules import BY_NAME
from services.detection.rules.rule import Finding
from tests.oracle.facts import live_facts
from tests.services.detection.upstream import Raw, digest_of, event_of


def kept(raws: list[Raw]) -> looking.Kept:
    """Return the bodies that each subject keeps: without a month (False), and with one (True)."""
    return looking.kept(map(event_of, raws))


def view_of(name: str, raws: list[Raw], closed: str | None = None) -> Any:
    """Return the view of a subject (``household:H``), with what its neighbours say."""
    return looking.view_of(name, kept(raws), closed)


def found(rule: str, raws: list[Raw], closed: str | None = None, without: str = "") -> list[Finding]:
    """Return what a rule finds; ``without``: a clause that is turned off."""
    return looking.found(BY_NAME[rule], kept(raws), closed, {without} if without else ())


def due(rule: str, name: str, raws: list[Raw], closed: str | None = None) -> str | None:
    """Return the day after ``closed`` on which a rule looks at a subject again."""
    next_due = BY_NAME[rule].next_due
    assert next_due is not None
    day = next_due(view_of(name, raws, closed))
    return None if day is None else day.isoformat()


def that_count(raws: list[Raw]) -> list[Raw]:
    """Return the facts that count: neither voided nor of two contents, each once."""
    return [one.raw for one in live_facts(raws, digest_of=digest_of)]

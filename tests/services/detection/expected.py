"""What is to be found in facts, by both oracles' full scans."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.detection.rules import ALL, BY_NAME
from tests.oracle import integrity
from tests.oracle.facts import live_facts
from tests.oracle.oversight import RULES as OVERSIGHT
from tests.oracle.oversight import Log as Oversight
from tests.oracle.scan import findings_among
from tests.services.detection.upstream import Raw, digest_of
from tests.services.detection.worker import Plain, in_tokens, key_in_tokens, plain

HOLDING = ("policy.adopted", "calendar.year_arranged")


def default(name: str, day: date) -> Any:
    """What a rule's declaration says of a parameter."""
    (parameter,) = ALL.parameters_named(name)
    value = parameter.default_on(day.isoformat())
    return value if parameter.kind == "text" else int(value)


def expected_findings(facts: Iterable[Raw], day: date | None) -> list[Plain]:
    """The open findings as of a closed day: of the first six rules, of integrity, and of the others."""
    facts = list(facts)
    live = live_facts(facts, digest_of=digest_of)
    others: list[Plain] = []
    if day is not None:
        # From when a value holds, and how a year is arranged, says nothing of when that was known.
        there = Oversight(
            [fact for fact in live if fact.business_date <= day or fact.kind in HOLDING],
            day,
            default,
        )
        others += [
            plain(rule, key_in_tokens(dict(one.key)), one.severity, one.extras)
            for rule in BY_NAME.keys() & OVERSIGHT.keys()
            for one in OVERSIGHT[rule](there)
        ]
    others += [
        plain(rule, dict(one.key), one.severity, one.extras)
        for rule, one in integrity.findings(facts, digest_of)
    ]
    return sorted([*(in_tokens(finding) for finding in findings_among(live, day)), *others])

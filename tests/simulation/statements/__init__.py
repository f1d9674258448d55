"""The statements that the model of PostgreSQL knows, by how they begin, and how each works on rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.simulation.postgres import Statement

Known = dict[str, Statement]

EPOCH = 1_700_000_000.0
"""Seconds since 1970 when a schedule begins."""


def declaring(known: Known) -> Callable[..., Callable[[Any], Any]]:
    """Return a decorator that adds how a statement works, under the words with which it begins."""

    def statement(begins: str, columns: str = "") -> Callable[[Any], Any]:
        words = " ".join(begins.split()).lower()
        verb = words.split()[0].upper()

        def add(work: Any) -> Any:
            assert words not in known, words
            known[words] = Statement(
                work, tuple(columns.split()), "INSERT 0" if verb in ("INSERT", "WITH") else verb
            )
            return work

        return add

    return statement


def every() -> Mapping[str, Statement]:
    """All statements."""
    from tests.simulation.statements import alerting, detection, ledger, outbox, platform

    return {**platform.KNOWN, **ledger.KNOWN, **outbox.KNOWN, **detection.KNOWN, **alerting.KNOWN}

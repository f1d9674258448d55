"""What a rule is, and what it finds. A rule is declared data around a pure function, complete in one file."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Literal, NamedTuple, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from services.detection.facts.fact import EVIDENCE_CAP, Body
from services.detection.policy import Parameter

NAMED_CAP = 50
"""Numbers of business that a finding names of those it counts; how many there are stands beside them."""

Severity = Literal["info", "low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high")


def anomaly_id(rule: str, key: Mapping[str, str]) -> UUID:
    """Return uuid5(uuid5(NAMESPACE_URL, rule), natural key as JSON with sorted names)."""
    return uuid5(uuid5(NAMESPACE_URL, rule), orjson.dumps(dict(key), option=orjson.OPT_SORT_KEYS).decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found: a natural key and its content. Amounts are 分, persons and accounts tokens.

    ``month`` is the month that it belongs to, empty for a rule without months. ``evidence`` are event ids
    in order of (business date, event id), at most ``EVIDENCE_CAP``. ``policy``: the values used.
    ``holds_since``: the business day from which it is so, by the facts that are known: the latest of those
    that it rests on, or the day after the one by which something was due, whenever they were stated; None
    where no fact says a day.
    """

    rule: str
    key: dict[str, str]
    severity: Severity
    params: dict[str, Any]
    evidence: tuple[str, ...]
    evidence_count: int
    holds_since: str | None
    month: str = ""
    policy: dict[str, Any] = field(default_factory=dict)
    household_no: str | None = None

    @property
    def anomaly_id(self) -> UUID:
        """The finding's identity, the same in every revision."""
        return anomaly_id(self.rule, self.key)


class Evidence(NamedTuple):
    """Event ids in order of (business date, event id), capped; the count of all; the latest business date."""

    ids: tuple[str, ...]
    number: int
    latest: str | None


def evidence(facts: Iterable[Any]) -> Evidence:
    """Return facts (with ``date`` and ``event_id``) as evidence; None among them is nothing."""
    ordered = sorted({(fact.date, fact.event_id) for fact in facts if fact is not None})
    ids = tuple(dict.fromkeys(event_id for _, event_id in ordered))
    return Evidence(ids[:EVIDENCE_CAP], len(ids), ordered[-1][0] or None if ordered else None)


View = TypeVar("View")
Clauses = Collection[str]


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[View]):
    """A rule of detection.

    ``title`` and ``phrases`` are Chinese, for a clerk; ``requirements`` the numbers of the plan's that it
    serves; ``subject`` the kind of subject that it lives on; ``triggers`` the facts of that subject that make
    it look again; ``later`` those that make it look again once they are committed, and once for many, because
    whoever took them in at once would wait for all others that do;
    ``neighbours`` the facts of the subject's neighbours that it reads too; ``by_month``:
    whether a fact with a month concerns the findings of that month only; ``findings(view, without)``: the
    open findings of the view, with the named exception ``clauses`` turned off (tests only);
    ``next_due(view)``: the first day after the latest closed one on which the answer changes without a fact;
    ``working_days``: whether it counts these, so that a year arranged otherwise concerns it;
    ``clear(view)``: a sufficient test, where it holds there is no finding. ``whole_where(view)``: of a rule
    that is not by month, where alone it may find something; of one by month, where alone its answer changes
    without a fact. Then a fact with a month has its subject looked at by that month, as for other rules, and
    only where this holds of what is seen there, whole.

    A phrase names what it shows in braces, with how (``{paid_fen:yuan}``, see ``projections.phrases``); it is
    left out where a finding does not have that. Of several in a tuple the first that can be said is.
    """

    name: str
    version: int
    title: str
    phrases: tuple[str | tuple[str, ...], ...]
    requirements: tuple[str, ...]
    subject: str
    triggers: frozenset[type[Body]]
    key: tuple[str, ...]
    findings: Callable[[View, Clauses], list[Finding]]
    by_month: bool = False
    later: frozenset[type[Body]] = frozenset()
    neighbours: frozenset[type[Body]] = frozenset()
    parameters: tuple[Parameter, ...] = ()
    clauses: Mapping[str, str] = field(default_factory=dict)
    next_due: Callable[[View], date | None] | None = None
    working_days: bool = False
    clear: Callable[[View], bool] | None = None
    whole_where: Callable[[View], bool] | None = None

    @property
    def looks_by_month(self) -> bool:
        """Whether a fact with a month has its subject looked at by that month only, to begin with."""
        return self.by_month or self.whole_where is not None

"""What each rule costs: a stop-watch around everything that a rule is asked of a subject."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from time import thread_time
from typing import Any

from deploy.bench.measure import RuleCost
from services.detection.rules import RuleSet, rules_of
from services.detection.rules.rule import Rule

Spent = Mapping[str, "Asked"]
"""By the rule's name."""


@dataclass(slots=True)
class Asked:
    """How often a rule was asked, and what that took.

    ``looks``: at a subject; ``cleared``: those at which its sufficient test said that there is nothing;
    ``found``: findings, the same ones again and again; ``seconds`` of CPU of the thread, the first reading of
    what the view keeps for the rules after it included.
    """

    looks: int = 0
    cleared: int = 0
    found: int = 0
    seconds: float = 0.0


def watched(rules: RuleSet) -> tuple[RuleSet, Spent]:
    """Return the same rules, with what they are asked from now on counted and timed."""
    spent = {rule.name: Asked() for rule in rules.rules}
    return rules_of(_watched(rule, spent[rule.name]) for rule in rules.rules), spent


def document(spent: Spent) -> dict[str, Any]:
    """Return what was spent as JSON values."""
    return {rule: asdict(asked) for rule, asked in spent.items()}


def costs(found: Mapping[str, Mapping[str, Any]], facts: int) -> list[RuleCost]:
    """Return what a document says, per 100,000 of so many facts; the dearest first."""
    share = 100_000 / max(1, facts)
    rows = [
        RuleCost(
            rule=rule,
            looks=round(asked["looks"] * share),
            cleared=round(asked["cleared"] * share),
            found=round(asked["found"] * share),
            seconds=round(asked["seconds"] * share, 3),
        )
        for rule, asked in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.seconds, row.rule))


def _watched(rule: Rule[Any], asked: Asked) -> Rule[Any]:
    def findings(view: Any, without: Any) -> list[Any]:
        began = thread_time()
        found = rule.findings(view, without)
        asked.seconds += thread_time() - began
        asked.found += len(found)
        # Whom the sufficient test does not clear was counted there.
        asked.looks += rule.clear is None
        return found

    def clear(view: Any) -> bool:
        assert rule.clear is not None
        began = thread_time()
        is_clear = rule.clear(view)
        asked.seconds += thread_time() - began
        asked.looks += 1
        asked.cleared += is_clear
        return is_clear

    return replace(
        rule,
        findings=findings,
        clear=None if rule.clear is None else clear,
        next_due=None if rule.next_due is None else _timed(rule.next_due, asked),
        whole_where=None if rule.whole_where is None else _timed(rule.whole_where, asked),
    )


def _timed(function: Callable[[Any], Any], asked: Asked) -> Callable[[Any], Any]:
    def timed(view: Any) -> Any:
        began = thread_time()
        answer = function(view)
        asked.seconds += thread_time() - began
        return answer

    return timed

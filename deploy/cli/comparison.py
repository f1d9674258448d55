"""What detection found against what a simulated world labelled, rule by rule."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EXTRAS = ("overpaid_fen", "excess_fen", "due_on", "done_on", "grants")
"""What a label may say of a finding's parameters."""

Known = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Counts of one rule. Of a rule that nobody detects yet there are only labels: ``found`` is ``None``."""

    rule: str
    labelled: int
    lawful: int
    found: int | None = None
    missed: int = 0
    extra: int = 0
    different: int = 0

    @property
    def same(self) -> bool:
        """Whether nothing speaks against the rule."""
        return not (self.missed or self.extra or self.different)


def compare(
    labels: Mapping[str, Any],
    findings: Iterable[Mapping[str, Any]],
    detected: Collection[str],
    as_known: Callable[[dict[str, str]], dict[str, str]],
) -> list[Compared]:
    """Return the rules that are detected, and after them those that are only labelled.

    ``labels`` is the content of ``labels.json``; ``as_known`` turns a label's key into a finding's, in which
    persons and accounts are tokens.
    """
    found = {_known(row["rule"], row["key"]): row for row in findings}
    stated = (*labels["anomalies"], *labels["conflicts"])
    told = {_known(label["rule"], as_known(label["key"])): label for label in stated}
    looks: dict[str, dict[str, int]] = labels["totals"]["lookalikes_by_case"]
    result = []
    for rule in dict.fromkeys((*detected, *looks)):
        labelled = {key for key in told if key[0] == rule}
        lawful = sum(looks.get(rule, {}).values())
        if rule not in detected:
            result.append(Compared(rule, len(labelled), lawful))
            continue
        raised = {key for key in found if key[0] == rule}
        result.append(
            Compared(
                rule,
                len(labelled),
                lawful,
                found=len(raised),
                missed=len(labelled - raised),
                extra=len(raised - labelled),
                different=sum(not _agree(told[key], found[key]) for key in labelled & raised),
            )
        )
    return result


def _known(rule: str, key: Mapping[str, str]) -> Known:
    return rule, tuple(sorted(key.items()))


def _agree(label: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    if label.get("severity", row["severity"]) != row["severity"]:
        return False
    return all(label[name] == row["params"].get(name) for name in EXTRAS if name in label)

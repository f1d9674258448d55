"""What alerts say: the texts of ``words.toml``, and rules as detection has published them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from projections.phrases import Phrase, sentence
from services.platform.database import Connection

_HERE = Path(__file__).parent


@cache
def words() -> Mapping[str, Any]:
    """Return the texts of alerts, by section and name."""
    return tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of a rule, as far as it is said."""

    title: str
    phrases: Sequence[Phrase] = ()


class Rules:
    """The words of every version of every rule."""

    def __init__(self, rules: Mapping[tuple[str, int], Rule]) -> None:
        self._rules = rules

    def title(self, name: str, version: int) -> str:
        """Return what a version of a rule is called: its name where nothing of it is published."""
        rule = self._rules.get((name, version))
        return rule.title if rule is not None else name

    def sentence(self, name: str, version: int, fields: Mapping[str, Any]) -> str:
        """Return what a version of a rule says of a finding. Days overdue go on, so they are left out."""
        rule = self._rules.get((name, version))
        return sentence(rule.phrases, fields) if rule is not None else ""


async def read_rules(connection: Connection) -> Rules:
    """Return the rules as they are published."""
    rows = await connection.fetch("SELECT name, version, title, phrases FROM platform.rule")
    return Rules({(row["name"], row["version"]): Rule(row["title"], row["phrases"]) for row in rows})

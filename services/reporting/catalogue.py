"""The rules as detection has published them: how anomalies are called and said, and what may be asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from projections.labels import heading, word
from projections.phrases import Phrase, sentence
from services.platform.database import Connection
from services.reporting.filters import WrongQuestionError
from services.reporting.paging import Row
from services.reporting.reach import own_area
from services.reporting.reading import reading, require_closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A version of a rule; ``parameters`` have the fields of ``services.detection.policy.Parameter``."""

    name: str
    version: int
    title: str
    requirements: Sequence[str]
    parameters: Sequence[Mapping[str, Any]]
    phrases: Sequence[Phrase]

    def as_row(self) -> Row:
        """Return what the list of rules says of it; of each parameter name, default, unit and source."""
        shown = ("name", "default", "unit", "source")
        return {
            "name": self.name,
            "title": self.title,
            "version": self.version,
            "requirements": self.requirements,
            "parameters": [
                {field: one[field] for field in shown} | ({"dated": one["dated"]} if one.get("dated") else {})
                for one in self.parameters
            ],
        }


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every version of every rule, and the day to which what is overdue is counted."""

    rules: Mapping[tuple[str, int], Rule]
    closed: date | None = None

    @property
    def latest(self) -> list[Rule]:
        """The latest version of each rule, by name."""
        return [rule for _, rule in sorted({rule.name: rule for rule in self.rules.values()}.items())]

    def title(self, name: str) -> str:
        """Return what a rule is called now: its name where nothing of it is published."""
        return next((rule.title for rule in self.latest if rule.name == name), name)

    def parameter(self, name: str) -> tuple[str, str]:
        """Return what a parameter is called, and its unit; its name, and none, where no rule reads it."""
        parameters = (one for rule in self.latest for one in rule.parameters)
        return next(((one["title"], one["measure"]) for one in parameters if one["name"] == name), (name, ""))

    def require(self, name: str | None) -> None:
        """Raise WrongQuestionError where somebody asks for a rule that there never was."""
        names = [rule.name for rule in self.latest]
        if name is not None and name not in names:
            known = f"one of {', '.join(names)}" if names else "no rule yet, as detection has published none"
            raise WrongQuestionError("rule", known)

    def said(self, anomaly: Mapping[str, Any]) -> Row:
        """Return an anomaly with its title and its sentence, in the words of the version that found it."""
        name, key = anomaly["rule"], anomaly["key"]
        rule = self.rules.get((name, anomaly["rule_version"]))
        if rule is None:
            fields = "，".join(
                f"{heading(field)} {word(field, value)}" for field, value in sorted(key.items())
            )
            return {**anomaly, "title": name, "sentence": f"{name}：{fields}。"}
        # Of what is over the days are not counted on.
        closed = self.closed if anomaly["state"] == "open" else None
        words = sentence(rule.phrases, {**anomaly["params"], **key}, closed)
        return {**anomaly, "title": rule.title, "sentence": words}


async def catalogue(pool: asyncpg.Pool, as_of: date | None = None) -> Catalogue:
    """Return the rules as they are published, for a reading of what was recorded by a day."""
    return await reading(pool, lambda connection: read_catalogue(connection, as_of))


async def rules(pool: asyncpg.Pool, until: date | None = None, as_of: date | None = None) -> list[Row]:
    """Return what the list of rules says of each, by name, with how many of its anomalies there are.

    ``raised``: ever announced; ``open`` of them now, and ``withdrawn``. ``confirmed`` and ``refuted``: by the
    latest word of those who looked into them by ``until``; ``precision``: confirmed of both, in percent with
    one place, None where nobody has looked into any. ``as_of``: as recorded by the close of that day.
    """

    async def ask(connection: Connection) -> list[Row]:
        await require_closed(connection, as_of)
        counted = {row["rule"]: row for row in await connection.fetch(_COUNTED, until, as_of, own_area())}
        none = dict.fromkeys(_COUNTS, 0)
        return [
            rule.as_row() | _with_precision({name: counted.get(rule.name, none)[name] for name in none})
            for rule in (await read_catalogue(connection, as_of)).latest
        ]

    return await reading(pool, ask)


_COUNTS = ("raised", "open", "withdrawn", "confirmed", "refuted")

_COUNTED = """
SELECT a.rule, count(*) AS raised, count(*) FILTER (WHERE a.state = 'open') AS open,
  count(*) FILTER (WHERE a.state <> 'open') AS withdrawn,
  count(*) FILTER (WHERE c.confirmed) AS confirmed, count(*) FILTER (WHERE NOT c.confirmed) AS refuted
FROM anomaly_state($2) a LEFT JOIN anomaly_checks($1, $2) c USING (anomaly_id)
WHERE $3::text IS NULL OR starts_with(a.village, $3)
GROUP BY a.rule
"""


def _with_precision(counts: Row) -> Row:
    looked_into = counts["confirmed"] + counts["refuted"]
    return counts | {"precision": round(100 * counts["confirmed"] / looked_into, 1) if looked_into else None}


async def read_catalogue(connection: Connection, as_of: date | None = None) -> Catalogue:
    """Return the rules as they are published, within a reading."""
    rows = await connection.fetch(
        "SELECT name, version, title, requirements, parameters, phrases FROM platform.rule"
        " ORDER BY name, version"
    )
    closed = as_of or await connection.fetchval(_LATEST_CLOSED)
    return Catalogue({(row["name"], row["version"]): Rule(**row) for row in rows}, closed)


# From the latest day back until one counts: a join with live() would look at every fact. The conditions are
# counts so that they are asked of single rows, and not of the whole table.
_LATEST_CLOSED = """
SELECT c.day FROM cut c
WHERE 0 = (SELECT count(*) FROM contested x WHERE x.event_id = c.event_id)
  AND 0 = (SELECT count(*) FROM void_in_force(NULL) v WHERE v.target = c.event_id)
ORDER BY c.day DESC LIMIT 1
"""

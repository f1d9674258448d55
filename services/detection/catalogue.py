"""The catalogue: what rules are called, say and ask of policy, in PostgreSQL for whoever reads anomalies."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from services.detection.rules import ALL
from services.detection.rules.rule import Rule


async def publish(connection: Any, rules: Iterable[Rule[Any]] = ALL.rules) -> None:
    """Publish rules, each by its version; nothing is written where nothing differs.

    Versions that are not run any more stay as they are: their anomalies keep their words.
    """
    await connection.execute(_PUBLISH, [_published(rule) for rule in rules])


def _published(rule: Rule[Any]) -> dict[str, Any]:
    return {
        "name": rule.name,
        "version": rule.version,
        "subject": rule.subject,
        "title": rule.title,
        "phrases": rule.phrases,
        "requirements": rule.requirements,
        "key": rule.key,
        "parameters": [asdict(parameter) for parameter in rule.parameters],
    }


# What is equal is left out beforehand: ON CONFLICT would lock it, and whoever starts meanwhile would wait.
_PUBLISH = """
with given as (
    select * from jsonb_to_recordset($1) as g (
        name text, version int, subject text, title text, phrases jsonb, requirements text[], key text[],
        parameters jsonb)
)
insert into platform.rule (name, version, subject, title, phrases, requirements, key, parameters)
select * from given g
where not exists (
    select from platform.rule r
    where (r.name, r.version, r.subject, r.title, r.phrases, r.requirements, r.key, r.parameters)
        = (g.name, g.version, g.subject, g.title, g.phrases, g.requirements, g.key, g.parameters)
)
order by name, version
on conflict (name, version) do update set
    subject = excluded.subject, title = excluded.title, phrases = excluded.phrases,
    requirements = excluded.requirements, key = excluded.key, parameters = excluded.parameters,
    published_at = now()
"""

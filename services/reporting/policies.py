"""What policy says on a day: of every parameter the value in force, since when, and by which document."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import asyncpg

from projections.views import VIEWS
from services.platform.database import Connection
from services.reporting.catalogue import Catalogue, read_catalogue
from services.reporting.paging import Row
from services.reporting.reading import reading

# As detection decides: the longest prefix, then a scope that names the programme, then what was stated last.
_IN_FORCE = """
SELECT DISTINCT ON (p.parameter)
  p.parameter, p.value, p."from", p.division_prefix, p.programme, p.document, p.event_id
FROM policy AS p
JOIN live($1, NULL) AS f ON f.event_id = p.event_id AND same(f.digest, p.digest)
JOIN fact AS h ON h.event_id = p.event_id AND same(h.digest, p.digest)
WHERE starts_with($2, coalesce(p.division_prefix, '')) AND (p.programme IS NULL OR p.programme = $3)
  AND jsonb_typeof(p.value) <> 'boolean'
ORDER BY
  p.parameter, length(coalesce(p.division_prefix, '')) DESC, p.programme IS NOT NULL DESC, p."from" DESC,
  h.time DESC, p.event_id DESC
"""


async def in_force(
    pool: asyncpg.Pool, on: date, division: str | None = None, programme: str | None = None
) -> Sequence[Row]:
    """Return a row of every parameter that a rule or a view reads, by name: what holds on a day in a scope.

    Where no document says otherwise the default holds, and ``from`` and ``document`` are empty. ``rules`` and
    ``views``: who reads it.
    """
    return await reading(pool, lambda connection: _in_force(connection, on, division, programme))


async def _in_force(
    connection: Connection, on: date, division: str | None, programme: str | None
) -> Sequence[Row]:
    stated = {
        row["parameter"]: row for row in await connection.fetch(_IN_FORCE, on, division or "", programme)
    }
    rows: list[Row] = []
    of_rules = _parameters(await read_catalogue(connection))
    parameters = {**_OF_VIEWS, **{name: one for name, (one, _) in of_rules.items()}}
    for name, parameter in sorted(parameters.items()):
        row = stated.get(name)
        rows.append(
            {
                "parameter": name,
                "title": parameter["title"],
                "value": _default_on(parameter, on) if row is None else str(row["value"]),
                "unit": parameter["unit"],
                "measure": parameter["measure"],
                "from": None if row is None else row["from"],
                "document": None if row is None else row["document"],
                "division_prefix": None if row is None else row["division_prefix"],
                "programme": None if row is None else row["programme"],
                "default": _default_on(parameter, on),
                "source": parameter["source"],
                "basis": parameter["basis"],
                "rules": of_rules[name][1] if name in of_rules else [],
                "views": [
                    noun for noun, view in VIEWS.items() if name in {one.name for one in view.parameters}
                ],
                "event_id": None if row is None else row["event_id"],
            }
        )
    return rows


_OF_VIEWS: Mapping[str, Mapping[str, Any]] = {
    one.name: asdict(one) for view in VIEWS.values() for one in view.parameters
}


def _parameters(catalogue: Catalogue) -> dict[str, tuple[Mapping[str, Any], list[str]]]:
    """Return each parameter, with the rules that read it."""
    found: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for rule in catalogue.latest:
        for parameter in rule.parameters:
            found.setdefault(parameter["name"], (parameter, []))[1].append(rule.name)
    return found


def _default_on(parameter: Mapping[str, Any], on: date) -> str:
    dated = [value for first, value in parameter.get("dated") or () if first <= on.isoformat()]
    return str(dated[-1] if dated else parameter["default"])

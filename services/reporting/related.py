"""Under what else a person's values are sealed: accounts in their name, the same name beside them, texts."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import asyncpg

from events.envelope import Event
from services.platform.protection import sealed_values
from services.platform.settings import Settings
from services.reporting.opening import data_of, facts_at, facts_naming
from services.reporting.reading import reading

_MOST = 500
"""Facts that are looked at, the newest first."""
_TIERS = ("exact", "normalised")


class Related(NamedTuple):
    """A subject that values are sealed under, and why it may concern the person."""

    subject: str
    why: str


async def related_to(settings: Settings, pool: asyncpg.Pool, token: str) -> list[Related]:
    """Return what is perhaps about the same person, by the newest facts of theirs and of their households.

    Nothing is opened: names are compared by their keys. Raises NotThereError where the log does not answer.
    """
    if not token.startswith("p."):
        return []
    own = await _naming(settings, pool, [token])
    names = {
        key for _, data in own for one in _persons(data) if one["person_id"] == token for key in _keys(one)
    }
    households = {data["household_no"] for _, data in own if "household_no" in data}
    found: dict[str, str] = {}
    for _, data in await _naming(settings, pool, sorted(households)) if households else []:
        for one in (*_persons(data), *_accounts(data)):
            subject = one.get("person_id") or one["account_id"]
            if subject != token and names & _keys(one):
                found[subject] = f"the same name, in household {data.get('household_no', '')}".rstrip()
    for event, data in own:
        for value in sealed_values(event.entry, data):
            if value.kind == "text" and value.subject != token:
                found.setdefault(value.subject, "a text of a fact that names the person")
    return [Related(subject, why) for subject, why in sorted(found.items())]


async def _naming(
    settings: Settings, pool: asyncpg.Pool, words: list[str]
) -> list[tuple[Event, dict[str, Any]]]:
    places = await reading(pool, lambda connection: facts_naming(connection, words, _MOST))
    return [(event, data_of(event)) for event in await facts_at(settings, places)]


def _persons(data: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in _parts(data) if "person_id" in one and "names" in one)


def _accounts(data: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in _parts(data) if "account_id" in one and "holder" in one)


def _keys(one: Mapping[str, Any]) -> set[str]:
    names = one.get("names") or one["holder"]
    return {names[tier] for tier in _TIERS if tier in names}


def _parts(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, dict):
        yield data
        for value in data.values():
            yield from _parts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _parts(value)

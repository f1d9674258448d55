"""Upstreams and their keys: who may state which facts (source × contexts × area)."""

import asyncio
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import asyncpg

from events.catalogue import UPSTREAM_CONTEXTS
from events.characters import shows_all_of_a_number
from services.intake.sentences import Sentence, say
from services.platform.access import find_holder, key_hash, new_key
from services.platform.failure import is_infrastructure

LONGEST = 256
"""The longest name of a source, and the longest id."""

_PREFIX = "dk."
_COLUMNS = "name, contexts, areas, created_at, revoked_at, new_households, former_until"
_SECONDS = 5
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PATH = re.compile(r"//|/$|(?:^|/)\.\.?(?:/|$)")


_NAME = re.compile(r"(?=/|[A-Za-z][A-Za-z0-9+.-]*:)[!-~]{2,200}")
_AREA = re.compile(r"\*|[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")
"""Everywhere, or whole levels of a division's code: province, prefecture, county, township, village."""


class SourceError(Exception):
    """A source cannot be added or changed so; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """An upstream: ``name`` is the URI that its facts' ``source`` is, or begins with.

    ``areas`` are prefixes of division codes; an empty prefix is everywhere. The local operator, who may
    state facts of any source, has no name. ``new_households``: whether it may state facts of households,
    persons and cases of which the log does not say where they are. ``former_until``: how long the key before
    the last renewal counts.
    """

    name: str
    contexts: tuple[str, ...]
    areas: tuple[str, ...]
    created_at: datetime | None = None
    revoked_at: datetime | None = None
    new_households: bool = True
    former_until: datetime | None = None

    @property
    def area(self) -> str | None:
        """The area that it is bound to, as the log keeps it: prefixes of divisions; ``None``: everywhere."""
        return None if "" in self.areas else ",".join(self.areas)

    def may_speak_as(self, source: str) -> bool:
        """Whether a fact's ``source`` is this one, or below it."""
        return not self.name or source == self.name or source.startswith(self.name + "/")

    def may_speak_of(self, context: str) -> bool:
        """Whether facts of a context are this source's to state."""
        return context in self.contexts

    def may_reach(self, division: str) -> bool:
        """Whether a division (or a prefix of divisions) lies in this source's area."""
        return any(division.startswith(area) for area in self.areas)


OPERATOR = Source("", UPSTREAM_CONTEXTS, ("",))
"""The local operator: any source, every context, everywhere."""

OPERATOR_NAME = "local operator"
OPERATOR_SIGN = "*"
"""As whom the operator signs a record, in place of a source's name."""


@lru_cache(1000)  # the sources of a deployment are few
def source_fault(source: str) -> Sentence | None:
    """Return what is wrong with the name of a source, if anything is.

    One source has one spelling: with a slash behind it, a doubled one or ``.`` it would be another one.
    """
    if not source or len(source) > LONGEST:
        return say("source-expected")
    if not clean(source):
        return say("id-hidden")
    if ("/." in source or "//" in source or source[-1] == "/" or source[0] == ".") and _PATH.search(
        _SCHEME.sub("", source, count=1)
    ):
        return say("source-path")
    return None


def clean(text: str) -> bool:
    """Return whether a text shows all that it is, with no blanks before or after it."""
    return shows_all_of_a_number(text) and text == text.strip()


async def add_source(
    pool: asyncpg.Pool,
    name: str,
    contexts: Sequence[str],
    areas: Sequence[str],
    *,
    new_households: bool = False,
) -> str:
    """Register an upstream and return its key, which is shown once: only its hash is kept.

    ``new_households``: it may state facts of subjects of which nobody knows yet where they are.

    One that was revoked may be added again, as something else. Raises SourceError where the name, a context
    or an area is not one, or the name is taken.
    """
    if not _NAME.fullmatch(name) or source_fault(name) is not None:
        raise SourceError(
            "a source's name is a URI such as /bank/psbc/500102, which begins with a slash or a scheme: no "
            "blanks, nothing invisible, no slash at the end, no doubled slashes, and no dots as a segment"
        )
    unknown = sorted(set(contexts) - set(UPSTREAM_CONTEXTS))
    if unknown or not contexts:
        raise SourceError(f"contexts are some of: {', '.join(UPSTREAM_CONTEXTS)}")
    if not areas or not all(_AREA.fullmatch(area) for area in areas):
        raise SourceError(
            "an area is the code of a division: 2 digits (province), 4 (prefecture), 6 (county), 9 "
            "(township) or 12 (village), such as 500102008; or * for everywhere"
        )
    prefixes = ["" if area == "*" else area for area in areas]
    key = new_key(_PREFIX)
    added = await pool.fetchval(
        """
        INSERT INTO intake.source AS held (name, key_hash, contexts, areas, new_households)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (name) DO UPDATE SET key_hash = excluded.key_hash, contexts = excluded.contexts,
          areas = excluded.areas, new_households = excluded.new_households, former_hash = NULL,
          former_until = NULL, revoked_at = NULL
        WHERE held.revoked_at IS NOT NULL
        RETURNING true
        """,
        name,
        key_hash(key),
        list(dict.fromkeys(contexts)),
        prefixes,
        new_households,
    )
    if added is None:
        raise SourceError("there is a source of that name: revoke it first, or renew its key")
    return key


async def overlapping(pool: asyncpg.Pool, name: str) -> list[tuple[str, str]]:
    """Return (wider, narrower) of each pair of a source and another one that its key speaks for as well."""
    rows = await pool.fetch(
        """
        SELECT wide.name AS wider, narrow.name AS narrower FROM intake.source wide
        JOIN intake.source narrow ON starts_with(narrow.name, wide.name || '/')
        WHERE $1 IN (wide.name, narrow.name) AND wide.revoked_at IS NULL AND narrow.revoked_at IS NULL
        ORDER BY 1, 2
        """,
        name,
    )
    return [(row["wider"], row["narrower"]) for row in rows]


async def renew_key(pool: asyncpg.Pool, name: str, *, keep_former: timedelta = timedelta()) -> str:
    """Give a source a new key and return it; the former one goes on for so long, unless it was revoked."""
    key = new_key(_PREFIX)
    answer = await pool.execute(
        """
        UPDATE intake.source SET key_hash = $2, revoked_at = NULL,
          former_hash = CASE WHEN revoked_at IS NULL THEN key_hash END,
          former_until = CASE WHEN revoked_at IS NULL THEN now() + $3::interval END
        WHERE name = $1
        """,
        name,
        key_hash(key),
        keep_former,
    )
    if answer != "UPDATE 1":
        raise SourceError("there is no source of that name")
    return key


async def revoke_source(pool: asyncpg.Pool, name: str) -> None:
    """End a source's key at once. Its facts stay."""
    answer = await pool.execute(
        "UPDATE intake.source SET revoked_at = coalesce(revoked_at, now()) WHERE name = $1", name
    )
    if answer != "UPDATE 1":
        raise SourceError("there is no source of that name")


async def list_sources(pool: asyncpg.Pool) -> list[Source]:
    """Return every source by name, revoked ones included."""
    rows = await pool.fetch(f"SELECT {_COLUMNS} FROM intake.source ORDER BY name")
    return [_source(row) for row in rows]


async def unregistered(pool: asyncpg.Pool, caller: Source, stated: Collection[str]) -> list[str]:
    """Return those of the sources of facts that the local operator states which nobody has registered.

    None where nobody is registered at all: then there is nothing that a name could be compared with.
    """
    if caller.name or not stated:
        return []
    try:
        async with asyncio.timeout(_SECONDS):
            registered = await list_sources(pool)
    except Exception as error:
        if not is_infrastructure(error):
            raise
        return []  # the facts are on the log: an answer without a warning is better than none
    return sorted(
        source
        for source in stated
        if registered and not any(each.may_speak_as(source) for each in registered)
    )


async def authenticate(pool: asyncpg.Pool, key: str, *, operator: bool) -> Source | None:
    """Return whose key this is, or ``None``. ``operator``: whether an operator's key counts here."""
    row = await pool.fetchrow(
        f"SELECT {_COLUMNS} FROM intake.source WHERE revoked_at IS NULL"
        " AND (key_hash = $1 OR (former_hash = $1 AND former_until > now()))",
        key_hash(key),
    )
    if row is not None:
        return _source(row)
    if operator and (holder := await find_holder(pool, key)) is not None and holder.role == "operator":
        return OPERATOR
    return None


@dataclass(frozen=True, slots=True)
class Signer:
    """A source, and the hashes of its keys that are good now."""

    source: Source
    key_hashes: tuple[bytes, ...]


async def signer_of(pool: asyncpg.Pool, name: str) -> Signer | None:
    """Return who signs as ``name`` (``OPERATOR_SIGN``: the operators), or ``None``."""
    good = "ARRAY[key_hash] || CASE WHEN former_until > now() THEN ARRAY[former_hash] END"
    if name == OPERATOR_SIGN:
        rows = await pool.fetch(
            f"SELECT {good} AS hashes FROM access.holder WHERE role = 'operator' AND revoked_at IS NULL"
        )
        hashes = tuple(held for row in rows for held in row["hashes"])
        return Signer(OPERATOR, hashes) if hashes else None
    row = await pool.fetchrow(
        f"SELECT {_COLUMNS}, {good} AS hashes FROM intake.source WHERE name = $1 AND revoked_at IS NULL", name
    )
    return None if row is None else Signer(_source(row), tuple(row["hashes"]))


def _source(row: asyncpg.Record) -> Source:
    return Source(
        row["name"],
        tuple(row["contexts"]),
        tuple(row["areas"]),
        row["created_at"],
        row["revoked_at"],
        row["new_households"],
        row["former_until"],
    )

"""Where mappings are kept: every version of them, with who saved it and when."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import asyncpg

from services.intake.declaration import Declaration
from services.intake.forms import Form
from services.intake.mappings import FileMapping, is_name
from services.intake.sources import Source

_COLUMNS = "source, name, version, type, columns, constants, from_name, composed, saved_by, saved_at"
_NEWEST = f"""
SELECT {_COLUMNS} FROM (
  SELECT DISTINCT ON (source, context, name) * FROM intake.mapping
  WHERE context = ANY($1) AND ($2::text[] IS NULL OR source = ANY($2))
    AND ($3::text IS NULL OR name = $3)
  ORDER BY source, context, name, version DESC
) newest
WHERE removed_at IS NULL
ORDER BY length(source) DESC, source, name
"""


async def save_mapping(pool: asyncpg.Pool, mapping: FileMapping, saved_by: str) -> FileMapping:
    """Keep a mapping as the newest version of its name and return it; one that is equal stays as it is."""
    context = mapping.form.entry.context
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('mapping'), hashtext($1))",
            "\n".join((mapping.source, context, mapping.name)),
        )
        found = await connection.fetch(_NEWEST, [context], [mapping.source], mapping.name)
        if found and found[0]["type"] == mapping.form.type:
            kept = _mapping(found[0], mapping.form)
            if _stated(kept) == _stated(mapping):
                return kept
        row = await connection.fetchrow(
            "INSERT INTO intake.mapping"
            " (source, context, name, version, type, columns, constants, from_name, composed, saved_by)"
            " SELECT $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5, $6, $7, $8, $9 FROM intake.mapping"
            f" WHERE source = $1 AND context = $2 AND name = $3 RETURNING {_COLUMNS}",
            mapping.source,
            context,
            mapping.name,
            mapping.form.type,
            dict(mapping.columns),
            dict(mapping.constants),
            dict(mapping.from_name),
            {name: list(parts) for name, parts in mapping.composed.items()},
            saved_by,
        )
    return _mapping(row, mapping.form)


async def find_mapping(
    pool: asyncpg.Pool, caller: Source, source: str, declared: Declaration, name: str
) -> FileMapping | None:
    """Return the mapping by which files of a source are read: its own, or that of a source above it.

    Of those above, only what belongs to the caller: a key uses the mappings of its own source.
    """
    if not is_name(name):
        return None
    steps = source.split("/")
    above = ["/".join(steps[:at]) for at in range(len(steps), 0, -1)]
    own = [each for each in above if each and caller.may_speak_as(each)]
    rows = await pool.fetch(_NEWEST, [declared.context], own, name)
    return next(_mappings(rows, [declared]), None)


async def list_mappings(
    pool: asyncpg.Pool, declared: Collection[Declaration], sources: Sequence[str] | None = None
) -> list[FileMapping]:
    """Return the mappings that are in use, of contexts, and of sources or of all."""
    rows = await pool.fetch(_NEWEST, [each.context for each in declared], sources, None)
    return sorted(_mappings(rows, declared), key=lambda each: (each.source, each.name))


async def remove_mapping(pool: asyncpg.Pool, source: str, context: str, name: str, removed_by: str) -> bool:
    """End the use of a mapping, which stays kept; return whether there was one."""
    if not is_name(name):
        return False
    answer = await pool.execute(
        "UPDATE intake.mapping SET removed_at = now(), removed_by = $4"
        " WHERE source = $1 AND context = $2 AND name = $3 AND removed_at IS NULL",
        source,
        context,
        name,
        removed_by,
    )
    return bool(answer != "UPDATE 0")


def _stated(mapping: FileMapping) -> tuple[object, ...]:
    return (mapping.form.type, mapping.columns, mapping.constants, mapping.from_name, mapping.composed)


def _mappings(rows: Iterable[asyncpg.Record], declared: Iterable[Declaration]) -> Iterator[FileMapping]:
    forms = {form.type: form for each in declared for form in each.forms}
    return (_mapping(row, forms[row["type"]]) for row in rows)


def _mapping(row: asyncpg.Record, form: Form) -> FileMapping:
    return FileMapping(
        source=row["source"],
        name=row["name"],
        form=form,
        columns=row["columns"],
        constants=row["constants"],
        from_name=row["from_name"],
        composed={name: tuple(parts) for name, parts in row["composed"].items()},
        version=row["version"],
        saved_by=row["saved_by"],
        saved_at=row["saved_at"],
    )

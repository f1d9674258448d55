"""A backup of what only PostgreSQL has: the rows of the durable schemas in one file, without any key.

Ledgers and findings are not in it, as the log has them. The rows are copied in one snapshot, which is taken
after Kafka was asked for the ends of the log: the salts of every record below these ends are in the backup.
It is loaded into tables that the migrations have made: roles and rights are those of whoever loads it.
"""

import json
import os
import secrets
import zipfile
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg

from deploy.migrations.upgrade import current_revision, upgrade_database
from events.catalogue import CONTEXTS
from services.journal.checkpoint import Checkpoint
from services.journal.keeping import folder_of, places
from services.journal.note import Note, NoteError
from services.journal.tiles import CHECKPOINT
from services.platform.authorship import LogKeys
from services.platform.database import connected
from services.platform.keys import Keys
from services.platform.log import cluster_id, cut_of, end_offsets
from services.platform.settings import Settings
from services.platform.vault import proof_of

SCHEMAS = ("access", "alerting", "intake", "platform", "vault")
"""The schemas that no log has: all tables of them, but for the rows that follow from the log."""

FORMAT = 1

_MANIFEST = "manifest.json"
_OWNER = "dibao_owner"
_REBUILT = ("detection", "projector")
_ROWS = {
    # Generations are made anew from the log, and what reads the log into them begins anew.
    "platform.generation": "false",
    "platform.offset": "pipeline not in ('" + "', '".join(_REBUILT) + "')",
}

_TABLES = """
select n.nspname || '.' || c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind = 'r' and n.nspname = any($1::text[])
group by 1 order by 1
"""
_REFERENCES = """
select cn.nspname || '.' || c.relname as name, fn.nspname || '.' || f.relname as needs
from pg_constraint k
join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
where k.contype = 'f' and k.conrelid <> k.confrelid and cn.nspname = any($1::text[])
"""
_SEQUENCES = """
select a.attname as column, pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname),
    a.attname) as sequence, n.nspname || '.' || c.relname as name
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where a.attidentity <> '' and n.nspname = any($1::text[])
"""


class BackupError(Exception):
    """A backup cannot be made, read or put back; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A table of a backup: its columns, how many rows, the SHA-256 of what was copied."""

    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    ``ends``: of the log, as ``calendar.day_closed`` has them: of every record below them all salts are in the
    backup; ``journal``: the size and the root of each tree, where the journal was here; ``master_key``: the
    vault's proof of its master key, ``log_keys``: the ids of the log keys. Of neither a key can be made.
    """

    format: int
    made_at: datetime
    revision: str
    kafka: str
    ends: dict[str, dict[str, int]]
    journal: dict[str, Any]
    master_key: str | None
    log_keys: list[str]
    tables: dict[str, Copied] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Manifest":
        """Return the manifest of a backup. Raises BackupError."""
        try:
            with zipfile.ZipFile(file) as archive:
                said = json.loads(archive.read(_MANIFEST))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise BackupError(f"{file} is no backup of dibao: {error}") from None
        if said.get("format") != FORMAT:
            raise BackupError(f"{file} has the format {said.get('format')}, and this version reads {FORMAT}")
        tables = {name: Copied(**table) for name, table in said.pop("tables").items()}
        return cls(**{**said, "made_at": datetime.fromisoformat(said["made_at"])}, tables=tables)


async def make(settings: Settings, owner: str, out: Path) -> Manifest:
    """Write a backup into a file that its owner alone can read; it is there once it is whole.

    ``owner``: the address of the database as its administrator, or as a role that may become the owner of the
    tables. Raises BackupError.
    """
    draft = _draft_of(out)
    # In this order: who writes a fact has made its salts before.
    ends = await end_offsets(settings, CONTEXTS)
    kafka, now = await cluster_id(settings), datetime.now(UTC)
    try:
        async with (
            as_owner(owner) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            manifest = Manifest(
                format=FORMAT,
                made_at=now,
                revision=await _revision(connection),
                kafka=kafka,
                ends=cut_of(ends),
                journal=_journal(settings),
                master_key=_hex(await connection.fetchval("select proof from vault.key_check")),
                log_keys=LogKeys.from_settings(settings).ids,
            )
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for name, columns in await connection.fetch(_TABLES, list(SCHEMAS)):
                    manifest.tables[name] = await _copy_out(connection, archive, name, columns)
                archive.writestr(_MANIFEST, json.dumps(asdict(manifest), default=str, indent=1) + "\n")
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.rename(out)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def verify(file: Path) -> Manifest:
    """Return the manifest of a backup whose every table is as it was copied. Raises BackupError."""
    manifest = Manifest.read(file)
    with zipfile.ZipFile(file) as archive:
        for name, table in manifest.tables.items():
            found = sha256()
            try:
                with archive.open(_path(name)) as content:
                    while part := content.read(1 << 20):
                        found.update(part)
            except (KeyError, zipfile.BadZipFile) as error:
                raise BackupError(f"{file} is damaged at {name}: {error}") from None
            if found.hexdigest() != table.sha256:
                raise BackupError(f"{file} is damaged: {name} is not as it was copied")
    return manifest


def check_keys(manifest: Manifest, settings: Settings, *, without_master_key: bool = False) -> None:
    """Raise BackupError where the keys that a backup belongs to are not here; KeyFileError without files."""
    missing = set(manifest.log_keys) - set(LogKeys.from_settings(settings).ids)
    if missing:
        raise BackupError(
            f"the log key {min(missing)} of the backup is not in {settings.log_key_file}: restore that file "
            "from its own backup, or what is signed with it is not read"
        )
    if manifest.master_key is None or without_master_key:
        return
    if proof_of(Keys.from_settings(settings)).hex() != manifest.master_key:
        raise BackupError(
            f"the master key at {settings.master_key_file} is not the one that this vault was sealed with: "
            "restore that file from its own backup. Without it no sealed value is ever opened again, and "
            "persons would get other tokens"
        )


async def load(file: Path, administrator: str) -> Manifest:
    """Put a backup into a database that has none of our tables, and bring them up to date.

    Raises BackupError. What fails leaves empty tables, in a database that is then made anew.
    """
    manifest = verify(file)
    async with connected(administrator) as connection:
        there = await current_revision(connection)
        if there is not None:
            raise BackupError(
                "the database has tables of dibao already: a backup is put into a new one, so that nothing "
                "is written over"
            )
    # Its own tables first: what later versions make of the rows, their migrations do.
    await upgrade_database(administrator, manifest.revision)
    async with as_owner(administrator) as connection, connection.transaction():
        tables = dict(await connection.fetch(_TABLES, list(SCHEMAS)))
        if unknown := set(manifest.tables) - set(tables):
            raise BackupError(f"this version does not know the table {min(unknown)} of the backup")
        for name in tables:
            if await connection.fetchval(f"select exists (select from {_quoted(name)})"):
                # What the migrations put there is in the backup as well.
                await connection.execute(f"truncate {_quoted(name)} cascade")
        with zipfile.ZipFile(file) as archive:
            for name in _in_order(tables, await connection.fetch(_REFERENCES, list(SCHEMAS))):
                if name in manifest.tables:
                    await _copy_in(connection, archive, name, manifest.tables[name])
        for column, sequence, name in await connection.fetch(_SEQUENCES, list(SCHEMAS)):
            await connection.execute(
                f"select setval($1::regclass, greatest(last, 1), last > 0) from (select "
                f'coalesce(max("{column}"), 0) as last from {_quoted(name)}) as t',
                sequence,
            )
    await upgrade_database(administrator)
    return manifest


async def _copy_out(
    connection: asyncpg.Connection, archive: zipfile.ZipFile, name: str, columns: list[str]
) -> Copied:
    digest = sha256()
    listed = ", ".join(f'"{column}"' for column in columns)
    with archive.open(_path(name), "w", force_zip64=True) as content:

        async def write(part: bytes) -> None:
            digest.update(part)
            content.write(part)

        answer = await connection.copy_from_query(
            f"select {listed} from {_quoted(name)} where {_ROWS.get(name, 'true')}",
            output=write,
            format="binary",
        )
    return Copied(columns=columns, rows=int(answer.rpartition(" ")[2]), sha256=digest.hexdigest())


async def _copy_in(
    connection: asyncpg.Connection, archive: zipfile.ZipFile, name: str, table: Copied
) -> None:
    schema, _, bare = name.partition(".")

    async def parts() -> AsyncIterator[bytes]:
        with archive.open(_path(name)) as content:
            while part := content.read(1 << 20):
                yield part

    answer = await connection.copy_to_table(
        bare, schema_name=schema, source=parts(), columns=table.columns, format="binary"
    )
    if answer != f"COPY {table.rows}":
        raise BackupError(f"{name} has {table.rows} rows in the backup, and {answer} came of it")


def _in_order(tables: Mapping[str, Any], references: list[Any]) -> list[str]:
    """Return tables so that each comes after those that it refers to."""
    sorter = TopologicalSorter(dict.fromkeys(tables, ()))
    for name, needed in references:
        sorter.add(name, needed)
    return list(sorter.static_order())


def _journal(settings: Settings) -> dict[str, Any]:
    """The trees of a journal that is here: their sizes and roots, as they are signed."""
    found = {}
    for topic, partition in places(settings.journal):
        try:
            content = (folder_of(settings.journal, topic, partition) / CHECKPOINT).read_text("utf-8")
            signed = Checkpoint.parse(Note.parse(content).text)
        except (OSError, NoteError):
            continue
        root = b64encode(signed.root).decode()
        found[f"{topic}/{partition}"] = {"size": signed.size, "root": root}
    return found


async def _revision(connection: asyncpg.Connection) -> str:
    revision = await current_revision(connection)
    if revision is None or await connection.fetchval("select to_regclass('alerting.attempt')") is None:
        raise BackupError("the tables of the database are of an earlier version: `dibao up` first")
    return revision


@asynccontextmanager
async def as_owner(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection that works as the owner of the tables. Raises BackupError where the user may not."""
    async with connected(url) as connection:
        if not await connection.fetchval(
            "select pg_has_role(rolname, 'SET') from pg_roles where rolname = $1", _OWNER
        ):
            raise BackupError(
                f"who works as {await connection.fetchval('select current_user')} may not read the vault: "
                "DIBAO_DATABASE_URL names the database as its administrator"
            )
        await connection.execute(f"set role {_OWNER}")
        yield connection


def _draft_of(out: Path) -> Path:
    """Make an empty file beside one that is not there yet."""
    if out.exists():
        raise BackupError(f"{out} is there already")
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return draft


def _path(name: str) -> str:
    return f"tables/{name}"


def _quoted(name: str) -> str:
    schema, _, bare = name.partition(".")
    return f'"{schema}"."{bare}"'


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()

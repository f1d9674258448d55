"""Who holds a key to this deployment: readers over HTTP, and the operator. Only hashes of keys are kept."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

import asyncpg

Role = Literal["operator", "reader"]

OPERATOR = "operator"
"""The holder that `dibao up` makes, whose key stands in a file of its own."""

OPERATOR_PREFIX = "op."
"""How an operator's key begins."""

_PREFIX: dict[Role, str] = {"operator": OPERATOR_PREFIX, "reader": "rd."}
_COLUMNS = "name, role, may_open, area, created_at, former_until, revoked_at"
_AREA = re.compile("[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}", re.ASCII)


class AccessError(Exception):
    """A holder cannot be added or changed in this way; the message says why."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose key it is.

    ``may_open``: may open one person's name and number over HTTP, for a reason. ``area``: the beginning of a
    division code; the key reads what lies in it, None: everything.
    """

    name: str
    role: Role
    may_open: bool
    area: str | None
    created_at: datetime
    former_until: datetime | None
    revoked_at: datetime | None


def new_key(prefix: str) -> str:
    """Return a key of 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def key_hash(key: str) -> bytes:
    """Return what is kept of a key, SHA-256: of 256 random bits a plain hash cannot be searched."""
    return sha256(key.encode()).digest()


async def add_holder(
    pool: asyncpg.Pool, name: str, role: Role, *, may_open: bool = False, area: str | None = None
) -> str:
    """Register a holder, also one whose key was revoked, and return the key, which is shown once.

    ``area`` as in Holder, for readers who open nothing. Raises AccessError.
    """
    if area is not None and not _AREA.fullmatch(area):
        raise AccessError("an area is a division code, or the first 2, 4, 6 or 9 of its 12 digits")
    if area is not None and (may_open or role == "operator"):
        raise AccessError("who opens what is sealed, or operates, does so everywhere: leave the area out")
    if not re.fullmatch(r"\S(.{0,98}\S)?", name) or not name.isprintable():
        raise AccessError("a holder's name has 1 to 100 visible characters, such as 王芳 or audit-office")
    key = new_key(_PREFIX[role])
    added = await pool.fetchval(
        """
        INSERT INTO access.holder AS held (name, role, may_open, key_hash, area) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (name) DO UPDATE SET role = excluded.role, may_open = excluded.may_open,
          area = excluded.area, key_hash = excluded.key_hash,
          former_hash = NULL, former_until = NULL, revoked_at = NULL
        WHERE held.revoked_at IS NOT NULL
        RETURNING true
        """,
        name,
        role,
        may_open,
        key_hash(key),
        area,
    )
    if added is None:
        raise AccessError(f"{name} has a key already: renew or revoke it")
    return key


async def know_operator(pool: asyncpg.Pool, key: str) -> bool:
    """Make a key the operator's where there is no operator yet; return whether it is the operator's now."""
    await pool.execute(
        "INSERT INTO access.holder (name, role, may_open, key_hash) VALUES ($1, 'operator', true, $2)"
        " ON CONFLICT DO NOTHING",
        OPERATOR,
        key_hash(key),
    )
    holder = await find_holder(pool, key)
    return holder is not None and holder.role == "operator"


async def renew_holder(pool: asyncpg.Pool, name: str, *, keep_former: timedelta = timedelta()) -> str:
    """Give a holder a new key and return it; the former one stays valid for a while. Raises AccessError."""
    role = await pool.fetchval("SELECT role FROM access.holder WHERE name = $1 AND revoked_at IS NULL", name)
    if role is None:
        raise AccessError(f"{name} holds no key: add it")
    key = new_key(_PREFIX[role])
    await pool.execute(
        "UPDATE access.holder SET former_hash = key_hash, former_until = now() + $3, key_hash = $2"
        " WHERE name = $1",
        name,
        key_hash(key),
        keep_former,
    )
    return key


async def revoke_holder(pool: asyncpg.Pool, name: str) -> None:
    """End a holder's keys at once. Raises AccessError."""
    answer = await pool.execute(
        "UPDATE access.holder SET revoked_at = coalesce(revoked_at, now()) WHERE name = $1", name
    )
    if answer != "UPDATE 1":
        raise AccessError(f"{name} holds no key")


async def list_holders(pool: asyncpg.Pool) -> list[Holder]:
    """Return every holder by name, revoked ones included."""
    return [Holder(**row) for row in await pool.fetch(f"SELECT {_COLUMNS} FROM access.holder ORDER BY name")]


async def find_holder(pool: asyncpg.Pool, key: str) -> Holder | None:
    """Return whose key this is, or None."""
    row = await pool.fetchrow(
        f"SELECT {_COLUMNS} FROM access.holder WHERE revoked_at IS NULL"
        " AND (key_hash = $1 OR (former_hash = $1 AND former_until > now()))",
        key_hash(key),
    )
    return None if row is None else Holder(**row)

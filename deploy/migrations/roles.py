"""The roles that services work as in PostgreSQL, each with no more rights than it needs (revision 0009).

Whoever knows the administrator's password could give the roles any password; so theirs are made from it, and
kept nowhere.
"""

import hmac
import os
from base64 import b64encode, urlsafe_b64encode
from hashlib import pbkdf2_hmac, sha256
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg

from events.catalogue import UPSTREAM_CONTEXTS

MIGRATOR, OPERATOR = "dibao_migrator", "dibao_operator"

OF_SERVICE: dict[str, str] = {
    **dict.fromkeys(UPSTREAM_CONTEXTS, "dibao_intake"),
    "closer": "dibao_calendar",
    **{name: f"dibao_{name}" for name in ("detection", "projector", "alerting", "reporting")},
}
"""The role of each service; one that is not named here works in no database."""

_NOBODY = "postgresql://nobody@127.0.0.1:1/none"

LOGINS = (MIGRATOR, OPERATOR, *dict.fromkeys(OF_SERVICE.values()))
"""The roles that may log in; `dibao_owner`, `dibao_keeper`, `dibao_reader` are what they are members of."""

_ITERATIONS = 4096


class RolesError(Exception):
    """The roles cannot be given their passwords; the message says why."""


def url_as(administrator: str, role: str) -> str:
    """Return the address of a database for a role, from that of its administrator. Raises RolesError."""
    parts = urlsplit(administrator)
    place = parts.netloc.rpartition("@")[2]
    password = quote(_password(_administrators(administrator), role), safe="")
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{place}"))


def url_of(administrator: str, service: str) -> str:
    """Return the address of a database for a service; one that nobody is let in at, where it needs none."""
    role = OF_SERVICE.get(service)
    return _NOBODY if role is None else url_as(administrator, role)


async def apply_roles(administrator: str) -> None:
    """Let the roles log in, with their passwords. Raises RolesError where the user may not give them."""
    password = _administrators(administrator)
    # Every process asks this module for its role, and most of them for nothing else.
    from services.platform.database import connect

    connection = await connect(administrator)
    try:
        async with connection.transaction():
            # Roles are the server's: another deployment may be giving them the same passwords.
            await connection.execute("SELECT pg_advisory_xact_lock(1684627565)")
            for role in LOGINS:
                # Not the password itself, which the server's log could show.
                verifier = _verifier(_password(password, role))
                await connection.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{verifier}'")
    except asyncpg.InsufficientPrivilegeError:
        raise RolesError("the user of the database may not change roles") from None
    finally:
        await connection.close()


def _administrators(administrator: str) -> str:
    password = unquote(urlsplit(administrator).password or "")
    if not password:
        raise RolesError("the address of the database has no password that the roles' could be made from")
    return password


def _password(administrators: str, role: str) -> str:
    made = hmac.digest(administrators.encode(), b"dibao role " + role.encode(), sha256)
    return urlsafe_b64encode(made).decode().rstrip("=")


def _verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803)."""
    salt = os.urandom(16)
    salted = pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = sha256(hmac.digest(salted, b"Client Key", sha256)).digest()
    server = hmac.digest(salted, b"Server Key", sha256)
    salt_, stored_, server_ = (b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${_ITERATIONS}:{salt_}${stored_}:{server_}"

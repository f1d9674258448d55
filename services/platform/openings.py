"""Opening what is sealed: only for a reason, and each time kept in a chain (R65).

The salts are given by functions of the database, to who has put the request on record before; roles that
people work as cannot read them otherwise. Intake seals, and so has them: it is the vault's keeper.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

import asyncpg

from services.platform.keys import Keys
from services.platform.vault import SealBrokenError, SubjectSealer, bound_to, sealer_of

Act = Literal["open", "erase"]


class ReasonMissingError(Exception):
    """Nothing is opened without a reason."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A row of the chain. ``role``: of the database, that asked; ``intact``: the chain holds up to here."""

    number: int
    at: datetime
    act: Act
    subject: str
    what: str
    why: str
    who: str
    role: str
    hash: str
    intact: bool


class Opener:
    """Opens sealed values for one person, for one reason."""

    def __init__(self, pool: asyncpg.Pool, keys: Keys, who: str, why: str) -> None:
        if not why.strip():
            raise ReasonMissingError("say why it is opened: the reason is kept")
        self.pool = pool
        self.keys = keys
        self._who = who
        self._why = why.strip()

    async def open(self, subject: str, event_id: str, path: str, sealed: str) -> bytes:
        """Return the readable value of one sealed field. Raises SealBrokenError, also if it was erased."""
        sealer = await self.sealer(subject, f"{event_id}/{path}")
        return sealer.open(sealed, bound_to(event_id, path))

    async def sealer(self, subject: str, what: str) -> SubjectSealer:
        """Return what opens a subject's values; ``what`` of them is kept. Raises SealBrokenError."""
        number = await self.keep("open", subject, what)
        salt = await self.pool.fetchval("SELECT vault.salt_of($1)", number)
        if salt is None:
            raise SealBrokenError("the values of this subject were erased")
        return sealer_of(self.keys, subject, salt)

    async def keep(self, act: Act, subject: str, what: str) -> int:
        """Put a request on record, and return its number."""
        # In a transaction of its own: the database gives nothing to who could still take the request back.
        return int(
            await self.pool.fetchval(
                "SELECT vault.keep_opening($1, $2, $3, $4, $5)", act, subject, what, self._why, self._who
            )
        )


async def list_openings(pool: asyncpg.Pool) -> list[Opening]:
    """Return every opening, oldest first, the chain checked from the first one on."""
    found: list[Opening] = []
    previous, intact = b"", True
    for row in await pool.fetch("SELECT * FROM vault.opening ORDER BY number"):
        follows = row["number"] == len(found) + 1 and row["previous"] == previous
        intact = intact and follows and row["hash"] == _link(previous, row)
        previous = row["hash"]
        said = {name: row[name] for name in ("number", "at", *_TEXTS)}
        found.append(Opening(**said, hash=previous.hex(), intact=intact))
    return found


_TEXTS = ("act", "subject", "what", "why", "who", "role")


def _link(previous: bytes, row: Any) -> bytes:
    """The hash of a row, as the database's function `vault.link` makes it."""
    at = row["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    texts = [str(row["number"]), at, *(row[name] for name in _TEXTS)]
    return sha256(previous + b"".join(sha256(text.encode()).digest() for text in texts)).digest()

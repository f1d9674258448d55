"""The vault: a salt per subject, and what is sealed under it.

A value is sealed with AES-256-GCM under HKDF(seal key, the subject's salt), or with SM4-GCM where that is
wanted (``ciphers.py``), bound to the event and to the place in the data where it stands. It names its
algorithms: what one family has sealed stays readable when another seals.

Destroying a salt erases every value sealed under it, on the log and in every backup of the log; the tokens
remain as pseudonyms.
"""

import hmac
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

import asyncpg
from cryptography.exceptions import InvalidTag

from services.platform import ciphers
from services.platform.ciphers import CIPHERS
from services.platform.keys import KeyFileError, Keys
from services.platform.settings import Family

LIFE_SECONDS = 60.0
"""How long a key is used without another look at its salt: so long at most after another process erased it.

Longer would be too long after a person's values were erased, shorter too many questions for PostgreSQL.
"""

_PREFIX = "s1."
_NONCE = 12

_TAKE = """
WITH wanted AS (SELECT * FROM unnest($1::text[], $2::bytea[]) AS w (subject, salt)),
     made AS (
       INSERT INTO vault.salt (subject, salt) SELECT subject, salt FROM wanted
       ON CONFLICT (subject) DO NOTHING
       RETURNING subject, salt)
SELECT subject, salt FROM made
UNION ALL
SELECT subject, kept.salt FROM vault.salt AS kept JOIN wanted USING (subject)
"""
_LAST_OF = """
SELECT subject FROM vault.salt
WHERE subject = $1 OR subject = ANY(ARRAY(SELECT $1 || '.' || n FROM generate_series(2, 99) AS n))
ORDER BY length(subject) DESC, subject DESC LIMIT 1
"""
_FIND = "SELECT subject, salt FROM vault.salt WHERE subject = ANY($1::text[])"


class WrongKeyError(KeyFileError):
    """The vault was sealed with another master key, or has tokens of other algorithms."""


class SealBrokenError(Exception):
    """A sealed value cannot be opened: its salt is gone, or it stands elsewhere than it was sealed for."""


class Sealer:
    """Seals and opens values of one subject, with one family of algorithms."""

    __slots__ = ("_cipher", "_prefix")

    def __init__(self, key: bytes, family: Family = "international") -> None:
        own = CIPHERS[family]
        self._cipher = own.aead(key)
        self._prefix = _PREFIX + own.mark

    def seal(self, plain: bytes, bound_to: bytes) -> str:
        """Return the sealed form: ``s1.``, the family's mark, and base64url of nonce and ciphertext."""
        nonce = os.urandom(_NONCE)
        sealed = urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, bound_to))
        return self._prefix + sealed.decode().rstrip("=")

    def open(self, sealed: str, bound_to: bytes) -> bytes:
        """Return what was sealed. Raises SealBrokenError."""
        if not sealed.startswith(self._prefix):
            raise SealBrokenError("a sealed value of an unknown kind")
        text = sealed[len(self._prefix) :]
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], bound_to)
        except (InvalidTag, ValueError):
            raise SealBrokenError("a sealed value does not open with its subject's key") from None


class SubjectSealer:
    """Seals values of one subject with one family of algorithms, and opens what any of them has sealed."""

    __slots__ = ("_family", "_keys", "_salt", "_subject")

    def __init__(self, keys: Keys, subject: str, salt: bytes, family: Family) -> None:
        self._keys, self._subject, self._salt, self._family = keys, subject, salt, family

    def seal(self, plain: bytes, bound_to: bytes) -> str:
        """Return the sealed form."""
        return self._of(self._family).seal(plain, bound_to)

    def open(self, sealed: str, bound_to: bytes) -> bytes:
        """Return what was sealed. Raises SealBrokenError."""
        return self._of(family_of(sealed)).open(sealed, bound_to)

    def _of(self, family: Family) -> Sealer:
        return Sealer(_derive(self._keys, family, self._subject, self._salt), family)


def family_of(sealed: str) -> Family:
    """Return with which family a value was sealed."""
    return "national" if sealed.startswith(_PREFIX + CIPHERS["national"].mark) else "international"


def sealer_of(keys: Keys, subject: str, salt: bytes, family: Family = "international") -> SubjectSealer:
    """Return the sealer of a subject whose salt is known; ``family`` is what it seals with."""
    return SubjectSealer(keys, subject, salt, family)


def proof_of(keys: Keys) -> bytes:
    """Return what a vault keeps of its master key, to know it again: no key can be made of it."""
    return hmac.digest(keys.proof, b"dibao vault", sha256)


def _derive(keys: Keys, family: Family, subject: str, salt: bytes) -> bytes:
    own = CIPHERS[family]
    return own.hkdf(keys.families[family].seal, salt, b"dibao/seal/1/" + subject.encode())[: own.key_bytes]


def bound_to(event_id: str, path: str) -> bytes:
    """Return what a sealed value is bound to: its event and its place (``members.0.person``)."""
    return f"{event_id}\n{path}".encode()


class _Kept(NamedTuple):
    # The key and not its sealer, which takes twenty times the memory.
    salt: bytes
    key: bytes
    until: float


class Vault:
    """The salts of one deployment, with the keys made of them kept in memory for a while.

    ``family``: what values are sealed with from now on; ``tokens``: what tokens are made with here.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        keys: Keys,
        *,
        family: Family = "international",
        tokens: Family = "international",
        cached: int = 200_000,
        life_seconds: float = LIFE_SECONDS,
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._family: Family = family
        self._tokens: Family = tokens
        self._cached = cached
        self._life = life_seconds
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def check(self) -> None:
        """Say whether this vault is this key's, and its tokens are made so; a new vault becomes so.

        Raises WrongKeyError, and CiphersMissingError where this machine cannot calculate what is wanted.
        """
        for family in (self._family, self._tokens):
            ciphers.check(family)
        proof = proof_of(self._keys)
        await self._pool.execute(
            "INSERT INTO vault.key_check (proof, tokens) VALUES ($1, $2) ON CONFLICT (singleton) DO NOTHING",
            proof,
            self._tokens,
        )
        kept = await self._pool.fetchrow("SELECT proof, tokens FROM vault.key_check")
        if not hmac.compare_digest(kept["proof"], proof):
            raise WrongKeyError(
                "the vault in this database was sealed with another master key: set DIBAO_MASTER_KEY_FILE "
                "to the key that belongs to it (restore it from its backup), or use another database"
            )
        if kept["tokens"] != self._tokens:
            raise WrongKeyError(other_tokens(kept["tokens"], self._tokens))

    async def sealers(self, subjects: Iterable[str]) -> dict[str, Sealer]:
        """Return the sealers of subjects; salts that are not there yet are made, all in one statement.

        A salt that was destroyed elsewhere is noticed within ``life_seconds``: then a new one is made.
        """
        now = time.monotonic()
        found: dict[str, Sealer] = {}
        missing: set[str] = set()
        old: dict[str, _Kept] = {}
        for subject in subjects:
            kept = self._kept.get(subject)
            if kept is None:
                missing.add(subject)
            elif kept.until <= now:
                old[subject] = kept
            else:
                self._kept.move_to_end(subject)
                found[subject] = Sealer(kept.key, self._family)
        until = now + self._life
        if old:
            for subject, salt in await self._pool.fetch(_FIND, list(old)):
                kept = old.pop(subject)
                known = kept.key if kept.salt == salt else None
                found[subject] = self._keep(subject, salt, until, known)
            missing |= old.keys()
        if missing:
            # In order, so that two processes which make the same salts wait for each other in turn.
            wanted = sorted(missing)
            fresh = os.urandom(16 * len(wanted))
            salts = [fresh[at : at + 16] for at in range(0, len(fresh), 16)]
            rows = await self._pool.fetch(_TAKE, wanted, salts)
            if len(rows) < len(wanted):
                # Made by another process after this statement began: they are there now.
                left = missing - {row["subject"] for row in rows}
                rows += await self._pool.fetch(_FIND, list(left))
            for subject, salt in rows:
                found[subject] = self._keep(subject, salt, until)
        return found

    async def last_of(self, subject: str) -> str:
        """Return the last of ``subject``, ``subject.2``, … that has a salt; ``subject`` where none has."""
        found = await self._pool.fetchval(_LAST_OF, subject)
        return subject if found is None else str(found)

    async def open(self, subject: str, event_id: str, path: str, sealed: str) -> bytes:
        """Return the readable value of one sealed field. Raises SealBrokenError, also if it was erased."""
        salt = await self._pool.fetchval("SELECT salt FROM vault.salt WHERE subject = $1", subject)
        if salt is None:
            raise SealBrokenError("the values of this subject were erased")
        return sealer_of(self._keys, subject, salt).open(sealed, bound_to(event_id, path))

    async def erase(self, subject: str) -> None:
        """Destroy a subject's salt: what was sealed under it is readable to nobody any more."""
        await self._pool.execute("DELETE FROM vault.salt WHERE subject = $1", subject)
        self._kept.pop(subject, None)

    def _keep(self, subject: str, salt: bytes, until: float, known: bytes | None = None) -> Sealer:
        key = known or _derive(self._keys, self._family, subject, salt)
        self._kept[subject] = _Kept(salt, key, until)
        self._kept.move_to_end(subject)
        if len(self._kept) > self._cached:
            self._kept.popitem(last=False)
        return Sealer(key, self._family)


def other_tokens(kept: Family, wanted: Family) -> str:
    """Return the sentence about a vault whose tokens are made otherwise than a setting says."""
    return (
        f"the tokens of this vault are made with {CIPHERS[kept].hashes}, and DIBAO_CIPHERS or DIBAO_TOKENS "
        f"asks for {CIPHERS[wanted].hashes}: everybody would get another token, and nothing that is known of "
        f"them would be found again. Set DIBAO_TOKENS={kept}: DIBAO_CIPHERS alone then says what values are "
        f"sealed with from now on. Tokens of {CIPHERS[wanted].hashes} begin with a new database and new "
        "topics, for which the sources hand over everything once more (docs/operations/ciphers.md)"
    )

"""The deployment's keys: one master key in a file, one subkey per purpose.

The master key never leaves its file and the process that reads it. Whoever has it can compute every token
and, with the vault's salts, read every sealed value: back it up apart from the database. The token key
cannot be changed without an alias table, because tokens stand on the log for ever.
"""

import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from services.platform.settings import Family, Settings


class KeyFileError(Exception):
    """The master key cannot be had; the message says what to do."""


def keep_secret(file: Path, text: str, *, anew: bool = False) -> None:
    """Write a line into a file that its owner alone can read, unless the file is there (or ``anew``)."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    if anew:
        draft.replace(file)
        return
    try:
        # A link fails where the file is there: of two processes that start at once, one wins.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SHA256 (RFC 5869)."""
    return hmac.digest(hmac.digest(salt, key, sha256), info + b"\x01", sha256)


class FamilyKeys(NamedTuple):
    """Subkeys of 32 bytes that a family of algorithms works with: tokens, name match keys, seals."""

    tokens: bytes
    names: bytes
    seal: bytes

    def __repr__(self) -> str:
        return "FamilyKeys(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Subkeys of 32 bytes: content digests, the vault's proof, dead letters of before they had salts.

    ``families``: those of each family of algorithms, made with its own hash.
    """

    digest: bytes
    proof: bytes
    dead_letters: bytes
    families: Mapping[Family, FamilyKeys]

    def __repr__(self) -> str:
        return "Keys(…)"

    @classmethod
    def of(cls, master: bytes) -> "Keys":
        """Return the subkeys of a master key of 32 bytes."""
        if len(master) != 32:
            raise KeyFileError("the master key has 32 bytes")
        # Who only signs or checks records of the log does without 9 MB of ciphers.
        from services.platform.ciphers import CIPHERS

        def derived(purpose: str, family: Family = "international") -> bytes:
            return CIPHERS[family].hkdf(master, b"dibao", f"dibao/1/{purpose}".encode())

        families = {
            family: FamilyKeys(*(derived(purpose, family) for purpose in FamilyKeys._fields))
            for family in CIPHERS
        }
        return cls(derived("digest"), families["international"].seal, derived("dead-letters"), families)

    @classmethod
    def load(cls, file: Path) -> "Keys":
        """Return the keys of the master key file (64 hex digits). Raises KeyFileError."""
        try:
            text = file.read_text(encoding="ascii")
        except FileNotFoundError:
            raise KeyFileError(
                f"there is no master key at {file}: restore it from its backup, or, for a new deployment, "
                "let `dibao up` make one"
            ) from None
        if not re.fullmatch(r"[0-9a-fA-F]{64}\s*", text):
            raise KeyFileError(f"the master key at {file} is not 64 hex digits")
        return cls.of(bytes.fromhex(text.strip()))

    @classmethod
    def create(cls, file: Path) -> "Keys":
        """Make a master key file, readable by its owner only, unless it is there; return its keys."""
        if not file.exists():
            keep_secret(file, secrets.token_hex(32))
        return cls.load(file)

    @classmethod
    def from_settings(cls, settings: Settings) -> "Keys":
        """Return the keys that the settings name."""
        return cls.load(settings.master_key_file)

"""Who wrote a record of an intake topic: its source signs it, so that no key travels on a topic.

The header ``dibao-signature`` says ``v1 NAME HEX``: the version, the source whose key signs (``*``: the
operator), and HMAC-SHA256 in hex. It is made with SHA-256 of the key, which is all that dibao keeps of one,
over ``v1``, the headers ``ce_source``, ``ce_id``, ``ce_type`` and ``ce_time`` as they are in the record
(empty in structured mode: they stand in the value), and the value, with a line feed between each two.
"""

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256

import asyncpg

from services.intake.heads import SIGNATURE
from services.intake.sources import OPERATOR_SIGN, Signer, signer_of
from services.platform.access import key_hash

_VERSION = b"v1"
_SIGNED = ("ce_source", "ce_id", "ce_type", "ce_time")

Headers = Iterable[tuple[str, bytes | None]]


def sign(key: str, name: str, value: bytes, headers: Headers = ()) -> tuple[str, bytes]:
    """Return the header that signs a record with a source's key; ``headers`` are the record's others."""
    made = _mac(key_hash(key), value, headers)
    return SIGNATURE, b" ".join((_VERSION, name.encode(), made.encode()))


class Signatures:
    """The signatures of a batch of records: each source's keys are asked for once."""

    def __init__(self, pool: asyncpg.Pool, *, operator: bool) -> None:
        self._pool = pool
        self._operator = operator
        self._known: dict[str, Signer | None] = {}

    async def signer(self, said: bytes, value: bytes, headers: Headers) -> Signer | None:
        """Return whose signature this is, or ``None`` where it is nobody's."""
        parts = said.split(b" ")
        if len(parts) != 3 or parts[0] != _VERSION:
            return None
        try:
            name, given = parts[1].decode(), parts[2].decode("ascii").lower()
        except UnicodeDecodeError:
            return None
        if name not in self._known:
            may = "\0" not in name and (name != OPERATOR_SIGN or self._operator)
            self._known[name] = await signer_of(self._pool, name) if may else None
        signer = self._known[name]
        if signer is None:
            return None
        fits = [hmac.compare_digest(_mac(key, value, headers), given) for key in signer.key_hashes]
        return signer if any(fits) else None


def _mac(key: bytes, value: bytes, headers: Headers) -> str:
    return hmac.digest(key, b"\n".join((_VERSION, *_attributes(headers), value)), sha256).hex()


def _attributes(headers: Headers) -> Sequence[bytes]:
    # Of one that is said twice the first: the record is refused for it.
    said: dict[str, bytes] = {}
    for name, held in headers:
        said.setdefault(name.lower(), held or b"")
    return [said.get(name, b"") for name in _SIGNED]

"""Signed notes (https://c2sp.org/signed-note) with Ed25519, and the cosignatures of witnesses. Pure.

A key has a name; its id is made of name, kind and key, so that whoever reads a note finds its line.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ID_BYTES, _KEY_BYTES, _SIGNATURE_BYTES, _TIME_BYTES = 4, 32, 64, 8
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(r"— (\S+) (\S+)")
_PRIVATE = "PRIVATE+KEY+"


class NoteError(Exception):
    """A note or a key is not what it should be; the message says how."""


class Kind(IntEnum):
    """What a key signs, by its number in key and id.

    ``COSIGNATURE`` (https://c2sp.org/tlog-cosignature) says when as well.
    """

    NOTE = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name."""

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise NoteError(f"a key's name has no spaces and no +, and is not {self.name!r}")

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Return the key that ``<name>+<id>+<base64>`` says. Raises NoteError."""
        name, _, rest = text.strip().partition("+")
        said, _, encoded = rest.partition("+")
        key = cls(name, *_kind_and_key(encoded))
        if said != key.id.hex():
            raise NoteError(f"the key of {name} does not have the id {said}")
        return key

    @property
    def id(self) -> bytes:
        """Tells keys of one name apart."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def signed(self, text: str, signature: bytes) -> bool:
        """Return whether a signature is this key's, of a text."""
        time, signature = _time_and_signature(self.kind, signature)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, _signed(self.kind, text, time))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key with its name."""

    key: Key
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.key.name})"

    @classmethod
    def of(cls, name: str, kind: Kind, seed: bytes) -> "Signer":
        """Return the signer of a seed of 32 bytes."""
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(Key(name, kind, public), seed)

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """Return the signer that ``PRIVATE+KEY+<name>+<id>+<base64>`` says. Raises NoteError."""
        text = text.strip()
        if not text.startswith(_PRIVATE):
            raise NoteError(f"a private key begins with {_PRIVATE}")
        name, _, rest = text.removeprefix(_PRIVATE).partition("+")
        said, _, encoded = rest.partition("+")
        kind, seed = _kind_and_key(encoded)
        signer = cls.of(name, kind, seed)
        if said != signer.key.id.hex():
            raise NoteError(f"the private key of {name} does not have the id {said}")
        return signer

    def __str__(self) -> str:
        encoded = b64encode(bytes([self.key.kind]) + self.seed).decode()
        return f"{_PRIVATE}{self.key.name}+{self.key.id.hex()}+{encoded}"

    def line(self, text: str, time: int = 0) -> str:
        """Return the signature line of a text; ``time`` in Unix seconds, which a cosignature tells."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(_signed(self.key.kind, text, time))
        told = time.to_bytes(_TIME_BYTES, "big") if self.key.kind is Kind.COSIGNATURE else b""
        return f"— {self.key.name} {b64encode(self.key.id + told + signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line of a note: a key's name and id, and what it signed with."""

    name: str
    id: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with a line break, and its signatures."""

    text: str
    signatures: Sequence[Signature]

    @classmethod
    def parse(cls, content: str) -> "Note":
        """Return the note of a file's text. Raises NoteError."""
        text, gap, lines = content.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise NoteError("it is no signed note: an empty line and signatures are missing")
        found = []
        for line in lines.splitlines():
            match = _LINE.fullmatch(line)
            content_ = _decoded(match[2]) if match else b""
            if match is None or len(content_) <= _ID_BYTES:
                raise NoteError(f"it is no signed note: {line!r} is no signature")
            found.append(Signature(match[1], content_[:_ID_BYTES], content_[_ID_BYTES:]))
        return cls(text + "\n", found)

    def check(self, key: Key) -> None:
        """Raise NoteError unless a key has signed the note."""
        mine = [each for each in self.signatures if (each.name, each.id) == (key.name, key.id)]
        if not mine:
            raise NoteError(f"{key.name} ({key.id.hex()}) has not signed it")
        if not all(key.signed(self.text, each.content) for each in mine):
            raise NoteError(f"the signature of {key.name} ({key.id.hex()}) is not of this text")


def signed_note(text: str, signer: Signer) -> str:
    """Return a text as a note with one signature."""
    return f"{text}\n{signer.line(text)}"


def _signed(kind: Kind, text: str, time: int) -> bytes:
    return (f"cosignature/v1\ntime {time}\n{text}" if kind is Kind.COSIGNATURE else text).encode()


def _time_and_signature(kind: Kind, content: bytes) -> tuple[int, bytes]:
    if kind is Kind.NOTE:
        return 0, content
    return int.from_bytes(content[:_TIME_BYTES], "big"), content[_TIME_BYTES:]


def _kind_and_key(encoded: str) -> tuple[Kind, bytes]:
    content = _decoded(encoded)
    if len(content) != 1 + _KEY_BYTES or content[0] not in set(Kind):
        raise NoteError("a key is base64 of its kind (1, or 4 of a witness) and 32 bytes")
    return Kind(content[0]), content[1:]


def _decoded(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(f"{encoded!r} is no base64") from None

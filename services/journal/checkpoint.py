"""Checkpoints (https://c2sp.org/tlog-checkpoint): which tree, how large it is, and its root. Pure."""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass

from services.journal.merkle import HASH_BYTES
from services.journal.note import Key, Note, NoteError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a tree. ``origin``: ``<journal>/<topic>/<partition>``."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @property
    def place(self) -> tuple[str, int]:
        """The topic and the partition that the origin names. Raises NoteError."""
        _, _, rest = self.origin.partition("/")
        topic, _, partition = rest.rpartition("/")
        if not topic or not partition.isdecimal():
            raise NoteError(f"{self.origin} is no partition of a journal")
        return topic, int(partition)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Return the checkpoint of a note's text. Raises NoteError."""
        origin, *lines = text.split("\n")
        try:
            size, root = lines[0], b64decode(lines[1], validate=True)
        except (IndexError, binascii.Error, ValueError):
            raise NoteError("it is no checkpoint: size or root are missing") from None
        if not origin or not size.isdecimal() or len(root) != HASH_BYTES:
            raise NoteError("it is no checkpoint: size or root cannot be read")
        return cls(origin, int(size), root)


def opened(content: str, key: Key) -> Checkpoint:
    """Return the checkpoint of a note that a key has signed. Raises NoteError."""
    note = Note.parse(content)
    note.check(key)
    return Checkpoint.parse(note.text)


def origin_of(key: Key, topic: str, partition: int) -> str:
    """Return the name of the tree of a partition."""
    return f"{key.name}/{topic}/{partition}"

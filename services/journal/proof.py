"""Proofs as JSON: that a record is in a journal, and that a journal goes on from an earlier one. Pure.

What is read here comes from anywhere; ``check`` believes nothing but the keys that it is given.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.journal.checkpoint import Checkpoint, opened, origin_of
from services.journal.entry import Entry
from services.journal.merkle import ProofError, check_consistency, check_inclusion, leaf_hash
from services.journal.note import Key

INCLUSION, CONSISTENCY = "inclusion", "consistency"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That a record is leaf ``index`` of the tree that ``checkpoint``, a signed note, is of."""

    entry: Entry
    index: int
    path: Sequence[bytes]
    checkpoint: str
    size: int

    def json(self) -> dict[str, Any]:
        """Return the proof as JSON knows it."""
        entry = self.entry
        return {
            "kind": INCLUSION,
            "record": {
                "topic": entry.topic,
                "partition": entry.partition,
                "offset": entry.offset,
                "timestamp": entry.timestamp,
                "key": _encoded(entry.key),
                "headers": [[name, _encoded(value)] for name, value in entry.headers],
                "value": _encoded(entry.value),
            },
            "index": self.index,
            "size": self.size,
            "proof": [_encoded(step) for step in self.path],
            "checkpoint": self.checkpoint,
        }

    @classmethod
    def parse(cls, said: dict[str, Any]) -> "Inclusion":
        """Return the proof of a file's JSON. Raises ProofError."""
        try:
            record = said["record"]
            entry = Entry(
                str(record["topic"]),
                int(record["partition"]),
                int(record["offset"]),
                int(record["timestamp"]),
                _decoded(record["key"]),
                tuple((str(name), _decoded(value)) for name, value in record["headers"]),
                _decoded(record["value"]),
            )
            path = [b64decode(step, validate=True) for step in said["proof"]]
            return cls(entry, int(said["index"]), path, str(said["checkpoint"]), int(said["size"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ProofError(f"it is no proof of inclusion: {error}") from None

    def check(self, key: Key) -> Checkpoint:
        """Return the checkpoint that the record is in. Raises ProofError and NoteError."""
        checkpoint = opened(self.checkpoint, key)
        if checkpoint.origin != origin_of(key, self.entry.topic, self.entry.partition):
            raise ProofError(f"the checkpoint is of {checkpoint.origin}, and not of the record's partition")
        if checkpoint.size != self.size:
            raise ProofError(f"the checkpoint has {checkpoint.size} records, and not {self.size}")
        leaf = leaf_hash(self.entry.encode())
        check_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the tree of ``checkpoint`` begins with that of the ``older`` one; both are signed notes."""

    older: str
    path: Sequence[bytes]
    checkpoint: str

    def json(self) -> dict[str, Any]:
        """Return the proof as JSON knows it."""
        return {
            "kind": CONSISTENCY,
            "older": self.older,
            "proof": [_encoded(step) for step in self.path],
            "checkpoint": self.checkpoint,
        }

    @classmethod
    def parse(cls, said: dict[str, Any]) -> "Consistency":
        """Return the proof of a file's JSON. Raises ProofError."""
        try:
            path = [b64decode(step, validate=True) for step in said["proof"]]
            return cls(str(said["older"]), path, str(said["checkpoint"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ProofError(f"it is no proof of consistency: {error}") from None

    def check(self, key: Key) -> tuple[Checkpoint, Checkpoint]:
        """Return the older checkpoint and the later one. Raises ProofError and NoteError."""
        older, newer = opened(self.older, key), opened(self.checkpoint, key)
        if older.origin != newer.origin:
            raise ProofError(f"one checkpoint is of {older.origin}, the other of {newer.origin}")
        check_consistency(older.size, newer.size, self.path, older.root, newer.root)
        return older, newer


def parse(said: Any) -> Inclusion | Consistency:
    """Return the proof of a file's JSON, of either kind. Raises ProofError."""
    kind = said.get("kind") if isinstance(said, dict) else None
    if kind == INCLUSION:
        return Inclusion.parse(said)
    if kind == CONSISTENCY:
        return Consistency.parse(said)
    raise ProofError(f"it is no proof: its kind is neither {INCLUSION} nor {CONSISTENCY}")


def _encoded(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode()


def _decoded(encoded: str | None) -> bytes | None:
    return None if encoded is None else b64decode(encoded, validate=True)

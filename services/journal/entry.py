"""An entry of the journal: a record of the log, whole, as the bytes that a leaf's hash is made of. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_FORM = b"\x01"
_NONE = 0xFFFFFFFF
_LENGTH, _NUMBER = 4, 8


class EntryError(Exception):
    """Bytes are no entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of the log. ``timestamp``: milliseconds since 1970, as Kafka has it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes | None

    @classmethod
    def of(cls, raw: Any) -> "Entry":
        """Return the entry of a record that Kafka delivered."""
        return cls(
            raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, tuple(raw.headers), raw.value
        )

    @property
    def place(self) -> str:
        """Where it stands, for a person."""
        return f"offset {self.offset} of {self.topic}, partition {self.partition}"

    def encode(self) -> bytes:
        """Return the entry's bytes: each part has its length before it, so no two entries have the same."""
        parts = [
            _FORM,
            _sized(self.topic.encode()),
            self.partition.to_bytes(_LENGTH, "big"),
            self.offset.to_bytes(_NUMBER, "big"),
            self.timestamp.to_bytes(_NUMBER, "big", signed=True),
            _sized(self.key),
            len(self.headers).to_bytes(_LENGTH, "big"),
        ]
        for name, value in self.headers:
            parts += _sized(name.encode()), _sized(value)
        parts.append(_sized(self.value))
        return b"".join(parts)

    @classmethod
    def decode(cls, content: bytes) -> "Entry":
        """Return the entry of bytes. Raises EntryError."""
        reader = _Reader(content)
        if reader.take(len(_FORM)) != _FORM:
            raise EntryError("it is of a form that this version does not know")
        try:
            topic = (reader.sized() or b"").decode()
            partition = reader.number(_LENGTH)
            offset = reader.number(_NUMBER)
            timestamp = int.from_bytes(reader.take(_NUMBER), "big", signed=True)
            key = reader.sized()
            headers = [
                ((reader.sized() or b"").decode(), reader.sized()) for _ in range(reader.number(_LENGTH))
            ]
            value = reader.sized()
        except UnicodeDecodeError:
            raise EntryError("a name in it is no text") from None
        if reader.left:
            raise EntryError("more follows behind its end")
        return cls(topic, partition, offset, timestamp, key, tuple(headers), value)


def _sized(content: bytes | None) -> bytes:
    if content is None:
        return _NONE.to_bytes(_LENGTH, "big")
    return len(content).to_bytes(_LENGTH, "big") + content


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._content) - self._at

    def take(self, length: int) -> bytes:
        if length > self.left:
            raise EntryError("it ends too early")
        self._at += length
        return self._content[self._at - length : self._at]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")

    def sized(self) -> bytes | None:
        length = self.number(_LENGTH)
        return None if length == _NONE else self.take(length)

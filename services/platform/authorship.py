"""Who wrote a record of the log: a MAC over all of it, under a key that only dibao's own processes have.

The key is a file of its own, because detection and the projector read the log and have no master key.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from enum import Enum
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

from services.platform.failure import PipelineStoppedError
from services.platform.keys import KeyFileError, hkdf, keep_secret
from services.platform.settings import Settings

HEADER = "dibao-mac"
"""The last header of every record on the log: ``<key id>.<MAC>``, 8 and 32 hex digits."""

_ID_BYTES, _MAC_BYTES = 4, 16
_LOOK_SECONDS = 5.0
_SAID = re.compile(rb"[0-9a-f]{8}\.[0-9a-f]{32}")
_ID = 2 * _ID_BYTES + 1


_Keyed = tuple[Any, Any]
"""HMAC-SHA-256 with a key, as far as it does not depend on the message (RFC 2104): both hashes, to be copied.

``hmac.HMAC.copy`` does the same in half as long again, for every record that is written or read.
"""


class Verdict(Enum):
    """What the MAC of a record says of its writer. ``MISSING``: there is none."""

    GENUINE = "genuine"
    MISSING = "missing"
    WRONG = "wrong"


class UnknownLogKeyError(PipelineStoppedError):
    """A record names a log key that this process does not have; the message says what to do."""


class LogKeys:
    """The log keys of a deployment. The first one signs; a record that any of them has signed is genuine.

    Whoever signs goes over to another key within seconds after it stands first in the file.
    """

    def __init__(self, keys: Sequence[bytes], file: Path | None = None) -> None:
        self._keys = {_id_of(key) + b".": key for key in keys}
        if not keys or len(self._keys) < len(keys):
            raise KeyFileError(f"the log keys at {file} are none, or one of them stands there twice")
        self._file = file
        self._first = next(iter(self._keys))
        self._of_topics: dict[str, dict[bytes, _Keyed]] = {}
        self._changed, self._looked = _changed_at(file), monotonic()

    def __repr__(self) -> str:
        return "LogKeys(…)"

    @classmethod
    def load(cls, file: Path) -> "LogKeys":
        """Return the keys of a file, one of 64 hex digits a line. Raises KeyFileError."""
        return cls(_read(file), file)

    @classmethod
    def create(cls, file: Path) -> "LogKeys":
        """Make a file of one key, readable by its owner only, unless it is there; return its keys."""
        if not file.exists():
            keep_secret(file, secrets.token_hex(32))
        return cls.load(file)

    @classmethod
    def from_settings(cls, settings: Settings) -> "LogKeys":
        """Return the keys that the settings name."""
        return cls.load(settings.log_key_file)

    @property
    def ids(self) -> list[str]:
        """The ids by which records name these keys; the first one signs."""
        return [named[:-1].decode() for named in self._keys]

    def with_new(self) -> str:
        """Return the lines of a file that has a further key, which signs nothing yet."""
        return _lines([*self._keys.values(), secrets.token_bytes(32)])

    def with_first(self, named: str) -> str:
        """Return the lines of a file in which a key stands first. Raises KeyFileError where it is none."""
        first = self._keys.get(named.encode() + b".")
        if first is None:
            raise KeyFileError(f"there is no log key {named} in {self._file}")
        return _lines([first, *(key for key in self._keys.values() if key != first)])

    def mac(
        self, topic: str, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> tuple[str, bytes]:
        """Return the header that signs a record; it goes after all others."""
        if monotonic() - self._looked > _LOOK_SECONDS:
            self._look()
        keyed = self._of(topic)[self._first]
        return HEADER, self._first + _digits(keyed, key, value, headers)

    def verdict(self, record: Any) -> Verdict:
        """Return what a record's MAC says. Raises UnknownLogKeyError.

        A key that the file did not have when it was read is looked for there again.
        """
        headers = record.headers
        if not headers or headers[-1][0] != HEADER:
            # Further ahead it stands where no writer of ours puts it.
            return Verdict.WRONG if any(name == HEADER for name, _ in headers) else Verdict.MISSING
        said = headers[-1][1] or b""
        keyed = self._of(record.topic).get(said[:_ID]) or self._looked_up(record, said)
        if keyed is None:
            return Verdict.WRONG
        made = _digits(keyed, record.key, record.value, headers[:-1])
        return Verdict.GENUINE if hmac.compare_digest(said[_ID:], made) else Verdict.WRONG

    def _look(self) -> None:
        """Go over to the key that stands first in the file now; whatever cannot be read changes nothing."""
        self._looked = monotonic()
        changed = _changed_at(self._file)
        if self._file is None or changed in (None, self._changed):
            return
        try:
            keys = _read(self._file)
        except (KeyFileError, OSError):
            return
        self._changed = changed
        named = {_id_of(key) + b".": key for key in keys}
        self._first = next(iter(named))
        self._keys |= named
        self._of_topics.clear()

    def _of(self, topic: str) -> dict[bytes, _Keyed]:
        found = self._of_topics.get(topic)
        if found is None:
            # By the context, and not by the prefix, under which a copy of the log may stand elsewhere.
            info = b"dibao/1/log/" + topic.rpartition(".")[2].encode()
            found = {named: _keyed(hkdf(key, b"dibao", info)) for named, key in self._keys.items()}
            self._of_topics[topic] = found
        return found

    def _looked_up(self, record: Any, said: bytes) -> _Keyed | None:
        if not _SAID.fullmatch(said):
            return None
        if self._file is not None:
            self._keys.update({_id_of(key) + b".": key for key in _read(self._file)})
            self._of_topics.clear()
        found = self._of(record.topic).get(said[:_ID])
        if found is None:
            raise UnknownLogKeyError(
                f"The record at offset {record.offset} of {record.topic}, partition {record.partition}, is "
                f"signed with the log key {said[: _ID - 1].decode()}, which {self._file} does not have: add "
                "that key as a further line, from its backup or from where it is used, and start again. "
                "Nothing is skipped; what none of dibao's processes wrote is put into quarantine by two "
                "people (`dibao quarantine`)."
            )
        return found


def _changed_at(file: Path | None) -> int | None:
    try:
        return None if file is None else file.stat().st_mtime_ns
    except OSError:
        return None


def _read(file: Path) -> list[bytes]:
    try:
        lines = file.read_text(encoding="ascii").split()
    except FileNotFoundError:
        raise KeyFileError(
            f"there is no log key at {file}, with which records of the log are signed and checked: restore "
            "it from its backup, copy it from where the others of this deployment run, or, where there is "
            "none yet, let `dibao up` make one"
        ) from None
    except UnicodeDecodeError:
        lines = [""]
    if not lines or not all(re.fullmatch(r"[0-9a-fA-F]{64}", line) for line in lines):
        raise KeyFileError(f"the log keys at {file} are not lines of 64 hex digits")
    return [bytes.fromhex(line) for line in lines]


def _lines(keys: Sequence[bytes]) -> str:
    return "\n".join(key.hex() for key in keys)


def _id_of(key: bytes) -> bytes:
    # Made like the subkeys, so that another way of making them would have other names.
    return hkdf(key, b"dibao", b"dibao/1/log-id")[:_ID_BYTES].hex().encode()


def _keyed(key: bytes) -> _Keyed:
    block = key.ljust(sha256().block_size, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block))


_ENCODE = msgspec.msgpack.Encoder().encode


def _digits(
    keyed: _Keyed, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]
) -> bytes:
    inner, outer = keyed[0].copy(), keyed[1].copy()
    # MessagePack says of everything how long it is: no two records have one input.
    inner.update(_ENCODE((key, value, headers)))
    outer.update(inner.digest())
    made: bytes = outer.digest()
    return made[:_MAC_BYTES].hex().encode()

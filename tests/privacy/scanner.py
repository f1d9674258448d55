"""Looks for the readable values of a run in anything that is bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

from events.calendar import UndoneBecause
from tests.privacy.spelling import LEAST, spellings

_FREE_TEXT_PIECE = 8
"""Characters of free text that must not be found, however it was cut."""

_ID_PIECE = 14
"""Characters of an ID number that must not be found: area and date of birth."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A readable value of the run: ``kind`` is ID number, account number, name or free text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a secret was found, and how it was spelt. The people of tests are invented, so it may be said."""

    place: str
    secret: Secret
    spelling: str


@dataclass
class Scanner:
    """Finds secrets, in every spelling, in bytes.

    Every spelling is known by its first ``LEAST`` bytes: the bytes looked at are cut into windows of that
    length, and only where one of them begins a spelling is that spelling looked for.
    """

    secrets: Iterable[Secret]
    _by_start: dict[bytes, dict[bytes, tuple[Secret, str]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for secret in self.secrets:
            for piece in _pieces(secret):
                for spelt, name in spellings(piece).items():
                    self._by_start.setdefault(spelt[:LEAST], {}).setdefault(spelt, (secret, name))

    def look(self, place: str, data: bytes) -> list[Sighting]:
        """Return what is found in ``data``, which is known as ``place``."""
        windows = {data[at : at + LEAST] for at in range(len(data) - LEAST + 1)}
        return [
            Sighting(place, secret, name)
            for start in windows & self._by_start.keys()
            for spelt, (secret, name) in self._by_start[start].items()
            if spelt in data
        ]

    def look_all(self, places: Iterable[tuple[str, bytes]]) -> list[Sighting]:
        """Return what is found in all of them."""
        return [sighting for place, data in places for sighting in self.look(place, data)]


def secrets_of(data: Any) -> set[Secret]:
    """Return the readable values in the data of upstream facts, by the contract's field names.

    An ID number is looked for in its 15-digit form as well, where the person was born in the 20th century.
    """
    return set(_walk(data))


_KINDS = {
    "id_number": "ID number",
    "account_number": "account number",
    "name": "name",
    "holder_name": "name",
    "reason": "free text",
    "matter": "free text",
    "evidence": "free text",
}


def _walk(value: Any, field_name: str = "", parent: str = "") -> Iterator[Secret]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, name, field_name)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, field_name, parent)
    elif isinstance(value, str):
        kind = None if value in get_args(UndoneBecause) else _KINDS.get(field_name)
        if field_name == "number" and parent == "account":
            kind = "account number"
        if kind is not None:
            yield Secret(kind, value)
            if kind == "ID number" and len(value) == 18 and value[6:8] == "19":
                yield Secret(kind, value[:6] + value[8:17])


def _pieces(secret: Secret) -> Iterator[str]:
    text = secret.text
    yield text
    if secret.kind == "free text":
        for at in range(0, len(text) - _FREE_TEXT_PIECE + 1, _FREE_TEXT_PIECE):
            yield text[at : at + _FREE_TEXT_PIECE]
    if secret.kind == "ID number":
        for at in range(len(text) - _ID_PIECE + 1):
            yield text[at : at + _ID_PIECE]

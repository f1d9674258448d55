"""What is readable in a fact: values under their headings, codes in words, what is sealed by its token."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from events.words import shown
from projections import labels
from projections.ledger import Heading
from services.reporting.kinds import Kinds, kind_of, short_name
from services.reporting.pages.looks import text_of, words

_KEPT_ASIDE = ("_key", "exact", "normalised")
"""Fields that the projection keeps for comparing, which say nothing to people."""


def brief(kinds: Kinds, type_name: str, data: Mapping[str, Any]) -> str:
    """Return what is readable in a fact, in one line."""
    return "  ".join(f"{title} {text}" for title, text in said_of(kinds, type_name, data))


def phase_of(type_name: str) -> str:
    """Return which step of a household's story a fact belongs to; empty where it is none of them."""
    short = short_name(type_name)
    return _phases().get(short) or _phases().get(short.partition(".")[0], "")


@cache
def _phases() -> Mapping[str, str]:
    text = (Path(__file__).parent / "phases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def said_of(kinds: Kinds, type_name: str, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the readable values of a fact with their headings; what is sealed by its token."""
    kind = kind_of(kinds, type_name)
    short = short_name(type_name)
    return [
        (kind.heading(path), _said(short, path, value))
        for path, value in _values("", data)
        if not path.endswith(_KEPT_ASIDE)
        and value not in (None, "", [])
        and (path, value) != ("kind", short.rpartition(".")[2])  # what the projection calls the type itself
    ]


def _values(path: str, value: Any) -> list[tuple[str, Any]]:
    """The values below a path; of a person or an account only the token."""
    if isinstance(value, Mapping):
        for token in ("person_id", "account_id"):
            if path and token in value:
                return [(path, value[token])]
        if "sealed" in value or "ciphertext" in value:
            return [(path, words()["fact"]["sealed"])]
        return [pair for name, item in value.items() for pair in _values(f"{path}.{name}".lstrip("."), item)]
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return [pair for item in value for pair in _values(path, item)]
    return [(path, value)]


def _said(short: str, path: str, value: Any) -> str:
    name = path.rpartition(".")[2]
    column = Heading(name, name, words=shown(short, path) or labels.words_of(name))
    if name in ("division", "village", "to_division", "from_division"):
        return labels.place(str(value))
    return text_of(column, value)

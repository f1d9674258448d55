"""In which fields two contents of one fact differ, as far as it may be said."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.intake.masks import masks_apart

_SEALED = "sealed"
_NAMES = {"names": "name", "holder": "holder_name"}
_TOKENS = {"person_id": "id_number", "account_id": "number"}
_HIDDEN = ("id_number", "local_no", "name", "holder_name", "number")


def differing(
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    texts_before: Mapping[str, str],
    texts_now: Mapping[str, str],
) -> dict[str, tuple[str, str]]:
    """Return the fields in which two contents of one id differ, with both values masked.

    The contents are data as the log keeps them. Of persons, accounts and free texts it is said only that they
    differ: their values are empty, as are those that would look alike.
    """
    first, second = dict(_leaves(before)), dict(_leaves(now))
    first |= texts_before
    second |= texts_now
    hidden = texts_before.keys() | texts_now.keys()
    found: dict[str, tuple[str, str]] = {}
    for field in dict.fromkeys((*first, *second)):
        values = first.get(field), second.get(field)
        if values[0] != values[1]:
            quiet = field in hidden or field.rpartition(".")[2] in _HIDDEN
            found[field] = ("", "") if quiet else _shown(*map(_text, values))
    return found


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _shown(before: str, now: str) -> tuple[str, str]:
    old, new = masks_apart(before, now)
    return ("", "") if old == new else (old or "—", new or "—")


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name == _SEALED:
                continue
            if name in _NAMES:
                yield _below(path, _NAMES[name]), item["exact"]
                continue
            yield from _leaves(item, _below(path, _TOKENS.get(name) or str(name)))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _leaves(item, _below(path, str(at)))
    elif not (isinstance(value, str) and value.startswith("s1.")):
        yield path, value


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

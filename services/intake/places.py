"""Where values of a kind stand in facts: a model is searched once, its facts are then walked by the paths."""

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel

Path = tuple[str, ...]


class Found(NamedTuple):
    """A value of a fact: its type, its place as an answer names it (``members.0.person``), and itself."""

    kind: Any
    place: str
    value: Any


class Places:
    """The places of values of some types, in facts of any model."""

    def __init__(self, *kinds: Any) -> None:
        self._kinds = kinds
        self._paths: dict[type[BaseModel], tuple[tuple[Any, Path, str], ...]] = {}

    def values(self, fact: BaseModel) -> list[Found]:
        """Return the values in a fact, those that are ``None`` left out."""
        paths = self._paths.get(type(fact))
        if paths is None:
            paths = self._paths[type(fact)] = tuple(
                (kind, path, "" if "*" in path else ".".join(map(_shown, path)))
                for kind, path in _in_model(type(fact), self._kinds, ())
            )
        found: list[Found] = []
        for kind, path, place in paths:
            if not place:
                _collect(fact, kind, path, "", found)
                continue
            # Of most the place is known beforehand.
            value: Any = fact
            for name in path:
                if (value := getattr(value, name)) is None:
                    break
            else:
                found.append(Found(kind, place, value))
        return found


def _shown(name: str) -> str:
    return name.removesuffix("_")  # from_ is from in the data


def _collect(value: Any, kind: Any, path: Path, place: str, found: list[Found]) -> None:
    for at, name in enumerate(path):
        if name == "*":
            for number, item in enumerate(value):
                _collect(item, kind, path[at + 1 :], f"{place}.{number}", found)
            return
        value = getattr(value, name)
        if value is None:
            return
        place = f"{place}.{_shown(name)}" if place else _shown(name)
    found.append(Found(kind, place, value))


def _in_model(model: type[BaseModel], kinds: tuple[Any, ...], path: Path) -> Iterator[tuple[Any, Path]]:
    for name, info in model.model_fields.items():
        hint: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        yield from _in_hint(hint, kinds, (*path, name))


def _in_hint(hint: Any, kinds: tuple[Any, ...], path: Path) -> Iterator[tuple[Any, Path]]:
    found = next((kind for kind in kinds if hint == kind), None)
    if found is not None:
        yield found, path
    elif get_origin(hint) is Annotated:
        yield from _in_hint(get_args(hint)[0], kinds, path)
    elif get_origin(hint) is list:
        yield from _in_hint(get_args(hint)[0], kinds, (*path, "*"))
    elif get_args(hint):
        for option in get_args(hint):
            yield from _in_hint(option, kinds, path)
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from _in_model(hint, kinds, path)

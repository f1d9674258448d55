"""Where values of a kind stand in facts: a model is searched once, its facts are then walked by the paths."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

Path = tuple[str, ...]


@cache
def paths_to(model: type[BaseModel], *kinds: Any) -> tuple[tuple[Any, Path], ...]:
    """Return where in facts of a model values of these types stand, each with its type; ``*`` is an item."""
    return tuple(_in_model(model, kinds, ()))


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


def values_at(value: Any, path: Path, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a fact at a path, each with its place as an answer names it."""
    if value is None:
        return
    if not path:
        yield name, value
    elif path[0] == "*":
        for at, item in enumerate(value):
            yield from values_at(item, path[1:], f"{name}.{at}")
    else:
        shown = path[0].removesuffix("_")  # from_ is from in the data
        yield from values_at(getattr(value, path[0]), path[1:], f"{name}.{shown}" if name else shown)

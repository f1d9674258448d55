"""The fields of a type, flat, as a page shows them: what each takes, in which words, under which header."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from deploy.contexts import BY_TYPE as FORMS
from deploy.contract.kinds import KINDS, Kind
from events.event_type import EventType
from events.glossary import FIELDS
from events.schema import plain
from services.intake.forms import Column, Form
from services.intake.forms.fields import plain as plain_hint


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a type's readable data.

    ``path``: as ``members[].person``. ``takes``: a kind's name, ``one of`` for words, else what it is in
    short. ``many``: it is a list, of how many. ``words``: its codes in Chinese. ``headers``: of its columns
    in files; a person or an account has several.
    """

    path: str
    kind: Kind | None
    takes: str
    many: str
    required: bool
    words: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]
    meaning: str


def fields_of(entry: EventType) -> list[Field]:
    """Return the fields of what upstream states, the required ones and the type's own before ``division``."""
    columns = _columns(FORMS.get(entry.name))
    found = list(_fields(entry.readable, "", columns))
    return sorted(found, key=lambda field: field.path == "division" and not field.required)


def _fields(model: type[BaseModel], path: str, columns: Mapping[str, Column]) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        yield from _field(f"{path}{info.alias or name}", info, columns)


def _field(path: str, info: FieldInfo, columns: Mapping[str, Column]) -> Iterator[Field]:
    hint, constraints = plain_hint(info.annotation, info.metadata)
    many = ""
    if get_origin(hint) is list:
        many = _how_many(constraints)
        hint, constraints = plain_hint(get_args(hint)[0])
    kind = _kind(hint, constraints)
    place = path.replace("[]", "")
    column = columns.get(place)
    codes = get_args(hint) if get_origin(hint) is Literal else ()
    said = plain(info.description or FIELDS[path.rpartition(".")[2]])
    words = _words(path.rpartition(".")[2], codes, column, said)
    yield Field(
        path,
        kind,
        kind.name if kind else "one of" if codes else _in_short(hint, constraints),
        many,
        info.is_required(),
        words,
        tuple(
            each.header
            for at, each in columns.items()
            if at == place or (kind and at.startswith(f"{place}."))
        ),
        "" if codes and len(_enumerated(said)) == len(codes) else said,
    )
    if kind is None and isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from _fields(hint, f"{path}[]." if many else f"{path}.", columns)


def _kind(hint: Any, constraints: list[Any]) -> Kind | None:
    return next((kind for kind in KINDS if plain_hint(kind.hint) == (hint, constraints)), None)


def _how_many(constraints: list[Any]) -> str:
    least = next((item.min_length for item in constraints if isinstance(item, MinLen)), 0)
    most = next((item.max_length for item in constraints if isinstance(item, MaxLen)), None)
    if most is None:
        return "list"
    return f"list, {least} to {most}" if least else f"list, up to {most}"


def _in_short(hint: Any, constraints: list[Any]) -> str:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "object"
    if get_origin(hint) in (Union, UnionType):
        return "number, true or false, or text"
    if hint is int:
        least = next(item.ge for item in constraints if isinstance(item, Ge))
        most = next(item.le for item in constraints if isinstance(item, Le))
        return f"{least} to {most}"
    short = {str: "plain text", dict: "object", UUID: "UUID"}
    return short[get_origin(hint) or hint]


def _columns(form: Form | None) -> Mapping[str, Column]:
    if form is None:
        return {}
    return {path.replace(".*", ""): column for column in form.columns for path in form.paths_of(column.field)}


def _words(
    name: str, codes: tuple[str, ...], column: Column | None, said: str
) -> tuple[tuple[str, str], ...]:
    in_files = dict(zip(codes, _offered(column, codes), strict=True)) if column and column.words else {}
    in_files = in_files or _elsewhere().get((name, codes), {})
    meant = dict(zip(codes, _enumerated(said), strict=False)) if len(_enumerated(said)) == len(codes) else {}
    return tuple((code, _both(in_files.get(code, ""), meant.get(code, ""))) for code in codes)


def _offered(column: Column, codes: tuple[str, ...]) -> list[str]:
    assert column.words is not None
    first = {code: word for word, code in reversed(list(column.words.items()))}
    return [first[code] for code in codes]


@cache
def _elsewhere() -> Mapping[tuple[str, tuple[str, ...]], dict[str, str]]:
    # A void repeats fields of the fact that it undoes; its own form is a column of that fact's form.
    found: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
    for form in FORMS.values():
        for column in form.columns:
            if column.words:
                codes = tuple(dict.fromkeys(column.words.values()))
                name = column.field.rpartition(".")[2]
                found.setdefault((name, codes), dict(zip(codes, _offered(column, codes), strict=True)))
    return found


def _enumerated(said: str) -> list[str]:
    return said.removesuffix(".").split(", ")


def _both(in_files: str, meant: str) -> str:
    if in_files in meant:
        return meant
    return f"{in_files} ({meant})" if meant else in_files

"""What a fact's model says of one of its fields: what a column for it takes, and whether it must be there."""

from dataclasses import dataclass
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from events.values import AccountNumber, IdNumber, Number

Kind = Literal[
    "text",
    "number",
    "id_number",
    "account_number",
    "word",
    "flag",
    "day",
    "instant",
    "month",
    "quarter",
    "amount",
    "integer",
    "value",
]
"""What a column takes. ``number``: a business number, such as 户号; ``amount``: 元 in the file, 分 in the
fact; ``value``: a number, 是/否 or text."""

_NUMBERS: dict[Kind, Any] = {"number": Number, "id_number": IdNumber, "account_number": AccountNumber}

_MONTH = "-(0[1-9]|1[0-2])$"
_QUARTER = "-Q[1-4]$"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model.

    ``required``: it, and all that it stands in, must be there. ``required_in_item``: so it is where the list
    that it stands in has an item. ``many``: it is a list. ``codes``: what it may be, where that is given.
    ``least`` and ``most`` bound a number.
    """

    kind: Kind
    required: bool
    required_in_item: bool
    many: bool
    codes: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by the name that they have in data."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def field_at(model: type[BaseModel], path: str) -> Field:
    """Return what a model says of the field at a path. Raises KeyError where there is no such field."""
    hint: Any = model
    required = required_in_item = True
    constraints: list[Any] = []
    for name in path.split("."):
        if name == "*":
            hint, constraints = plain(get_args(hint)[0])
            required_in_item = True
            continue
        info = fields_of(hint)[name]
        required &= info.is_required()
        required_in_item &= info.is_required()
        hint, constraints = plain(info.annotation, info.metadata)
    if many := get_origin(hint) is list:
        hint, constraints = plain(get_args(hint)[0])
    least, most = _bounds(constraints)
    codes = get_args(hint) if get_origin(hint) is Literal else ()
    kind = _kind(hint, constraints, path)
    return Field(kind, required, required_in_item, many, codes, least, most)


def plain(hint: Any, metadata: list[Any] | None = None) -> tuple[Any, list[Any]]:
    """Return the type that an annotation is about, without None, and its constraints."""
    constraints = list(metadata or ())
    while True:
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            for item in more:
                constraints += item.metadata if isinstance(item, FieldInfo) else [item]
        elif get_origin(hint) in (Union, UnionType):
            options = [option for option in get_args(hint) if option is not type(None)]
            if len(options) != 1:
                return hint, constraints
            hint = options[0]
        else:
            return hint, constraints


def _bounds(constraints: list[Any]) -> tuple[int | None, int | None]:
    least = most = None
    for item in constraints:
        match item:
            case Gt(gt=int(bound)):
                least = bound + 1
            case Ge(ge=int(bound)):
                least = bound
            case Le(le=int(bound)):
                most = bound
    return least, most


def _kind(hint: Any, constraints: list[Any], path: str) -> Kind:
    if get_origin(hint) is Literal:
        return "word"
    if get_origin(hint) in (Union, UnionType):
        return "value"
    if hint is bool:
        return "flag"
    if hint is int:
        return "amount" if path.endswith("_fen") else "integer"
    if hint in (datetime, AwareDatetime):
        return "instant"
    if hint is date:
        return "day"
    for kind, value in _NUMBERS.items():
        if any(isinstance(item, AfterValidator) and item in value.__metadata__ for item in constraints):
            return kind
    patterns = [str(getattr(item, "pattern", "")) for item in constraints]
    if any(pattern.endswith(_MONTH) for pattern in patterns):
        return "month"
    return "quarter" if any(pattern.endswith(_QUARTER) for pattern in patterns) else "text"

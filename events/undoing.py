"""What a void repeats of the fact that it undoes: its key and its persons, or simply all of it."""

from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from events.catalogue import BY_TYPE
from events.event_type import EventType
from events.form import Person


def without_the_rest(entry: EventType, data: Any) -> Any:
    """Return the data of a void, JSON values, without what the original has and a void does not keep.

    So a void may repeat the original's data as they were stated, and says the same as one that repeats its
    key and persons only. Fields that neither has stay, to be refused by name.
    """
    undone = BY_TYPE.get(str(data.get("type"))) if isinstance(data, dict) else None
    if undone is None or undone.name not in entry.undoes:
        return data
    own, original = _fields(entry.readable), _fields(undone.readable)
    return {
        name: _persons(original[name], value) if name in own and name in original else value
        for name, value in data.items()
        if name in own or name not in original
    }


def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def _persons(hint: Any, value: Any) -> Any:
    # The original has a list of members, each a person with what belongs to them; a void has the persons.
    member = _item(hint)
    if not isinstance(value, list) or member is None or "person" not in (known := _fields(member)):
        return value
    return [
        {**each["person"], **{name: what for name, what in each.items() if name not in known}}
        if isinstance(each, dict) and isinstance(each.get("person"), dict)
        else each
        for each in value
    ]


def _item(hint: Any) -> type[BaseModel] | None:
    # What a list holds, where that is an object and no person.
    while get_origin(hint) in (Annotated, Union):
        hint = get_args(hint)[0]
    if get_origin(hint) is not list:
        return None
    (of,) = get_args(hint)
    return of if isinstance(of, type) and issubclass(of, BaseModel) and of is not Person else None

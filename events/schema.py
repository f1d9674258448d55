"""JSON Schemas (2020-12) of every type in both forms, as pydantic has them, made fit to be read.

``readable`` is what intake accepts: nothing but the fields that are named. ``log`` is what stands on the log,
where readers pass over fields that they do not know and nothing is ever ``null``.
"""

from collections.abc import Iterator
from functools import partial
from inspect import cleandoc
from typing import Any, Literal, get_args

from pydantic import BaseModel

from events.catalogue import TYPES
from events.codec import dataschema
from events.description import describe
from events.event_type import EventType
from events.glossary import FIELDS

Form = Literal["readable", "log"]
Schema = dict[str, Any]

FORMS: tuple[Form, ...] = ("readable", "log")


def json_schema(entry: EventType, form: Form) -> Schema:
    """Return the JSON Schema of a type's data. That of the log is the one which ``ce_dataschema`` names."""
    model = entry.readable if form == "readable" else entry.model
    raw = model.model_json_schema(by_alias=True)
    models = {_word(each): each for each in _models(model)}
    names = {key: schema["title"].partition("[")[0] for key, schema in raw.get("$defs", {}).items()}
    tidied = partial(_tidied, form=form, names=names)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": dataschema(entry.name) + ("" if form == "log" else ":readable"),
        "title": entry.name,
        **tidied(raw),
        "description": plain(entry.meaning),
    }
    if names:
        schema["$defs"] = {
            names[key]: _ordered({"description": plain(_doc(models[names[key]])), **tidied(each)})
            for key, each in raw["$defs"].items()
        }
        assert len(schema["$defs"]) == len(names), f"{entry.name}: two values of one name"
    return _ordered(schema)


def plain(docstring: str) -> str:
    """Return a docstring as text: its paragraphs unwrapped, its ``names`` as CommonMark has them."""
    paragraphs = cleandoc(docstring).replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)


def _tidied(node: Schema, form: Form, names: dict[str, str]) -> Schema:
    found: Schema = {}
    for word, value in node.items():
        match word:
            case "title" | "$defs":
                continue  # said by the name that it has
            case "description":
                found[word] = plain(value)
            case "$ref":
                found[word] = "#/$defs/" + names[value.rpartition("/")[2]]
            case "additionalProperties" if value is False and form == "log":
                continue
            case "default" if value is None and form == "log":
                continue
            case "additionalProperties" | "items" if isinstance(value, dict):
                found[word] = _tidied(value, form, names)
            case "anyOf":
                options = [_tidied(option, form, names) for option in value]
                if form == "log":
                    options = [option for option in options if option != {"type": "null"}]
                found |= options[0] if len(options) == 1 else {word: options}
            case "properties":
                found[word] = {
                    name: _ordered({**_tidied(each, form, names), "description": _meaning(name, each)})
                    for name, each in value.items()
                }
            case _:
                found[word] = value
    return _ordered(found)


_FIRST = ("$schema", "$id", "title", "description", "type")
_LAST = ("properties", "required", "additionalProperties", "$defs")


def _ordered(node: Schema) -> Schema:
    # A person reads it from the top: what it is, then what it consists of.
    place = {word: at for at, word in enumerate((*_FIRST, "", *_LAST))}
    return dict(sorted(node.items(), key=lambda item: place.get(item[0], len(_FIRST))))


def _meaning(name: str, node: Schema) -> str:
    text = plain(node.get("description") or FIELDS.get(name, ""))
    return f"{text} In 分." if name.endswith("_fen") and "分" not in text else text


def _models(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
        for info in hint.model_fields.values():
            yield from _models(info.annotation)
    for option in get_args(hint):
        yield from _models(option)


def _word(model: type[BaseModel]) -> str:
    return model.__name__.partition("[")[0]


def _doc(model: type[BaseModel]) -> str:
    origin = model.__pydantic_generic_metadata__["origin"] or model
    return origin.__doc__ or ""


_FORMS = (form for entry in TYPES for form in (entry.readable, entry.model))
describe(dict.fromkeys(reversed([model for form in _FORMS for model in _models(form)])))

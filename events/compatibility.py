"""Whether the contract keeps what a release promised: within a version only optional fields are added.

Pure. Two promises follow from that sentence. To those who publish: what was accepted is accepted, and means
the same. To those who read the log: what stands there fits today's schemas, and what is written today fits
the schemas of the release, but for fields that it did not know. So the readable form may take in more, and
the log's form may not: a word that a reader has never heard needs a new version of the type.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from events.release import Contract
from events.schema import Schema

_MISSING = object()
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_HANDLED = {
    *(*_LEAST, *_MOST),
    *("type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "items", "default"),
}


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that is not kept: of which type, in which form (or the catalogue's row), where, and how."""

    type: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.type}, {self.where}: {self.what}"


def breaches(old: Contract, new: Contract) -> list[Breach]:
    """Return every promise of a released contract that another one does not keep."""
    found: list[Breach] = []
    for name, then in old.items():
        if name in new:
            found += (Breach(name, where, what) for where, what in _of_type(then, new[name]))
        else:
            found.append(Breach(name, "catalogue", "the type is gone"))
    return found


def _of_type(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, str]]:
    readable, log = _inlined(old["readable"]), _inlined(old["log"])
    for what in _of_row(old, new, readable):
        yield "catalogue", what
    if old["from_upstream"]:  # else nobody was promised that it would be taken
        yield from _narrowed(readable, _inlined(new["readable"]), "readable")
    yield from _narrowed(log, _inlined(new["log"]), "log")
    yield from _widened(log, _inlined(new["log"]), "log")


def _of_row(old: dict[str, Any], new: dict[str, Any], known: Schema) -> Iterator[str]:
    if old["from_upstream"] and not new["from_upstream"]:
        yield "upstream may no longer state it"
    for name in ("key", "business_date", "one_partition"):
        if old[name] != new[name]:
            yield f"{name} was {old[name] or 'none'} and is {new[name] or 'none'}"
    for name, key in old["undoes"].items():
        if new["undoes"].get(name) != key:
            yield f"a void of {name} no longer has the key {key}"
    for path in sorted({*old["protected"], *new["protected"]}):
        then, now = (row["protected"].get(path, "readable") for row in (old, new))
        # A field that is added may be sealed from its first day on.
        if then != now and _has(known, path):
            yield f"{path} was {then} and is {now}"
    kept = [path for path in new["seal_under"] if _has(known, path.partition(".")[0])]
    if kept[: len(old["seal_under"])] != old["seal_under"]:
        yield f"free text was sealed under {', '.join(old['seal_under'])} and is under {', '.join(kept)}"


def _inlined(schema: Schema) -> Schema:
    # No model of the contract contains itself.
    definitions = schema.get("$defs", {})

    def inlined(node: Any) -> Any:
        if isinstance(node, list):
            return [inlined(each) for each in node]
        if not isinstance(node, dict):
            return node
        found = {word: inlined(value) for word, value in node.items() if word not in ("$ref", "$defs")}
        if "$ref" in node:
            found = {**inlined(definitions[node["$ref"].rpartition("/")[2]]), **found}
        return found

    result: Schema = inlined(schema)
    return result


def _has(node: Schema, path: str) -> bool:
    name, _, rest = path.partition(".")
    if any(_has(option, path) for option in node.get("anyOf", ())):
        return True
    below = node.get("items") if name == "*" else node.get("properties", {}).get(name)
    return below is not None and (not rest or _has(below, rest))


def _narrowed(old: Schema, new: Schema, path: str) -> Iterator[tuple[str, str]]:
    """What a schema took and another does not, or takes for something else."""
    if "anyOf" in old or "anyOf" in new:
        yield from _narrowed_options(_options(old), _options(new), path)
    else:
        yield from _narrowed_value(old, new, path)
    if old.get("default", _MISSING) != new.get("default", _MISSING) and "default" in old:
        yield path, f"left out, it meant {old['default']!r} and means {new.get('default', 'nothing')!r}"


def _narrowed_options(old: list[Schema], new: list[Schema], path: str) -> Iterator[tuple[str, str]]:
    left = [each for each in old if not any(not list(_narrowed(each, other, path)) for other in new)]
    valued = [each for each in new if each.get("type") != "null"]
    for each in left:
        if each.get("type") == "null":
            yield path, "null is no longer taken"
        elif len(valued) == 1:
            yield from _narrowed(each, valued[0], path)
        else:
            yield path, f"{_type(each)} is no longer taken as it was"


def _narrowed_value(old: Schema, new: Schema, path: str) -> Iterator[tuple[str, str]]:
    if not _types(old) <= _types(new):
        yield path, f"the type was {_type(old)} and is {_type(new)}"
        return
    if (words := _words(new)) is not None:
        if (before := _words(old)) is None:
            yield path, "any value was taken, and now only some"
        elif gone := [word for word in before if word not in words]:
            yield path, f"{', '.join(map(str, gone))} is no longer taken"
    for name, sign in (*((each, 1) for each in _LEAST), *((each, -1) for each in _MOST)):
        if name in new and (name not in old or sign * new[name] > sign * old[name]):
            yield path, f"{name} was {old.get(name, 'none')} and is {new[name]}"
    for name in sorted(new.keys() - _HANDLED):
        # Whether one pattern takes all that another takes cannot be seen.
        if new[name] != old.get(name):
            yield path, f"{name} was {old.get(name, 'none')} and is {new[name]}"
    yield from _narrowed_fields(old, new, path)
    if "items" in old and "items" in new:
        yield from _narrowed(old["items"], new["items"], f"{path}[]")


def _narrowed_fields(old: Schema, new: Schema, path: str) -> Iterator[tuple[str, str]]:
    then, now = old.get("properties", {}), new.get("properties", {})
    for name, node in then.items():
        if name not in now:
            yield f"{path}.{name}", "the field is gone"
        else:
            yield from _narrowed(node, now[name], f"{path}.{name}")
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            how = "the field became required" if name in then else "a new field is required"
            yield f"{path}.{name}", how
    others, taken = (schema.get("additionalProperties", True) for schema in (old, new))
    if isinstance(others, dict) and isinstance(taken, dict):
        yield from _narrowed(others, taken, f"{path}.*")
    elif others is not False and taken is not True:
        yield path, "other fields are no longer taken"


def _widened(old: Schema, new: Schema, path: str) -> Iterator[tuple[str, str]]:
    """What a reader who knows the old schema may meet now, and could not before, but for new fields."""
    known, met = _options(old), _options(new)
    if len(known) != 1 or len(met) != 1:
        for each in met:
            if not any(not list(_widened(other, each, path)) for other in known):
                yield path, f"{_type(each)} may be met, as it was not before"
        return
    [old], [new] = known, met
    if not _types(new) <= _types(old):
        yield path, f"{_type(new)} may be met where there was {_type(old)}"
        return
    if (words := _words(old)) is not None:
        if (after := _words(new)) is None:
            yield path, "any value may be met where there were some"
        elif unheard := [word for word in after if word not in words]:
            yield path, f"{', '.join(map(str, unheard))} may be met, which readers do not know"
    for name, sign in (*((each, 1) for each in _LEAST), *((each, -1) for each in _MOST)):
        if name in old and (name not in new or sign * new[name] < sign * old[name]):
            yield path, f"{name} was {old[name]} and is {new.get(name, 'none')}: readers may meet more"
    for name in sorted(old.keys() - _HANDLED - new.keys()):
        yield path, f"{name} was {old[name]} and is none: readers may meet more"
    for name, node in old.get("properties", {}).items():
        if name in new.get("properties", {}):
            yield from _widened(node, new["properties"][name], f"{path}.{name}")
            if name in old.get("required", ()) and name not in new.get("required", ()):
                yield f"{path}.{name}", "the field was always there and may be missing"
    if "items" in old and "items" in new:
        yield from _widened(old["items"], new["items"], f"{path}[]")
    others, taken = (schema.get("additionalProperties") for schema in (old, new))
    if isinstance(others, dict) and isinstance(taken, dict):
        yield from _widened(others, taken, f"{path}.*")


def _options(node: Schema) -> list[Schema]:
    options: list[Schema] = node.get("anyOf", [node])
    return options


def _type(node: Schema) -> str:
    return str(node.get("type", "any value"))


def _types(node: Schema) -> set[str]:
    match node.get("type"):
        case None:
            return {"null", "boolean", "integer", "number", "string", "array", "object"}
        case "number":
            return {"integer", "number"}
        case name:
            return {str(name)}


def _words(node: Schema) -> list[Any] | None:
    if "const" in node:
        return [node["const"]]
    words: list[Any] | None = node.get("enum")
    return words

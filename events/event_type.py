"""One row of the catalogue: a type of event with its two models, its key and what is sealed in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from inspect import cleandoc
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from events.form import Account, Fact, Person
from events.values import AccountNumber, FreeText, local_date

Protection = Literal["person", "account", "account_number", "text"]
Path = tuple[str, ...]

_READABLE: dict[Any, Protection] = {
    Person: "person",
    Account: "account",
    AccountNumber: "account_number",
    FreeText: "text",
}


@dataclass(frozen=True, slots=True)
class ProtectedField:
    """Where in the data a value stands that the log may not show; ``*`` in the path is each list item."""

    path: Path
    protection: Protection


@dataclass(frozen=True, kw_only=True)
class EventType:
    """One row of the catalogue.

    ``readable`` is the model of what upstream sends, ``model`` of what the log keeps (the same for facts
    without personal data). ``key`` is the path of the topic key in the log's data; the key of a void is the
    key of the type that it undoes, which ``undoes`` gives by name. ``business_date`` is the field that says
    when it happened in business terms; ``None``: the day of ``time`` in Asia/Shanghai. ``seal_under`` names,
    in order of preference, the paths whose value owns the key of free text. ``unique`` names the fields whose
    values, taken together, one live fact of the type in the deployment may state, and no second one: the
    number that begins with it. ``requirements`` are the numbers of the plan's requirements (R1-R70) that the
    type serves.
    """

    name: str
    readable: type[Fact]
    model: type[Fact]
    key: Path = ()
    business_date: str | None = None
    seal_under: tuple[Path, ...] = ()
    unique: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    from_upstream: bool = True
    undoes: Mapping[str, Path] = field(default_factory=dict, hash=False)

    @cached_property
    def context(self) -> str:
        """The context that the type belongs to, the second word of its name."""
        return self.name.split(".")[1]

    @cached_property
    def verb(self) -> str:
        """What happened, the third word of its name: ``paid``."""
        return self.name.split(".")[2]

    @property
    def meaning(self) -> str:
        """What a fact of this type says, as its model's docstring has it."""
        declared = self.readable.__pydantic_generic_metadata__["origin"] or self.readable
        return cleandoc(declared.__doc__ or "")

    @cached_property
    def void(self) -> bool:
        """Whether this type undoes facts of its context."""
        return self.name.endswith(".voided.v1")

    @cached_property
    def protected(self) -> tuple[ProtectedField, ...]:
        """Every place in the data that is tokenised or sealed."""
        return tuple(_protected(self.readable))

    def key_path(self, data: Mapping[str, Any]) -> Path:
        """Return where in the data the topic key stands: for a void, where the undone fact has it."""
        return self.key or self.undoes[data["type"]]

    def key_of(self, data: dict[str, Any]) -> str:
        """Return the topic key for the log's data (as JSON values)."""
        value: Any = data
        for name in self.key_path(data):
            value = value[name]
        return str(value)

    def business_date_of(self, data: Fact, time: datetime) -> date:
        """Return the day on which the fact happened in business terms."""
        if self.business_date is None:
            return local_date(time)
        value = getattr(data, self.business_date)
        assert isinstance(value, date)
        return local_date(value) if isinstance(value, datetime) else value


def _protected(model: type[BaseModel], path: Path = ()) -> Iterator[ProtectedField]:
    for name, info in model.model_fields.items():
        hint: Any = info.annotation
        if info.metadata:
            hint = Annotated[(hint, *info.metadata)]
        yield from _protected_hint(hint, (*path, info.alias or name))


def _protected_hint(hint: Any, path: Path) -> Iterator[ProtectedField]:
    for readable, protection in _READABLE.items():
        if hint == readable:
            yield ProtectedField(path, protection)
            return
    if get_origin(hint) is Annotated:
        yield from _protected_hint(get_args(hint)[0], path)
    elif get_origin(hint) is list:
        yield from _protected_hint(get_args(hint)[0], (*path, "*"))
    elif get_args(hint):
        for option in get_args(hint):
            yield from _protected_hint(option, path)
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from _protected(hint, path)

"""An upstream office: what it declares about itself, and how it states and undoes facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from services.simulator.facts import Event
from services.simulator.register import Register


@dataclass(frozen=True, slots=True)
class Form:
    """How one source writes a sheet: the file's name without its ending, format and encoding."""

    name: str
    suffix: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A type of fact that an office hands over as files; all others it sends over HTTP.

    ``columns`` are headers with where the value stands in the fact's data (``id`` is the event's id, 流水号;
    nothing: the column stays empty). ``words`` are what the office writes for codes, by column. ``forms``
    are by the beginning of the source. A file has no time of day: the fact happened on the day that
    ``dated_by`` names.
    """

    type: str
    kind: str
    dated_by: str
    columns: tuple[tuple[str, str], ...]
    forms: Mapping[str, Form]
    words: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)


class Office:
    """Base of all offices. A module with a subclass, and a line in the table."""

    context: ClassVar[str]
    source: ClassVar[str]
    """A template for ``Division.source``; an office may state facts of other sources as well."""
    serial: ClassVar[str]
    """The letters that the ids of its events begin with."""
    void_fields: ClassVar[tuple[str, ...]] = ()
    """What a void repeats of the original, so that nobody has to look it up."""
    sheets: ClassVar[tuple[Sheet, ...]] = ()

    def __init__(self, register: Register) -> None:
        self.register = register
        self._own_source = register.division.source(self.source)
        self._dated_by = {sheet.type: sheet.dated_by for sheet in self.sheets}

    def state(
        self, name: str, day: date, data: dict[str, Any], *, source: str | None = None, hour: int = 9
    ) -> Event:
        """An event of type ``dibao.<context>.<name>.v1`` that happened on a day; ``None`` means absent."""
        source = source or self._own_source
        event_type = f"dibao.{self.context}.{name}.v1"
        if None in data.values():
            data = {key: value for key, value in data.items() if value is not None}
        dated_by = self._dated_by.get(event_type)
        time = f"{day.isoformat()}T{hour:02d}:30" if dated_by is None else f"{data[dated_by]}T00:00"
        return {
            "specversion": "1.0",
            "id": self.register.serials.event_id(self.serial, source, day),
            "source": source,
            "type": event_type,
            "time": f"{time}:00+08:00",
            "datacontenttype": "application/json",
            "data": data,
        }

    def send(
        self, event: Event, day: date, deliver: date | None = None, *, usual: int = 2, once: bool = False
    ) -> Event:
        """Post an event of a day, usually some days later."""
        post = self.register.post
        post.send(event, deliver or day + post.lag(usual), once)
        return event

    def tell(
        self, name: str, day: date, data: dict[str, Any], *, deliver: date | None = None, usual: int = 3
    ) -> Event:
        """State a fact of a day and post it. What happens after the run is not handed over."""
        event = self.state(name, day, {key: _stated(value) for key, value in data.items()})
        if day <= self.register.post.last_day:
            self.send(event, day, deliver, usual=usual)
        return event

    def void(self, original: Event, day: date, reason: str, deliver: date | None = None) -> None:
        """State that a fact never counted; ``deliver`` may lie before the original's."""
        data = {
            "source": original["source"],
            "id": original["id"],
            "type": original["type"],
            "reason": reason,
            **{name: original["data"].get(name) for name in self.void_fields},
        }
        self.send(self.state("voided", day, data, source=original["source"], hour=16), day, deliver)


def key_of(event: Event, *names: str) -> dict[str, str]:
    """The fields of a fact that name what it is about, as labels do."""
    return {name: event["data"][name] for name in names}


def _stated(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value

"""What a declaration of a fact is made of: its type, a compact body, and the subject that keeps it.

Bodies are stored as JSON arrays with their kind first. Events are pydantic models; bodies are our own,
written and read here only, so msgspec is enough (and four times as fast). Dates are ISO text, which compares
as dates do; months likewise; amounts are 分; ``time`` is microseconds since 1970. Persons and accounts are
tokens, names are match keys.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from events.envelope import Event
from events.form import NameKeys

EVIDENCE_CAP = 50
"""Evidence listed with a finding; ``evidence_count`` counts all of it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Body(msgspec.Struct, array_like=True, frozen=True):
    """The fields of a fact that rules read. Its tag is the *kind* of the fact; ``date`` its business date."""

    event_id: str
    date: str


class Names(msgspec.Struct, array_like=True, frozen=True):
    """Match keys of one name, an HMAC per tier, from strong to weak.

    ``folded``: the last three as version 2 of the rules for names makes them, where they differ.
    """

    exact: str
    normalised: str
    variant: str
    pinyin: str
    folded: tuple[str, str, str] | None = None


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A body as one subject keeps it; ``month`` is the month that it belongs to, if any, else empty."""

    subject: str
    body: Body
    month: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactType:
    """What rules read of one type of event, and whom it concerns.

    ``bodies`` are the kinds of body that ``keep`` makes of an event of the type.
    """

    name: str
    bodies: tuple[type[Body], ...]
    keep: Callable[[Event], Sequence[Kept]]


def kind_of(body: type[Body]) -> str:
    """Return the kind of fact that a class of bodies stands for."""
    return str(body.__struct_config__.tag)


def business_date(event: Event) -> str:
    """Return the business date of a fact, as text."""
    return event.entry.business_date_of(event.fact, event.time).isoformat()


def micros(time: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def names_of(keys: NameKeys) -> Names:
    """Return a name's match keys as bodies keep them."""
    more = keys.folded
    folded = None if more is None else (more.normalised, more.variant, more.pinyin)
    return Names(keys.exact, keys.normalised, keys.variant, keys.pinyin, folded)

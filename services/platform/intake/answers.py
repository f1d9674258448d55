"""What intake says about each thing that it was handed."""

import logging
from collections.abc import Callable
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from services.platform.intake.sentences import Sentence, say

if TYPE_CHECKING:
    from services.platform.intake.receipts import Receipt

_LOG = logging.getLogger(__name__)

Status = Literal["accepted", "repeated", "set_aside", "rejected"]


class Fault(msgspec.Struct, frozen=True, gc=False):
    """One thing that is wrong, or doubtful: which field, and what was expected there; never the value."""

    field: str
    sentence: Sentence

    def as_json(self) -> dict[str, str]:
        """Return it as it stands in an HTTP answer."""
        said = self.sentence
        return {"field": self.field, "code": said.code, "expected": said.english, "detail": said.chinese}


class Rejection(msgspec.Struct, frozen=True, gc=False):
    """Why something is no fact, or not this source's: everything that is wrong with it."""

    faults: tuple[Fault, ...]
    forbidden: bool = False
    serial: str | None = None

    @classmethod
    def of(
        cls, field: str, sentence: Sentence, *, forbidden: bool = False, serial: str | None = None
    ) -> "Rejection":
        """Return the rejection for one fault."""
        return cls((Fault(field, sentence),), forbidden, serial)


def fault_of_ours(error: Exception, serial: str | None = None) -> Rejection:
    """Return the refusal of one fact where our own code failed, so that the facts beside it go on.

    The log says where; neither it nor the refusal repeats a value, nor the error's words, which may hold one.
    """
    kind, last = type(error).__name__, extract_tb(error.__traceback__)[-1]
    _LOG.error("a fact could not be judged: %s in %s:%s", kind, last.name, last.lineno)
    return Rejection.of("event", say("fault-of-ours", kind=kind), serial=serial)


class Aside(msgspec.Struct, frozen=True, gc=False):
    """Why a fact is set aside: the other content of its id, and the fields in which the two differ.

    ``fields``: by name, with both values masked; empty where it may only be said that they differ.
    ``receipt`` and ``day`` are those of the other content; empty where it could not be looked up.
    ``digests`` name all contents, so that one can be voided.
    """

    receipt: str
    day: str
    fields: dict[str, tuple[str, str]]
    digests: tuple[str, ...]

    def sentence(self, name: Callable[[str], str] = str) -> Sentence:
        """Return it as a sentence; ``name`` says how a field is called where it is read."""
        other = {
            "receipt": self.receipt or "?",
            "day": self.day or "?",
            "digests": "、".join(self.digests),
        }
        if not self.fields:
            return say("content-differs-somewhere", **other)
        shown = [
            f"{name(field)} ({before} → {now})" if before or now else name(field)
            for field, (before, now) in self.fields.items()
        ]
        return say("content-differs", fields="、".join(shown), **other)


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What became of one item.

    ``accepted`` and ``set_aside`` facts are acknowledged by Kafka now, ``repeated`` ones were before.
    ``set_aside``: the same id came with other contents; ``digests`` names all, so that one can be voided, and
    ``aside`` says why. ``doubts`` are what looks wrong although it is accepted. ``void``: it undoes a fact.
    """

    status: Status
    serial: str | None = None
    event_id: UUID | None = None
    digests: tuple[str, ...] = ()
    rejection: Rejection | None = None
    amount_fen: int = 0
    aside: Aside | None = None
    doubts: tuple[Fault, ...] = ()
    void: bool = False

    def as_json(self, index: int) -> dict[str, Any]:
        """Return the answer as an item of the HTTP answer."""
        item: dict[str, Any] = {"index": index, "id": self.serial, "status": self.status}
        if self.event_id is not None:
            item["event_id"] = str(self.event_id)
        if self.digests:
            item["digests"] = list(self.digests)
        if self.aside is not None:
            item["reason"] = Fault("id", self.aside.sentence()).as_json()
        if self.rejection is not None:
            item["errors"] = [fault.as_json() for fault in self.rejection.faults]
        if self.doubts:
            item["warnings"] = [doubt.as_json() for doubt in self.doubts]
        return item


class Stopped(Exception):  # noqa: N818 - a state, not a fault of the program
    """A delivery stopped before its end. ``receipt`` says how far it came, where it has one."""

    receipt: "Receipt | None" = None

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.english)
        self.sentence = sentence


class Unavailable(Stopped):
    """Kafka or PostgreSQL is away. What was acknowledged before stays; sending all again is safe."""


class FileRefused(Stopped):
    """The file cannot be read, or not to its end; the sentence says what was expected."""

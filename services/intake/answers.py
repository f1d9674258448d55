"""What intake says about each thing that it was handed."""

import logging
from collections.abc import Callable, Collection
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

from services.intake.sentences import Sentence, say

if TYPE_CHECKING:
    from services.intake.receipts import Receipt

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
    """Why something is no fact, or not this source's: everything that is wrong with it.

    ``unknown``: the type that it names, or that it undoes, where this version knows no such type.
    """

    faults: tuple[Fault, ...]
    forbidden: bool = False
    serial: str | None = None
    unknown: str | None = None

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


class Version(msgspec.Struct, frozen=True, gc=False):
    """One content of a fact: its digest, by which it can be voided, and the receipt and day it came with.

    ``receipt`` and ``day`` are ``?`` where they could not be looked up.
    """

    digest: str
    receipt: str = "?"
    day: str = "?"


class Conflict(msgspec.Struct, frozen=True, gc=False):
    """A fact is set aside as its id has other contents as well: which, and in which fields they differ.

    ``others``: those that no void undoes; ``fields``: how the first of them differs from ``this``, by name,
    with both values masked; empty where it may only be said that they do. ``void``: it is a void itself.
    """

    this: Version
    others: tuple[Version, ...]
    fields: dict[str, tuple[str, str]]
    void: bool = False

    def sentence(self, name: Callable[[str], str] = str) -> Sentence:
        """Return it as a sentence; ``name`` says how a field is called where it is read."""
        if self.void:
            return say("void-differs")
        first, *more = self.others
        said = {
            "receipt": first.receipt,
            "day": first.day,
            "other": first.digest,
            "this": self.this.digest,
            "this_receipt": self.this.receipt,
            "this_day": self.this.day,
            "more": "".join(f"、{version.digest}" for version in more),
        }
        if not self.fields:
            return say("content-differs-somewhere", **said)
        shown = [
            f"{name(field)} ({before} → {now})" if before or now else name(field)
            for field, (before, now) in self.fields.items()
        ]
        return say("content-differs", fields="、".join(shown), **said)


class Undone(msgspec.Struct, frozen=True, gc=False):
    """A fact, or this content of it is voided: it does not count. ``standing``: its contents that are not."""

    digest: str
    standing: tuple[str, ...]

    def sentence(self, name: Callable[[str], str] = str) -> Sentence:
        """Return it as a sentence."""
        if len(self.standing) == 1:
            return say("version-voided", digest=self.digest, counting=self.standing[0])
        return say("voided")


Aside = Conflict | Undone
"""Why a fact is set aside."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of one item.

    ``accepted`` and ``set_aside`` facts are acknowledged by Kafka now, ``repeated`` ones were before.
    ``set_aside``: it does not count, and ``aside`` says why: it is voided, or its id came with other
    contents; ``digests`` names those that no void undoes, so that all but one can be voided. ``doubts`` are
    what looks wrong although it is accepted. ``undoes``: the fact that a void undoes. ``new``: it is on the
    log since now. ``position``: where, as topic/partition/offset; None where Kafka did not say.
    """

    status: Status
    serial: str | None = None
    event_id: UUID | None = None
    digests: tuple[str, ...] = ()
    rejection: Rejection | None = None
    amount_fen: int = 0
    aside: Aside | None = None
    doubts: tuple[Fault, ...] = ()
    undoes: UUID | None = None
    new: bool = False
    position: str | None = None

    def as_json(self, index: int) -> dict[str, Any]:
        """Return the answer as an item of the HTTP answer."""
        item: dict[str, Any] = {"index": index, "id": self.serial, "status": self.status}
        if self.event_id is not None:
            item["event_id"] = str(self.event_id)
        if self.position is not None:
            item["position"] = self.position
        if self.digests:
            item["digests"] = list(self.digests)
        if self.aside is not None:
            item["reason"] = Fault("id", self.aside.sentence()).as_json()
        if self.rejection is not None:
            item["errors"] = [fault.as_json() for fault in self.rejection.faults]
        if self.doubts:
            item["warnings"] = [doubt.as_json() for doubt in self.doubts]
        return item


class Furthest:
    """The last position of each partition, of positions on the log such as ``dibao.payments/3/1042``."""

    def __init__(self) -> None:
        self._offsets: dict[str, int] = {}

    def add(self, position: str) -> None:
        """Take a position into account."""
        partition, _, offset = position.rpartition("/")
        self._offsets[partition] = max(int(offset), self._offsets.get(partition, 0))

    def __str__(self) -> str:
        """Return the positions in order, with commas between them."""
        return ",".join(f"{partition}/{offset}" for partition, offset in sorted(self._offsets.items()))


def settled(answer: Answer, undone_here: Collection[UUID]) -> Answer:
    """Return an answer in view of the facts that the same delivery undoes itself.

    Where it states such a fact and comes again, the fact is repeated as its void is: nothing is to be mended.
    """
    if isinstance(answer.aside, Undone) and not answer.new and answer.event_id in undone_here:
        return msgspec.structs.replace(answer, status="repeated", aside=None, digests=())
    return answer


class Stopped(Exception):  # noqa: N818 - a state, not a fault of the program
    """A delivery stopped before its end. ``receipt`` says how far it came, where it has one."""

    receipt: "Receipt | None" = None

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.english)
        self.sentence = sentence


class Unavailable(Stopped):
    """Kafka or PostgreSQL is away. What was acknowledged before stays; sending all again is safe."""


class NewerVersion(Unavailable):
    """A fact is for a newer version, which is being brought in; sending it again is safe as well."""

    def __init__(self) -> None:
        super().__init__(say("newer-version"))


class FileRefused(Stopped):
    """The file cannot be read, or not to its end; the sentence says what was expected."""

"""What intake says about each thing that it was handed."""

import logging
from dataclasses import dataclass
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from services.platform.intake.receipts import Tally

_LOG = logging.getLogger(__name__)

Status = Literal["accepted", "repeated", "set_aside", "rejected"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why something is no fact, or not this source's: which field, what was expected; never the value."""

    field: str
    expected: str
    forbidden: bool = False
    serial: str | None = None


def fault(error: Exception, serial: str | None = None) -> Rejection:
    """Return the refusal of one fact where our own code failed, so that the facts beside it go on.

    The log says where; neither it nor the refusal repeats a value, nor the error's words, which may hold one.
    """
    kind, last = type(error).__name__, extract_tb(error.__traceback__)[-1]
    _LOG.error("a fact could not be judged: %s in %s:%s", kind, last.name, last.lineno)
    return Rejection("event", f"dibao to be mended: it failed at this ({kind})", serial=serial)


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What became of one item.

    ``accepted`` and ``set_aside`` facts are acknowledged by Kafka now, ``repeated`` ones were before.
    ``set_aside``: the same id came with other contents; ``digests`` names all, so that one can be voided.
    """

    status: Status
    serial: str | None = None
    event_id: UUID | None = None
    digests: tuple[str, ...] = ()
    error: Rejection | None = None
    amount_fen: int = 0

    def as_json(self, index: int) -> dict[str, Any]:
        """Return the answer as an item of the HTTP answer."""
        item: dict[str, Any] = {"index": index, "id": self.serial, "status": self.status}
        if self.event_id is not None:
            item["event_id"] = str(self.event_id)
        if self.digests:
            item["digests"] = list(self.digests)
        if self.error is not None:
            item["error"] = {"field": self.error.field, "expected": self.error.expected}
        return item


class Stopped(Exception):  # noqa: N818 - a state, not a fault of the program
    """A delivery stopped before its end. ``tally`` says how far it came, where it has a receipt."""

    tally: "Tally | None" = None


class Unavailable(Stopped):
    """Kafka or PostgreSQL is away. What was acknowledged before stays; sending all again is safe."""


class FileRefused(Stopped):
    """The file cannot be read, or not to its end; the message says what was expected."""

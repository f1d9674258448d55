"""What rules read of each type of fact, and whom it concerns: one file a context, found in this folder."""

from functools import reduce
from operator import or_
from typing import Any, Final

import msgspec

from events.catalogue import UPSTREAM_CONTEXTS
from events.shelf import declared_in
from services.detection.facts.envelope import OF_ANY_TYPE
from services.detection.facts.fact import Body, FactType

_DECLARED: Final[list[FactType]] = [fact for facts in declared_in(__name__, "FACTS") for fact in facts]

FACTS: Final[dict[str, FactType]] = {fact.name: fact for fact in _DECLARED}
"""By the name of the type of event."""

assert len(FACTS) == len(_DECLARED), "a type of event is declared twice, and one would hide the other"

BODIES: Final[tuple[type[Body], ...]] = tuple(
    dict.fromkeys([*(body for fact in FACTS.values() for body in fact.bodies), *OF_ANY_TYPE])
)

CONTEXTS: Final = tuple(dict.fromkeys([*(name.split(".")[1] for name in FACTS), *UPSTREAM_CONTEXTS]))
"""The contexts of the log that detection consumes: with types that a rule reads, and all of upstream's."""

_ANY: Any = reduce(or_, BODIES)
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[list[Body]] = msgspec.json.Decoder(list[_ANY])


def encode(body: Body) -> str:
    """Return the text that is stored."""
    return _encoder.encode(body).decode()


def decode(joined: str) -> list[Body]:
    """Return the bodies of stored texts that were joined with commas."""
    return _decoder.decode("[" + joined + "]")

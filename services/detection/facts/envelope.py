"""What rules read of facts of any type: ids and their contents, numbers, and who may state what.

Of nearly every fact nothing of this is kept: an id is once it has several contents, a business number once a
second fact states it, a fact if its source's key was bound to an area. ``date`` is empty but for the last: a
first content is only remembered by its digest.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from events.catalogue import BY_TYPE
from events.envelope import Event
from services.detection.facts.campaign import TaskAssigned
from services.detection.facts.clues import ClueReceived
from services.detection.facts.enrollment import Enrolled, Listed
from services.detection.facts.fact import Body, Kept, business_date
from services.detection.facts.funds import BatchSubmitted
from services.detection.facts.hotline import Called
from services.detection.facts.identity import HouseholdMoved
from services.detection.facts.petitions import PetitionFiled
from services.detection.facts.screening import ScreeningListed


class OneContent(Body, frozen=True, tag="one_content"):
    """One of several contents of an id; it counts while no void undoes it, and not it alone.

    ``receipts``: of the files and batches that it came with, in order; none where it came singly.
    """

    source: str
    serial: str
    digest: str
    receipts: list[str]


class NumberStated(Body, frozen=True, tag="number_stated"):
    """A fact states a business number that another one of its type has stated; ``receipts`` as above.

    ``stated_by`` is the name of the type.
    """

    stated_by: str
    receipts: list[str]


class AreaBound(Body, frozen=True, tag="area_bound"):
    """A fact of a source whose key was bound to ``area``: prefixes of divisions, a comma between them.

    ``division`` is its own, where that lies outside; ``place`` else the name of the subject that says where
    it belongs (``household:LZ0001``), and ``month`` the one for which it does.
    """

    month: str
    source: str
    area: str
    division: str | None
    place: str | None


OF_ANY_TYPE: Final = (OneContent, NumberStated, AreaBound)
"""The bodies that are no type's own."""

LOCATING: Final[Mapping[str, tuple[type[Body], ...]]] = {
    "household": (Enrolled, HouseholdMoved),
    "petition": (PetitionFiled,),
    "clue": (ClueReceived,),
    "screening": (ScreeningListed,),
    "batch": (BatchSubmitted,),
    "call": (Called,),
    "task": (TaskAssigned,),
    "member": (Listed,),
}
"""The facts that say in which division somebody or something lies, by the kind of subject that keeps them.

The first that a fact names says where the fact belongs.
"""

_NUMBERS: Final = tuple((f"{kind}_no", f"{kind}:") for kind in LOCATING if kind != "member")


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A business number that one fact of its type may state, and no second one.

    ``identity`` is that of type and number together, 16 bytes; ``kind`` the number's field.
    """

    identity: bytes
    kind: str
    number: str
    type: str

    @property
    def subject(self) -> str:
        """The subject that keeps those that state it all the same."""
        return f"business_number:{self.kind}:{self.number}"


def claim_of(event: Event) -> Claim | None:
    """Return the number that no other fact of the event's type may state; None without one."""
    name = event.type
    unique = BY_TYPE[name].unique
    if not unique:
        return None
    if len(unique) == 1:
        (kind,) = unique
        number = getattr(event.data, kind)
    else:
        # No number has a blank in it.
        kind, number = "+".join(unique), " ".join(getattr(event.data, field) for field in unique)
    return Claim(blake2b(f"{name}\n{number}".encode(), digest_size=16).digest(), kind, number, name)


def identifier(event_id: UUID) -> str:
    """Return the subject that keeps the contents of an id."""
    return f"identifier:{event_id}"


def content_of(event_id: UUID, source: str, serial: str, digest: UUID, receipts: Sequence[str]) -> Kept:
    """Return one of several contents of an id, as the id keeps it."""
    body = OneContent(str(event_id), "", source, serial, digest.hex, list(receipts))
    return Kept(identifier(event_id), body)


def stated(event_id: UUID, claim: Claim, receipts: Sequence[str]) -> Kept:
    """Return a fact that states a number which another one states too, as the number keeps it."""
    return Kept(claim.subject, NumberStated(str(event_id), "", claim.type, list(receipts)), ALL_MONTHS)


ALL_MONTHS: Final = "all"
"""The month under which those are kept that state one number: they may be too many to be read one by one."""


def area_bound(event: Event) -> list[Kept]:
    """Return a fact of a source that is bound to an area, where it may lie outside; else nothing."""
    area = event.source_area
    if area is None:
        return []
    data = event.data
    day = business_date(event)
    month = getattr(data, "month", None) or day[:7]
    division = data.division
    place = None
    if division is not None:
        if inside(division, area):
            return []
        name = division
    else:
        place = _place_of(data)
        if place is None:
            return []
        name = place
    body = AreaBound(str(event.event_id), day, month, event.source, area, division, place)
    return [Kept("bounds:" + name, body, month)]


def inside(division: str, area: str) -> bool:
    """Whether a division lies in an area."""
    return division.startswith(tuple(area.split(",")))


def _place_of(data: object) -> str | None:
    for field, prefix in _NUMBERS:
        number = getattr(data, field, None)
        if number is not None:
            return prefix + str(number)
    person = getattr(data, "person", None)
    return None if person is None else f"member:{person.person_id}"

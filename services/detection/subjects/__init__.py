"""The kinds of subject that rules live on: one file each but for plain ones, found in this folder."""

from functools import cache
from typing import Any, Final

from events.shelf import declared_in
from services.detection.subjects.subject import Subject, plain

DECLARED: Final[dict[str, Subject[Any]]] = {
    subject.kind: subject for subject in declared_in(__name__, "SUBJECT")
}

NUMBERED: Final = {kind: subject.number_of for kind, subject in DECLARED.items() if subject.number_of}
"""The kinds that go by the number of a person or a household, and by whose."""


@cache
def subject_of(kind: str) -> Subject[Any]:
    """Return a kind of subject: as declared, or a plain one."""
    return DECLARED.get(kind) or plain(kind)


def kind_of(subject: str) -> str:
    """Return the kind of a subject's name (``household`` of ``household:LZ0001``)."""
    return subject.partition(":")[0]

"""The kinds of subject that rules live on: one file each but for plain ones, found in this folder."""

from functools import cache
from typing import Any, Final

from services.detection.found import modules_in
from services.detection.subjects.subject import Subject, plain

DECLARED: Final[dict[str, Subject[Any]]] = {
    module.SUBJECT.kind: module.SUBJECT for module in modules_in(__name__) if hasattr(module, "SUBJECT")
}


@cache
def subject_of(kind: str) -> Subject[Any]:
    """Return a kind of subject: as declared, or a plain one."""
    return DECLARED.get(kind) or plain(kind)


def kind_of(subject: str) -> str:
    """Return the kind of a subject's name (``household`` of ``household:LZ0001``)."""
    return subject.partition(":")[0]

"""How far the asker may see: an area, which a key may be bound to, and every question keeps to.

Whoever answers sets it once a request (``guard``); the questions read it, so that none is asked without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from services.reporting.reading import NotThereError

_AREA: ContextVar[str | None] = ContextVar("area", default=None)


class OutOfAreaError(NotThereError):
    """What was asked for lies outside the area of the key; ``area`` is that."""

    def __init__(self, area: str) -> None:
        super().__init__(f"This key reads the area {area} only.")
        self.area = area


def keep_to(area: str | None) -> None:
    """Let all that this request asks from now on keep to an area: the beginning of a division code."""
    _AREA.set(area)


@contextmanager
def kept_to(area: str | None) -> Iterator[None]:
    """Keep to an area for a while."""
    token = _AREA.set(area)
    try:
        yield
    finally:
        _AREA.reset(token)


def own_area() -> str | None:
    """Return the area that is kept to; None: everywhere."""
    return _AREA.get()


def innermost(village: str | None) -> str | None:
    """Return the smaller of the area that is kept to and the one that is asked for: it says where to look."""
    return max((area for area in (own_area(), village) if area is not None), key=len, default=None)


def check_within(village: str | None) -> None:
    """Raise OutOfAreaError where a village, or an unknown one, does not lie in the area."""
    kept = own_area()
    if kept is not None and not (village or "").startswith(kept):
        raise OutOfAreaError(kept)


def check_everywhere() -> None:
    """Raise OutOfAreaError where there is an area: what is asked for has no place, or all of them."""
    kept = own_area()
    if kept is not None:
        raise OutOfAreaError(kept)

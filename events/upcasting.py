"""Old records read as new ones: from the data of one version of a type to those of the next. Pure.

What stands on the log is never rewritten. Where a type gets a new version, the older one stays in the
catalogue (its records stand on logs for ever, and upstreams may go on stating it), and an upcaster brings its
data to the next version whenever a record is read. Consumers then know the newest version only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from events.event_type import EventType


class UpcastingError(Exception):
    """Data of an older version cannot be brought to the next one. The message carries none of them."""


@dataclass(frozen=True, slots=True)
class Upcaster:
    """One step: the log's data of type ``older``, JSON values, become those of the next version, ``newer``.

    ``upcast`` may change the mapping that it is given. It asks nothing but the data: the same record is read
    the same way for ever. Sealed values stay where they are, since each opens only where it was sealed for.
    """

    older: str
    newer: str
    upcast: Callable[[dict[str, Any]], dict[str, Any]]


UPCASTERS: tuple[Upcaster, ...] = ()
"""Every step there is. None yet: every type is at its first version."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How records of a type are read: as which type, after which steps."""

    entry: EventType
    steps: tuple[Upcaster, ...] = ()


def readings(types: Mapping[str, EventType], upcasters: Iterable[Upcaster]) -> dict[str, Reading]:
    """Return how records of each type are read: as the last version that steps lead to.

    Raises ValueError where a step leads elsewhere than to the next version, or steps are missing or doubled.
    """
    steps: dict[str, Upcaster] = {}
    for step in upcasters:
        if step.newer != _next(step.older):
            raise ValueError(f"an upcaster of {step.older} leads to {_next(step.older)}, not to {step.newer}")
        if step.older in steps:
            raise ValueError(f"two upcasters begin at {step.older}")
        steps[step.older] = step
    found: dict[str, Reading] = {}
    for name in (*types, *steps):
        path: tuple[Upcaster, ...] = ()
        last = name
        while (following := steps.get(last)) is not None:
            path = (*path, following)
            last = following.newer
        if last not in types:
            raise ValueError(f"upcasters lead from {name} to {last}, which the catalogue does not have")
        found[name] = Reading(types[last], path)
    return found


def upcast(value: bytes, steps: Sequence[Upcaster]) -> bytes:
    """Return the data of a record after these steps. Raises UpcastingError."""
    try:
        data = orjson.loads(value)
        for step in steps:
            data = step.upcast(data)
        return orjson.dumps(data)
    except Exception as error:
        raise UpcastingError(f"from {steps[0].older} to {steps[-1].newer} ({type(error).__name__})") from None


def _next(name: str) -> str:
    stem, _, version = name.rpartition(".v")
    return f"{stem}.v{int(version) + 1}"

"""The journal's checkpoints that cover a state of the log: what is reported of it names them."""

import time
from collections.abc import Iterable, Mapping

from services.journal.keeping import trees
from services.journal.note import Key
from services.journal.tree import JournalError, Tree
from services.platform.settings import Settings

_PATIENCE = 10.0
"""In seconds; the journal is written about once a second."""


def checkpoints_of(settings: Settings, key: Key, positions: Mapping[str, int]) -> dict[str, str]:
    """Return the signed checkpoint of each partition that has records below its position.

    ``positions``: the next offset by ``topic/partition``. The checkpoints have the same names, and may
    cover what came later as well. Waits a moment for the journal. Raises JournalError where it is not there,
    or does not come so far.
    """
    wanted = {place: position for place, position in positions.items() if position}
    if not wanted:
        return {}
    late = time.monotonic() + _PATIENCE
    while True:
        try:
            return _covering(trees(settings, key), wanted)
        except JournalError:
            if time.monotonic() > late:
                raise
            time.sleep(0.5)


def _covering(journal: Iterable[Tree], wanted: Mapping[str, int]) -> dict[str, str]:
    found = {f"{tree.topic}/{tree.partition}": tree for tree in journal}
    for place, position in wanted.items():
        end = found[place].next_offset or 0 if place in found else 0
        if end < position:
            raise JournalError(
                f"the journal has {place} to offset {end}, and {position} is wanted: `dibao status` says "
                "whether the service `journal` runs"
            )
    return {place: found[place].note for place in wanted}

"""Merged cells over rows of facts: read as what they show where that is plain, or said to be in the way."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.intake.answers import FileRefused
from services.intake.cells import text_of
from services.intake.headers import Found
from services.intake.sentences import Sentence, say
from services.intake.workbook import Cell, Merge
from services.platform.limits import COLUMNS

_SHARED_KINDS = ("word", "month", "quarter", "day")
_SHARED_FIELDS = ("division", "batch_no")
"""What many facts of a table may have in common; of an amount or an account each has its own."""


@dataclass(slots=True)
class _Shown:
    """A merge over rows below the header row. ``place``: the column that it fills, if it does."""

    merge: Merge
    place: int | None
    shared: bool = False
    value: Cell = None
    key: tuple[str, ...] | None = field(default=None)


class Merges:
    """The merges that touch the rows of a table, as these are read from the top.

    A merge of one column shows its value in every row, where several rows make up one fact and the column is
    not one of their items. Any other is in the way of the rows that it touches.
    """

    def __init__(self, waiting: Sequence[_Shown], key: Sequence[int]) -> None:
        self._waiting = deque(waiting)
        self._active: list[_Shown] = []
        self._key = key

    @classmethod
    def of(cls, merges: Sequence[Merge], found: Found, header_row: int) -> "Merges | None":
        """Return the merges that touch the rows below the header row, if any does."""
        place_of = {at + 1: place for place, at in enumerate(found.places)}
        waiting = []
        for merge in sorted(merges, key=lambda each: each.top):
            columns = [place_of[at] for at in place_of if merge.left <= at <= merge.right]
            if columns and merge.bottom > header_row:
                waiting.append(_shown(merge, columns, found, header_row))
        names = ("id", *found.form.group_by)
        key = [place for place, column in enumerate(found.columns) if column.field in names]
        return cls(waiting, key) if waiting else None

    def shown(self, number: int, taken: tuple[Cell, ...]) -> tuple[tuple[Cell, ...], Sentence | None]:
        """Return the cells of the next row as the sheet shows them, and what is wrong if a merge is.

        Raises FileRefused where more merges touch one row than it has columns.
        """
        while self._waiting and self._waiting[0].merge.top <= number:
            self._active.append(self._waiting.popleft())
        self._active = [each for each in self._active if each.merge.bottom >= number]
        if not self._active:
            return taken, None
        if len(self._active) > COLUMNS:
            raise FileRefused(say("workbook-repaired"))  # they overlap, as no spreadsheet has them
        broken = next((each for each in self._active if each.place is None), None)
        if broken is not None:
            return taken, say("row-merged", range=broken.merge.name)
        cells = list(taken)
        for each in self._active:
            assert each.place is not None
            if each.merge.top == number:
                each.value = cells[each.place]
            else:
                cells[each.place] = each.value
        key = tuple(text_of(cells[place]) for place in self._key)
        for each in self._active:
            if each.key is None:
                each.key = key
            elif each.key != key and not each.shared:
                return taken, say("row-merged", range=each.merge.name)
        return tuple(cells), None


def _shown(merge: Merge, columns: Sequence[int], found: Found, header_row: int) -> _Shown:
    form = found.form
    column = found.columns[columns[0]]
    fills = (
        bool(form.group_by)
        and merge.left == merge.right
        and merge.top > header_row
        and not column.field.startswith("*")
        and column.field != form.split_by
    )
    shared = column.kind in _SHARED_KINDS or column.field in _SHARED_FIELDS
    return _Shown(merge, columns[0] if fills else None, shared)

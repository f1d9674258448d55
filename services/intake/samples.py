"""The head and the first rows of a file of unknown columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO

from services.intake.answers import FileRefused
from services.intake.cells import text_of
from services.intake.delimited import texts_of
from services.intake.foreign import foreign, is_workbook
from services.intake.sentences import say
from services.intake.workbook import Cell, Workbook, WorkbookError

_TITLE_ROWS = 20
_ROWS = 500

Knows = Callable[[Sequence[str]], int]
"""How many of the texts of a row are headers that somebody knows."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A header row with its number from 1, what stands above it, and the first rows below it that are full.

    ``where`` is the name of the worksheet, if it is one.
    """

    where: str
    titles: tuple[str, ...]
    header_row: int
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    known: int

    def column(self, at: int) -> list[Cell]:
        """Return what is filled in below a header."""
        return [row[at] for row in self.rows if text_of(row[at])]


def sample_of(file: IO[bytes], suffix: str, knows: Knows) -> Sample:
    """Return the sample of a .csv or .xlsx file that has most headers that are known. Raises FileRefused."""
    if (refusal := foreign(file)) is not None:
        raise FileRefused(refusal)
    if suffix == ".csv" and is_workbook(file):
        raise FileRefused(say("file-is-workbook"))
    found = list(_of_text(file, knows) if suffix == ".csv" else _of_workbook(file, knows))
    best = max(found, key=lambda each: (each.known, len(each.rows)), default=None)
    if best is None:
        raise FileRefused(say("suggest-no-header"))
    return best


def _of_text(file: IO[bytes], knows: Knows) -> Iterator[Sample]:
    for text in texts_of(file):
        for separator in text.separators:
            records = islice(text.sample(separator), _TITLE_ROWS + _ROWS)
            yield from _found("", [(number, cells) for number, cells in records if cells], knows)


def _of_workbook(file: IO[bytes], knows: Knows) -> Iterator[Sample]:
    try:
        with Workbook(file) as workbook:
            for sheet in workbook.worksheets:
                if not sheet.hidden:
                    filled = (row for row in sheet.rows() if any(map(text_of, row[1])))
                    rows = [(number, cells) for number, cells, _ in islice(filled, _TITLE_ROWS + _ROWS)]
                    yield from _found(sheet.name, rows, knows)
    except WorkbookError as error:
        raise FileRefused(error.sentence) from None


def _found(where: str, rows: Sequence[tuple[int, Sequence[Cell]]], knows: Knows) -> Iterator[Sample]:
    above = [row for row in rows if row[0] <= _TITLE_ROWS]
    scores = [knows([text_of(cell) for cell in cells]) for _, cells in above]
    if not scores or max(scores) < 2:
        return
    at = scores.index(max(scores))
    number, header = above[at]
    headers = tuple(text_of(cell) for cell in header)
    width = len(headers)
    below = []
    for _, cells in rows[at + 1 :]:
        padded = (*cells[:width], *[None] * (width - len(cells)))
        # Sums, signatures and units fill few of the columns.
        if 2 * sum(bool(text_of(cell)) for cell in padded) >= sum(map(bool, headers)):
            below.append(padded)
    titles = [text for _, cells in rows[:at] for text in map(text_of, cells) if text]
    yield Sample(where, tuple(titles), number, headers, tuple(below), max(scores))

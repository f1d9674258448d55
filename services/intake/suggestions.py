"""Which column of an unknown file may be which column of a form: by its header, and by what stands below it.

What is proposed is plain; whatever could be another thing is asked, and never chosen.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import IO, Any

from events.id_numbers import canonical_id_number
from events.values import canonical_account_number
from services.intake.answers import FileRefused
from services.intake.cells import CellError, read_cell, text_of
from services.intake.forms import Column, Form
from services.intake.headers import bare_header, folded_header, letters, quoted
from services.intake.mappings import (
    may_be_composed,
    may_be_constant,
    may_be_in_name,
    values_in_name,
)
from services.intake.masks import mask
from services.intake.samples import Sample, sample_of
from services.intake.sentences import Sentence, say
from services.intake.synonyms import meanings, says_outcome
from services.intake.workbook import Cell

_SAMPLES = 3
_ENOUGH = 0.8
"""So many of the values below a header must be what its column takes."""
_FEWEST = 3
_OWN, _SYNONYM, _OPEN = range(3)
_BASE = {_OWN: 0.99, _SYNONYM: 0.9, _OPEN: 0.5}
_PLAIN = ("word", "flag", "month", "quarter")
_NAME = re.compile(r"[㐀-鿿〇𠀀-𳎿]{2,4}|[㐀-鿿·•.]{3,20}")
_DIVISION = re.compile(r"[1-8]\d{11}")
_FEWEST_DIGITS = 8  # of an account's number
_IN_NAMES: Mapping[str, tuple[str, ...]] = {
    "month": (r"(\d{4}-\d{1,2})", r"(\d{4}年\d{1,2}月)", r"(\d{4}\.\d{1,2})", r"(\d{6})"),
    "day": (r"(\d{4}-\d{1,2}-\d{1,2})", r"(\d{4}年\d{1,2}月\d{1,2}日)", r"(\d{8})"),
}
_AT_ENDS = ("^{}", r"{}\.[a-z]+$", r"{}-\d{{1,2}}\.[a-z]+$")
_LOOKS = ("id_number", "account_number", "day", "month", "word")
"""What can be told by contents alone, and by nothing but a person is then believed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column of the file: where it stands, and how its header is written."""

    at: int
    header: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A column of the form, which column of the file it is, how sure that is, and why."""

    column: Column
    found: Candidate
    confidence: float
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Question:
    """A column of the form that somebody has to decide on: which options there are, and why it is asked."""

    column: Column
    found: tuple[Candidate, ...]
    options: tuple[str, ...]
    confidence: float
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Unread:
    """A column of the file that no column of the form is taken from.

    ``shown`` is its header, empty where that may be what somebody filled in.
    """

    found: Candidate
    shown: str
    note: Sentence | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A required column of the form that nothing in the file may be, and what can be done."""

    column: Column
    reason: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """How a file may fill a form."""

    form: Form
    sample: Sample
    proposals: tuple[Proposal, ...]
    questions: tuple[Question, ...]
    missing: tuple[Missing, ...]
    unread: tuple[Unread, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as a draft of a mapping, with what is open, missing and not read beside it."""
        return {
            "context": self.form.entry.context,
            "type": self.form.type,
            "columns": [
                {
                    "column": each.column.header,
                    "header": each.found.header,
                    "confidence": each.confidence,
                    "reason": each.reason.chinese,
                    "samples": each.found.samples,
                }
                for each in self.proposals
            ],
            "constants": [],
            "from_name": [],
            "composed": [],
            "open": [
                {
                    "column": each.column.header,
                    "required": each.column.required,
                    "options": each.options,
                    "confidence": each.confidence,
                    "reason": each.reason.chinese,
                    "samples": [found.samples for found in each.found],
                }
                for each in self.questions
            ],
            "missing": [
                {"column": each.column.header, "reason": each.reason.chinese} for each in self.missing
            ],
            "unread": [
                {
                    "column": letters(each.found.at),
                    "header": each.shown,
                    "samples": each.found.samples,
                    "reason": each.note.chinese if each.note is not None else "",
                }
                for each in self.unread
            ],
        }


def suggest(file: IO[bytes], file_name: str, forms: Sequence[Form]) -> Suggestion:
    """Return how a .csv or .xlsx file may fill the one of these forms that fits it best.

    Raises FileRefused where the file cannot be read, fits none, or several as well.
    """
    suffix = PurePath(file_name).suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise FileRefused(say("suffix", suffixes=".csv, .xlsx"))
    known = _Headers(forms)
    sample = sample_of(file, suffix, known.among)
    found = sorted(
        (_Fit(form, sample, file_name, known) for form in forms), key=lambda fit: fit.score, reverse=True
    )
    best = [fit for fit in found if fit.score == found[0].score]
    if len(forms) > 1 and best[0].columns < _FEWEST:
        raise FileRefused(say("suggest-no-form", titles="、".join(form.title for form in forms)))
    if len(best) > 1:
        raise FileRefused(say("type-of-rows", titles="、".join(fit.form.title for fit in best)))
    return best[0].suggestion()


@dataclass(slots=True)
class _Match:
    column: Column
    found: Candidate
    level: int
    order: int
    fitting: int
    filled: int
    open: str = ""

    @property
    def rank(self) -> tuple[int, int]:
        return self.level, self.order

    @property
    def fits(self) -> bool:
        return self.fitting >= _ENOUGH * self.filled

    @property
    def confidence(self) -> float:
        share = self.fitting / self.filled if self.filled else 0.5
        return round(_BASE[self.level] * (0.5 + share / 2), 2)


class _Fit:
    """A form laid over the columns of a file."""

    def __init__(self, form: Form, sample: Sample, file_name: str, known: "_Headers") -> None:
        self.form = form
        self._sample = sample
        self._known = known
        self._file_name = file_name
        self._name = PurePath(file_name.replace("\\", "/")).stem
        self._headers = [folded_header(header) for header in sample.headers]
        self._proposals: list[Proposal] = []
        self._questions: list[Question] = []
        self._taken: set[int] = set()
        self._match()
        self._look()
        self._ask()

    @property
    def score(self) -> float:
        """How much of the file the form takes, less what it would lack."""
        asked = {each.column.field for each in self._questions if each.found}
        found = {each.column.field for each in self._proposals}
        lacking = sum(column.required and column.field not in found | asked for column in self.form.columns)
        return round(len(found) + len(asked) / 2 - lacking / 10, 6)

    @property
    def columns(self) -> int:
        """How many columns of the file it takes, or asks after."""
        return len(self._proposals) + sum(bool(each.found) for each in self._questions)

    def suggestion(self) -> Suggestion:
        """Return what was found."""
        known = self._decided()
        order = {column.field: at for at, column in enumerate(self.form.columns)}
        asked = {found.at for each in self._questions for found in each.found}
        unread = [
            at
            for at, header in enumerate(self._headers)
            if header and at not in self._taken and at not in asked
        ]
        return Suggestion(
            form=self.form,
            sample=self._sample,
            proposals=tuple(sorted(self._proposals, key=lambda each: order[each.column.field])),
            questions=tuple(sorted(self._questions, key=lambda each: order[each.column.field])),
            missing=tuple(
                Missing(column, self._remedy(column))
                for column in self.form.columns
                if column.required and column.field not in known
            ),
            unread=tuple(Unread(self._candidate(at), *self._known.shown(self._headers[at])) for at in unread),
        )

    def _remedy(self, column: Column) -> Sentence:
        if may_be_in_name(self.form, column):
            return say("suggest-missing-in-name", column=column.header)
        return say("suggest-missing")

    def _decided(self) -> set[str]:
        found = {each.column.field for each in self._proposals}
        return found | {each.column.field for each in self._questions}

    def _match(self) -> None:
        # A header counts for the columns that it means most plainly; of one column's headers the plainest.
        matches = [match for column in self.form.columns for match in self._matches(column)]
        plainest: dict[int, int] = {}
        for match in matches:
            plainest[match.found.at] = min(plainest.get(match.found.at, _OPEN), match.level)
        by_column: dict[str, list[_Match]] = {}
        for match in matches:
            if match.level == plainest[match.found.at]:
                by_column.setdefault(match.column.field, []).append(match)
        meant = [match.found.at for each in by_column.values() for match in each if match.level < _OPEN]
        for each in by_column.values():
            each.sort(key=lambda match: match.rank)
            self._decide(each, {at for at in meant if meant.count(at) > 1})

    def _decide(self, matches: Sequence[_Match], shared: set[int]) -> None:
        first = matches[0]
        equal = [match for match in matches if match.rank == first.rank]
        if first.level == _OPEN:
            equal = [match for match in matches if match.fits] or list(matches)
            reason = say(equal[0].open)
        elif len(equal) > 1 or first.found.at in shared:
            reason = say("suggest-several")
        elif not first.fits:
            reason = say("suggest-unlike", fitting=first.fitting, filled=first.filled)
        else:
            self._taken.add(first.found.at)
            reason = self._why(first, matches)
            self._proposals.append(Proposal(first.column, first.found, first.confidence, reason))
            return
        self._question(first.column, [match.found for match in equal], min(0.5, first.confidence), reason)

    def _why(self, match: _Match, matches: Sequence[_Match]) -> Sentence:
        due = [other for other in matches if other.open == "suggest-due"]
        due = due or [other for other in self._matches(match.column) if other.open == "suggest-due"]
        if due:
            pairs = [(row[match.found.at], row[due[0].found.at]) for row in self._sample.rows]
            differing = sum(not _equal(match.column, one, other) for one, other in pairs)
            return say("suggest-paid", header=quoted(match.found.header, [self.form]), differing=differing)
        if not match.filled:
            return say("suggest-empty")
        code = "suggest-own" if match.level == _OWN else "suggest-synonym"
        return say(code, column=match.column.header, fitting=match.fitting, filled=match.filled)

    def _matches(self, column: Column) -> Iterator[_Match]:
        for at, header in enumerate(self._headers):
            if not header:
                continue
            found = _meaning(column, header)
            if found is None:
                continue
            level, order, reason = found
            cells = self._sample.column(at)
            fitting = sum(_is_like(column, cell) for cell in cells)
            yield _Match(column, self._candidate(at, column), level, order, fitting, len(cells), reason)

    def _look(self) -> None:
        # Columns without a header that anybody knows, by what stands below it.
        known = self._decided()
        asked = {found.at for each in self._questions for found in each.found}
        for column in self.form.columns:
            if not column.required or column.field in known or not _can_be_seen(column):
                continue
            like = []
            for at, header in enumerate(self._headers):
                if at in self._taken or at in asked or (header and header in self._known):
                    continue
                cells = self._sample.column(at)
                if len(cells) >= _FEWEST and sum(_is_like(column, cell) for cell in cells) >= _ENOUGH * len(
                    cells
                ):
                    like.append(self._candidate(at, column))
            if like:
                self._question(column, like, 0.4, say("suggest-looks", column=column.header))

    def _ask(self) -> None:
        # What the file does not hold in a column, but may say elsewhere.
        known = self._decided()
        for column in self.form.columns:
            if not column.required or column.field in known:
                continue
            if may_be_constant(self.form, column) and column.kind in ("word", "flag"):
                self._constant(column)
            elif may_be_in_name(self.form, column):
                self._from_name(column)
            elif column.field in self.form.entry.unique and may_be_composed(self.form, column):
                self._composed(column)

    def _constant(self, column: Column) -> None:
        above = "".join((*self._sample.titles, self._sample.where, self._name))
        said = [word for word in (column.words or {}) if len(word) > 1 and word in above]
        values = {(column.words or {})[word] for word in said}
        if len(values) == 1:
            options, reason = [max(said, key=len)], say("suggest-constant-said")
        else:
            options, reason = list(column.offered or ("是", "否")), say("suggest-constant")
        shown = [f"--constant {column.header}={word}" for word in options]
        self._questions.append(Question(column, (), tuple(shown), 0.5 if len(values) == 1 else 0.0, reason))

    def _from_name(self, column: Column) -> None:
        kind = "month" if column.kind == "number" else column.kind
        for pattern in _IN_NAMES.get(kind, ()):
            found = values_in_name(column, pattern, self._file_name)
            if not found:
                continue
            patterns, reason = [pattern], say("suggest-file-name")
            if len(found) > 1:
                # The one that the name begins with, or ends with.
                ends = (form.format(pattern) for form in _AT_ENDS)
                patterns = [each for each in ends if len(values_in_name(column, each, self._file_name)) == 1]
                reason = say("suggest-file-name-several")
            options = tuple(f'--from-name "{column.header}={each}"' for each in patterns)
            self._questions.append(Question(column, (), options, 0.5, reason))
            return

    def _composed(self, column: Column) -> None:
        parts = [
            each.header
            for each in self.form.columns
            if each.field in ("batch_no", "household_no", "month", "from_month") and each.required
        ]
        if parts:
            option = f"--compose {column.header}={'+'.join(parts)}"
            self._questions.append(Question(column, (), (option,), 0.5, say("suggest-compose")))

    def _question(
        self, column: Column, found: Sequence[Candidate], confidence: float, reason: Sentence
    ) -> None:
        options = tuple(f'--column "{each.header}={column.header}"' for each in found)
        self._questions.append(Question(column, tuple(found), options, confidence, reason))

    def _candidate(self, at: int, column: Column | None = None) -> Candidate:
        cells = {text_of(cell): cell for cell in self._sample.column(at)}
        shown = (
            text if column is not None and _is_plain(column, cell) else mask(text)
            for text, cell in islice(cells.items(), _SAMPLES)
        )
        return Candidate(at, self._headers[at], tuple(shown))


_KINDS = (Column("", "", (), "amount"), Column("", "", (), "integer"), Column("", "", (), "flag"))


class _Headers:
    """The headers that forms have, and those that offices have beside them."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = forms
        self._names = frozenset[str]().union(
            *(form.header_names for form in forms), *(each.headers for each in meanings())
        )

    def __contains__(self, header: str) -> bool:
        bare = (bare_header(column, header)[0] for column in _KINDS)
        return header in self._names or any(name in self._names for name in bare)

    def among(self, texts: Sequence[str]) -> int:
        """Return how many of these texts are headers."""
        return sum(header in self for text in texts if (header := folded_header(text)))

    def shown(self, header: str) -> tuple[str, Sentence | None]:
        """Return a header as it may be shown, and what is to be said of it."""
        note = say("suggest-outcome") if says_outcome(header) else None
        return header if header in self else quoted(header, self._forms).strip("“”"), note


def _meaning(column: Column, header: str) -> tuple[int, int, str] | None:
    # How plainly a header means a column, and why it does not, by code.
    name = bare_header(column, header)[0]
    if header in column.names or name in column.names:
        return _OWN, 0, ""
    for order, each in enumerate(meanings()):
        if each.column == column.header and (header in each.headers or name in each.headers):
            return (_OPEN if each.open else _SYNONYM), order, each.open
    return None


def _can_be_seen(column: Column) -> bool:
    return column.kind in _LOOKS or column.field == "division"


def _is_like(column: Column, cell: Cell) -> bool:
    check = _CHECKS.get("division" if column.field == "division" else column.kind)
    if check is not None:
        return check(text_of(cell).replace(" ", ""))
    if column.field.rpartition(".")[2] in ("name", "holder_name"):
        return _NAME.fullmatch(text_of(cell).replace(" ", "")) is not None
    return _reads(column, cell)


def _reads(column: Column, cell: Cell) -> bool:
    try:
        return read_cell(column, cell) is not None
    except CellError:
        return False


def _is_plain(column: Column, cell: Cell) -> bool:
    # Below a header that is taken for one of words may stand names as well: only its words are shown.
    return column.kind in _PLAIN and _reads(column, cell)


def _equal(column: Column, one: Cell, other: Cell) -> bool:
    return (
        _reads(column, one) and _reads(column, other) and read_cell(column, one) == read_cell(column, other)
    )


def _is_identity_number(text: str) -> bool:
    try:
        canonical_id_number(text)
    except ValueError:
        return False
    return True


def _is_account_number(text: str) -> bool:
    try:
        number = canonical_account_number(text)
    except ValueError:
        return False
    return sum(map(str.isdigit, number)) >= _FEWEST_DIGITS and not _is_identity_number(text)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "id_number": _is_identity_number,
    "account_number": _is_account_number,
    "division": lambda text: _DIVISION.fullmatch(text) is not None,
}

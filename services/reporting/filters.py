"""What rows are asked for, and where a page goes on: checked alike, whoever asks by whatever way."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson

from events.characters import full_width_folded, has_blank, shows_all_of_a_number
from events.values import add_months, first_day
from projections.labels import PROGRAMMES, SEVERITIES, codes_of
from projections.view import LEVELS

MOST_ROWS = 1000
"""Of a page."""
_LONGEST_NUMBER = 64
_DIGITS = (2, 4, 6, 9, 12)
"""Of a province, a city, a district, a street, a village."""
_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)
_QUARTER = re.compile(r"((?:19|20)[0-9]{2})-?Q([1-4])", re.ASCII)
_DAY = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TOKEN = re.compile(r"[pa]\.[A-Za-z0-9_-]{1,40}", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class WrongQuestionError(ValueError):
    """A question that has no answer: ``field`` is not what was expected. The message is a sentence."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field = field
        self.expected = expected


class BadCursorError(WrongQuestionError):
    """The value of ``after`` was not given out by this list."""

    def __init__(self) -> None:
        super().__init__("after", "the `next` of the page before, of the same list")


class NotOfferedError(WrongQuestionError):
    """A ledger, or a view, was asked by what its rows do not have. ``of``: what it is called."""

    def __init__(self, field: str, of: str, offered: Sequence[str]) -> None:
        known = ", ".join((*offered, "until", "as_of"))
        super().__init__(field, f"one of {known}")
        self.args = (f"{field}: {of} has no such filter; it has {known}",)


def checked_day(text: str, field: str = "day") -> date:
    """Return the day that a text names. Raises WrongQuestionError."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise WrongQuestionError(field, "a day such as 2021-06-28")


def village_code(village: str | None) -> str | None:
    """Return the division code, or the beginning of one, that a code or a name says.

    Raises WrongQuestionError where it is neither, or the name of several.
    """
    if village is None or (village.isascii() and village.isdecimal() and len(village) in _DIGITS):
        return village
    named = codes_of(village)
    if len(named) > 1:
        raise WrongQuestionError("village", f"one village of this name: {', '.join(named)}")
    if not named:
        known = "a village's name or division code, or the first 2, 4, 6 or 9 of its 12 digits"
        raise WrongQuestionError("village", known)
    return named[0]


def check_programme(programme: str | None) -> None:
    """Raise WrongQuestionError where there is no such programme."""
    if programme is not None and programme not in PROGRAMMES:
        raise WrongQuestionError("programme", f"one of {', '.join(PROGRAMMES)}")


def _check_month(month: str | None) -> None:
    if month is not None and not _MONTH.fullmatch(month):
        raise WrongQuestionError("month", "a month such as 2021-06")


def _check_household(number: str | None) -> None:
    if number is None:
        return
    folded = full_width_folded(number)
    if not 0 < len(folded) <= _LONGEST_NUMBER or not shows_all_of_a_number(folded) or has_blank(folded):
        raise WrongQuestionError("household", "a household's number (户号), such as LZ000817")


def _check_limit(limit: int | None) -> None:
    if limit is not None and not 1 <= limit <= MOST_ROWS:
        raise WrongQuestionError("limit", f"a number of rows from 1 to {MOST_ROWS:,}")


def _check_word(field: str, word: str | None, words: Sequence[str]) -> None:
    if word is not None and word not in words:
        raise WrongQuestionError(field, f"one of {', '.join(words)}")


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Rows of a ledger.

    ``village``: a division code, the beginning of one (nine digits: a street), or a name. ``month`` as
    2021-06; what it means, and which of the first four a ledger offers, is its own. ``until``: business date
    up to and including. ``as_of``: recorded by the close of that day. ``after``: the ``next`` of the page
    before.
    ``limit``: rows of a page; None is all of them. ``sort``: a column of the ledger, with ``-`` before it the
    largest first. ``token``: of a person or an account that a row names; ``status``: a code of the ledger's
    own. Raises WrongQuestionError.
    """

    village: str | None = None
    month: str | None = None
    household_no: str | None = None
    programme: str | None = None
    until: date | None = None
    as_of: date | None = None
    after: str | None = None
    limit: int | None = None
    sort: str | None = None
    token: str | None = None
    status: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "village", village_code(self.village))
        _check_month(self.month)
        _check_household(self.household_no)
        check_programme(self.programme)
        _check_limit(self.limit)
        if self.token is not None and not _TOKEN.fullmatch(self.token):
            raise WrongQuestionError("token", "a person's token (p.…) or an account's (a.…)")


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """Rows of a supervision view.

    ``by``: village, street or district. The period is a ``month`` as 2021-06, a ``quarter`` as 2021Q2, or
    begins ``since`` a day; it ends with its last day, or ``until``. ``state``: one of those that it has. What
    of this a view offers is its own. The rest as in LedgerFilter. Raises WrongQuestionError.
    """

    by: str | None = None
    month: str | None = None
    quarter: str | None = None
    since: date | None = None
    until: date | None = None
    village: str | None = None
    household_no: str | None = None
    state: str | None = None
    as_of: date | None = None
    after: str | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        _check_word("by", self.by, tuple(LEVELS))
        _check_month(self.month)
        if self.quarter is not None and not _QUARTER.fullmatch(self.quarter):
            raise WrongQuestionError("quarter", "a quarter such as 2021Q2")
        if sum(given is not None for given in (self.month, self.quarter, self.since)) > 1:
            raise WrongQuestionError("period", "one of month, quarter and since")
        object.__setattr__(self, "village", village_code(self.village))
        _check_household(self.household_no)
        _check_limit(self.limit)
        first, last = self.period
        if first is not None and last is not None and last < first:
            raise WrongQuestionError("until", f"a day from {first} on")

    @property
    def period(self) -> tuple[date | None, date | None]:
        """The first and the last day, both included; None: without an end on that side."""
        months = self._months()
        if months is None:
            return self.since, self.until
        last = first_day(add_months(months[1], 1)) - timedelta(days=1)
        return first_day(months[0]), last if self.until is None else min(last, self.until)

    def _months(self) -> tuple[str, str] | None:
        if self.month is not None:
            return self.month, self.month
        named = _QUARTER.fullmatch(self.quarter or "")
        if named is None:
            return None
        first = f"{named[1]}-{3 * int(named[2]) - 2:02d}"
        return first, add_months(first, 2)


SORTS = ("severity", "rule", "household_no", "village", "holds_since", "raised_at", "revised_at")
"""What anomalies may be sorted by, with ``-`` before it the largest first: of severities, the most severe."""


def check_sort(sort: str, columns: Sequence[str]) -> None:
    """Raise WrongQuestionError where rows cannot be sorted in this way."""
    if sort.removeprefix("-") not in columns:
        raise WrongQuestionError(
            "sort", f"one of {', '.join(columns)}, with - before it for the largest first"
        )


@dataclass(frozen=True, slots=True)
class AnomalyFilter:
    """Anomalies. ``state``: open, withdrawn, or None for both. ``sort``: one of SORTS. The rest as in
    LedgerFilter.

    Whether there is such a ``rule`` is looked up when it is asked for, in the catalogue.
    """

    rule: str | None = None
    state: Literal["open", "withdrawn"] | None = "open"
    severity: str | None = None
    village: str | None = None
    household_no: str | None = None
    as_of: date | None = None
    after: str | None = None
    limit: int | None = None
    sort: str | None = None

    def __post_init__(self) -> None:
        _check_word("severity", self.severity, tuple(SEVERITIES))
        if self.sort is not None:
            check_sort(self.sort, SORTS)
        object.__setattr__(self, "village", village_code(self.village))
        _check_household(self.household_no)
        _check_limit(self.limit)


def cursor_of(values: Sequence[str]) -> str:
    """Return the place after a row as opaque text: the list, and the values that its rows are sorted by."""
    return urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def values_of(cursor: str) -> list[str]:
    """Return the texts in a cursor. Raises BadCursorError."""
    try:
        values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise BadCursorError from None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadCursorError
    return values


def place_of(cursor: str, name: str, kinds: Sequence[str]) -> list[Any]:
    """Return where a list goes on, as values of PostgreSQL types. Raises BadCursorError."""
    found, *values = values_of(cursor) or [""]
    if found != name or len(values) != len(kinds):
        raise BadCursorError
    try:
        return [_KINDS[kind](value) for value, kind in zip(values, kinds, strict=True)]
    except ValueError:
        raise BadCursorError from None


def integer_of(text: str) -> int:
    """Return the integer that a text is, of less than 64 bits. Raises ValueError."""
    if not _INTEGER.fullmatch(text):
        raise ValueError("no integer")
    return int(text)


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("a text that PostgreSQL does not have")
    value.encode()
    return value


def _int(value: str) -> int:
    if not -(1 << 31) <= (number := integer_of(value)) < 1 << 31:
        raise ValueError("no int of PostgreSQL's")
    return number


_KINDS: dict[str, Callable[[str], Any]] = {
    "text": _text,
    "uuid": UUID,
    "date": date.fromisoformat,
    "int": _int,
}

"""An anomaly in Chinese: the phrases of its rule, filled in from its key and parameters when it is read.

A phrase names what it shows in braces, with how: ``{paid_fen:yuan}``. It is left out where that is not given;
of several alternatives the first that can be said is. Persons and accounts are shown by their tokens.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from string import Formatter
from typing import Any

from projections.labels import heading, word

Phrase = str | Sequence[str]
"""A phrase, or alternatives of one."""

_FIRST = 10


class _UnsaidError(Exception):
    """A phrase names what the finding does not have."""


def yuan(fen: int) -> str:
    """Return an amount in 分 as 元 with two places (``456.00元``)."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}元"


def month(text: str) -> str:
    """Return ``2021-06`` as ``2021年6月``; anything that is not a month is returned unchanged."""
    year, _, number = text.partition("-")
    return f"{year}年{int(number)}月" if year.isdigit() and number.isdigit() else text


def day(text: str) -> str:
    """Return ``2021-06-16`` as ``2021年6月16日``; anything that is not a day is returned unchanged."""
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return text
    return f"{parts[0]}年{int(parts[1])}月{int(parts[2])}日"


def quarter(text: str) -> str:
    """Return ``2021-Q3`` as ``2021年第3季度``; anything that is not a quarter is returned unchanged."""
    year, _, number = text.partition("-Q")
    return f"{year}年第{number}季度" if year.isdigit() and number.isdigit() else text


def _first_ten(values: Sequence[Any]) -> str:
    values = [value for value in values if value is not None]
    if not values:
        raise _UnsaidError
    return "、".join(str(value) for value in values[:_FIRST]) + ("等" if len(values) > _FIRST else "")


def _days_over(due_on: str, closed: date | None) -> str:
    days = 0 if closed is None else (closed - date.fromisoformat(due_on)).days
    if days <= 0:
        raise _UnsaidError
    return str(days)


FORMATS: Mapping[str, Callable[[str, Any, date | None], str]] = {
    "": lambda _, value, __: str(value),
    "yuan": lambda _, value, __: yuan(value),
    "month": lambda _, value, __: month(str(value)),
    "day": lambda _, value, __: day(str(value)),
    "quarter": lambda _, value, __: quarter(str(value)),
    "word": lambda name, value, _: word(name, value),
    "words": lambda name, values, _: "、".join(word(name, value) for value in values),
    "headings": lambda _, value, __: "、".join(heading(name) for name in str(value).split("+")),
    "parts": lambda _, value, __: "、".join(word("programme", part) for part in str(value).split(" ")),
    "count": lambda _, values, __: str(len(values)),
    "first_ten": lambda _, values, __: _first_ten(values),
    "days_over": lambda _, value, closed: _days_over(str(value), closed),
}
"""How a value is shown. ``days_over``: the days from a day due to the latest closed one, if it is over.

``headings`` and ``parts``: of a business number, that may be several fields together, what they are called
and what they say.
"""


def places(phrase: str) -> list[tuple[str, str]]:
    """Return the fields that a phrase shows, each with its format."""
    return [(name, form or "") for _, name, form, _ in Formatter().parse(phrase) if name is not None]


def sentence(phrases: Sequence[Phrase], fields: Mapping[str, Any], closed: date | None = None) -> str:
    """Return the phrases that can be said of a finding's fields as one sentence.

    ``closed``: the latest closed day of the reading, to which days overdue are counted; None: they are not.
    """
    said = (_first_said(phrase, fields, closed) for phrase in phrases)
    return "，".join(part for part in said if part) + "。"


def _first_said(phrase: Phrase, fields: Mapping[str, Any], closed: date | None) -> str:
    for one in [phrase] if isinstance(phrase, str) else phrase:
        try:
            return "".join(_filled(one, fields, closed))
        except _UnsaidError:
            continue
    return ""


def _filled(phrase: str, fields: Mapping[str, Any], closed: date | None) -> list[str]:
    parts = []
    for text, name, form, _ in Formatter().parse(phrase):
        parts.append(text)
        if name is not None:
            value = fields.get(name)
            if value is None or value in ("", []):
                raise _UnsaidError
            parts.append(FORMATS[form or ""](name, value, closed))
    return parts

"""Reading one cell: days, instants, amounts, words, as offices and spreadsheets write them.

A formula is refused, whatever the spreadsheet last computed from it: what it would give today nobody has
signed. So is what a spreadsheet shows in place of a value (``#N/A``).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from events.values import SHANGHAI
from services.platform.intake.forms import Column
from services.platform.intake.workbook import Cell

Value = str | int | float | bool | list[str]

_EPOCH = datetime(1899, 12, 30)  # day 0 of spreadsheets, for days after February 1900
_SERIALS = range(18_000, 80_000)  # 1949 to 2119
_DAY = r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?"
_CLOCK = r"(\d{1,2})[:时点](\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?"
_ZONE = r" ?(Z|[+-]\d{2}:?\d{2})?"
_DAY_ALONE = re.compile(rf"{_DAY}(?:[T ]?{_CLOCK}{_ZONE})?")
_INSTANT = re.compile(rf"{_DAY}[T ]?{_CLOCK}{_ZONE}")
_INSTANT_OF_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})[T ]?(\d{2}):?(\d{2}):?(\d{2})?()")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?")
_QUARTER = re.compile(r"(\d{4})(?:[-./年]?Q([1-4])|[-./年]?第?([1-4一二三四])季度?)")
_AMOUNT = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?")
_INTEGER = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?")
_MOST_DIGITS = 18  # of what fits into 64 bits
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_UNREADABLE = re.compile("[\ud800-\udfff]")
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_FALSE = {"否", "0", "无", "n", "no", "false", "×"}
_TRUE = {"是", "1", "有", "y", "yes", "true", "√"}
_ERRORS = {"#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
_NUMERALS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_SEPARATORS = ("\n", ";", "、")


class CellError(ValueError):
    """A cell that cannot be what its column says; the message says what was expected, never the value."""


def text_of(cell: Cell) -> str:
    """Return what a cell shows, without blanks around it."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    return str(cell)


def read_cell(column: Column, cell: Cell) -> Value | None:
    """Return the value of a cell for its column, ``None`` for an empty one. Raises CellError."""
    text = text_of(cell)
    if not text:
        return None
    if text[0] == "=" and isinstance(cell, str):
        raise CellError("a value, not a formula")
    if text in _ERRORS:
        raise CellError("a value, not an error of the spreadsheet")
    if _UNREADABLE.search(text):
        raise CellError("characters of the encoding of the file")
    if column.many:
        return [str(_READERS[column.kind](column, part, part)) for part in _parts(text)]
    return _READERS[column.kind](column, cell, text)


def mask(text: str) -> str:
    """Return a value as a report may show it: enough to find the cell by, too little to know it."""
    text = _HIDDEN.sub("\ufffd", text)  # what neither JSON nor PostgreSQL can carry, and no screen should
    if not text:
        return ""
    if len(text) < 4:
        return text[0] + "*" * (len(text) - 1)
    if len(text) < 12:
        return text[0] + "*" * (len(text) - 2) + text[-1]
    return text[:2] + "*" * min(len(text) - 4, 16) + text[-2:]


def _folded(text: str) -> str:
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return "".join(unicodedata.normalize("NFKC", text).split())


def _parts(text: str) -> list[str]:
    # The strongest separator that is there: an item may hold a weaker one.
    text = text.replace("；", ";").replace("\r", "\n")
    separator = next((mark for mark in _SEPARATORS if mark in text), None)
    return [part.strip() for part in text.split(separator) if part.strip()] if separator else [text]


def _text(column: Column, cell: Cell, text: str) -> str:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= 10**15:
        raise CellError("text: as a number a spreadsheet keeps 15 digits only, the others are lost")
    return text


def _word(column: Column, cell: Cell, text: str) -> str:
    words: Mapping[str, str] = column.words or {}
    if text in words:
        return words[text]
    folded = _folded(text)
    if folded in words:
        return words[folded]
    if folded in words.values():
        return folded
    raise CellError("one of " + "、".join(column.offered))


def _flag(column: Column, cell: Cell, text: str) -> bool:
    folded = _folded(text).lower()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise CellError("是 or 否")


def _day(column: Column, cell: Cell, text: str) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and not cell.is_integer() and int(cell) in _SERIALS:
        text = str(int(cell))
    return _day_of(text)


@lru_cache(10_000)  # the days of a file are few
def _day_of(text: str) -> str:
    expected = "a day like 2021-06-28"
    folded = _folded(text)
    try:
        if match := _DAY_ALONE.fullmatch(folded):
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        if re.fullmatch(r"\d{8}", folded):
            return date(int(folded[:4]), int(folded[4:6]), int(folded[6:])).isoformat()
        if re.fullmatch(r"\d{5}", folded) and int(folded) in _SERIALS:
            return (_EPOCH + timedelta(days=int(folded))).date().isoformat()
    except ValueError:
        raise CellError(expected) from None
    raise CellError(expected)


def _instant(column: Column, cell: Cell, text: str) -> str:
    expected = "an instant like 2021-06-28 09:30"
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=cell.tzinfo or SHANGHAI).isoformat()
    if isinstance(cell, float) and int(cell) in _SERIALS:
        seconds = round((cell - int(cell)) * 86_400)
        return (_EPOCH + timedelta(days=int(cell), seconds=seconds)).replace(tzinfo=SHANGHAI).isoformat()
    folded = " ".join(unicodedata.normalize("NFKC", text).split())
    match = _INSTANT.fullmatch(folded) or _INSTANT_OF_DIGITS.fullmatch(folded)
    if match is None:
        raise CellError(expected)
    numbers = [int(number or 0) for number in match.groups()[:6]]
    zone = (match[7] or "").replace("Z", "+00:00") or "+08:00"
    try:
        moment = datetime(*numbers).isoformat()  # type: ignore[arg-type]
        return datetime.fromisoformat(moment + zone).isoformat()
    except ValueError:
        raise CellError(expected) from None


def _month(column: Column, cell: Cell, text: str) -> str:
    expected = "a month like 2021-06"
    if isinstance(cell, datetime):
        return f"{cell.year:04d}-{cell.month:02d}"
    if isinstance(cell, float) and not cell.is_integer():
        # 2021.1 as a number: of January, or of October without its nought?
        raise CellError("a month like 2021-06, as text")
    return _month_of(text, expected)


@lru_cache(10_000)
def _month_of(text: str, expected: str) -> str:
    folded = _folded(text)
    if match := _MONTH.fullmatch(folded) or re.fullmatch(r"(\d{4})(\d{2})", folded):
        year, month = int(match[1]), int(match[2])
        if 1900 <= year <= 2099 and 1 <= month <= 12:
            return f"{year:04d}-{month:02d}"
        raise CellError(expected)
    try:
        return _day_of(text)[:7]
    except CellError:
        raise CellError(expected) from None


def _quarter(column: Column, cell: Cell, text: str) -> str:
    match = _QUARTER.fullmatch(_folded(text).upper())
    if match is None:
        raise CellError("a quarter like 2021-Q3")
    number = match[2] or match[3]
    return f"{match[1]}-Q{_NUMERALS.get(number, number)}"


def _amount(column: Column, cell: Cell, text: str) -> int:
    least = 1 if column.least is None else column.least
    bound = "more than 0" if least == 1 else "0 or more" if least == 0 else "also less than 0, like -12.50"
    expected = f"an amount in 元 with at most 2 decimals, {bound}"
    if isinstance(cell, float):
        # 0.1 + 0.2 in a spreadsheet: what it shows, not what it computes with.
        folded = f"{cell:.6f}"
    else:
        folded = _folded(text).removeprefix("¥").removesuffix("元")
        if not _AMOUNT.fullmatch(folded):
            raise CellError(expected)
    fen = Decimal(folded.replace(",", "")) * 100
    if fen != fen.to_integral_value() or not least <= fen <= (column.most or 10**12):
        raise CellError(expected)
    return int(fen)


def _integer(column: Column, cell: Cell, text: str) -> int:
    least, most = column.least, column.most
    bounds = "" if least is None or most is None else f" from {least} to {most}"
    folded = _folded(text)
    if not _INTEGER.fullmatch(folded) or len(folded) > 2 * _MOST_DIGITS:
        raise CellError(f"a whole number{bounds}")
    number = int(folded.partition(".")[0].replace(",", ""))
    if (least is not None and number < least) or (most is not None and number > most):
        raise CellError(f"a whole number{bounds}")
    return number


def _value(column: Column, cell: Cell, text: str) -> Value:
    if isinstance(cell, (bool, int, float)):
        return cell
    folded = _folded(text)
    if _NUMBER.fullmatch(folded):
        if len(folded) > _MOST_DIGITS:
            raise CellError(f"a number of at most {_MOST_DIGITS} digits, 是, 否, or a text")
        return float(folded) if "." in folded else int(folded)
    return {"是": True, "否": False}.get(folded, text)


_READERS: dict[str, Callable[[Column, Cell, str], Value]] = {
    "text": _text,
    "word": _word,
    "flag": _flag,
    "day": _day,
    "instant": _instant,
    "month": _month,
    "quarter": _quarter,
    "amount": _amount,
    "integer": _integer,
    "value": _value,
}

"""Reading one cell: months, days, amounts, words, as offices and spreadsheets write them."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from services.platform.intake.columns import Column

Cell = str | int | float | bool | date | datetime | None
Value = str | int | bool

_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets, for days after February 1900
_SERIALS = range(18_000, 80_000)  # 1949 to 2119
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?")
_AMOUNT = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?")
_FALSE = {"否", "0", "无", "n", "no", "false"}
_TRUE = {"是", "1", "有", "y", "yes", "true", "√"}


class CellError(ValueError):
    """A cell that cannot be what its column says; the message says what was expected, never the value."""


def text_of(cell: Cell) -> str:
    """Return what a cell shows, without blanks around it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    return str(cell).strip()


def read_cell(column: Column, cell: Cell) -> Value | None:
    """Return the value of a cell for its column, ``None`` for an empty one. Raises CellError."""
    text = text_of(cell)
    if not text:
        return None
    if isinstance(cell, str) and cell.startswith("="):
        raise CellError("a value, not a formula")
    if column.words is not None:
        return _word(column.words, text)
    readers: dict[str, Any] = {
        "day": _day,
        "month": _month,
        "fen": _fen,
        "flag": _flag,
        "number": _digits,
    }
    reader = readers.get(column.kind)
    return text if reader is None else reader(cell, text)


def mask(text: str) -> str:
    """Return a value as a report may show it: enough to find the cell by, too little to know it."""
    if not text:
        return ""
    if len(text) < 4:
        return text[0] + "*" * (len(text) - 1)
    if len(text) < 12:
        return text[0] + "*" * (len(text) - 2) + text[-1]
    return text[:2] + "*" * min(len(text) - 4, 16) + text[-2:]


def _word(words: Any, text: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    if folded in words:
        return str(words[folded])
    if folded in words.values():
        return folded
    raise CellError("one of " + "、".join(words))


def _digits(cell: Cell, text: str) -> str:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= 10**15:
        raise CellError("text: as a number a spreadsheet keeps 15 digits only, the others are lost")
    if isinstance(cell, float) and not cell.is_integer():
        raise CellError("text made of digits")
    return text


def _flag(cell: Cell, text: str) -> bool:
    folded = unicodedata.normalize("NFKC", text).lower()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise CellError("是 or 否")


def _day(cell: Cell, text: str) -> str:
    expected = "a day like 2021-06-28"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    try:
        if match := _DAY.fullmatch(folded):
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        if re.fullmatch(r"\d{8}", folded):
            return date(int(folded[:4]), int(folded[4:6]), int(folded[6:])).isoformat()
        if re.fullmatch(r"\d{5}", folded) and int(folded) in _SERIALS:
            return (_EPOCH + timedelta(days=int(folded))).isoformat()
    except ValueError:
        raise CellError(expected) from None
    raise CellError(expected)


def _month(cell: Cell, text: str) -> str:
    expected = "a month like 2021-06"
    if isinstance(cell, (date, datetime)):
        return f"{cell.year:04d}-{cell.month:02d}"
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    if match := _MONTH.fullmatch(folded) or re.fullmatch(r"(\d{4})(\d{2})", folded):
        year, month = int(match[1]), int(match[2])
        if 1900 <= year <= 2099 and 1 <= month <= 12:
            return f"{year:04d}-{month:02d}"
        raise CellError(expected)
    try:
        return _day(cell, text)[:7]
    except CellError:
        raise CellError(expected) from None


def _fen(cell: Cell, text: str) -> int:
    expected = "an amount in 元 with at most 2 decimals, more than 0"
    if isinstance(cell, float):
        # 0.1 + 0.2 in a spreadsheet: what it shows, not what it computes with.
        folded = repr(round(cell, 6))
    else:
        folded = "".join(unicodedata.normalize("NFKC", text).split())
        folded = folded.removeprefix("¥").removesuffix("元")
        if not _AMOUNT.fullmatch(folded):
            raise CellError(expected)
    try:
        fen = Decimal(folded.replace(",", "")) * 100
    except InvalidOperation:
        raise CellError(expected) from None
    if fen != fen.to_integral_value() or not 0 < fen <= 10**12:
        raise CellError(expected)
    return int(fen)

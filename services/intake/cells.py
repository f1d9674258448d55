"""Reading one cell: days, instants, amounts, words, as offices and spreadsheets write them.

What is shown is what is read, or it is refused. A formula is refused, whatever the spreadsheet last computed
from it: what it would give today nobody has signed. Blanks and line breaks inside a cell are never taken out
to make a value of it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache

from events.characters import full_width_folded, trimmed
from events.fillers import is_filler
from events.id_numbers import canonical_id_number
from events.values import SHANGHAI, canonical_account_number
from services.intake.forms import Column
from services.intake.sentences import Sentence, say
from services.intake.workbook import Cell, ErrorValue, ShownMonth, ShownNumber
from services.platform.limits import CELL

Value = str | int | float | bool | list[str]

_DAY = r"(\d{4})(?:-(\d{1,2})-|\.(\d{1,2})\.|/(\d{1,2})/| ?年 ?(\d{1,2}) ?月 ?)(\d{1,2}) ?日?"
_CLOCK = r"(\d{1,2})(?:[:时点](\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?)"
_ZONE = r" ?(Z|[+-]\d{2}:?\d{2})?"
# Nothing stands between the two only where 日 ends the day: 2021/6/112:30 might be the 1st, or the 11th.
_MOMENT = re.compile(rf"{_DAY}(?:(?:[T ]|(?<=日)){_CLOCK}{_ZONE})?")
_MOMENT_OF_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})[T ]?(\d{2}):?(\d{2}):?(\d{2})?")
_MONTH = re.compile(r"(\d{4})(?:[-./](\d{1,2})| ?年 ?(\d{1,2}) ?月?)")
_QUARTER = re.compile(r"(\d{4})(?:[-./年]?Q([1-4])|[-./年]?第?([1-4一二三四])季度?)")
_AMOUNT = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?")
_INTEGER = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?")
_MOST_DIGITS = 18  # of what fits into 64 bits
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_UNREADABLE = re.compile("[\ud800-\udfff]")
_BROKEN_UP = re.compile(r"[^\S ]|  ")
_YES = {"是", "1", "有", "y", "yes", "true", "√"}
_NO = {"否", "0", "无", "n", "no", "false", "×"}
# What a spreadsheet or a database writes in place of a value.
_ERRORS = re.compile(r"#(?:N/A|GETTING_DATA|[A-Z0-9/_]+[!?])|#{2,}")
# 2E+11, 2.02106E11, 202.1E+9, 1.5E-05; but 12E3 and 5E-1 are numbers of houses.
_SCIENTIFIC = re.compile(
    r"[+-]?(?:\d(?:\.\d*)?[eE]\+?\d{1,3}|\d{2,3}(?:\.\d*)?[eE]\+\d{1,3}|\d{2,3}\.\d*[eE]\d{1,3}"
    r"|\d{1,3}\.\d*[eE]-\d{1,3}|\d{1,3}[eE]-\d{2,3})"
)
# What a spreadsheet makes of 3-5 and saves as text: never a number of an office.
_DAY_OF_SHEET = re.compile(
    r"\d{1,2}月\d{1,2}日|\d{4}/\d{1,2}/\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)?|\d{1,2}:\d{2}(?::\d{2})?"
    r"|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{2}",
    re.IGNORECASE,
)
# What programs add where they write out a number: '000817 as it is text, 817.0 as they took it for an amount.
_APOSTROPHES = "'`‘’＇"
_OF_A_PROGRAM = re.compile(rf"[{_APOSTROPHES}].*|[0-9]+\.0+", re.DOTALL)
_NUMERALS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_SEPARATORS = ("\n", ";", "、")
_ALMOST_MIDNIGHT = time(23, 59)
_YEARS = (1949, 2099)
_FIRST_YEAR = 1900


class CellError(ValueError):
    """A cell that cannot be what its column says; the sentence says what was expected, never the value."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.english)
        self.sentence = sentence


def text_of(cell: Cell) -> str:
    """Return what a cell shows, without blanks around it."""
    if isinstance(cell, str):
        return trimmed(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    if isinstance(cell, ErrorValue):
        return cell.text
    if isinstance(cell, ShownNumber):
        return cell.shown.strip() if cell.shown is not None else str(cell.value)
    return str(cell)


def read_cell(column: Column, cell: Cell) -> Value | None:
    """Return the value of a cell for its column, ``None`` for an empty one. Raises CellError."""
    text = text_of(cell)
    if not text:
        return None
    if len(text) > CELL:
        raise CellError(say("cell-too-long", most=CELL))
    if isinstance(cell, str):
        if text[0] == "=":
            raise CellError(say("formula"))
        if text[0] == "#" and _ERRORS.fullmatch(text):
            raise CellError(say("spreadsheet-error"))
        if not text.isascii() and _UNREADABLE.search(text):
            raise CellError(say("encoding"))
    elif isinstance(cell, ErrorValue):
        raise CellError(say("spreadsheet-error"))
    elif isinstance(cell, ShownNumber) and cell.shown is None:
        raise CellError(_format_expected(column, cell))
    if len(text) <= _LONGEST_FILLER and column.kind not in _HAVE_THEIR_OWN_WORDS and is_filler(text):
        amount = column.kind in ("amount", "integer") and "0" in text
        if not amount and (column.words is None or text not in column.words):
            return None
    if column.many:
        return [str(_READERS[column.kind](column, part, part)) for part in _parts(text)]
    return _READERS[column.kind](column, cell, text)


def _format_expected(column: Column, cell: ShownNumber) -> Sentence:
    # Of a number whose format shows something that no column takes, or that we do not know.
    if cell.moment and column.kind in _ARE_TEXT:
        return say("day-in-text")
    if column.kind in _ARE_TIMES:
        return say("day-format") if cell.moment else _not_number(column)
    return say("format-unread")


def _not_number(column: Column) -> Sentence:
    if column.kind == "instant":
        return say("instant-not-number")
    return say("month-as-text" if column.kind == "month" else "day-not-number")


def doubt_of(column: Column, cell: Cell) -> Sentence | None:
    """Return what looks wrong in a cell that was read as a day or a month.

    A time seconds before midnight is what some programs make of a day in Asia/Shanghai.
    """
    if column.kind not in ("day", "month"):
        return None
    if isinstance(cell, datetime):
        clock = cell.time()
    elif isinstance(cell, ShownMonth):
        clock = cell.clock
    elif isinstance(cell, str) and len(cell) > 10 and (match := _MOMENT.fullmatch(_folded(cell))):
        if match[7] is None or match[10]:
            return None
        clock = time(int(match[7]), int(match[8]), int(match[9] or 0))
    else:
        return None
    if clock < _ALMOST_MIDNIGHT:
        return None
    return say("before-midnight", time=clock.isoformat("seconds"))


def says_no(text: str) -> bool:
    """Whether a text only says no."""
    return _folded(text).lower() in _NO


def _folded(text: str) -> str:
    # In one width; blanks stay where they are but around it.
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def _one_value(text: str) -> str:
    folded = _folded(text)
    if (" " in folded or not folded.isprintable()) and _BROKEN_UP.search(folded):
        raise CellError(say("line-break"))
    return folded


def _parts(text: str) -> list[str]:
    # The strongest separator that is there: an item may hold a weaker one.
    text = text.replace("；", ";").replace("\r", "\n")
    separator = next((mark for mark in _SEPARATORS if mark in text), None)
    return [part.strip() for part in text.split(separator) if part.strip()] if separator else [text]


def _text(column: Column, cell: Cell, text: str) -> str:
    if isinstance(cell, str):
        folded = full_width_folded(text)
        if folded[0] in "+-0123456789" and _SCIENTIFIC.fullmatch(folded):
            raise CellError(say("scientific"))
        # A code of digits is the same in any width.
        return folded if folded is not text and folded.isdecimal() else text
    if isinstance(cell, (datetime, ShownMonth)):
        raise CellError(say("day-in-text"))
    if isinstance(cell, bool):
        raise CellError(say("yes-no-in-text"))
    if isinstance(cell, (int, float)) and abs(cell) >= 10**15:
        raise CellError(say("lost-digits"))
    if isinstance(cell, ShownNumber) and _SCIENTIFIC.fullmatch(text):
        raise CellError(say("scientific"))
    if isinstance(cell, float) and "e" in text:
        raise CellError(say("scientific"))
    return text


def _business_number(column: Column, cell: Cell, text: str) -> str:
    text = _text(column, cell, text)
    if (text[0] in _APOSTROPHES or text[-1] == "0") and _OF_A_PROGRAM.fullmatch(text):
        raise CellError(say("number-of-a-program"))
    if text.isascii():
        if ("/" in text or ":" in text or "-" in text) and _DAY_OF_SHEET.fullmatch(text):
            raise CellError(say("day-in-text"))
        return text
    if "月" in text and _DAY_OF_SHEET.fullmatch(text):
        raise CellError(say("day-in-text"))
    return full_width_folded(text)


def _identity_number(column: Column, cell: Cell, text: str) -> str:
    return _canonical(canonical_id_number, _text(column, cell, text))


def _account_number(column: Column, cell: Cell, text: str) -> str:
    return _canonical(canonical_account_number, _text(column, cell, text))


def _canonical(form: Callable[[str], str], text: str) -> str:
    # Two dresses of one number are one value; what is none is refused by the fact's own model.
    try:
        return form(text)
    except ValueError:
        return text


def _word(column: Column, cell: Cell, text: str) -> str:
    words: Mapping[str, str] = column.words or {}
    if text in words:
        return words[text]
    # A blank in a word makes no other word of it.
    folded = _one_value(text).replace(" ", "")
    if folded in words:
        return words[folded]
    if folded in words.values():
        return folded
    raise CellError(say("word", words="、".join(column.offered)))


def _flag(column: Column, cell: Cell, text: str) -> bool:
    folded = _one_value(text).lower()
    if folded in _YES:
        return True
    if folded in _NO or is_filler(folded):
        return False
    raise CellError(say("void-word" if column.field == "void" else "yes-no"))


def _day(column: Column, cell: Cell, text: str) -> str:
    if isinstance(cell, datetime):
        day = cell.date()
    elif isinstance(cell, (int, float, ShownNumber)) and not (isinstance(cell, int) and len(text) == 8):
        # What a spreadsheet counts days by, in a cell that does not show one: nobody has seen that day.
        raise CellError(say("day-not-number"))
    else:
        day = _day_of(text)
    if not column.years[0] <= day.year <= column.years[1]:
        raise CellError(say("day-out-of-years", first=column.years[0], last=column.years[1]))
    return day.isoformat()


@lru_cache(10_000)  # the days of a file are few
def _day_of(text: str) -> date:
    folded = _one_value(text)
    if len(folded) == 8 and folded.isdigit():
        folded = f"{folded[:4]}-{folded[4:6]}-{folded[6:]}"
    elif folded.isdigit():
        raise CellError(say("day-not-number"))
    moment = _moment(_MOMENT.fullmatch(folded))
    if moment is None:
        raise CellError(say("day"))
    return moment.astimezone(SHANGHAI).date()


def _moment(match: re.Match[str] | None) -> datetime | None:
    # In the zone that it says, or in Asia/Shanghai.
    if match is None:
        return None
    year, *months, day, hour, minute, second, zone = match.groups()
    month = next(filter(None, months))
    try:
        clock = (int(hour or 0), int(minute or 0), int(second or 0))
        local = datetime(int(year), int(month), int(day), *clock, tzinfo=SHANGHAI)
        if zone is not None:
            named = UTC if zone == "Z" else datetime.fromisoformat(f"{local:%Y-%m-%dT%H:%M:%S}{zone}").tzinfo
            local = local.replace(tzinfo=named)
    except ValueError:
        return None
    return local


def _instant(column: Column, cell: Cell, text: str) -> str:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=cell.tzinfo or SHANGHAI).isoformat()
    if isinstance(cell, (int, float, ShownNumber)) and not isinstance(cell, bool):
        raise CellError(say("instant-not-number"))
    if not isinstance(cell, str):
        raise CellError(say("instant"))
    folded = _one_value(text)
    if match := _MOMENT_OF_DIGITS.fullmatch(folded):
        year, month, day, hour, minute, second = match.groups()
        folded = f"{year}-{month}-{day} {hour}:{minute}:{second or '00'}"
    match = _MOMENT.fullmatch(folded)
    moment = _moment(match)
    if match is None or match[7] is None or moment is None:
        raise CellError(say("instant"))
    return moment.isoformat()


def _month(column: Column, cell: Cell, text: str) -> str:
    if isinstance(cell, datetime):
        month = f"{cell.year:04d}-{cell.month:02d}"
    elif isinstance(cell, float):
        # 2021.1 as a number: of January, or of October without its nought?
        raise CellError(say("month-as-text"))
    else:
        month = _month_of(text)
    if not column.years[0] <= int(month[:4]) <= column.years[1]:
        raise CellError(say("day-out-of-years", first=column.years[0], last=column.years[1]))
    return month


@lru_cache(10_000)
def _month_of(text: str) -> str:
    folded = _one_value(text)
    if len(folded) == 6 and folded.isdigit():
        folded = f"{folded[:4]}-{folded[4:]}"
    if match := _MONTH.fullmatch(folded):
        year, month = int(match[1]), int(match[2] or match[3])
        if _FIRST_YEAR <= year <= 2099 and 1 <= month <= 12:
            return f"{year:04d}-{month:02d}"
        raise CellError(say("month"))
    try:
        return _day_of(text).isoformat()[:7]
    except CellError:
        raise CellError(say("month")) from None


def _quarter(column: Column, cell: Cell, text: str) -> str:
    match = _QUARTER.fullmatch(_one_value(text).upper())
    if match is None:
        raise CellError(say("quarter"))
    number = match[2] or match[3]
    return f"{match[1]}-Q{_NUMERALS.get(number, number)}"


def _amount(column: Column, cell: Cell, text: str) -> int:
    least = 1 if column.least is None else column.least
    expected = say("amount-positive" if least == 1 else "amount-or-0" if least == 0 else "amount-change")
    if isinstance(cell, datetime):
        raise CellError(expected)
    if isinstance(cell, float):
        # 0.1 + 0.2 in a spreadsheet: what it shows, not what it computes with.
        folded = f"{cell:.6f}"
    else:
        folded = _one_value(text).removeprefix("¥").removesuffix("元").strip()
        if not _AMOUNT.fullmatch(folded):
            raise CellError(expected)
    amount = Decimal(folded.replace(",", ""))
    if isinstance(cell, ShownNumber) and abs(amount - Decimal(f"{cell.value:.6f}")) > Decimal("0.000001"):
        raise CellError(say("amount-shown"))
    fen = amount * 100 * column.scale
    most = column.most or 10**12
    if fen > most:
        raise CellError(say("amount-too-large", most=most // 100))
    if fen != fen.to_integral_value() or fen < least:
        raise CellError(expected)
    return int(fen)


def _integer(column: Column, cell: Cell, text: str) -> int:
    least, most = column.least, column.most
    expected = say("whole-number")
    if least is not None and most is not None:
        expected = say("whole-number-within", least=least, most=most)
    folded = _one_value(text)
    if (least, most) == _YEARS:
        folded = folded.removesuffix("度").removesuffix("年").rstrip()
    elif (least, most) == (0, 100):
        folded = folded.removesuffix("%").rstrip()
    if isinstance(cell, datetime) or not _INTEGER.fullmatch(folded) or len(folded) > 2 * _MOST_DIGITS:
        raise CellError(expected)
    number = int(folded.partition(".")[0].replace(",", ""))
    if (least is not None and number < least) or (most is not None and number > most):
        raise CellError(expected)
    return number


def _value(column: Column, cell: Cell, text: str) -> Value:
    if isinstance(cell, (bool, int, float)):
        return cell
    if isinstance(cell, (datetime, ShownNumber, ShownMonth)):
        raise CellError(say("format-unread"))
    folded = _one_value(text)
    if _NUMBER.fullmatch(folded):
        if len(folded) > _MOST_DIGITS:
            raise CellError(say("value-digits", most=_MOST_DIGITS))
        return float(folded) if "." in folded else int(folded)
    return {"是": True, "否": False}.get(folded, text)


_READERS: dict[str, Callable[[Column, Cell, str], Value]] = {
    "text": _text,
    "number": _business_number,
    "id_number": _identity_number,
    "account_number": _account_number,
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
_HAVE_THEIR_OWN_WORDS = frozenset({"flag", "value"})
_ARE_TEXT = frozenset({"text", "number", "id_number", "account_number", "word"})
_ARE_TIMES = frozenset({"day", "instant", "month"})
_LONGEST_FILLER = 24

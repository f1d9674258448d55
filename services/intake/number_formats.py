"""What a number format of a spreadsheet makes of a number: what the sheet shows, where we know it.

The formats that offices use are rendered: digits, zeros before them, thousands, decimals, percent, literals,
scaling by thousands, sections for what is below 0. Of any other it is said that we do not know what it shows.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

_CHINESE = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm"),
}
_NUMBERED: dict[int, str] = {
    **_CHINESE,
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"¥"#,##0_);("¥"#,##0)',
    6: '"¥"#,##0_);[Red]("¥"#,##0)',
    7: '"¥"#,##0.00_);("¥"#,##0.00)',
    8: '"¥"#,##0.00_);[Red]("¥"#,##0.00)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)',
    42: r'_("¥"* #,##0_);_("¥"* \(#,##0\);_("¥"* "-"_);_(@_)',
    43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
    44: r'_("¥"* #,##0.00_)_("¥"* \(#,##0.00\)_("¥"* "-"??_)_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
}
"""The formats that files name by a number only (ECMA-376, 18.8.30), as Chinese editions show them."""

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"
    | [\\!](?P<escaped>.)
    | _(?P<blank>.)
    | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/通用格式)
    | (?P<clock>AM/PM|A/P|上午/下午)
    | (?P<exponent>E[+-])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d+", re.IGNORECASE)
_CURRENCY = re.compile(r"\$([^-]*)(?:-([0-9A-Fa-f]+|x-sys(?:date|time)))?")
_DATE_LETTERS = frozenset("ymdhsageb")
_PLAIN_LITERALS = frozenset(" -+()$¥￥:~{}<>=&'^")
_PLAIN = re.compile(r"-?(?:0|[1-9]\d*|(?=\.\d))(?:\.\d*)?")
_MOST_DIGITS = 30
_GENERAL_DIGITS = 11
_CODE_LENGTH = 255

Token = tuple[str, str]
"""What a token is (``literal``, ``digit``, ``.``, ``,``, ``%``, ``general``, ``text``), and its text."""


@dataclass(frozen=True, slots=True, eq=False)  # one is told from another as an object: it is a key of caches
class NumberFormat:
    """A number format.

    ``shows``: a ``number``, a ``day`` (year, month and day, maybe a time as well), a ``month`` (year and
    month only), another part of a ``moment`` (a time of day alone, a day without its year), or something
    that is ``unknown`` to us: a fraction. ``plain``: whether numbers other than 0 with at most so many
    ``decimals`` are shown as they are.
    """

    shows: Literal["number", "day", "month", "moment", "unknown"]
    sections: tuple[tuple[Token, ...], ...] = ()
    plain: bool = False
    decimals: int = 0

    def shown(self, value: int | float) -> str | None:
        """Return what a sheet shows of a number, without blanks around it; ``None`` where that is unknown."""
        if self.shows != "number":
            return None
        try:
            # A spreadsheet knows 15 digits of a number: 0.3 of 0.30000000000000004.
            return _shown(self.sections, Decimal(f"{value:.15g}" if isinstance(value, float) else value))
        except InvalidOperation:
            return None


def format_numbered(number: int) -> str:
    """Return the code of a format that a file names by a number only; General where it is unknown."""
    return _NUMBERED.get(number, "General")


def read_format(code: str) -> NumberFormat | None:
    """Return a number format by its code; ``None`` for General and text, which show every number plainly."""
    if code in ("", "@") or code.casefold() == "general":
        return None
    unknown = NumberFormat("unknown")
    if len(code) > _CODE_LENGTH:
        return unknown
    sections = _sections(code)
    if sections is None:
        return unknown
    letters = {text for kind, text in sections[0] if kind == "date"}
    if letters:
        return NumberFormat(_moment(sections[0], letters))
    if len(sections) > 4 or any(kind == "date" for section in sections for kind, _ in section):
        return unknown
    decimals = _decimals(sections[0])
    found = NumberFormat("number", sections)
    if all(is_plain(found.shown(value), value) for value in (7, 1234567, -7, -1234567)):
        return NumberFormat("number", sections, True, decimals)
    return found


def is_plain(shown: str | None, value: int | float) -> bool:
    """Return whether what is shown is the number itself, whatever commas stand between its thousands."""
    if shown is None:
        return False
    text = shown.replace(",", "")
    if text[:1] == "(" and text[-1:] == ")":
        text = f"-{text[1:-1].strip()}"
    # 0.30 for 0.30000000000000004 is what was typed.
    return bool(_PLAIN.fullmatch(text)) and abs(float(text) - value) <= 1e-9 * max(1.0, abs(value))


def _sections(code: str) -> tuple[tuple[Token, ...], ...] | None:
    # The tokens of each section; None where one holds what we do not know.
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup, match[match.lastgroup or 0]
        section = sections[-1]
        if kind in ("quoted", "escaped"):
            section.append(("literal", text))
        elif kind == "blank":
            section.append(("literal", " "))
        elif kind == "fill":
            continue
        elif kind == "bracket":
            token = _bracket(text)
            if token is None:
                return None
            section.append(token)
        elif kind == "general":
            section.append(("general", ""))
        elif kind == "clock":
            section.append(("date", "h"))
        elif kind == "exponent":
            return None
        elif text == ";":
            sections.append([])
        elif text in "0#?":
            section.append(("digit", text))
        elif text in ".,%":
            section.append((text, text))
        elif text == "@":
            section.append(("text", ""))
        elif text.lower() in _DATE_LETTERS:
            section.append(("date", text.lower()))
        elif text in _PLAIN_LITERALS or not text.isascii():
            section.append(("literal", text))
        elif text == "/":
            section.append(("slash", text))
        else:
            return None
    return tuple(tuple(section) for section in sections)


def _bracket(text: str) -> Token | None:
    if _COLOUR.fullmatch(text):
        return ("literal", "")
    if re.fullmatch(r"DBNum[1-4]", text, re.IGNORECASE):
        return ("numerals", "")  # 二〇二一: a day stays the day
    if (match := _CURRENCY.fullmatch(text)) is not None:
        locale = match[2] or ""
        if locale.upper() == "F400" or locale == "x-systime":
            return ("date", "h")
        if locale.upper() != "F800" and locale[:1] != "x" and len(locale) > 4:
            return None  # the days of another calendar
        return ("literal", match[1])
    return None  # a condition, or a time that has passed ([h])


def _moment(section: tuple[Token, ...], letters: set[str]) -> Literal["day", "month", "moment"]:
    if "g" in letters or "b" in letters or any(kind in ("digit", "general") for kind, _ in section):
        # Eras and the Buddhist calendar; 0 and # stand for fractions of seconds only.
        fraction = not {"g", "b"} & letters and "s" in letters
        if not fraction:
            return "moment"
    year = "y" in letters or "e" in letters
    if not year or not _has_month(section):
        return "moment"
    return "day" if "d" in letters else "month" if not {"h", "s"} & letters else "moment"


def _has_month(section: tuple[Token, ...]) -> bool:
    # An m next to an hour before it, or seconds after it, means minutes.
    runs: list[str] = []
    last = ""
    for kind, text in section:
        if kind == "date":
            if text != last:
                runs.append(text)
            last = text
        else:
            last = ""
    return any(
        run == "m" and (place == 0 or runs[place - 1] != "h") and runs[place + 1 : place + 2] != ["s"]
        for place, run in enumerate(runs)
    )


def _decimals(section: tuple[Token, ...]) -> int:
    kinds = [kind for kind, _ in section]
    return kinds[kinds.index(".") :].count("digit") if "." in kinds else 0


def _shown(sections: tuple[tuple[Token, ...], ...], value: Decimal) -> str | None:
    if len(sections) == 1 or (value == 0 and len(sections) == 2):
        section, sign = sections[0], "-" if value < 0 else ""
    elif value > 0:
        section, sign = sections[0], ""
    elif value < 0:
        section, sign = sections[1], ""
    else:
        section, sign = sections[2], ""
    text = _rendered(section, abs(value))
    if text is None:
        return None
    if sign and not text[1].strip("0."):
        sign = ""  # -0.001 to two decimals is 0.00
    shown = sign + text[0].strip()
    if value < 0 and not sign and text[1].strip("0.") and "-" not in shown and "(" not in shown:
        return None  # red instead of a sign: it would be read as more than 0
    return shown


def _rendered(section: tuple[Token, ...], value: Decimal) -> tuple[str, str] | None:
    # What is shown, and the digits alone.
    kinds = [kind for kind, _ in section]
    if "numerals" in kinds or "slash" in kinds:
        return None
    if "general" in kinds or "text" in kinds:
        if {"digit", ".", ",", "%"} & set(kinds):
            return None
        if value and not -10 <= value.adjusted() < _GENERAL_DIGITS:
            return None  # in scientific notation
        plain = format(value.normalize(), "f") if value else "0"
        return "".join(plain if kind in ("general", "text") else text for kind, text in section), plain
    if "digit" not in kinds:
        return ("".join(text for _, text in section), "0") if set(kinds) <= {"literal"} else None
    first = kinds.index("digit")
    last = len(kinds) - 1 - kinds[::-1].index("digit")
    point = kinds.index(".") if "." in kinds else None
    if kinds.count(".") > 1:
        return None
    end = point if point is not None else last + 1
    whole = [place for place in range(first, end) if kinds[place] == "digit"]
    fraction = [place for place in range(end, last + 1) if kinds[place] == "digit"]
    # A comma between digits parts thousands, one behind the last digit scales by a thousand.
    commas = [place for place, kind in enumerate(kinds) if kind == ","]
    after = whole[-1] if whole else first
    scale = sum(1 for place in commas if place > (last if point is None else max(last, after)))
    scale += sum(1 for place in commas if point is not None and after < place < point)
    grouped = any(whole and whole[0] < place < whole[-1] for place in commas)
    scaled = value * Decimal(100) ** kinds.count("%") / Decimal(1000) ** scale
    if scaled and scaled.adjusted() > _MOST_DIGITS:
        return None
    rounded = scaled.quantize(Decimal(1).scaleb(-len(fraction)), rounding=ROUND_HALF_UP)
    digits, _, decimals = format(rounded, "f").partition(".")
    digits = digits.lstrip("0")
    put: dict[int, str] = {}
    _put_whole(section, whole, digits, grouped, put)
    _put_fraction(section, fraction, decimals, put)
    if point is not None and not whole:
        put[point] = digits + "."
    out = []
    for place, (kind, text) in enumerate(section):
        if kind == "digit":
            out.append(put[place])
        elif kind == ".":
            out.append(put.get(place, "."))
        elif kind != ",":
            out.append(text)
    return "".join(out), digits + "." + decimals


def _put_whole(
    section: tuple[Token, ...], places: list[int], digits: str, grouped: bool, put: dict[int, str]
) -> None:
    # From the right, a digit a place; the leftmost place takes all that are left.
    left, count = digits, 0
    for index, place in enumerate(reversed(places)):
        leftmost = index == len(places) - 1
        taken, left = (left, "") if leftmost else (left[-1:], left[:-1])
        if not taken:
            taken = {"0": "0", "?": " "}.get(section[place][1], "")
        if grouped:
            parted = ""
            for digit in reversed(taken):
                parted = (digit + "," if count and count % 3 == 0 and digit.isdigit() else digit) + parted
                count += 1
            taken = parted
        put[place] = taken


def _put_fraction(section: tuple[Token, ...], places: list[int], decimals: str, put: dict[int, str]) -> None:
    dropping = True
    for place, digit in zip(reversed(places), reversed(decimals), strict=True):
        kind = section[place][1]
        if dropping and digit == "0" and kind != "0":
            put[place] = " " if kind == "?" else ""
        else:
            dropping = False
            put[place] = digit

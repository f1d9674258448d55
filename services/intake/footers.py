"""Rows below a header row that state nothing: prefilled ones, sums, signatures, headers told again."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from services.intake.cells import text_of
from services.intake.headers import Found, seen, unit_above, unit_factor
from services.intake.sentences import Sentence, say
from services.intake.workbook import Cell

_SUM = re.compile(
    r".{0,6}(?:合计|总计|小计|共计|累计|汇总)(?:金额|人数|户数|笔数|数|额)?(?:\(.{0,10}\))?:?"
    r"|(?:合计|总计|小计|共计|共):?\d{1,9}(?:\.\d+)?(?:户|人|笔|名|条|个|元)(?:[,;、].{0,30})?"
)
_OFFICE = (
    "填报|填表|填制|制表|制单|编制|经办|审核|复核|审批|审签|核对|核准|报送|上报|报表|出纳|会计|财务|主管|分管|单位|部门|科室|站所|社区|村委会"
    "|街道|乡镇|民政|银行|领导|主要"
)
_ROLE = (
    "人|员|单位|部门|负责人|主管|领导|日期|时间|经办|审核|复核|审批|审签|核对|制表|制单|填表|填报|签字|签名|签章|盖章|公章|电话|联系电话"
    "|意见|会计|出纳"
)
_SIGNED = re.compile(rf"\(?(?:{_OFFICE})*(?:{_ROLE})+\)?(?:\((?:签字|签章|盖章|公章|签名)\))?(?::.*)?")
_REMARK = re.compile(
    r"(?:注|备注|说明|填表说明|填报说明|注意事项)\d?:.*|\(?(?:以下空白|以下无正文|此页无正文|本页以下空白)\)?。?|第\d+页.*"
)
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日|年月日")
_LONGEST = 200
_LABELS = 3  # of the cells of a row, those in which a word for a sum may stand
_SHOWN_RANGES = 10


class Numbers:
    """Numbers of rows, in order, as they are said: 3-42, 45; many are summed up."""

    def __init__(self) -> None:
        self.first = 0
        self._count = 0
        self._ranges: list[list[int]] = []
        self._more = False

    def __bool__(self) -> bool:
        return self._count > 0

    def __str__(self) -> str:
        said = ", ".join(f"{low}-{high}" if low < high else str(low) for low, high in self._ranges)
        return f"{said} … ({self._count})" if self._more else said

    def add(self, number: int) -> None:
        """Add the number of a row that is below all others."""
        self.first = self.first or number
        self._count += 1
        if self._more:
            return
        if self._ranges and number == self._ranges[-1][1] + 1:
            self._ranges[-1][1] = number
        elif len(self._ranges) < _SHOWN_RANGES:
            self._ranges.append([number, number])
        else:
            self._more = True


class Footers:
    """Tells the rows that state nothing from those that do, and keeps their numbers.

    ``titles`` are the texts above the header row, ``headers`` its own.
    """

    def __init__(self, titles: Sequence[str], headers: Sequence[str], found: Found) -> None:
        self._titles = frozenset(map(seen, titles))
        self._headers = [seen(headers[at]) for at in found.places]
        self._found = found
        self._rows: dict[str, Numbers] = {}
        self._units: list[tuple[int, str]] = []

    def take(self, number: int, cells: Sequence[Cell], taken: Sequence[Cell]) -> bool:
        """Return whether a row states nothing; it is then kept to be said. ``taken``: the form's columns."""
        kind = self._kind(cells, taken)
        if kind is None:
            return False
        self._rows.setdefault(kind, Numbers()).add(number)
        if not self._units:
            unit = unit_above([cell for cell in cells if isinstance(cell, str)])
            found = self._found
            if unit is not None and (found.unstated or found.contradicts(unit_factor(unit)) is not None):
                self._units.append((number, unit))
        return True

    def said(self) -> Iterator[tuple[int, Sentence]]:
        """Yield what is to be said of the rows that were taken, and the number of the first of each kind."""
        for kind, numbers in self._rows.items():
            yield numbers.first, say(kind, rows=str(numbers))
        for number, unit in self._units:
            yield number, say("unit-below", row=number, unit=unit)

    def _kind(self, cells: Sequence[Cell], taken: Sequence[Cell]) -> str | None:
        if [seen(text_of(cell)) for cell in taken] == self._headers:
            return "rows-of-headers"
        filled = (seen(text[:_LONGEST]) for cell in cells if (text := text_of(cell)))
        first, *others = islice(filled, _LABELS)
        if any(_SUM.fullmatch(text) for text in (first, *others)):
            return "rows-of-sums"
        if _SIGNED.fullmatch(first) or _REMARK.fullmatch(first):
            return "rows-of-signatures"
        if not others and first in self._titles:
            return "rows-of-headers"
        if not others and _DATE.fullmatch(first):
            return "rows-of-signatures"
        return None if any(map(text_of, taken)) else "rows-prefilled"

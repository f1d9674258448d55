"""Which row is the header row, of which form, and in which unit its amounts are."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from services.intake.forms import Column, Form
from services.intake.masks import carried
from services.intake.sentences import Sentence, say

YUAN = Decimal(1)
_MULTIPLES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_UNIT = re.compile(r"(?:(?:金额)?单位:?)?(?:人民币|rmb|￥|¥)?([十百千万亿]*元|角|分)(?:/月)?", re.IGNORECASE)
_UNIT_BEHIND = re.compile(r"(.+?)[:/、,_-]?(?:(?:金额)?单位:?)?(?:人民币)?([十百千万亿]*元)")
_UNIT_ABOVE = re.compile(
    r"(?<![\d.一二三四五六七八九十百千万亿两几多余数])([十百千万亿]+元)(?![\u4e00-\u9fff])"
)
_BEHIND = re.compile(r"(.*?)[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_LONGEST = 60  # of what may be a header with a unit or a hint
_HINTS = {"必填", "选填", "必录", "选录", "可选", "可空", "可不填", "非必填"}
_COUNTED = {"人", "户", "笔", "个", "次", "名", "条", "件"}
_OTHER_HEADERS = (
    "序号 编号 备注 说明 电话 手机 地址 住址 性别 年龄 民族 单位 合计 小计 日期 时间 姓名 身份 证件 金额"
    " 账户 开户 银行 街道 社区 村组 乡镇 卡号 经办 审核 签字"
)
# Characters that are not seen, though Unicode counts them among letters and marks.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class Found:
    """A header row: the form that it fits, and where its columns stand.

    ``amounts`` says by the number of each column of amounts how many 元 its header says that its unit is,
    ``None`` where it says no unit. ``doubled`` is a column that is there twice.
    """

    form: Form
    columns: tuple[Column, ...]
    places: tuple[int, ...]
    amounts: Mapping[int, Decimal | None]
    doubled: str | None

    @property
    def units(self) -> Mapping[int, Decimal]:
        """How many 元 the unit of a column is, where its header says another."""
        said = self.amounts.items()
        return {place: unit for place, unit in said if unit is not None and unit != YUAN}

    @property
    def unstated(self) -> bool:
        """Whether an amount has a column whose header says no unit."""
        return None in self.amounts.values()

    def contradicts(self, unit: Decimal) -> int | None:
        """Return the number of a column of amounts whose header says another unit than this one, if any."""
        return next((place for place, said in self.amounts.items() if said not in (None, unit)), None)


@dataclass(frozen=True, slots=True)
class Missed:
    """A row that may be meant as a header row: how many columns of a form it has, what is wrong."""

    known: int
    sentence: Sentence

    def of_sheet(self, sheet: str) -> "Missed":
        """Return the same, with the worksheet named in which the row stands."""
        values = {**dict(self.sentence.values), "where": f"工作表{sheet}", "of": f" of the worksheet {sheet}"}
        return Missed(self.known, say(self.sentence.code, **values))


def seen(text: str) -> str:
    """Return a text without what is not seen in it: blanks, line breaks, joiners, variation selectors."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return "".join(
        mark
        for mark in unicodedata.normalize("NFKC", text)
        if unicodedata.category(mark) not in ("Cc", "Cf", "Zs", "Zl", "Zp")
        and not ("\ufe00" <= mark <= "\ufe0f" or "\U000e0100" <= mark <= "\U000e01ef")
        and mark not in _UNSEEN
    )


def folded_header(header: str) -> str:
    """Return a header as it is compared: nothing that is unseen in it, no colon, star or number around it."""
    return seen(header).strip("*:;,.'\"`★※")


def unit_factor(unit: str) -> Decimal:
    """Return how many 元 a unit is: 万元, 千元, 角."""
    if unit in ("角", "分"):
        return Decimal("0.1") if unit == "角" else Decimal("0.01")
    factor = 1
    for mark in unit[:-1]:
        factor *= _MULTIPLES[mark]
    return Decimal(factor)


def unit_alone(text: str) -> Decimal | None:
    """Return the factor of a cell that says a unit and nothing else, such as (万元)."""
    match = _UNIT.fullmatch(folded_header(text).strip("()[]【】"))
    return unit_factor(match[1]) if match else None


def unit_above(texts: Sequence[str]) -> str | None:
    """Return the unit that is said above a table, where it is not 元: 单位：万元."""
    for text in texts:
        for folded in (" ".join(unicodedata.normalize("NFKC", text).split()), seen(text)):
            if (match := _UNIT_ABOVE.search(folded)) is not None:
                return match[1]
    return None


def find_header(texts: Sequence[str], forms: Sequence[Form]) -> tuple[Found, ...]:
    """Return the forms of which a row of headers has all columns that they require, the best ones only.

    Of two forms one may hold all that the other needs: the best are those of which most columns are there.
    """
    headers = [folded_header(text) for text in texts]
    matches = []
    for form in forms:
        places = _places(form, headers)
        if all(column.field in places for column in form.columns if form.needs(column)):
            matches.append((form, places))
    most = max((len(places) for _, places in matches), default=0)
    return tuple(_found(form, places) for form, places in matches if len(places) == most)


def missed_header(number: int, texts: Sequence[str], forms: Sequence[Form]) -> Missed | None:
    """Return what a row of texts lacks to be the header row of the form that fits it best."""
    headers = [folded_header(text) for text in texts]
    best: tuple[int, int, Form, dict[str, _Place]] | None = None
    for form in forms:
        places = _places(form, headers)
        missing = sum(form.needs(column) and column.field not in places for column in form.columns)
        if len(places) >= 2 and (best is None or (len(places), -missing) > best[:2]):
            best = (len(places), -missing, form, places)
    if best is None:
        return None
    known, _, form, places = best
    missing_columns = "、".join(
        column.header for column in form.columns if form.needs(column) and column.field not in places
    )
    taken = {at for place in places.values() for at in place.at}
    unknown = "、".join(
        f"{letters(at)}{quoted(texts[at], forms)}"
        for at, header in enumerate(headers)
        if header and at not in taken
    )
    values: dict[str, Any] = {"row": number, "form": form.title, "missing": missing_columns}
    values |= {"where": "", "of": ""}
    if unknown:
        return Missed(known, say("header-missing-unknown", unknown=unknown, **values))
    return Missed(known, say("header-missing", **values))


def headers_expected(forms: Sequence[Form]) -> Sentence:
    """Return what is said where no row is like a header row."""
    expected = "; ".join(
        f"{form.title}: " + "、".join(column.header for column in form.columns if form.needs(column))
        for form in forms
    )
    return say("header-row", expected=expected)


def names_many(text: str, forms: Sequence[Form]) -> bool:
    """Return whether one text holds the headers of several columns: cells that were not parted."""
    folded = folded_header(text)
    return any(
        sum(any(name in folded for name in column.names) for column in form.columns if form.needs(column))
        >= 3
        for form in forms
    )


def begins_with_header(text: str, form: Form) -> bool:
    """Return whether a text is one of a form's headers with something more behind it."""
    folded = folded_header(text)
    return any(folded.startswith(name) and folded != name for column in form.columns for name in column.names)


def bare_header(column: Column, header: str) -> tuple[str, Decimal | None]:
    """Return a folded header without what may stand behind the name of a column, and the unit that it says.

    必填 and the like may stand behind any, (人) behind a count, (万元) behind an amount.
    """
    name, unit = header, None
    while (match := _BEHIND.fullmatch(name)) is not None:
        hint = match[2]
        if column.kind == "amount" and unit is None and (said := _UNIT.fullmatch(hint)):
            unit = unit_factor(said[1])
        elif not (
            hint in _HINTS
            or (column.kind == "flag" and hint in ("是/否", "是或否"))
            or (column.kind == "integer" and (hint in _COUNTED or (hint == "%" and column.most == 100)))
        ):
            break
        name = match[1].rstrip("*:")
    if column.kind == "amount" and unit is None and (match := _UNIT_BEHIND.fullmatch(name)):
        return match[1], unit_factor(match[2])
    return name, unit


def quoted(text: str, forms: Iterable[Form]) -> str:
    """Return a header between quotation marks; nothing where it may be what somebody filled in.

    It is a header where it has something of those of these forms, or of what offices have beside them.
    """
    folded = folded_header(text)
    words = _vocabulary(frozenset().union(*(form.header_names for form in forms)))
    header = len(folded) <= 20 and not re.search(r"\d{4}", folded)
    if header and any(folded[at : at + 2] in words for at in range(len(folded) - 1)):
        return f"“{carried(folded)}”"
    return ""


def letters(place: int) -> str:
    """Return the letters of a column by its place from 0: A, B, … Z, AA."""
    # Bijective base 26.
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


@dataclass(slots=True)
class _Place:
    column: Column
    at: list[int]
    unit: Decimal | None  # None: not said


def _places(form: Form, headers: Sequence[str]) -> dict[str, _Place]:
    # By field, in the order of the form's columns.
    found: dict[str, _Place] = {}
    for column in form.columns:
        for at, header in enumerate(headers):
            if not header:
                continue
            fits, unit = _fits(column, header)
            if fits:
                found.setdefault(column.field, _Place(column, [], unit)).at.append(at)
    return found


def _fits(column: Column, header: str) -> tuple[bool, Decimal | None]:
    # Whether a header is that of a column, and the unit that it says.
    if header in column.names:
        return True, None
    if len(header) > _LONGEST:
        return False, None
    name, unit = bare_header(column, header)
    return name in column.names, unit


def _found(form: Form, places: Mapping[str, _Place]) -> Found:
    ordered = [places[column.field] for column in form.columns if column.field in places]
    return Found(
        form,
        tuple(each.column for each in ordered),
        tuple(each.at[0] for each in ordered),
        {place: each.unit for place, each in enumerate(ordered) if each.column.kind == "amount"},
        next((each.column.header for each in ordered if len(each.at) > 1), None),
    )


@lru_cache(32)
def _vocabulary(names: frozenset[str]) -> frozenset[str]:
    # Two characters next to each other of every header there is: a name or a number has none of them.
    known = names.union(_OTHER_HEADERS.split())
    return frozenset(name[at : at + 2] for name in known for at in range(len(name) - 1))

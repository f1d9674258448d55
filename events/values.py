"""Values that facts are made of: months, amounts, divisions, identity and account numbers, names.

Every value has one canonical form, reached here, so that the same fact sent twice in different dress
(full-width digits, a 15-digit ID number, a lower-case x) is the same fact.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
)
from stdnum.cn import uscc

from events.characters import (
    PLAIN,
    full_width_folded,
    has_blank,
    joined,
    shows_all,
    shows_all_of_a_number,
    shows_nothing,
)
from events.expectations import unfit
from events.fillers import FIRST, no_filler
from events.id_numbers import canonical_id_number

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has used UTC+8 without summer time since 1992; facts begin in 2018."""

_ACCOUNT_GROUPS = re.compile(
    "[0-9A-Za-z]{4}([ -][0-9A-Za-z]{4})*([ -][0-9A-Za-z]{1,4})?|[0-9A-Za-z]+(-[0-9A-Za-z]+)*"
)
_CREDIT_CODE_PARTS = re.compile("[0-9A-Za-z]+([ -][0-9A-Za-z]+){0,5}")


def canonical_account_number(raw: str) -> str:
    """Return the account number, full-width folded, letters upper-case.

    Single blanks between groups of four do not count, nor do single hyphens, nor blanks around it.
    """
    if raw.isascii() and raw.isdigit() and raw[0] > "0":
        folded = raw
    else:
        no_filler(raw)
        folded = joined(raw, _ACCOUNT_GROUPS).upper()
    if not (4 <= len(folded) <= 34 and folded.isascii() and folded.isalnum()):
        raise unfit("account-number-form")
    return folded


# Registered by (1 机构编制, 5 民政, 9 市场监管, A 军队, N 农业, Y others), kind, area code, body and check.
_CREDIT_CODE = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def canonical_credit_code(raw: str) -> str:
    """Return the 18-character unified social credit code (GB 32100), full-width folded, upper-case.

    Blanks around it do not count, nor do single blanks and hyphens between its parts.

    Village committees (54…), residents' committees (55…) and rural collectives (N2…) have one as companies
    do. Raises ValueError that never repeats the value.
    """
    folded = joined(raw, _CREDIT_CODE_PARTS).upper()
    # The library's own pattern knows neither N2 nor A1; its check digit is the standard's.
    if not _CREDIT_CODE.fullmatch(folded):
        no_filler(raw)
        raise unfit("credit-code-form")
    if folded[17] != uscc.calc_check_digit(folded[:17]):
        raise unfit("credit-code-check")
    return folded


_ANOMALY_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _anomaly_id(raw: str) -> str:
    folded = full_width_folded(raw).lower()
    if not _ANOMALY_ID.fullmatch(folded):
        no_filler(raw)
        raise unfit("anomaly-id-form")
    return folded


def _day(raw: object) -> object:
    # Without this, pydantic reads "20210616" as seconds since 1970.
    if isinstance(raw, str):
        day = _read(date.fromisoformat, raw) if len(raw) == 10 and raw[4] == raw[7] == "-" else None
        if day is None:
            no_filler(raw)
            raise unfit("date-expected")
        if day.year < 1900:
            raise unfit("day-since-1900")
        return day
    return raw


_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:")


def _instant(raw: object) -> object:
    # Without this, pydantic reads "1624838400" as seconds since 1970.
    if isinstance(raw, str):
        instant = _read(datetime.fromisoformat, raw) if _INSTANT.match(raw) else None
        if instant is None or instant.tzinfo is None:
            no_filler(raw)
            raise unfit("instant-expected")
        if not 1900 <= instant.year < 9999:
            raise unfit("instant-since-1900")
        return instant
    return raw


_Read = TypeVar("_Read")


def _read(read: Callable[[str], _Read], raw: str) -> _Read | None:
    try:
        return read(raw)
    except ValueError:  # which repeats the value
        return None


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


ON_LOG: dict[str, object] = {"on": "log"}
"""The context in which what stands on the log is validated: it is read as it was written."""


# Nearly every value is plain, and is judged by one look: no character in it is odd, and it is no filler.
_plain_number = re.compile("[!-~]*[1-9][!-~]*").fullmatch
_plain_word = re.compile(f"(?![{re.escape(''.join(sorted(FIRST)))}])[{PLAIN}][ {PLAIN}]*").fullmatch


def _name(raw: str) -> str:
    if _plain_word(raw) is not None:
        return raw
    if not shows_all(raw):
        raise unfit("name-unseen")
    if shows_nothing(raw):
        raise unfit("name-blank")
    no_filler(raw)
    return raw


def _number(raw: str, info: ValidationInfo) -> str:
    if _plain_number(raw) is not None or info.context is ON_LOG:
        return raw
    folded = full_width_folded(raw)
    if not shows_all_of_a_number(folded):
        raise unfit("number-unseen")
    if has_blank(folded):
        raise unfit("number-blanks")
    no_filler(folded)
    return folded


def _label(raw: str, info: ValidationInfo) -> str:
    if _plain_word(raw) is not None or info.context is ON_LOG:
        return raw
    if not shows_all(raw):
        raise unfit("word-unseen")
    if shows_nothing(raw):
        raise unfit("word-blank")
    no_filler(raw)
    return raw


def _free_text(raw: str) -> str:
    if "\0" in raw:
        raise unfit("text-nul")  # PostgreSQL could not keep it
    if shows_nothing(raw):
        raise unfit("text-blank")
    no_filler(raw)
    return raw


def _division(raw: object, info: ValidationInfo) -> object:
    if isinstance(raw, str) and _plain_number(raw) is None:
        if info.context is ON_LOG:
            return raw
        raw = full_width_folded(raw)
        no_filler(raw)
    return raw


Month = Annotated[str, StringConstraints(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")]
"""A calendar month as ``2021-06``; months compare as text."""

Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day of Asia/Shanghai as ``2021-06-28``, on which something happened: it has come."""

DayAhead = Annotated[date, BeforeValidator(_day), "may lie ahead"]
"""A calendar day of Asia/Shanghai that may lie ahead: a term, a deadline, the day from which a rule holds."""

Instant = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_in_utc)]
"""A point in time with its zone, as ``2021-06-28T09:30:00+08:00``; kept in UTC. It has come."""

InstantAhead = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_in_utc), "may lie ahead"]
"""A point in time that may lie ahead: a turn of duty."""

Fen = Annotated[int, Field(gt=0, le=10**12)]
"""An amount in 分 (1/100 yuan), a positive integer."""

FenOrNone = Annotated[int, Field(ge=0, le=10**12)]
"""An amount in 分 that may be nothing: an income, a total of a batch that failed."""

FenChange = Annotated[int, Field(ge=-(10**12), le=10**12)]
"""A difference in 分, less than 0 where something fell."""

Count = Annotated[int, Field(ge=0, le=10**9)]
"""How many: households, persons, objections."""

Percent = Annotated[int, Field(ge=0, le=100)]
"""A whole number of percent, or points out of 100."""

Year = Annotated[int, Field(ge=1949, le=2099)]
"""A calendar year."""

Quarter = Annotated[str, StringConstraints(pattern=r"^(19|20)[0-9]{2}-Q[1-4]$")]
"""A quarter of a year as ``2021-Q3``."""

Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$"), BeforeValidator(_division)]
"""A village's 12-digit division code (统计用区划代码)."""

Programme = Literal["urban_dibao", "rural_dibao", "tekun", "temporary_relief"]
"""救助类别: 城市低保, 农村低保, 特困供养, 临时救助."""

IdNumber = Annotated[str, StringConstraints(max_length=64), AfterValidator(canonical_id_number)]
CreditCode = Annotated[str, StringConstraints(max_length=64), AfterValidator(canonical_credit_code)]
"""An organisation's unified social credit code (统一社会信用代码, GB 32100): public, never about a person."""

AnomalyId = Annotated[str, StringConstraints(max_length=64), AfterValidator(_anomaly_id)]
"""The number of something that detection found (预警编号): a UUID in small letters."""

AccountNumber = Annotated[str, StringConstraints(max_length=64), AfterValidator(canonical_account_number)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_name)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_number)]
"""A business number that an upstream gives: 户号, 发放编号, 代管编号, 信访编号, 批次."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_label)]
"""A short public word: a bank, a registry, a channel, a document number. Never about a person."""

FreeText = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_free_text)]
"""What somebody wrote: may name persons, and is therefore sealed on the log."""


def month_of(day: date) -> str:
    """Return the month of a day, as ``2021-06``."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day(month: str) -> date:
    """Return the first day of a month."""
    return date(int(month[:4]), int(month[5:7]), 1)


def add_months(month: str, count: int) -> str:
    """Return the month ``count`` months later (earlier where negative)."""
    ordinal = int(month[:4]) * 12 + int(month[5:7]) - 1 + count
    return f"{ordinal // 12:04d}-{ordinal % 12 + 1:02d}"


def local_date(time: datetime) -> date:
    """Return the day in Asia/Shanghai on which an instant falls."""
    return time.astimezone(SHANGHAI).date()

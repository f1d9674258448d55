"""Fillers are no values: missing where one is required, and nothing at all where none is."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from events.fillers import WORDS, is_filler
from events.values import (
    ON_LOG,
    AccountNumber,
    Day,
    Division,
    FreeText,
    IdNumber,
    Instant,
    Label,
    Name,
    Number,
)

SIGNS = [
    *("/", "\\", "-", "—", "——", "--", "---", ".", "...", "…", "、", "*", "***", "?", "？", "__", "～"),
    *("0", "00", "000000000000", "０", "0000-00-00", "0.00", "×", "□□"),
]
DRESSED = [
    "nan",
    "NaN",
    "NULL",
    "null",
    "None",
    "N/A",
    "n/a",
    "#N/A",
    "Ｎ／Ａ",
    "无",
    "無",
    "不详",
    "不祥",
    "未知",
]


@pytest.mark.parametrize("text", [*SIGNS, *DRESSED, *sorted(WORDS), " 无 ", "　—　"])
def test_a_filler_is_one_in_any_dress(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "金", "吴", "零", "〇", "吾", "Nancy", "娜", "1", "10", "0x1F", "LZ0000", "00012", "A-0"),
        *(
            "无锡市民政局",
            "无异议",
            "待定办",
            "空军医院",
            "未知社区2组",
            "不详见附件",
            "C/O",
            "1/2",
            "一",
            "X",
        ),
    ],
)
def test_what_says_something_is_none(text: str) -> None:
    assert not is_filler(text)


@pytest.mark.parametrize("kind", [Number, Label, Name, FreeText, AccountNumber, IdNumber])
@pytest.mark.parametrize("text", ["无", "NULL", "nan", "/", "—", "0000", "不详"])
def test_a_filler_is_no_value_of_any_kind(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[str](kind).validate_python(text)
    assert [error["type"] for error in caught.value.errors()] == ["value-required"]


@pytest.mark.parametrize("kind", [Day, Instant, Division])
@pytest.mark.parametrize("text", ["无", "—", "0000-00-00", "000000000000"])
def test_nor_is_it_a_day_or_a_village(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[Any](kind).validate_python(text)
    assert [error["type"] for error in caught.value.errors()] == ["value-required"]


@pytest.mark.parametrize("text", ["无", "0", "NULL"])
def test_on_the_log_it_stays_what_it_was(text: str) -> None:
    assert TypeAdapter[str](Number).validate_python(text, context=ON_LOG) == text
    assert TypeAdapter[str](Label).validate_python(text, context=ON_LOG) == text

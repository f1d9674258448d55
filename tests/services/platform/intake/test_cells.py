"""Cells as offices write them, and what is none."""

from dataclasses import replace
from datetime import datetime

import pytest

from services.platform.intake.cells import CellError, Value, read_cell
from services.platform.intake.forms import Column
from services.platform.intake.masks import mask
from services.platform.intake.workbook import Cell

TEXT = Column("户号", "household_no", ("户号",))
DAY = replace(TEXT, kind="day")
INSTANT = replace(TEXT, kind="instant")
MONTH = replace(TEXT, kind="month")
QUARTER = replace(TEXT, kind="quarter")
AMOUNT = replace(TEXT, kind="amount", least=1, most=10**12)
INCOME = replace(AMOUNT, least=0)
CHANGE = replace(AMOUNT, least=-(10**12))
COUNT = replace(TEXT, kind="integer", least=0, most=10**9)
POINTS = replace(COUNT, most=100)
FLAG = replace(TEXT, kind="flag")
WORDS = {"好": "good", "良好": "good", "一般": "fair"}
WORD = replace(TEXT, kind="word", words=WORDS, offered=("好", "一般"))
VALUE = replace(TEXT, kind="value")
LIST = replace(TEXT, many=True)
WORD_LIST = replace(WORD, many=True)

READ: list[tuple[Column, Cell, Value | None]] = [
    (TEXT, " H-17 ", "H-17"),
    (TEXT, 17, "17"),
    (TEXT, 17.0, "17"),
    (TEXT, None, None),
    (TEXT, " ", None),
    (DAY, "2021-06-16", "2021-06-16"),
    (DAY, "2021-6-16", "2021-06-16"),
    (DAY, "20210616", "2021-06-16"),
    (DAY, 20210616, "2021-06-16"),
    (DAY, "2021.6.16", "2021-06-16"),
    (DAY, "2021/6/16", "2021-06-16"),
    (DAY, "2021年6月16日", "2021-06-16"),
    (DAY, "２０２１．６．１６", "2021-06-16"),
    (DAY, "2021 年 6 月 16 日", "2021-06-16"),
    (DAY, 44363, "2021-06-16"),
    (DAY, 44363.0, "2021-06-16"),
    (DAY, "44363", "2021-06-16"),
    (DAY, 44363.75, "2021-06-16"),
    (DAY, datetime(2021, 6, 16), "2021-06-16"),
    (DAY, datetime(2021, 6, 16, 9, 30), "2021-06-16"),
    (DAY, "2021-06-16 00:00:00", "2021-06-16"),
    (DAY, "2020-02-29", "2020-02-29"),
    (INSTANT, "2021-06-16 09:30", "2021-06-16T09:30:00+08:00"),
    (INSTANT, "2021-06-16T09:30:15", "2021-06-16T09:30:15+08:00"),
    (INSTANT, "2021/6/16 9:30", "2021-06-16T09:30:00+08:00"),
    (INSTANT, "2021年6月16日 9时30分", "2021-06-16T09:30:00+08:00"),
    (INSTANT, "2021.6.16 9点30分5秒", "2021-06-16T09:30:05+08:00"),
    (INSTANT, "20210616 0930", "2021-06-16T09:30:00+08:00"),
    (INSTANT, "20210616093015", "2021-06-16T09:30:15+08:00"),
    (INSTANT, "2021-06-16T01:30:00Z", "2021-06-16T01:30:00+00:00"),
    (INSTANT, "2021-06-16T09:30:00+08:00", "2021-06-16T09:30:00+08:00"),
    (INSTANT, datetime(2021, 6, 16, 9, 30), "2021-06-16T09:30:00+08:00"),
    (INSTANT, datetime(2021, 6, 16), "2021-06-16T00:00:00+08:00"),
    (INSTANT, 44363.395833333336, "2021-06-16T09:30:00+08:00"),
    (MONTH, "2021-06", "2021-06"),
    (MONTH, "2021年6月", "2021-06"),
    (MONTH, 202106, "2021-06"),
    (MONTH, "2021.6", "2021-06"),
    (MONTH, datetime(2021, 6, 28), "2021-06"),
    (MONTH, "2021-06-28", "2021-06"),
    (QUARTER, "2021-Q3", "2021-Q3"),
    (QUARTER, "2021年第三季度", "2021-Q3"),
    (QUARTER, "2021年3季度", "2021-Q3"),
    (QUARTER, "2021q3", "2021-Q3"),
    (AMOUNT, "463", 46300),
    (AMOUNT, "463.5", 46350),
    (AMOUNT, "1,463.50", 146350),
    (AMOUNT, "１，４６３．５０", 146350),
    (AMOUNT, "¥463元", 46300),
    (AMOUNT, 463, 46300),
    (AMOUNT, 463.1, 46310),
    (AMOUNT, 0.1 + 0.2, 30),
    (AMOUNT, "463.100", 46310),
    (AMOUNT, "0.01", 1),
    (INCOME, "0", 0),
    (INCOME, 0.0, 0),
    (CHANGE, "-12.50", -1250),
    (CHANGE, -12.5, -1250),
    (CHANGE, "0", 0),
    (COUNT, "0", 0),
    (COUNT, "1,200", 1200),
    (COUNT, 12.0, 12),
    (COUNT, "12.0", 12),
    (COUNT, "１２", 12),
    (POINTS, "100", 100),
    (FLAG, "是", True),
    (FLAG, "√", True),
    (FLAG, True, True),
    (FLAG, "否", False),
    (FLAG, 0, False),
    (WORD, "好", "good"),
    (WORD, "良 好", "good"),
    (WORD, "fair", "fair"),
    (VALUE, "3", 3),
    (VALUE, "1.25", 1.25),
    (VALUE, 1.25, 1.25),
    (VALUE, "否", False),
    (VALUE, "按月", "按月"),
    (LIST, "GB01、GB02", ["GB01", "GB02"]),
    (LIST, "GB01；GB02；", ["GB01", "GB02"]),
    (LIST, "甲、乙两村;丙村", ["甲、乙两村", "丙村"]),
    (LIST, "甲、乙两村；", ["甲、乙两村"]),
    (LIST, "甲;乙\n丙", ["甲;乙", "丙"]),
    (LIST, "GB01", ["GB01"]),
    (LIST, 17, ["17"]),
    (WORD_LIST, "好、一般", ["good", "fair"]),
]  # fmt: skip

LOST = "text: as a number a spreadsheet keeps 15 digits only, the others are lost"
PAID = "an amount in 元 with at most 2 decimals, more than 0"
REFUSED: list[tuple[Column, Cell, str]] = [
    (TEXT, "=1+1", "a value, not a formula"),
    (AMOUNT, "=400+63", "a value, not a formula"),
    (TEXT, "#N/A", "a value, not an error of the spreadsheet"),
    (AMOUNT, "#DIV/0!", "a value, not an error of the spreadsheet"),
    (TEXT, 6217000000007922000, LOST),
    (TEXT, 6.217000000007922e18, LOST),
    *((DAY, cell, "a day like 2021-06-28") for cell in (
        "2021-02-30", "16/6/2021", "21-6-16", "2021-06", "0", "昨天", 17, "2021061", 80_001)),
    *((INSTANT, cell, "an instant like 2021-06-28 09:30") for cell in (
        "2021-06-16", "2021-06-16 24:01", "2021-06-31 09:30", "09:30", "上午", 17)),
    *((MONTH, cell, "a month like 2021-06") for cell in ("2021-13", "6月", "202100", "21-06", 6)),
    *((QUARTER, cell, "a quarter like 2021-Q3") for cell in ("2021-Q5", "三季度", "2021")),
    *((AMOUNT, cell, PAID) for cell in (
        "0", "-463", "4.635", "463,50", "1,46", "四百", "1e3", 10**13, 0, -1, 0.001, "１万元")),
    (INCOME, "-1", "an amount in 元 with at most 2 decimals, 0 or more"),
    (CHANGE, "1.234", "an amount in 元 with at most 2 decimals, also less than 0, like -12.50"),
    *((COUNT, cell, "a whole number from 0 to 1000000000") for cell in ("1.5", 1.5, "-1", "几", 10**10)),
    (POINTS, "101", "a whole number from 0 to 100"),
    (FLAG, "大概", "是 or 否"),
    (WORD, "差", "one of 好、一般"),
    (WORD_LIST, "好、差", "one of 好、一般"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "value"), READ)
def test_a_cell_is_read_as_what_it_shows(column: Column, cell: Cell, value: Value | None) -> None:
    read = read_cell(column, cell)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(("column", "cell", "expected"), REFUSED)
def test_a_cell_that_is_none_is_told_what_was_expected(column: Column, cell: Cell, expected: str) -> None:
    with pytest.raises(CellError) as caught:
        read_cell(column, cell)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("", ""),
        ("王", "王"),
        ("王桂兰", "王**"),
        ("6217", "6**7"),
        ("500102196011093454", "50**************54"),
    ],
)
def test_a_masked_value_says_too_little_to_know_it(text: str, masked: str) -> None:
    assert mask(text) == masked

"""Cells as offices write them, and what is none."""

from dataclasses import replace
from datetime import datetime

import pytest

from services.intake.cells import CellError, Value, read_cell
from services.intake.forms import Column
from services.intake.masks import mask
from services.intake.workbook import Cell, ErrorValue, ShownNumber

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
NUMBER = replace(TEXT, kind="number")
ID_NUMBER = replace(TEXT, kind="id_number")
ACCOUNT = replace(TEXT, kind="account_number")
VOID = replace(FLAG, field="void")
PAYMENT_DAY = replace(DAY, years=(2000, 2022))
PAYMENT_MONTH = replace(MONTH, years=(2000, 2022))
TEN_THOUSANDS = replace(AMOUNT, scale=10_000)
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
    (DAY, datetime(2021, 6, 16), "2021-06-16"),
    (DAY, datetime(2021, 6, 16, 9, 30), "2021-06-16"),
    (DAY, "2021-06-16 00:00:00", "2021-06-16"),
    (DAY, "2020-02-29", "2020-02-29"),
    (DAY, "2021/6/1 12:30", "2021-06-01"),
    (DAY, "2021/6/2 14:05:00", "2021-06-02"),
    (DAY, "2021-06-27T16:00:00.000Z", "2021-06-28"),
    (DAY, "2021-06-28T01:00:00+14:00", "2021-06-27"),
    (DAY, "2021-12-31T23:30:00-01:00", "2022-01-01"),
    (DAY, "\u200b2021-06-16\ufeff", "2021-06-16"),
    (DAY, "/", None),
    (DAY, "0000-00-00", None),
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
    (MONTH, "2021-06", "2021-06"),
    (MONTH, "2021年6月", "2021-06"),
    (MONTH, 202106, "2021-06"),
    (MONTH, "2021.6", "2021-06"),
    (MONTH, datetime(2021, 6, 28), "2021-06"),
    (MONTH, "2021-06-28", "2021-06"),
    (MONTH, "2021-05-31T16:00:00Z", "2021-06"),
    (MONTH, "2021 年 6 月", "2021-06"),
    (MONTH, ShownNumber(202106, "2021年06月"), "2021-06"),
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
    (AMOUNT, "¥ 463.50", 46350),
    (AMOUNT, "463 元", 46300),
    (AMOUNT, ShownNumber(463.5, "¥463.50"), 46350),
    (TEN_THOUSANDS, "1250.505", 1_250_505_000),
    (TEN_THOUSANDS, 0.0001, 100),
    (INCOME, "无", None),
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
    (POINTS, "85%", 85),
    (POINTS, ShownNumber(1, "100%"), 100),
    (POINTS, 1, 1),
    (FLAG, "是", True),
    (FLAG, "√", True),
    (FLAG, True, True),
    (FLAG, "否", False),
    (FLAG, "无", False),
    (FLAG, "有", True),
    (FLAG, "/", False),
    (NUMBER, ShownNumber(817, "000817"), "000817"),
    (NUMBER, ShownNumber(817, "QP000817"), "QP000817"),
    (NUMBER, "ＱＰ２６", "QP26"),
    (NUMBER, "2021-06", "2021-06"),
    (NUMBER, " ", None),
    *((NUMBER, filler, None) for filler in ("nan", "NULL", "None", "/", "-", "无", "不详", "0", "#N/A"[1:])),
    (ID_NUMBER, "11010519491231002x", "11010519491231002X"),
    (ID_NUMBER, "５００１０２１９６０１１０９３４５４", "500102196011093454"),
    (ACCOUNT, "6217 0099 0000 0016", "6217009900000016"),
    (ACCOUNT, "6217-0099-0000-0016", "6217009900000016"),
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
DAY_BY_NUMBER = "a day like 2021-06-28: a number is a day only in a cell that the spreadsheet keeps as one"
DAY_IN_TEXT = "text: the spreadsheet has made a day or a time of what was typed"
SCIENTIFIC = "text: scientific notation has lost the number's digits"
INSTANT_BY_NUMBER = (
    "an instant like 2021-06-28 09:30: a number is one only in a cell that the spreadsheet keeps as one"
)
DAY_FORMAT = "a day like 2021-06-28, in a format that shows year, month and day: what this cell shows is none"
UNREAD_FORMAT = "a number format that shows the number plainly: what this one shows could not be read"
ONE_VALUE = "one value: no line break, tab or run of blanks inside it"
SHOWN = "an amount that is what the sheet shows: its number format shows another one"
REFUSED: list[tuple[Column, Cell, str]] = [
    (TEXT, "=1+1", "a value, not a formula"),
    (AMOUNT, "=400+63", "a value, not a formula"),
    (TEXT, "#N/A", "a value, not an error of the spreadsheet"),
    *((column, cell, "a value, not an error of the spreadsheet")
      for column in (TEXT, NUMBER, AMOUNT, DAY, FLAG, WORD)
      for cell in (ErrorValue("#VALUE!"), ErrorValue("#SPILL!"), ErrorValue("Err:502"), "#CALC!", "#####")),
    *((column, cell, DAY_IN_TEXT)
      for column in (TEXT, NUMBER) for cell in (datetime(2021, 3, 5), datetime(2021, 6, 1, 9, 30))),
    *((NUMBER, cell, DAY_IN_TEXT)
      for cell in ("3月5日", "2021/3/5", "5-Mar", "Mar-21", "9:30", "2021/3/5 0:00")),
    *((column, cell, SCIENTIFIC) for column in (TEXT, NUMBER, ACCOUNT, ID_NUMBER)
      for cell in ("2.02106E+11", "6.21701E+15", "1e+5", ShownNumber(202106000123, "2.02E+11"))),
    *((column, ShownNumber(817, None), UNREAD_FORMAT) for column in (TEXT, NUMBER, AMOUNT, COUNT)),
    (DAY, ShownNumber(817, None), DAY_BY_NUMBER),
    (INSTANT, ShownNumber(817, None), INSTANT_BY_NUMBER),
    (MONTH, ShownNumber(817, None), "a month like 2021-06, as text"),
    *((column, ShownNumber(number, None, True), DAY_FORMAT)
      for column in (DAY, INSTANT, MONTH) for number in (44363, 0.5)),
    *((column, text, ONE_VALUE) for column, text in (
        (AMOUNT, "540\n240"), (AMOUNT, "540\r\n240"), (AMOUNT, "540\t240"), (AMOUNT, "540  240"),
        (DAY, "2021-06-01\n2021-06-02"), (MONTH, "2021\n06"), (FLAG, "是\n否"), (COUNT, "1\n2"))),
    (AMOUNT, "540 240", PAID),
    (AMOUNT, "1 463.50", PAID),
    (AMOUNT, "5 4 0", PAID),
    (AMOUNT, datetime(2021, 6, 1), PAID),
    (AMOUNT, ShownNumber(0.5, "50%"), PAID),
    *((AMOUNT, cell, SHOWN) for cell in (ShownNumber(12500, "12.5"), ShownNumber(540.4, "540"))),
    *((COUNT, cell, "a whole number from 0 to 1000000000") for cell in ("1 2", "12%", datetime(2021, 6, 1))),
    *((MONTH, cell, "a month like 2021-06")
      for cell in ("20216", 20216, "44363", 44363, "2021061", "195505.0")),
    *((PAYMENT_DAY, cell, "a day of the years 2000 to 2022")
      for cell in ("1955-05-01", datetime(2031, 1, 1))),
    (PAYMENT_MONTH, "1955-05", "a day of the years 2000 to 2022"),
    (VOID, "/作", "是, 否 or nothing: whether the fact is undone, or the reason in 作废原因"),
    (VOID, "录入错误", "是, 否 or nothing: whether the fact is undone, or the reason in 作废原因"),
    (VALUE, ShownNumber(0.5, "50%"), UNREAD_FORMAT),
    (AMOUNT, "#DIV/0!", "a value, not an error of the spreadsheet"),
    (TEXT, 6217000000007922000, LOST),
    (TEXT, 6.217000000007922e18, LOST),
    *((DAY, cell, "a day like 2021-06-28") for cell in (
        "2021-02-30", "16/6/2021", "21-6-16", "2021-06", "昨天", "2021/6-16", "2021-06-16 25:00",
        "2021-06-16 09:60")),
    *((DAY, cell, DAY_BY_NUMBER) for cell in (
        "17", "2021061", "44363", ShownNumber(44363, "044363"), 17, 44363, 44363.0, 44363.75, 42901, 80_001,
        20210616.0, 210616)),
    *((INSTANT, cell, "an instant like 2021-06-28 09:30") for cell in (
        "2021-06-16", "2021-06-16 24:01", "2021-06-31 09:30", "09:30", "上午")),
    *((INSTANT, cell, INSTANT_BY_NUMBER) for cell in (17, 44363, 44363.395833333336)),
    *((MONTH, cell, "a month like 2021-06") for cell in ("2021-13", "6月", "202100", "21-06", 6)),
    *((QUARTER, cell, "a quarter like 2021-Q3") for cell in ("2021-Q5", "三季度", "2021")),
    *((AMOUNT, cell, PAID) for cell in (
        "0", "-463", "4.635", "463,50", "1,46", "四百", "1e3", 0, -1, 0.001, "１万元")),
    *((AMOUNT, cell, "an amount of at most 10000000000 元") for cell in (10**13, "46300000000")),
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

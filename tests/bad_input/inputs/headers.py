"""Header rows of forms: none, too late, doubled, of no form, of several; rows that are beside the table."""

from typing import Any

from tests.bad_input import sentences as says
from tests.bad_input.sending import csv_bytes, xlsx_bytes
from tests.bad_input.table import (
    CSV,
    EVENT_WAYS,
    XLSX,
    Input,
    InputClass,
    Upload,
    except_by,
    given,
)

_NO_HEADER = except_by("an event names its fields itself", *EVENT_WAYS)
EXPECTED = says.headers_of("payments")
Rows = list[list[Any]]


def _both(name: str, expected: str, change: Any, **more: Any) -> Input:
    return given(
        name,
        Upload(CSV, expected, lambda table: csv_bytes(change(table)), **more),
        Upload(XLSX, expected, lambda table: xlsx_bytes(change(table)), **more),
        not_by=_NO_HEADER,
    )


def _renamed(table: Rows, old: str, new: str) -> Rows:
    return [[new if cell == old else cell for cell in table[0]], *table[1:]]


def _without(table: Rows, name: str) -> Rows:
    at = table[0].index(name)
    return [[*row[:at], *row[at + 1 :]] for row in table]


def _missing(headers: str, row: int = 1) -> str:
    return f"the columns {headers} of the form 资金发放: row {row} was read as its header row"


HEADERS = InputClass(
    "headers of forms",
    (
        _both("no header row", EXPECTED, lambda table: table[1:]),
        given("nothing at all",
            Upload(CSV, says.EMPTY, b""),
            Upload(XLSX, EXPECTED, lambda table: xlsx_bytes([])),
            not_by=_NO_HEADER),
        _both("headers in English", EXPECTED, lambda table: [["id", "payment", "household"], *table[1:]]),
        _both("a required column that is missing", says.missing("金额"),
            lambda table: _without(table, "金额")),
        _both("a required column by another name", says.missing("金额", "G"),
            lambda table: _renamed(table, "金额", "多少钱")),
        _both("a required column by a name like another", says.missing("金额", "G“金额合计”"),
            lambda table: _renamed(table, "金额", "金额合计")),
        _both("a required column in another unit", says.missing("金额", "G“金额(美元)”"),
            lambda table: _renamed(table, "金额", "金额（美元）")),
        _both("amounts in 万元, as is said above them", says.unit_above("万元"),
            lambda table: [["2021年发放表"], ["", "", "单位：万元"], *table]),
        _both("a column twice", "one column 金额",
            lambda table: [[*row, row[table[0].index("金额")]] for row in table]),
        _both("a column by two of its names", "one column 金额",
            lambda table: [[*table[0], "发放金额"], *([*row, "1.00"] for row in table[1:])]),
        _both("a header row after 20 rows of titles", EXPECTED,
            lambda table: [*[["荔枝街道发放表"]] * 20, *table]),
        _both("a header row in two rows",
            says.missing("发放编号、户号、救助类别、发放月、到账日、金额", row=2),
            lambda table: [table[0][:7], [""] * 7 + table[0][7:], *table[1:]]),
        _both("a table on its side", EXPECTED, lambda table: [list(row) for row in zip(*table, strict=True)]),
        _both("a header row alone", says.NO_LINES, lambda table: table[:1]),
        _both("a header row and a row of sums alone", says.NO_LINES,
            lambda table: [table[0], ["合计", *[""] * 5, "540.00"]]),
        given("the headers of another context",
            Upload(CSV, EXPECTED, csv_bytes([["姓名", "身份证号", "死亡日期", "登记日期", "登记机关"]])),
            Upload(XLSX, EXPECTED, xlsx_bytes([["姓名", "身份证号", "死亡日期", "登记日期", "登记机关"]])),
            not_by=_NO_HEADER),
    ),
)  # fmt: skip

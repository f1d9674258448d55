"""One fact in other dresses, which is no fault: it is the same fact again."""

from datetime import date, datetime
from typing import Any

from tests.bad_input.sending import Formatted
from tests.bad_input.table import (
    ARRAY,
    CSV,
    EVENT_WAYS,
    KAFKA,
    LINES,
    NDJSON,
    ROW_WAYS,
    SINGLE,
    XLSX,
    Change,
    Input,
    InputClass,
    Step,
    Steps,
    both,
    except_by,
    given,
    put,
)

DIED = "dibao.vitals.died.v1"
PAID = "dibao.payments.paid.v1"
_NOT_JSON = except_by("JSON has one dress for it", *EVENT_WAYS)
_NOT_ROWS = except_by("a row has no such dress", *ROW_WAYS)
_NOT_CSV = except_by("a csv file has text only", CSV)


def _events(change: Change, type_name: str) -> Steps:
    again = tuple(
        Step(way, () if way is KAFKA else ("repeated",), (change,)) for way in (ARRAY, LINES, NDJSON, KAFKA)
    )
    return Steps(1, (Step(SINGLE, ("accepted",)), *again), type_name)


def _rows(cells: dict[str, Any], type_name: str) -> Steps:
    return Steps(
        1,
        (
            Step(XLSX, ("accepted",), ({},)),
            Step(CSV, ("repeated",), (cells,)),
            Step(XLSX, ("repeated",), (cells,)),
        ),
        type_name,
    )


def _shown(name: str, *cells: dict[str, Any], type_name: str = PAID) -> Input:
    """Dresses that a workbook has only."""
    steps = (Step(XLSX, ("repeated",), (each,)) for each in cells)
    return given(name, Steps(1, (Step(XLSX, ("accepted",), ({},)), *steps), type_name),
        not_by=_NOT_JSON | _NOT_CSV)  # fmt: skip


def _dress(name: str, cells: dict[str, Any], change: Change | None = None, type_name: str = PAID) -> Input:
    steps = [_rows(cells, type_name), *([_events(change, type_name)] if change else [])]
    return given(name, *steps, not_by={} if change else _NOT_JSON)


DRESSES = InputClass(
    "dresses",
    (
        _dress("full-width digits in an account", {"账号": "６２１７００００００００７９２２"},
            put("data.account.number", "６２１７００００００００７９２２")),
        _dress("an account in groups of four", {"账号": "6217 0000 0000 7922"},
            put("data.account.number", "6217 0000 0000 7922")),
        _dress("an account with hyphens", {"账号": "6217-0000-0000-7922"},
            put("data.account.number", "6217-0000-0000-7922")),
        _dress("a household's number in full width", {"户号": "ＬＺ０００８１７"},
            put("data.household_no", "ＬＺ０００８１７")),
        _dress("an ID number in its parts", {"身份证号": "500102 19601109 3454"},
            put("data.person.id_number", "500102 19601109 3454"), DIED),
        _dress("an ID number of 15 digits", {"身份证号": "500102601109345"},
            put("data.person.id_number", "500102601109345"), DIED),
        given("nothing said of what need not be said",
            _events(both(put("data.division", None), put("data.account.institution", False)), PAID),
            not_by=_NOT_ROWS),
        given("an instant of another zone", _events(put("time", "2021-06-28T01:30:00Z"), PAID),
            not_by=_NOT_ROWS),
        _dress("a filler where nothing need be", {"开户行": "邮储银行", "区划代码": "无"},
            put("data.division", None)),
        _dress("a day with slashes and a time", {"到账日": "2021/6/28 12:30"}),
        _dress("a day with points", {"到账日": "2021.6.28"}),
        _dress("a day in Chinese", {"到账日": "2021年6月28日"}),
        _dress("a day in digits", {"到账日": "20210628"}),
        _dress("a day as an instant of UTC", {"到账日": "2021-06-27T16:00:00.000Z"}),
        _dress("a month in Chinese", {"发放月": "2021年6月"}),
        _dress("a month in digits", {"发放月": "202106"}),
        _dress("a month in full width", {"发放月": "２０２１－０６"}),
        _dress("an amount with a sign and a unit", {"金额": "¥540元"}),
        _dress("a word with a blank", {"救助类别": "农村 低保"}),
        _dress("blanks around everything",
            {"户号": " LZ000817 ", "金额": "\u3000540.00", "发放月": "2021-06\u00a0", "户名": " 金和义"}),
        _dress("no under 作废, and under 集体账户", {"作废": "否", "集体账户": "×"}),
        _shown("an amount as a sheet shows it", {"金额": 540}, {"金额": Formatted(540, '"¥"#,##0.00')},
            {"金额": Formatted(540, '0.00"元"')}, {"金额": Formatted(540, "#,##0")}),
        _shown("a day as a sheet keeps it", {"到账日": Formatted(datetime(2021, 6, 28), "yyyy-mm-dd")},
            {"到账日": Formatted(date(2021, 6, 28), "yyyy/m/d")},
            {"到账日": Formatted(datetime(2021, 6, 28), '[$-804]yyyy"年"m"月"d"日"')}),
        _shown("a month as a sheet keeps it", {"发放月": 202106},
            {"发放月": Formatted(datetime(2021, 6, 1), "yyyy-mm")},
            {"发放月": Formatted(datetime(2021, 6, 30), "yyyy/m/d")}),
        _shown("a number of which a sheet shows the noughts", {"户号": Formatted(817, '"LZ"000000')}),
    ),
)  # fmt: skip

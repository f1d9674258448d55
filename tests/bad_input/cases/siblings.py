"""Siblings of the cases: the same kinds in other columns, other contexts and other dresses.

A name begins with the number of the case that it is a sibling of.
"""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from tests.bad_input.cases.building import (
    Build,
    Table,
    a_csv,
    a_text,
    a_workbook,
    household,
    table,
)
from tests.bad_input.good import encoded, good_event
from tests.bad_input.sending import Formatted, csv_bytes
from tests.bad_input.table import Change, both, put

PAID, DIED, GRANTED, FILED = "payments.paid", "vitals.died", "custody.granted", "petitions.filed"
REPORTED, ALLOCATED, RAISED = "campaign.task_reported", "funds.allocated", "funds.raised"


def _paid(tag: str, *changes: dict[str, Any], **more: Any) -> Table:
    return table(PAID, tag, *changes, **more)


def _renamed(rows: Table, **headers: str) -> Table:
    return [[headers.get(cell, cell) for cell in rows[0]], *rows[1:]]


def _merged(tag: str, header: str, *members: dict[str, Any]) -> Table:
    # As Excel keeps merged cells: the value in the first, nothing in the others.
    rows = household(tag, *members)
    at = rows[0].index(header)
    return [rows[0], rows[1], *[[*row[:at], "", *row[at + 1 :]] for row in rows[2:]]]


def _column(rows: Table, header: str) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rows[0].index(header)]


def _merge(rows: Table, header: str, first: int, last: int) -> str:
    column = _column(rows, header)
    return f"{column}{first}:{column}{last}"


def _times(short: str, tag: str, header: str, *values: Any, **more: Any) -> Table:
    return table(short, tag, *({header: value} for value in values), **more)


def _hide(book: Any, *, rows: Sequence[int] = (), columns: Sequence[str] = ()) -> None:
    for row in rows:
        book.active.row_dimensions[row].hidden = True
    for column in columns:
        book.active.column_dimensions[column].hidden = True


def _sheet(book: Any, title: str, rows: Table, state: str = "visible") -> None:
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    sheet.sheet_state = state


def _repacked(build: Build, change: Callable[[str, bytes], tuple[str, bytes]]) -> Build:
    def built() -> bytes:
        out = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(build())) as old,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for name in old.namelist():
                new.writestr(*change(name, old.read(name)))
        return out.getvalue()

    return built


def _text_of(rows: Table, separator: str = ",", ending: str = "\r\n") -> str:
    return "".join(separator.join(map(str, row)) + ending for row in rows)


def _events(tag: str, *changes: Change) -> Build:
    def built() -> bytes:
        lines = []
        for at, change in enumerate(changes, start=1):
            event = good_event("dibao.payments.paid.v1", f"{tag}-{at}", "/office/500102")
            event["data"]["payment_no"] = f"{tag}N{at}"
            change(event)
            lines.append(encoded(event))
        return b"\n".join(lines)

    return built


_AMOUNT_MERGED = [*household("S20n", {}, {}), *household("S20o", {}, {})[1:]]
_LEFT_OUT = dict.fromkeys(
    ("流水号", "户号", "救助类别", "区划代码", "起始月", "核定金额", "纳入方式", "审批日期"), ""
) | {"账号": "", "户名": "", "开户行": "", "发生时间": ""}
_MERGED = _merged("S20b", "户号", {}, {}, {})
_MERGED_MONTHS = [*household("S20d", {}, {}), *household("S20e", {}, {})[1:]]
_ACROSS = household("S20f", {}, {})
_ITEMS = household("S20g", {}, {"个人金额": ""})
_PAYMENTS_MERGED = _paid("S20h", {}, {"救助类别": ""})
_TASKS = table(
    REPORTED,
    "S60b",
    {"进度": Formatted(0.45, "0%")},
    {"进度": Formatted(0.455, "0%")},
    {"进度": Formatted(1, "0.00%")},
    {"进度": Formatted(45, "0")},
    {"进度": "45%"},
    {"进度": Formatted(0.45, "General")},
)

BUILT: dict[str, Build] = {
    # A day with a time beside it.
    "10b-deaths-at-night.csv": a_csv(
        _times(
            DIED,
            "S10b",
            "死亡日期",
            "2021/9/4 23:10",
            "2021-09-04T08:00",
            "2021年9月4日 8时30分",
            "2021.9.4 08:30:00",
            "2021-09-04 8:30:15.250",
            "20210904",
            "2021/09/04 00:00:00",
        )
    ),
    "10c-custody-days.csv": a_csv(
        _times(
            GRANTED,
            "S10c",
            "备案日期",
            "2021/3/1 0:00",
            "2021年03月01日",
            "2021-3-1",
            "２０２１－０３－０１",
            "2021 年 3 月 1 日",
        )
    ),
    "10d-days-that-are-none.csv": a_csv(
        _times(
            PAID,
            "S10d",
            "到账日",
            "2021/6/1 下午 12:30",
            "2021-06-01 12:30 PM",
            "2021/6/1 25:00",
            "2021/6/ 1",
            "2021/6/1  12:30",
            "1/6/2021",
            "6/1/21",
            "2021/6/112:30",
            "2021-06-1 5",
            "2021.06",
            "6月1日",
        )
    ),
    "10e-hotline-instants.csv": a_csv(
        _times(
            "hotline.called",
            "S10e",
            "来电时间",
            "2021/6/1 12:30",
            "2021-06-01 09:05:07",
            "20210601093000",
            "2021-06-01",
            "2021/6/1",
            "44348.5",
        )
    ),
    # Two values in one cell.
    "11b-two-days.csv": a_csv(
        _times(
            FILED,
            "S11b",
            "信访日期",
            "2021-06-28\n2021-06-29",
            "2021-06-28 2021-06-29",
            "2021-06-28、2021-06-29",
            "2021-06-28至2021-06-29",
            "2021-06-2\n8",
        )
    ),
    "11c-two-numbers.csv": a_csv(
        _times(
            GRANTED,
            "S11c",
            "账号",
            "6217000000009910\n6217000000009911",
            "6217000000009910 6217000000009911",
            "6217 0000 0000 9910",
            "6217-0000-0000-9910",
            "621700000000 9910",
            "6217  0000 0000 9910",
            "6217\t0000",
        )
    ),
    "11d-two-households.xlsx": a_workbook(
        _times(PAID, "S11d", "户号", "LZ1 LZ2", "LZ1\nLZ2", "LZ1\tLZ2", "LZ1、LZ2", "LZ\u00a01")
    ),
    "11e-two-months-and-amounts.xlsx": a_workbook(
        table(
            PAID,
            "S11e",
            {"发放月": "2021-06 2021-07"},
            {"发放月": "2021-0\n6"},
            {"金额": "540.00\n"},
            {"金额": "540\u00a0240"},
            {"金额": "540\t.00"},
            {"金额": "1 540.00"},
            {"金额": "5 4 0"},
            {"金额": "540.00 元"},
            {"金额": "¥ 540"},
            {"救助类别": "农村\n低保"},
            {"救助类别": "农村低保\n城市低保"},
        )
    ),
    "11f-two-persons.csv": a_csv(
        _times(
            DIED,
            "S11f",
            "身份证号",
            "500102196011093454\n500102195507222446",
            "500102 19601109 3454",
            "5001021960\n11093454",
            "500102196011093454 500102195507222446",
        )
    ),
    # Merged cells over rows of facts.
    "20b-household-number-alone.xlsx": a_workbook(_MERGED, merges=[_merge(_MERGED, "户号", 2, 4)]),
    "20c-a-merge-that-goes-on.xlsx": a_workbook(
        [*_merged("S20c", "户号", {}, {}), *household("S20i", {})[1:]], merges=[_merge(_MERGED, "户号", 2, 4)]
    ),
    "20d-month-of-two-households.xlsx": a_workbook(
        [
            row if at in (0, 1) else [*row[: row.index("2020-12")], "", *row[row.index("2020-12") + 1 :]]
            for at, row in enumerate(_MERGED_MONTHS)
        ],
        merges=[_merge(_MERGED_MONTHS, "起始月", 2, 5)],
    ),
    "20f-across-columns.xlsx": a_workbook(_ACROSS, merges=["F3:G3"]),
    "20g-over-the-members-amounts.xlsx": a_workbook(_ITEMS, merges=[_merge(_ITEMS, "个人金额", 2, 3)]),
    "20h-payments.xlsx": a_workbook(_PAYMENTS_MERGED, merges=[_merge(_PAYMENTS_MERGED, "救助类别", 2, 3)]),
    "20n-an-amount-over-two-households.xlsx": a_workbook(
        _AMOUNT_MERGED, merges=[_merge(_AMOUNT_MERGED, "核定金额", 2, 5)]
    ),
    "20i-left-out-as-if-merged.csv": a_csv(household("S20i", {}, _LEFT_OUT, _LEFT_OUT)),
    "20j-left-out-beside-the-serial.csv": a_csv(
        household("S20j", {}, _LEFT_OUT | {"流水号": "S20j-1"}, _LEFT_OUT | {"流水号": "S20j-1"})
    ),
    "20k-left-out-between-two-households.csv": a_csv(
        [
            *household("S20k", {}, _LEFT_OUT),
            *household("S20l", {}, {})[1:],
            *household("S20m", {})[1:],
        ]
    ),
    # A row of a fact that cannot be read.
    "22h-a-word-for-undone.csv": a_csv(household("S22h", {}, {"作废": "录错"}, {})),
    "22i-the-serial-of-one-row.csv": a_csv(household("S22i", {}, {"流水号": "2.02E+11"}, {})),
    "22j-the-month-of-one-row.csv": a_csv(household("S22j", {}, {"起始月": "20201"}, {"起始月": "12月"})),
    "22k-without-serials.csv": a_csv(
        household(
            "S22k", *({"流水号": "", **each} for each in ({}, {"户号": "S22k N1"}, {"起始月": "20201"}))
        )
    ),
    "22b-quotation-mark.csv": a_text(_text_of(household("S22b", {}, {"与户主关系": '"配偶'}, {}))),
    "22c-two-households-and-a-long-row.csv": a_text(
        _text_of(
            [
                *household("S22c", {}, {}),
                [*household("S22d", {}, {})[1], "x"],
                household("S22d", {}, {})[2],
                *household("S22e", {})[1:],
            ]
        )
    ),
    "22f-bytes-of-no-encoding.csv": lambda: csv_bytes(household("S22f", {}, {}, {})).replace(
        "郝素兰".encode(), b"\xff\xfe\xfd"
    ),
    "22g-one-bad-member.csv": a_csv(
        household("S22g", {}, {"身份证号": "500102195507222447", "个人金额": "0"}, {})
    ),
    # One thing in several dresses.
    "24b-programme-amount-and-account.csv": a_csv(
        household(
            "S24b",
            {"核定金额": "463.00", "账号": "6217000000007922"},
            {"核定金额": "463", "账号": "6217 0000 0000 7922", "救助类别": "农村 低保"},
            {
                "核定金额": "¥463元",
                "账号": "６２１７００００００００７９２２",
                "起始月": "2020年12月",
                "审批日期": "2020/11/20",
            },
        )
    ),
    "24c-months-of-a-workbook.xlsx": a_workbook(
        household(
            "S24c",
            {"起始月": Formatted(date(2020, 12, 1), "yyyy-mm")},
            {"起始月": 202012},
            {"起始月": Formatted(date(2020, 12, 1), "yyyy/m/d")},
        )
    ),
    "24d-blanks-around.csv": a_csv(
        household(
            "S24d",
            {"户号": " S24dN1 "},
            {"户号": "S24dN1\u3000"},
            {"户号": "\u00a0S24dN1", "流水号": "S24d-1 "},
        )
    ),
    "24e-campaign-phases.csv": a_csv(
        table(
            "campaign.opened",
            "S24e",
            {"行动编号": "XDS24", "流水号": "S24e-1"},
            {"行动编号": "ＸＤＳ２４", "流水号": "S24e-1", "阶段名称": "第二阶段"},
        )
    ),
    "24f-numbers-of-a-workbook.xlsx": a_workbook(
        household(
            "S24f",
            {"户号": 817, "流水号": 24001},
            {"户号": "817", "流水号": "24001"},
            {"户号": 817.0, "流水号": 24001},
        )
    ),
    # Full width in one of the rows.
    "26b-serial-full-width.csv": a_csv(household("S26b", {}, {"流水号": "Ｓ２６ｂ－１"}, {})),
    "26c-name-of-account.csv": a_csv(household("S26c", {}, {"户名": "金和义 "}, {"户名": "金和义"})),
    "26d-another-household-under-one-serial.csv": a_csv(household("S26d", {}, {"户号": "S26dN2"}, {})),
    "26e-a-joiner-in-one-row.csv": a_csv(household("S26e", {}, {"户号": "S26e\u200dN1"}, {})),
    # What says neither yes nor no under 作废.
    "30b-yes-and-no.csv": a_csv(
        _times(
            PAID,
            "S30b",
            "作废",
            "否",
            "×",
            "N",
            "FALSE",
            "0",
            "-",
            "——",
            "未作废",
            "正常",
            "删除",
            "废",
            "2021-06-28",
            "无需作废",
            "NULL",
        )
    ),
    "30c-deaths-undone.csv": a_csv(
        [*_times(DIED, "S30c", "作废", "", "无", "/", "ｎｏ"), table(DIED, "S30c", {"作废": "√"})[1]]
    ),
    "30d-true-and-false.xlsx": a_workbook(
        [*_times(PAID, "S30d", "作废", False, 0, ""), _times(PAID, "S30d", "作废", True)[1]]
    ),
    "30g-a-household-undone.csv": a_csv(
        [
            *household("S30g", {"作废": "", "作废原因": ""}, {}),
            *household("S30g", {"作废": "是", "作废原因": "重复录入"}, {"作废": "是"})[1:],
        ]
    ),
    "30h-two-reasons.csv": a_csv(
        household("S30h", {"作废": "是", "作废原因": "重复录入"}, {"作废": "是", "作废原因": "录错"})
    ),
    "30e-other-yes-and-no.csv": a_csv(
        _times(
            "campaign.task_reported", "S30e", "是否完成", "是", "否", "√", "×", "无", "/", "不知道", "已完成"
        )
    ),
    "30f-reasons-alone.csv": a_csv(
        [
            *_times(PAID, "S30f", "作废原因", "", "无", "/", without=["作废"]),
            _times(PAID, "S30f", "作废原因", "重复发放", without=["作废"])[1],
        ]
    ),
    # What stands for nothing.
    "32b-required-columns.csv": a_csv(
        table(
            PAID,
            "S32b",
            {"户名": "不详"},
            {"账号": "无"},
            {"发放编号": "0"},
            {"批次": "—"},
            {"金额": "/"},
            {"发放月": "NaN"},
            {"到账日": "00:00:00"},
            {"到账日": "0000-00-00"},
            {"救助类别": "待定"},
            {"流水号": "NULL"},
            {"户号": "０００"},
            {"户号": "#N/A"},
            {"户号": "(空白)"},
            {"户号": "None"},
            {"户号": "N/A"},
        )
    ),
    "32c-optional-columns.csv": a_csv(
        table(
            PAID,
            "S32c",
            {"开户行": "无"},
            {"开户行": "NULL"},
            {"开户行": "/"},
            {"区划代码": "不详"},
            {"发生时间": "-"},
            {"集体账户": "无"},
            {"开户行": ""},
        )
    ),
    "32d-zero-of-a-workbook.xlsx": a_workbook(
        table(
            PAID,
            "S32d",
            {"户号": 0},
            {"户号": 0.0},
            {"户号": False},
            {"户号": Formatted(0, "000000")},
            {"发放编号": Formatted(0, "General")},
            {"到账日": 0},
            {"发放月": 0},
        )
    ),
    "32e-petitioners.csv": a_csv(
        table(
            FILED,
            "S32e",
            {"信访人身份证号": "不详"},
            {"信访人姓名": "无", "信访人身份证号": "无"},
            {"信访人本地编号": "0"},
            {"事项": "无"},
            {"户号": "无"},
        )
    ),
    "32f-events.ndjson": _events(
        "S32f",
        put("data.household_no", "NULL"),
        put("data.household_no", "nan"),
        put("data.account.bank", "无"),
        both(put("data.household_no", "０"), put("data.account.bank", "/")),
        put("data.household_no", "LZ0"),
        both(put("data.household_no", "N/A"), put("data.batch_no", "——")),
    ),
    # A day, a time or a power of ten where a number or a word should stand.
    "40b-other-columns.xlsx": a_workbook(
        table(
            PAID,
            "S40b",
            {"发放编号": Formatted(time(3, 5), "h:mm")},
            {"批次": Formatted(datetime(2021, 6, 1), "yyyy-mm-dd")},
            {"开户行": Formatted(datetime(2021, 6, 1), "yyyy-mm-dd")},
            {"户名": Formatted(datetime(2021, 6, 1), "m/d")},
            {"流水号": Formatted(datetime(2021, 3, 5), "d-mmm")},
            {"户号": Formatted(44260, '[$-804]m"月"d"日"')},
            {"账号": Formatted(datetime(2021, 6, 1), "yyyymmdd")},
            {"救助类别": Formatted(datetime(2021, 6, 1), "m/d")},
        )
    ),
    "40c-as-text.csv": a_csv(
        table(
            PAID,
            "S40c",
            {"户号": "3月5日"},
            {"户号": "5-Mar"},
            {"户号": "2021/3/5"},
            {"批次": "Jun-21"},
            {"户号": "3-5"},
            {"户号": "3:05"},
            {"户号": "３月５日"},
            {"批次": "2021-06"},
            {"流水号": "2021/3/5"},
        )
    ),
    "40d-documents.xlsx": a_workbook(
        table(
            "campaign.opened",
            "S40d",
            {"文号": Formatted(datetime(2021, 6, 1), "yyyy-m-d")},
            {"行动名称": Formatted(0.5, "h:mm")},
        )
    ),
    "41b-other-numbers.csv": a_csv(
        [
            *_times(
                GRANTED, "S41b", "代管编号", "2.02106E+11", "2.02106e11", "1E+05", "1.0E5", "２．０Ｅ＋１１"
            ),
            *_times(GRANTED, "S41bb", "协议号", "2.02106E+11", "DG-1E05")[1:],
        ]
    ),
    "41c-of-a-workbook.xlsx": a_workbook(
        table(
            PAID,
            "S41c",
            {"户号": 202106280000001.0},
            {"户号": 2021062800000012},
            {"户号": 1e15},
            {"户号": 1.5},
            {"户号": Formatted(202106280001, "0.00E+00")},
            {"户号": Formatted(202106280001, "0")},
            {"户号": 202106280001},
            {"发放编号": 0.1 + 0.2},
            {"户号": -5},
        )
    ),
    "41d-what-programs-add.csv": a_csv(
        [
            *_times(PAID, "S41d", "户号", "817.0", "'000817", "`LZ1", "’LZ1", "817.00", "LZ1.0", "8.17"),
            *_times(PAID, "S41db", "流水号", "41001.0", "'41001")[1:],
            *_times(PAID, "S41dc", "批次", "202106.0", "2021.06")[1:],
        ]
    ),
    "44b-serials-of-petitions.csv": a_csv(
        _times(FILED, "S44b", "流水号", "2.02106E+11", "2.02106E+11", "1.E+11")
    ),
    # Instants for days and months.
    "50b-zones.csv": a_csv(
        [
            *_times(
                PAID,
                "S50b",
                "到账日",
                "2021-06-27T16:00:00Z",
                "2021-06-27T15:59:59Z",
                "2021-06-28T00:00:00+08:00",
                "2021-06-28T23:00:00-05:00",
                "2021-06-27 16:00 Z",
            ),
            *_times(
                PAID,
                "S50bb",
                "发放月",
                "2021-05-31T16:00:00Z",
                "2021-06-30T16:00:00Z",
                "2021-05-31T16:00:00.000Z",
            )[1:],
        ]
    ),
    "50c-deaths.csv": a_csv(
        _times(DIED, "S50c", "死亡日期", "2021-09-03T16:00:00.000Z", "2021-09-03T15:59:00Z")
    ),
    "50d-hotline.csv": a_csv(
        _times(
            "hotline.called",
            "S50d",
            "来电时间",
            "2021-06-01T04:30:00Z",
            "2021-06-01T12:30:00+08:00",
            "2021-06-01 12:30",
        )
    ),
    # Digits for months and days.
    "52b-months.csv": a_csv(
        _times(
            PAID,
            "S52b",
            "发放月",
            "2021006",
            "2106",
            "20210",
            "202113",
            "202100",
            "44378",
            "2021.6",
            "2021.10",
            "6",
            "202106",
            "2021-6",
            "2021年6月",
            "２０２１－０６",
            "2021年06月份",
            "199912",
            "209906",
            "2021 06",
        )
    ),
    "52c-months-of-a-workbook.xlsx": a_workbook(
        _times(
            PAID,
            "S52c",
            "发放月",
            20216,
            44378,
            202106,
            2021.6,
            2021.1,
            Formatted(2021.1, "0.00"),
            202113,
            20210601,
            2021,
            Formatted(44348, "yyyy-mm"),
            Formatted(44348, "General"),
        )
    ),
    "52d-days.csv": a_csv(
        _times(PAID, "S52d", "到账日", "44375", "210628", "2021628", "20210628", "20216028", "0", "2021-6-28")
    ),
    "52e-days-of-a-workbook.xlsx": a_workbook(
        [
            *_times(
                PAID,
                "S52e",
                "到账日",
                44375,
                20210628,
                210628,
                2021,
                36000,
                73000,
                Formatted(44375, "0"),
                44375.99999,
            ),
            *_times(
                PAID,
                "S52eb",
                "到账日",
                Formatted(datetime(1999, 6, 28), "yyyy-mm-dd"),
                Formatted(44375, '"第"0'),
                Formatted(44375, 'm"月"d"日"'),
                Formatted(0.5, "h:mm"),
                Formatted(44375, "yyyy/m/d"),
                Formatted(44375.99999, "yyyy-mm-dd"),
            )[1:],
        ]
    ),
    "52f-death-as-a-number.xlsx": a_workbook(
        _times(DIED, "S52f", "死亡日期", 44348, Formatted(44348, "@"), Formatted(44348, "yyyy-mm-dd"))
    ),
    "52g-instants-as-numbers.xlsx": a_workbook(
        _times(
            "hotline.called",
            "S52g",
            "来电时间",
            44348.5,
            Formatted(44348.5, "h:mm"),
            Formatted(44348.5, "yyyy-mm-dd hh:mm"),
        )
    ),
    # Seconds before midnight.
    "54b-as-text.csv": a_csv(
        _times(
            PAID,
            "S54b",
            "到账日",
            "2021-06-27 23:59:17",
            "2021/6/27 23:59",
            "2021-06-27T23:59:59Z",
            "2021-06-27 23:58:59",
        )
    ),
    "54c-custody.xlsx": a_workbook(
        _times(
            GRANTED,
            "S54c",
            "开始日期",
            Formatted(datetime(2021, 2, 28, 23, 59, 17), "yyyy-mm-dd"),
            Formatted(44255.99952, "yyyy/m/d"),
        )
    ),
    "54d-enrolled.xlsx": a_workbook(
        household(
            "S54d",
            {"起始月": Formatted(datetime(2020, 11, 30, 23, 59, 17), "yyyy-mm")},
            {"起始月": Formatted(datetime(2020, 11, 30, 23, 59, 17), "yyyy-mm")},
        )
    ),
    # What the sheet shows.
    "60b-percent.xlsx": a_workbook(_TASKS),
    "60c-numbers.xlsx": a_workbook(
        table(
            PAID,
            "S60c",
            {"户号": Formatted(817, "000000")},
            {"户号": Formatted(817, '"QP"000000')},
            {"户号": Formatted(817, "#,##0")},
            {"户号": Formatted(1817, "#,##0")},
            {"户号": Formatted(817, ";;;")},
            {"户号": Formatted(817.4, "0")},
            {"流水号": Formatted(60001, "00000000")},
            {"户号": Formatted(50, "0%")},
        )
    ),
    "60d-amounts.xlsx": a_workbook(
        _times(
            PAID,
            "S60d",
            "金额",
            Formatted(540, '"¥"#,##0.00'),
            Formatted(540.4, "0"),
            Formatted(1540, "#,##0"),
            Formatted(5400000, '0.00,"万"'),
            Formatted(540, '0.00"元"'),
            Formatted(540, "#,##0.00_);(#,##0.00)"),
            Formatted(5.4, "0%"),
            Formatted(540, "[$￥-804]#,##0.00"),
            Formatted(540, ";;;"),
            Formatted(540.005, "0.00"),
            Formatted(540.0000001, "General"),
            Formatted(54000, "0\\.00"),
            Formatted(540, "[DBNum2][$-804]General"),
            Formatted(540, "@"),
        )
    ),
    "60e-months-and-years.xlsx": a_workbook(
        _times(
            RAISED,
            "S60e",
            "年度",
            2021,
            Formatted(44348, "yyyy"),
            Formatted(2021, '0"年"'),
            Formatted(2021, "#,##0"),
            "2021年",
            2021.5,
        )
    ),
    # Units.
    "62b-header.csv": a_csv(
        _renamed(
            _times(RAISED, "S62b", "筹集金额", "1250.50", "1,250.5", "0.0000001"), 筹集金额="筹集金额（万元）"
        )
    ),
    "62c-thousand-above.csv": a_text("单位：千元\n" + _text_of(table(RAISED, "S62c", {}))),
    "62d-yuan-above.csv": a_text(
        "资金筹集表,单位：元\n" + _text_of(table(RAISED, "S62d", {"筹集金额": "1250.50"}))
    ),
    "62e-in-the-title.xlsx": a_workbook(
        [["2021年城乡低保资金筹集情况表（万元）"], *table(RAISED, "S62e", {})]
    ),
    "62f-in-a-cell.csv": a_csv(
        _times(RAISED, "S62f", "筹集金额", "1250.50万元", "1250.50万", "1250.50元", "12.5千元")
    ),
    "62g-row-below.xlsx": a_workbook(
        (lambda rows: [rows[0], ["万元" if header == "筹集金额" else "" for header in rows[0]], *rows[1:]])(
            table(RAISED, "S62g", {"筹集金额": "1250.50"})
        )
    ),
    "62h-below-the-table.csv": a_csv([*table(RAISED, "S62h", {}), ["备注：本表金额单位为万元"]]),
    # Handed over again, and told twice.
    "70d-custody-without-serials.csv": a_csv(
        _times(GRANTED, "S70d", "截止日期", "2022-02-28", "2022-02-28", without=["流水号"])
    ),
    "72b-custody.csv": a_csv(_times(GRANTED, "S72b", "代管编号", "S72bN1", "S72bN1")),
    "72c-rows-told-twice.csv": a_csv(
        _times(PAID, "S72c", "发放编号", "S72cN1", "S72cN1", "S72cN2", without=["流水号"])
    ),
    "72d-petitions.csv": a_csv(_times(FILED, "S72d", "信访编号", "S72dN1", "S72dN2", "S72dN1")),
    "72e-a-household-enrolled-twice.csv": a_csv(
        [*household("S72e", {}), *household("S72f", {"户号": "S72eN1"})[1:]]
    ),
    "72g-one-serial-two-contents.csv": a_csv(
        table(PAID, "S72g", {"流水号": "S72g-1"}, {"流水号": "S72g-1", "金额": "450.00"})
    ),
    # Sources.
    "73b-spellings.ndjson": _events(
        "S73b",
        *(
            put("source", f"/office/{rest}")
            for rest in (
                "/500102",
                "500102/../500102",
                "./500102",
                "500102 ",
                "500102\u200b",
                "500102//a",
                "500102/a/",
                "500102/.a",
                "500102/a..b",
                "500102/a%2Fb",
            )
        ),
    ),
    # What nobody sees.
    "80b-in-files.csv": a_csv(
        [
            *_times(
                PAID,
                "S80b",
                "户号",
                "LZ\u00ad1",
                "LZ\ufe0f1",
                "LZ\u03011",
                "L\u2060Z1",
                "LZ\u115f1",
                "LZ1\u200d",
                "LZ\ue0001",
                "\ufeffLZ1",
                "LZ\u180e1",
            ),
            *_times(PAID, "S80bb", "发放编号", "S80\u200cN1", "S80\u2800N2")[1:],
            *_times(PAID, "S80bc", "流水号", "S80\u200b-1", "S80-2\u200b")[1:],
        ]
    ),
    "82b-full-width.csv": a_csv(
        [
            *_times(GRANTED, "S82b", "代管编号", "Ｓ８２ｂＮ１", "S82bN2"),
            *_times(GRANTED, "S82bb", "账号", "６２１７００００００００９９１０", "6217000000009910")[1:],
            *_times(GRANTED, "S82bc", "协议号", "ＤＧ－１", "DG-1")[1:],
        ]
    ),
    "82c-circled-and-superscript.csv": a_csv(
        _times(PAID, "S82c", "户号", "LZ①", "LZ²", "LZⅣ", "ℒZ1", "LZ㈠", "LZ½", "١٢٣")
    ),
    # Headers.
    "84b-other-headers.csv": a_csv(
        _renamed(
            _times(PAID, "S84b", "户号", "LZ1"),
            户号="户\u2060号",
            金额="金 额",
            账号="账\u00ad号",
            户名="户名\ufe0f",
            批次="批\n次",
            流水号="流水号\u200b",
        )
    ),
    "85b-mark-inside.csv": a_text("\ufeff" + _text_of(_renamed(_paid("S85b", {}), 户号="\ufeff户号"))),
    "85c-quoted-first-header.csv": a_text('\ufeff"流水号"' + _text_of(_paid("S85c", {}))[3:]),
    "85d-sep.csv": a_text("\ufeffsep=;\r\n" + _text_of(_paid("S85d", {}), ";")),
    "102b-required-missing.xlsx": a_workbook(_renamed(_paid("S102b", {}), 金额="应发", 户号="户编码")),
    "102c-units-and-hints.csv": a_csv(
        _renamed(
            _paid("S102c", {}),
            金额="*金额（元）",
            户号="户号（必填）",
            账号="账号:",
            救助类别="救助类别【必填】",
        )
    ),
    "102d-unit-that-is-none.csv": a_csv(_renamed(_paid("S102d", {}), 金额="金额(美元)")),
    "102e-two-amounts.csv": a_csv(
        [[*row, extra] for row, extra in zip(_paid("S102e", {}), ["实发金额", "540"], strict=True)]
    ),
    # What is not read.
    "90b-notes-beside.xlsx": a_workbook(
        _paid("S90b", {}), change=lambda book: _sheet(book, "填表说明", [["请用文本格式填写"]])
    ),
    "90c-two-tables.xlsx": a_workbook(
        _paid("S90c", {}), change=lambda book: _sheet(book, "7月", _paid("S90d", {}))
    ),
    "90e-very-hidden.xlsx": a_workbook(
        _paid("S90e", {}), change=lambda book: _sheet(book, "旧", _paid("S90f", {}), "veryHidden")
    ),
    "90g-header-only-beside.xlsx": a_workbook(
        _paid("S90g", {}), change=lambda book: _sheet(book, "7月", _paid("S90h", {})[:1])
    ),
    "90i-beyond-the-columns.xlsx": a_workbook(
        _paid("S90i", {}), change=lambda book: book.active.__setitem__("GS2", "还有")
    ),
    "91b-one-line-of-json.ndjson": a_text("{}" * 2),
    "91c-old-line-ends.csv": a_text(_text_of(_paid("S91c", {}, {}), ending="\r")),
    "91d-header-only.csv": a_csv(_paid("S91d", {})[:1]),
    "91e-empty.ndjson": a_text("\n\n"),
    "91f-blanks.csv": a_text(" \r\n,,,\r\n"),
    "91g-one-line.csv": a_text(" ".join(_text_of(table(FILED, "S91g", {})).split("\r\n"))),
    "93b-hidden-columns.xlsx": a_workbook(
        _paid("S93b", {}), change=lambda book: _hide(book, columns=["C", "F"])
    ),
    "93c-several-rows.xlsx": a_workbook(
        _paid("S93c", *[{}] * 5), change=lambda book: _hide(book, rows=[3, 4, 6])
    ),
    "93d-group.xlsx": a_workbook(household("S93d", {}, {}), change=lambda book: _hide(book, rows=[3])),
    # Separators and encodings.
    "100b-tabs-with-commas-inside.csv": a_text(
        _text_of(
            _times(
                FILED,
                "S100b",
                "事项",
                ", ".join(f"问题{number}" for number in range(1, 14)),
            ),
            "\t",
        )
    ),
    "100c-bars.csv": a_text(_text_of(_times(FILED, "S100c", "事项", "一; 二; 三, 四"), "|")),
    "100d-semicolons-quoted.csv": a_text(_text_of(_times(FILED, "S100d", "事项", '"一; 二; 三, 四"'), ";")),
    "103b-shift-jis.csv": a_text(
        "流水号,発放編号,戸号,救助類別,発放月,到着日,金額\r\nS103b-1,N1,LZ1,農村低保,2021-06,2021-06-28,540\r\n",
        "shift-jis",
    ),
    "103c-utf-16-without-mark.csv": a_text(_text_of(_paid("S103c", {})), "utf-16-le"),
    "103d-utf-16.csv": a_text(_text_of(_paid("S103d", {})), "utf-16"),
    "103e-gb18030-rare-names.csv": a_text(
        _text_of(_times(PAID, "S103e", "户名", "王䶮", "㑇某", "金\U00020087")), "gb18030"
    ),
    # Below the table.
    "104b-sums-and-signatures.csv": a_csv(
        [
            *_paid("S104b", {}, {}),
            ["小计", *[""] * 5, "1,080.00"],
            ["合  计", *[""] * 5, "1,080.00"],
            ["填报人：", "王某", "", "审核人：", "李某", "", "2021年6月30日"],
            ["单位负责人（签章）：", "", "", "填报日期：2021-06-30"],
            ["注：本表一式两份"],
            ["以下空白"],
        ]
    ),
    "104c-sum-with-amount-only.csv": a_csv([*_paid("S104c", {}), ["", "", "", "", "", "", "540.00"]]),
    "104d-members.xlsx": a_workbook(
        [*household("S104d", {}, {}), ["", "合计"], ["经办人：某某", "", "", "", "审核人："]]
    ),
    "104e-a-name-like-a-sum.csv": a_csv(_times(PAID, "S104e", "户名", "合计", "小计", "计合")),
    "104f-header-again.csv": a_csv(
        [*_paid("S104f", {}), [""], _paid("S104f", {})[0], *_paid("S104g", {})[1:]]
    ),
    # Packages.
    "105b-backslashes.xlsx": _repacked(
        a_workbook(_paid("S105b", {})), lambda name, raw: (name.replace("/", "\\"), raw)
    ),
    "105c-capitals.xlsx": _repacked(
        a_workbook(_paid("S105c", {})),
        lambda name, raw: (name.upper() if name.startswith("xl/") else name, raw),
    ),
    "105d-sheet-elsewhere.xlsx": _repacked(
        a_workbook(_paid("S105d", {})),
        lambda name, raw: (
            name.replace("worksheets/sheet1.xml", "worksheets/Blatt 1.xml"),
            raw.replace(b"/xl/worksheets/sheet1.xml", b"/xl/worksheets/Blatt%201.xml"),
        ),
    ),
    # Nothing, a million times.
    "110b-rows-of-commas.csv": a_text(_text_of(_paid("S110b", {})) + ",,,,,,,,,,,,\r\n" * 50_000),
    "110c-rows-of-blanks.csv": a_text(_text_of(_paid("S110c", {})) + " , , ,\t,　,,,,,,,,\r\n" * 20_000),
}

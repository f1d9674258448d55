"""Files as banks and offices have them: invented people, layouts of every kind."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import openpyxl
from stdnum import luhn

TITLE = "涪陵区2021年6月农村低保资金发放明细表"
SIGNED = "填报人：周立  审核人：吴敏  填报日期：2021年6月29日"


def id_number(place: int) -> str:
    """The ID number of an invented person, with its check digit."""
    text = f"50010219{60 + place % 30:02d}0{1 + place % 9}1{place % 10}{300 + place:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        text + "10X98765432"[sum(int(mark) * weight for mark, weight in zip(text, weights, strict=True)) % 11]
    )


def card(place: int) -> str:
    """The number of an invented bank card, with its check digit."""
    text = f"62170000000{place:04d}"
    return text + luhn.calc_check_digit(text)


@dataclass(frozen=True)
class OwnFile:
    """A file of somebody's own: its name, its rows, and how it is written."""

    name: str
    rows: list[list[Any]]
    encoding: str = "utf-8"
    separator: str = ","
    merged: str = ""

    @property
    def content(self) -> bytes:
        """Its bytes."""
        if self.name.endswith(".csv"):
            out = io.StringIO()
            csv.writer(out, delimiter=self.separator).writerows(self.rows)
            return out.getvalue().encode(self.encoding)
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for row in self.rows:
            sheet.append(row)
        if self.merged:
            sheet.merge_cells(self.merged)
        workbook = io.BytesIO()
        book.save(workbook)
        return workbook.getvalue()


def _headers(text: str) -> list[Any]:
    return list(text.split())


RURAL_BANK = OwnFile(
    "农商行低保发放-2021-06-28.xlsx",
    [
        [TITLE],
        ["制表单位：农村商业银行", None, None, None, None, None, None, "单位：元"],
        [
            "序号",
            "户编号",
            "姓名",
            "身份证号码",
            "开户行",
            "卡号",
            "应发金额(元)",
            "实发金额",
            "发放年月",
            "备注",
        ],
        [1, "LZ0001", "白云飞", id_number(1), "农商行", card(1), 463, 463, "2021年6月", None],
        [2, "LZ0002", "金和义", id_number(2), "农商行", card(2), 540.5, 520.5, "2021年6月", "扣回20元"],
        [3, "LZ0003", "曹礼贵", id_number(3), "农商行", card(3), "1,463.50", "1,463.50", "2021年6月", None],
        ["合计", None, None, None, None, None, 2467, 2447, None, None],
        [SIGNED],
    ],
    merged="A1:J1",
)
POSTAL_BANK = OwnFile(
    "代发明细_B2021-06.csv",
    [
        ["代发业务回单"],
        _headers("交易日期 客户账号 客户姓名 交易金额 低保户编号 所属月份 交易流水 交易状态 摘要"),
        ["20210628", card(4), "王䶮", "463.00", "LZ0004", "202106", "P21062800001", "成功", "低保"],
        ["20210628", card(5), "李秀英", "540.00", "LZ0005", "202106", "P21062800002", "成功", "低保"],
        ["合计", "", "", "1003.00", "", "", "", "", ""],
    ],
    encoding="gb18030",
)
_PAID_AT = "2021-06-28 10:02:11"
STATE_BANK = OwnFile(
    "批次20210628.csv",
    [
        _headers("发放明细号 家庭编码 补助类别 发放性质 补助月份 入账时间 代发金额（元）")
        + _headers("收款账号 收款人户名 收款行 批号"),
        ["M1", "LZ6", "城市低保", "常规", "2021-06", _PAID_AT, "￥463.00", card(6), "赵国强", "工行", "B6"],
        ["M2", "LZ7", "农村低保", "补发", "2021-05", _PAID_AT, "540", card(7), "孙桂兰", "工行", "B6"],
    ],
    encoding="utf-8-sig",
    separator=";",
)
_BANK = "农商行"
_OF_HOUSEHOLD = ["2021.06", "500102008003", "2021年5月20日"]
ROSTER = OwnFile(
    "荔枝街道低保花名册202106.xlsx",
    [
        ["荔枝街道农村低保对象花名册"],
        _headers("序号 户编号 家庭成员姓名 身份证号码 与户主的关系 一卡通号 账户名称 开户银行名称")
        + _headers("户月保障金 享受起始年月 村代码 审批时间"),
        [1, "LZ0101", "白云飞", id_number(11), "户主", card(11), "白云飞", _BANK, 1080, *_OF_HOUSEHOLD],
        [2, "LZ0101", "何淑华", id_number(12), "配偶", card(11), "白云飞", _BANK, 1080, *_OF_HOUSEHOLD],
        [3, "LZ0102", "金和义", id_number(13), "户主", card(13), "金和义", _BANK, 540, *_OF_HOUSEHOLD],
        ["合计", None, None, None, None, None, None, None, 1620],
        [SIGNED],
    ],
    merged="A1:L1",
)

"""Cells that show one thing and hold another: what is shown counts, or the cell is refused."""

from datetime import datetime, time
from typing import Any

from tests.bad_input import sentences as says
from tests.bad_input.sending import Formatted
from tests.bad_input.table import NO_CSV, NO_EVENT, Input, InputClass, given, row

PAID, REPORTED = "payments.paid", "campaign.task_reported"


def _cell(name: str, header: str, value: Any, masked: str, expected: str, short: str = PAID) -> Input:
    return given(name, row(short, {header: value}, header, masked, expected), not_by=NO_EVENT | NO_CSV)


SHOWN = InputClass(
    "what is shown",
    (
        _cell("a day that a sheet made of a household's number", "户号",
            Formatted(datetime(2021, 3, 5), 'm"月"d"日"'), "4***0", says.DAY_IN_TEXT),
        _cell("a day that a sheet made of a batch", "批次", Formatted(datetime(2021, 6, 1), "yyyy-mm-dd"),
            "2********1", says.DAY_IN_TEXT),
        _cell("a month that a sheet made of a batch", "批次", Formatted(datetime(2021, 6, 1), "mmm-yy"),
            "2*****6", says.DAY_IN_TEXT),
        _cell("a time that a sheet made of a payment's number", "发放编号", Formatted(time(3, 5), "h:mm"),
            "0.**************22", says.DAY_IN_TEXT),
        _cell("a day in the place of a word", "救助类别", Formatted(datetime(2021, 6, 1), "m/d"), "4***8",
            says.DAY_IN_TEXT),
        _cell("a number that shows its power of ten", "户号", Formatted(202106280001, "0.00E+00"),
            "20********01", says.FORMAT_UNREAD),
        _cell("a number that shows nothing", "户号", Formatted(817, ";;;"), "", says.REQUIRED),
        _cell("true for a household's number", "户号", True, "是", says.YES_NO_IN_TEXT),
        _cell("false for a name", "户名", False, "否", says.YES_NO_IN_TEXT),
        _cell("an amount that is rounded", "金额", Formatted(540.4, "0"), "5**", says.AMOUNT_SHOWN),
        _cell("an amount in thousands", "金额", Formatted(540000, "#,##0,"), "5**", says.AMOUNT_SHOWN),
        _cell("an amount as percent", "金额", Formatted(5.4, "0%"), "5**%", says.YUAN),
        _cell("an amount in Chinese numerals", "金额", Formatted(540, "[DBNum2][$-804]General"), "5**",
            says.FORMAT_UNREAD),
        _cell("a number for a day", "到账日", Formatted(44375, '"第"0'), "第****5", says.DAY_NOT_NUMBER),
        _cell("a number for a month", "发放月", 44378, "4***8", says.MONTH),
        _cell("a month with a point", "发放月", 2021.6, "2****6", says.MONTH_AS_TEXT),
        _cell("a fraction for percent", "进度", 0.45, "0**5", says.PERCENT, REPORTED),
        _cell("more than all", "进度", Formatted(1.2, "0%"), "1**%", says.PERCENT, REPORTED),
    ),
)  # fmt: skip

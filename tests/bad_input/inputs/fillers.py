"""What stands for nothing, where something is required: no value, by every way in."""

from tests.bad_input import sentences as says
from tests.bad_input.table import (
    EVENT_WAYS,
    Input,
    InputClass,
    event,
    except_by,
    given,
    put,
    row,
)

PAID, DIED, GRANTED, FILED = "payments.paid", "vitals.died", "custody.granted", "petitions.filed"
_OTHER_KIND = except_by("an event has no words there: see the class of its kind", *EVENT_WAYS)


def _for(short: str, field: str, header: str, text: str, masked: str) -> Input:
    return given(
        f"{text} as {field}",
        event(short, put(f"data.{field}", text), f"data.{field}", says.REQUIRED),
        row(short, {header: text}, header, masked, says.REQUIRED),
    )


def _in_a_row(header: str, text: str, masked: str) -> Input:
    return given(f"{text} under {header}", row(PAID, {header: text}, header, masked, says.REQUIRED),
        not_by=_OTHER_KIND)  # fmt: skip


FILLERS = InputClass(
    "fillers",
    (
        _for(PAID, "household_no", "户号", "NULL", "N**L"),
        _for(PAID, "household_no", "户号", "nan", "n**"),
        _for(PAID, "household_no", "户号", "０００", "０**"),
        _for(PAID, "payment_no", "发放编号", "0", "0"),
        _for(PAID, "payment_no", "发放编号", "N/A", "N**"),
        _for(PAID, "batch_no", "批次", "——", "—*"),
        _for(PAID, "batch_no", "批次", "None", "N**e"),
        _for(PAID, "account.number", "账号", "无", "无"),
        _for(PAID, "account.number", "账号", "000000", "0****0"),
        _for(PAID, "account.holder_name", "户名", "不详", "不*"),
        _for(PAID, "account.holder_name", "户名", "?", "?"),
        _for(DIED, "registry", "登记机关", "未知", "未*"),
        _for(GRANTED, "custody_no", "代管编号", "/", "/"),
        _for(GRANTED, "custody_no", "代管编号", "暂无", "暂*"),
        _for(FILED, "petition_no", "信访编号", "(空)", "(**"),
        _for(FILED, "channel", "渠道", "待定", "待*"),
        _for(FILED, "matter", "事项", "无", "无"),
        _in_a_row("金额", "/", "/"),
        _in_a_row("到账日", "0000-00-00", "0********0"),
        _in_a_row("到账日", "不详", "不*"),
        _in_a_row("发放月", "NaN", "N**"),
        _in_a_row("救助类别", "待定", "待*"),
        _in_a_row("发放类型", "—", "—"),
    ),
)  # fmt: skip

"""Payments, as banks and the social security office hand them over."""

from services.platform.intake.forms.columns import HOUSEHOLD, PROGRAMME, account
from services.platform.intake.forms.form import Form, Header

_PAYMENT = Header("发放编号", "payment_no", "支付编号")
_MONTH = Header("发放月", "month", "发放月份 所属月")

FORMS = (
    Form(
        "dibao.payments.paid.v1",
        "资金发放",
        (
            _PAYMENT,
            HOUSEHOLD,
            PROGRAMME,
            _MONTH,
            Header("到账日", "paid_on", "到账日期 发放日期"),
            Header("金额", "amount_fen", "发放金额 实发金额"),
            Header(
                "发放类型", "kind", words={"regular": "常规 正常发放", "arrears": "补发", "one_off": "一次性"}
            ),
            *account("account"),
            Header("批次", "batch_no", "批次号 发放批次"),
        ),
    ),
    Form(
        "dibao.payments.returned.v1",
        "资金退回",
        (
            _PAYMENT,
            HOUSEHOLD,
            PROGRAMME,
            _MONTH,
            *account("account"),
            Header("退回日期", "returned_on", "退回日 退汇日期"),
            Header("退回原因", "reason", "退汇原因"),
        ),
    ),
)

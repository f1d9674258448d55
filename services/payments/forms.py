"""Payments, as banks and the social security office hand them over."""

from services.intake.forms.columns import FROM_MONTH, HOUSEHOLD, PROGRAMME, account, person
from services.intake.forms.form import Form, Header

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
            Header("发放类型", "kind"),
            *account("account"),
            Header("批次", "batch_no", "批次号 发放批次"),
        ),
        first_year=2000,
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
        first_year=2000,
    ),
    Form(
        "dibao.payments.recovered.v1",
        "资金追回",
        (
            Header("追回编号", "recovery_no"),
            HOUSEHOLD,
            PROGRAMME,
            FROM_MONTH,
            Header("截止月", "to_month", "截止月份 终止月", note="含当月；只追回一个月时与起始月相同"),
            Header("追回日期", "recovered_on"),
            Header("追回金额", "amount_fen", "金额"),
            Header(
                "追回原因",
                "cause",
                "追回类型",
            ),
            Header(
                "追回方式",
                "method",
            ),
            _PAYMENT,
            *person("payer", "退款人"),
            Header("追回说明", "reason", "说明"),
        ),
        first_year=2000,
    ),
)

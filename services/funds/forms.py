"""The money before it reaches a household, as finance offices and banks hand it over (R34-R36)."""

from services.intake.forms.columns import PROGRAMME
from services.intake.forms.form import Form, Header

_YEAR = Header("年度", "year", "资金年度")
_MONTH = Header("发放月", "month", "发放月份 所属月")
_DOCUMENT = Header("文号", "document", "依据文件 资金文号")
_ALLOCATION = Header("分配编号", "allocation_no")
_BATCH = Header("批次", "batch_no", "批次号 发放批次")
_BANK = Header("代发银行", "bank", "银行")

FORMS = (
    Form(
        "dibao.funds.raised.v1",
        "资金筹集",
        (
            Header("资金编号", "fund_no"),
            PROGRAMME,
            Header(
                "资金级次",
                "level",
                "资金来源",
            ),
            _YEAR,
            Header("筹集金额", "amount_fen", "金额"),
            Header("筹集日期", "raised_on", "下达日期"),
            _DOCUMENT,
        ),
    ),
    Form(
        "dibao.funds.allocated.v1",
        "资金分配",
        (
            _ALLOCATION,
            Header("资金编号", "fund_no"),
            PROGRAMME,
            Header("分配区划代码", "to_division", "接收区划代码", note="资金分配到的12位区划代码"),
            _YEAR,
            Header("分配金额", "amount_fen", "金额"),
            Header("分配日期", "allocated_on"),
            _DOCUMENT,
        ),
    ),
    Form(
        "dibao.funds.appropriated.v1",
        "资金拨付",
        (
            Header("拨付编号", "appropriation_no"),
            _ALLOCATION,
            PROGRAMME,
            _MONTH,
            Header("拨付金额", "amount_fen", "金额"),
            Header("拨付日期", "appropriated_on"),
            _BANK,
            Header("统一社会信用代码", "credit_code", note="银行的统一社会信用代码，18位"),
            _BATCH,
        ),
    ),
    Form(
        "dibao.funds.batch_submitted.v1",
        "发放批次",
        (
            _BATCH,
            PROGRAMME,
            _MONTH,
            _BANK,
            Header("核定日期", "decided_on"),
            Header("录入日期", "entered_on"),
            Header("审核日期", "audited_on"),
            Header("送财政日期", "to_finance_on", "报财政日期"),
            Header("送银行日期", "to_bank_on", "报银行日期"),
            Header("户数", "household_count", "发放户数"),
            Header("人数", "person_count", "发放人数"),
            Header("批次金额", "amount_fen", "金额 发放金额"),
        ),
    ),
    Form(
        "dibao.funds.batch_settled.v1",
        "银行回盘",
        (
            _BATCH,
            PROGRAMME,
            _MONTH,
            _BANK,
            Header("回盘日期", "settled_on"),
            Header("成功笔数", "paid_count"),
            Header("成功金额", "paid_fen"),
            Header("失败笔数", "failed_count"),
            Header("失败金额", "failed_fen"),
            Header("备注", "remarks", "说明"),
        ),
    ),
)

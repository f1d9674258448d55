"""Cards and passbooks in somebody else's hands (卡折代管), as villages hand them over."""

from services.intake.forms.columns import HOUSEHOLD, person
from services.intake.forms.form import Form, Header

_CUSTODY = Header("代管编号", "custody_no")

FORMS = (
    Form(
        "dibao.custody.granted.v1",
        "卡折代管",
        (
            _CUSTODY,
            HOUSEHOLD,
            *person("beneficiary", "对象"),
            *person("custodian", "代管人"),
            Header(
                "代管人类别",
                "custodian_kind",
                "代管人身份",
            ),
            Header("账号", "account_number", "卡折号 银行账号"),
            Header("协议号", "agreement_no", "协议编号"),
            Header("备案日期", "filed_on"),
            Header("开始日期", "valid_from", "起始日期"),
            Header("截止日期", "valid_to", "终止期限 到期日期", note="含当日"),
            Header("自理能力", "self_care", "生活自理能力", note="对象本人的自理能力"),
        ),
        dated_by="valid_from",
    ),
    Form(
        "dibao.custody.ended.v1",
        "卡折代管终止",
        (
            _CUSTODY,
            HOUSEHOLD,
            Header("终止日期", "ended_on"),
            Header("终止原因", "reason"),
        ),
    ),
    Form(
        "dibao.custody.agreement_filed.v1",
        "代管协议备案",
        (
            _CUSTODY,
            HOUSEHOLD,
            Header("协议号", "agreement_no", "协议编号"),
            Header("签订日期", "signed_on", "签订时间"),
            Header("备案日期", "filed_on"),
            Header(
                "备案单位",
                "filed_with",
                "备案机关",
            ),
        ),
    ),
    Form(
        "dibao.custody.checked.v1",
        "代管检查",
        (
            _CUSTODY,
            HOUSEHOLD,
            Header("检查日期", "checked_on"),
            Header("检查人编号", "checkers", note="工作人员编号"),
            Header("卡折在位", "card_present", "卡折是否在位"),
            Header(
                "支取有据", "withdrawals_explained", "支取是否有据", note="每笔支取均有对象本人签字填“是”"
            ),
            Header("检查结果", "result"),
            Header("检查情况", "findings", "情况说明"),
        ),
    ),
    Form(
        "dibao.custody.handed_over.v1",
        "卡折交接",
        (
            _CUSTODY,
            HOUSEHOLD,
            Header("交接日期", "handed_over_on"),
            Header(
                "交接方向",
                "direction",
                "交接类型",
            ),
            *person("from_person", "移交人"),
            *person("to_person", "接收人"),
            Header(
                "接收人类别",
                "custodian_kind",
                "接任代管人类别",
                note="接任代管人的类别，与原代管人相同可不填",
            ),
            *person("witness", "见证人"),
        ),
    ),
)

"""Cards and passbooks in somebody else's hands (卡折代管), as villages hand them over."""

from services.platform.intake.forms.columns import HOUSEHOLD, person
from services.platform.intake.forms.form import Form, Header

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
                {
                    "relative": "亲属",
                    "village_official": "村(社区)干部 村干部 社区干部",
                    "township_staff": "乡镇(街道)工作人员 街道(乡镇)工作人员 乡镇工作人员 街道工作人员",
                    "institution": "机构 供养机构",
                    "other": "其他",
                },
            ),
            Header("账号", "account_number", "卡折号 银行账号"),
            Header("协议号", "agreement_no", "协议编号"),
            Header("备案日期", "filed_on"),
            Header("开始日期", "valid_from", "起始日期"),
            Header("截止日期", "valid_to", "终止期限 到期日期", note="含当日"),
        ),
        dated_by="valid_from",
    ),
    Form(
        "dibao.custody.ended.v1",
        "卡折代管终止",
        (
            _CUSTODY,
            HOUSEHOLD,
            Header("终止日期", "ended_on", "交接日期"),
            Header("终止原因", "reason"),
        ),
    ),
)

"""People in 特困供养: where they live and who cares for them, as the social affairs office hands it over."""

from services.intake.forms.columns import HOUSEHOLD, person
from services.intake.forms.form import Form, Header

_SELF_CARE = Header("自理能力", "self_care", "生活自理能力")
_INSTITUTION = Header("供养机构", "institution", "机构名称")

FORMS = (
    Form(
        "dibao.tekun.central_demanded.v1",
        "集中供养需求",
        (
            HOUSEHOLD,
            *person("person"),
            Header("提出日期", "demanded_on", "申请日期"),
            _SELF_CARE,
        ),
    ),
    Form(
        "dibao.tekun.admitted.v1",
        "入住机构",
        (
            HOUSEHOLD,
            *person("person"),
            _INSTITUTION,
            Header("统一社会信用代码", "credit_code", note="机构的统一社会信用代码，18位"),
            Header("入住日期", "admitted_on"),
        ),
    ),
    Form(
        "dibao.tekun.discharged.v1",
        "离开机构",
        (
            HOUSEHOLD,
            *person("person"),
            _INSTITUTION,
            Header("离院日期", "discharged_on"),
            Header(
                "离院类型",
                "cause",
            ),
            Header("离院说明", "reason", "说明"),
        ),
    ),
    Form(
        "dibao.tekun.dispersed_care_begun.v1",
        "分散供养",
        (
            HOUSEHOLD,
            *person("person"),
            Header("分散供养日期", "begun_on", "开始日期"),
            _SELF_CARE,
        ),
    ),
    Form(
        "dibao.tekun.care_agreement_signed.v1",
        "委托照料协议",
        (
            Header("协议号", "agreement_no", "协议编号"),
            HOUSEHOLD,
            *person("person", "对象"),
            *person("carer", "照料人"),
            Header(
                "照料人类别",
                "carer_kind",
            ),
            Header("签订日期", "signed_on", "签订时间"),
            Header("开始日期", "valid_from", "起始日期"),
            Header("截止日期", "valid_to", "终止期限 到期日期", note="含当日"),
        ),
    ),
)

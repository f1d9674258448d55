"""Petitions (信访), as the petition office hands them over."""

from services.platform.intake.forms.columns import HOUSEHOLD, person
from services.platform.intake.forms.form import DIVISION, Form, Header

_PETITION = Header("信访编号", "petition_no", "信访件编号")

FORMS = (
    Form(
        "dibao.petitions.filed.v1",
        "信访登记",
        (
            _PETITION,
            *person("petitioner", "信访人", "信访人", "身份证号 身份证号码"),
            HOUSEHOLD,
            DIVISION,
            Header("信访日期", "filed_on", "登记日期"),
            Header("渠道", "channel", "信访渠道 来源"),
            Header("信访类别", "kind", words={"complaint": "投诉举报", "request": "求助申请"}),
            Header("事项代码", "matter_code"),
            Header("事项", "matter", "诉求 信访事项"),
        ),
    ),
    Form(
        "dibao.petitions.closed.v1",
        "信访办结",
        (
            _PETITION,
            Header("办结日期", "closed_on"),
            Header(
                "办理结果",
                "outcome",
                "处理结果",
                {"settled": "处置到位 已处置到位", "not_settled": "未处置到位", "withdrawn": "撤回 撤诉"},
            ),
            Header("证明材料", "evidence"),
        ),
    ),
)

"""Petitions (信访), as the petition office hands them over."""

from services.intake.forms.columns import HOUSEHOLD, person
from services.intake.forms.form import DIVISION, Form, Header

_PETITION = Header("信访编号", "petition_no", "信访件编号")

_STAGES = {"reexamination": "复查", "review": "复核"}

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
            Header("信访类别", "kind"),
            Header("事项代码", "matter_code"),
            Header("事项", "matter", "诉求 信访事项"),
        ),
    ),
    Form(
        "dibao.petitions.accepted.v1",
        "信访受理",
        (
            _PETITION,
            Header("受理日期", "accepted_on"),
            Header("承办单位", "handled_by"),
            Header("办理期限", "due_on", "答复期限"),
        ),
    ),
    Form(
        "dibao.petitions.transferred.v1",
        "信访转办",
        (
            _PETITION,
            Header("转办日期", "transferred_on", "转送日期"),
            Header("转出单位", "from_body"),
            Header("转入单位", "to_body", "转送单位"),
            Header("督办", "supervised", "是否督办"),
            Header("转办说明", "reason", "转办原因"),
        ),
    ),
    Form(
        "dibao.petitions.answered.v1",
        "信访答复",
        (
            _PETITION,
            Header("答复日期", "answered_on"),
            Header("答复单位", "answered_by"),
            Header(
                "答复阶段",
                "stage",
                "办理阶段",
                note="不填为办理",
            ),
            Header("答复内容", "answer", "答复意见"),
        ),
    ),
    Form(
        "dibao.petitions.review_asked.v1",
        "申请复查复核",
        (
            _PETITION,
            Header("申请日期", "asked_on", "申请复查日期"),
            Header("申请阶段", "stage", "申请类型"),
            Header("申请理由", "reason"),
        ),
    ),
    Form(
        "dibao.petitions.linked.v1",
        "重复信访认定",
        (
            _PETITION,
            Header("原信访编号", "earlier_petition_no", "初次信访编号"),
            Header("认定日期", "linked_on"),
            Header(
                "认定依据",
                "ground",
            ),
            Header("认定人编号", "linked_by", note="工作人员编号"),
            Header("备注", "remarks", "说明"),
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
            ),
            Header("证明材料", "evidence"),
            Header("办结人编号", "closed_by", note="工作人员编号"),
            Header("复核人编号", "confirmed_by", note="第二人签字的工作人员编号"),
        ),
    ),
)

"""The campaign (专项行动): plan, tasks, visits, problems and reports, as the lead office hands them over."""

from services.intake.forms.columns import HOUSEHOLD, person
from services.intake.forms.form import DIVISION, Form, Header

_CAMPAIGN = Header("行动编号", "campaign_no", "专项行动编号")
_TASK = Header("任务编号", "task_no")
_PROBLEM = Header("问题编号", "problem_no")
_PROJECT = Header("项目编号", "project_no")
_DUE_ON = Header("完成时限", "due_on", "办理期限 整改期限")
_PROGRESS = Header("进度", "progress", "完成进度", note="百分数，0至100")
_DONE = Header("是否完成", "done", "完成")
_TASK_CLASS = Header(
    "任务类别",
    "task_class",
    "类别",
)

FORMS = (
    Form(
        "dibao.campaign.opened.v1",
        "专项行动",
        (
            _CAMPAIGN,
            Header("行动名称", "title", "专项行动名称"),
            Header("文号", "document", "发文字号"),
            Header("依据文件", "based_on"),
            Header("印发日期", "issued_on"),
            Header("印发单位", "issued_by"),
            Header("牵头单位", "lead_office"),
            Header("主送单位", "recipients"),
            Header("阶段名称", "*.title", "阶段", note="每个阶段一行，同一行动的其他各列相同"),
            Header("阶段开始日期", "*.from_on"),
            Header("阶段结束日期", "*.to_on"),
        ),
        group_by=("campaign_no",),
        items="phases",
    ),
    Form(
        "dibao.campaign.task_assigned.v1",
        "任务分解",
        (
            _TASK,
            _CAMPAIGN,
            _TASK_CLASS,
            Header("责任单位", "assigned_to", "承办单位"),
            DIVISION,
            Header("下达日期", "assigned_on", "分解日期"),
            _DUE_ON,
            Header("任务名称", "title", "任务"),
            Header("工作举措", "measures", "举措"),
        ),
    ),
    Form(
        "dibao.campaign.task_reported.v1",
        "任务进展",
        (
            _TASK,
            _CAMPAIGN,
            Header("报告日期", "reported_on"),
            _PROGRESS,
            _DONE,
            Header("应查数", "due_count", "应查户数"),
            Header("已查数", "checked_count", "已查户数"),
            Header("问题数", "problem_count"),
            Header("进展情况", "summary", "情况说明"),
        ),
    ),
    Form(
        "dibao.campaign.visited.v1",
        "督导走访",
        (
            Header("督导编号", "visit_no"),
            _CAMPAIGN,
            Header(
                "督导方式",
                "kind",
            ),
            Header("督导日期", "visited_on"),
            Header("督导人编号", "visitors", note="工作人员编号"),
            _DUE_ON,
            Header("督导情况", "findings", "情况说明"),
        ),
    ),
    Form(
        "dibao.campaign.talked_to.v1",
        "重点约谈",
        (
            Header("约谈编号", "talk_no"),
            _CAMPAIGN,
            *person("person", "约谈对象"),
            Header("约谈对象编号", "official_no", note="工作人员编号"),
            Header("约谈日期", "talked_on"),
            Header("约谈人编号", "talkers", note="工作人员编号"),
            _DUE_ON,
            Header("约谈事由", "reason"),
        ),
    ),
    Form(
        "dibao.campaign.met.v1",
        "会议会商",
        (
            Header("会议编号", "meeting_no"),
            _CAMPAIGN,
            Header(
                "会议类型",
                "kind",
            ),
            Header("会议日期", "met_on"),
            Header("参会单位", "bodies"),
            Header("涉及信访编号", "petition_nos", "信访编号"),
            Header("会议纪要", "minutes", "纪要"),
        ),
    ),
    Form(
        "dibao.campaign.circulated.v1",
        "通报宣传",
        (
            Header("通报编号", "circular_no"),
            _CAMPAIGN,
            Header(
                "通报类型",
                "kind",
            ),
            Header("发布日期", "circulated_on", "通报日期"),
            Header("发布渠道", "medium", "媒介"),
            Header("文号", "document"),
            Header("通报区划代码", "divisions"),
            Header("是否隐去个人信息", "redacted", "是否脱敏"),
            Header("是否征得同意", "consented"),
            Header("通报内容", "content", "内容"),
        ),
    ),
    Form(
        "dibao.campaign.problem_found.v1",
        "问题台账",
        (
            _PROBLEM,
            _CAMPAIGN,
            Header(
                "资金环节",
                "stage",
                "环节",
            ),
            _TASK_CLASS,
            Header("发现日期", "found_on"),
            Header("发现单位", "found_by"),
            HOUSEHOLD,
            Header("涉及人员编号", "official_no", note="工作人员编号"),
            Header("涉及金额", "amount_fen", "金额"),
            _DUE_ON,
            Header("原问题编号", "earlier_problem_no", note="反弹回潮的，填原问题"),
            Header("预警编号", "anomaly_id", note="核查预警时发现的，填该预警"),
            Header("问题描述", "description", "问题"),
        ),
    ),
    Form(
        "dibao.campaign.anomaly_checked.v1",
        "预警核查",
        (
            Header("预警编号", "anomaly_id", note="已填入问题台账的预警，不必再填"),
            Header("核查日期", "checked_on"),
            Header("核查结果", "outcome", note="有正当理由，或所依据的情况不实的，填不属实"),
            Header("核查人编号", "checkers", note="工作人员编号"),
            Header("核查情况", "findings", "情况说明"),
        ),
    ),
    Form(
        "dibao.campaign.problem_rectified.v1",
        "问题整改",
        (
            _PROBLEM,
            Header("整改日期", "rectified_on"),
            Header(
                "整改措施",
                "measure",
            ),
            Header("整改金额", "amount_fen", "金额"),
            Header("证明材料", "evidence"),
            Header("整改人编号", "rectified_by", note="工作人员编号"),
            Header("复核人编号", "confirmed_by", note="第二人签字的工作人员编号"),
        ),
    ),
    Form(
        "dibao.campaign.problem_rechecked.v1",
        "整改复查",
        (
            _PROBLEM,
            Header("复查日期", "rechecked_on"),
            Header("复查人编号", "recheckers", note="工作人员编号"),
            Header("是否随机抽取", "drawn", "随机抽取"),
            Header(
                "复查结果",
                "result",
            ),
            Header("复查情况", "findings", "情况说明"),
        ),
    ),
    Form(
        "dibao.campaign.ledger_submitted.v1",
        "台账报送",
        (
            Header("报送编号", "submission_no"),
            _CAMPAIGN,
            DIVISION,
            Header(
                "台账类型",
                "ledger",
                "台账",
            ),
            Header("季度", "quarter"),
            Header("报送日期", "submitted_on"),
            Header("行数", "row_count", "记录数"),
            Header("签字人编号", "signed_by", note="工作人员编号"),
            Header("报送说明", "summary", "说明"),
        ),
    ),
    Form(
        "dibao.campaign.project_started.v1",
        "实事项目",
        (
            _PROJECT,
            _CAMPAIGN,
            Header("项目名称", "title"),
            Header("责任人编号", "owner", note="工作人员编号"),
            Header("启动日期", "started_on"),
            _DUE_ON,
            Header("节点名称", "*.title", "节点", note="每个节点一行，同一项目的其他各列相同"),
            Header("节点时限", "*.due_on"),
            Header("涉及信访编号", "petition_nos", "信访编号"),
            Header("项目说明", "description", "说明"),
        ),
        group_by=("project_no",),
        items="milestones",
    ),
    Form(
        "dibao.campaign.project_reported.v1",
        "实事项目进展",
        (
            _PROJECT,
            Header("报告日期", "reported_on"),
            _PROGRESS,
            _DONE,
            Header("进展情况", "summary", "情况说明"),
        ),
    ),
    Form(
        "dibao.campaign.trained.v1",
        "业务培训",
        (
            Header("培训编号", "training_no"),
            _CAMPAIGN,
            Header("培训日期", "trained_on"),
            Header("培训主题", "subject", "主题"),
            Header("培训人", "trainer", "授课单位"),
            Header("参训人编号", "attendees", note="工作人员编号"),
            Header("学时", "hours"),
        ),
    ),
)

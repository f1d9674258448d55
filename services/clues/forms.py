"""Clues to misconduct (问题线索), as civil affairs and discipline inspection hand them over."""

from services.intake.forms.columns import HOUSEHOLD, person
from services.intake.forms.form import Form, Header

_CLUE = Header("线索编号", "clue_no")
_CASE = Header("立案编号", "case_no", "案件编号")
_AUTHORITY = Header("决定机关", "authority", "决定单位")
_BASIS = Header("决定依据", "basis", "依据")

FORMS = (
    Form(
        "dibao.clues.received.v1",
        "线索登记",
        (
            _CLUE,
            Header("线索归口", "track"),
            Header(
                "线索来源",
                "origin",
                "来源",
            ),
            Header(
                "线索类型",
                "kind",
                "问题类型",
            ),
            Header("登记日期", "received_on", "受理日期"),
            Header("是否实名", "named", "实名"),
            *person("informant", "举报人"),
            *person("*.person", "涉及人"),
            Header("是否干部", "*.cadre", "干部", note="有涉及人时必填；多名涉及人每人一行"),
            Header("涉及人编号", "*.official_no", note="工作人员编号"),
            Header("涉及人职务", "*.post", "职务"),
            HOUSEHOLD,
            Header("信访编号", "petition_no", "信访件编号"),
            Header("线索内容", "content", "内容"),
        ),
        group_by=("clue_no",),
        items="concerned",
    ),
    Form(
        "dibao.clues.verified.v1",
        "线索查证",
        (
            _CLUE,
            Header("查证日期", "verified_on"),
            Header("查证单位", "verified_by"),
            Header(
                "查证结果",
                "result",
                "查证结论",
            ),
            Header("答复举报人日期", "informant_answered_on", "答复日期"),
            Header("查证情况", "findings", "情况说明"),
        ),
    ),
    Form(
        "dibao.clues.transferred.v1",
        "线索移交",
        (
            _CLUE,
            Header("移交日期", "transferred_on"),
            Header("接收单位", "to_body", "移交单位"),
            *person("*", "涉及干部"),
            Header("移交说明", "reason", "说明"),
        ),
        group_by=("clue_no", "transferred_on"),
        items="cadres",
    ),
    Form(
        "dibao.clues.taken_over.v1",
        "线索接收",
        (
            _CLUE,
            Header("本单位线索编号", "own_no"),
            Header("接收日期", "taken_over_on"),
            Header("接收单位", "body"),
        ),
    ),
    Form(
        "dibao.clues.case_opened.v1",
        "立案调查",
        (
            _CLUE,
            _CASE,
            Header("立案日期", "opened_on"),
            Header("立案单位", "body", "立案机关"),
            *person("*", "被调查人"),
        ),
        group_by=("clue_no", "case_no"),
        items="investigated",
    ),
    Form(
        "dibao.clues.held_accountable.v1",
        "问责",
        (
            _CLUE,
            _CASE,
            *person("person"),
            Header("职务", "post"),
            Header("问责日期", "decided_on", "决定日期"),
            _AUTHORITY,
            Header(
                "问责方式",
                "measure",
            ),
            Header("主观故意", "intent", "是否主观故意"),
            _BASIS,
            Header("问责说明", "reason", "说明"),
        ),
    ),
    Form(
        "dibao.clues.exempted.v1",
        "容错免责",
        (
            _CLUE,
            _CASE,
            *person("person"),
            Header("免责日期", "decided_on", "决定日期"),
            _AUTHORITY,
            Header(
                "免责情形",
                "grounds",
            ),
            _BASIS,
            Header("免责理由", "reason", "说明"),
        ),
    ),
)

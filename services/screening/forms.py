"""Screening (摸排) and the campaign's check of every household (清查), as villages hand them over."""

from services.intake.forms.columns import HOUSEHOLD, PROGRAMME, person
from services.intake.forms.form import DIVISION, Form, Header

_SCREENING = Header("摸排编号", "screening_no", "清查编号")

FORMS = (
    Form(
        "dibao.screening.listed.v1",
        "摸排名单",
        (
            _SCREENING,
            *person("person"),
            HOUSEHOLD,
            DIVISION,
            Header(
                "摸排类别",
                "category",
                "人员类别",
            ),
            Header("列入日期", "listed_on"),
            Header("名单来源", "list_name", "来源"),
        ),
    ),
    Form(
        "dibao.screening.visited.v1",
        "摸排走访",
        (
            _SCREENING,
            Header("走访日期", "visited_on"),
            Header("走访人编号", "visitors", note="工作人员编号"),
            Header("是否见到", "met", "见到本人"),
            Header("走访情况", "remarks", "备注"),
        ),
    ),
    Form(
        "dibao.screening.assessed.v1",
        "摸排评估",
        (
            _SCREENING,
            Header("评估日期", "assessed_on", "核查日期"),
            Header(
                "劳动能力",
                "labour",
            ),
            Header("增收能力", "earning", "持续增收能力"),
            Header("返贫风险", "relapse_risk"),
            Header("人均月收入", "per_capita_income_fen", note="每人每月"),
            Header("收入变化", "income_change_fen", note="与一年前相比，每人每月，减少为负"),
            Header("支出变化", "expense_change_fen", note="与一年前相比，每人每月，减少为负"),
            Header("适用政策编号", "policies"),
            Header("备注", "remarks", "说明"),
        ),
    ),
    Form(
        "dibao.screening.concluded.v1",
        "摸排结论",
        (
            _SCREENING,
            Header("结论日期", "concluded_on"),
            Header(
                "摸排结果",
                "outcome",
                "结论",
            ),
            Header("申请编号", "application_no", "受理编号"),
            Header("结论理由", "reason", "原因"),
        ),
    ),
    Form(
        "dibao.screening.household_checked.v1",
        "低保户清查",
        (
            _SCREENING,
            HOUSEHOLD,
            PROGRAMME,
            Header("清查日期", "checked_on"),
            Header("清查人编号", "checkers", note="工作人员编号"),
            Header("人数", "person_count", "保障人数"),
            Header("核定金额", "entitlement_fen", "金额", note="全户每月金额"),
            Header(
                "比对结果",
                "comparison",
            ),
            Header(
                "清查结论",
                "conclusion",
                "结论",
            ),
            Header("处理情况", "handling", "处理"),
        ),
    ),
)

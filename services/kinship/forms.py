"""Near relatives of officials (近亲属备案), as villages and offices hand them over."""

from services.intake.forms.columns import HOUSEHOLD, PROGRAMME, person
from services.intake.forms.form import Form, Header

_FILING = Header("备案编号", "filing_no")

FORMS = (
    Form(
        "dibao.kinship.declared.v1",
        "近亲属备案",
        (
            _FILING,
            HOUSEHOLD,
            PROGRAMME,
            *person("official", "工作人员"),
            Header("工作人员编号", "official_no"),
            Header(
                "工作人员类别",
                "official_kind",
            ),
            Header("职务", "post", "岗位"),
            *person("relative", "对象"),
            Header(
                "亲属关系",
                "relation",
                "与工作人员关系",
                note="对象是工作人员的何人",
            ),
            Header("备案日期", "declared_on"),
        ),
    ),
    Form(
        "dibao.kinship.reviewed.v1",
        "近亲属排查",
        (
            _FILING,
            HOUSEHOLD,
            Header("排查日期", "reviewed_on"),
            Header("排查人编号", "reviewers", note="工作人员编号"),
            Header("是否入户", "visited", "入户"),
            Header(
                "排查结论",
                "outcome",
                "排查结果",
            ),
            Header("排查情况", "findings", "情况说明"),
        ),
    ),
)

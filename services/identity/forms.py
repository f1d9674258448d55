"""Who is who (身份更正、户的合并与拆分), as the social security office hands it over."""

from services.intake.forms.columns import HOUSEHOLD, person
from services.intake.forms.form import DIVISION, Form, Header

FORMS = (
    Form(
        "dibao.identity.corrected.v1",
        "身份更正",
        (
            *person("person", "原"),
            *person("corrected", "正确"),
            Header("更正日期", "corrected_on"),
            Header(
                "更正类型",
                "ground",
                "更正原因",
            ),
            Header("依据文件", "document", "文号"),
            Header("更正说明", "reason", "说明"),
        ),
    ),
    Form(
        "dibao.identity.households_merged.v1",
        "户合并",
        (
            HOUSEHOLD,
            Header("并入户号", "merged", "被合并户号", note="不再使用的户号"),
            Header("合并日期", "merged_on"),
            Header("合并说明", "reason", "合并原因"),
        ),
    ),
    Form(
        "dibao.identity.household_split.v1",
        "户拆分",
        (
            HOUSEHOLD,
            Header("新户号", "*.household_no", "拆分后户号", note="可沿用原户号；每人一行"),
            *person("*.members.*"),
            Header("拆分日期", "split_on"),
            Header("拆分说明", "reason", "拆分原因"),
        ),
        group_by=("household_no", "split_on"),
        items="parts",
        merge_by="household_no",
    ),
    Form(
        "dibao.identity.household_moved.v1",
        "户迁移",
        (
            HOUSEHOLD,
            Header("原区划代码", "from_division", "迁出区划代码"),
            DIVISION,
            Header("迁移日期", "moved_on", "迁入日期"),
        ),
    ),
)

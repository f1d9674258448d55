"""The roster of officials (工作人员名册), as the party and government office hands it over."""

from services.platform.intake.forms.columns import person
from services.platform.intake.forms.form import Form, Header

_APPOINTMENT = Header("任职编号", "appointment_no")
_OFFICIAL = Header("工作人员编号", "official_no")

FORMS = (
    Form(
        "dibao.officials.appointed.v1",
        "工作人员任职",
        (
            _APPOINTMENT,
            _OFFICIAL,
            *person("person"),
            Header("单位", "body", "任职单位"),
            Header("职务", "post", "岗位"),
            Header(
                "人员类别",
                "kind",
                words={
                    "leader": "领导",
                    "handling_staff": "经办人员",
                    "village_committee": "村(居)委会成员 村(社区)干部",
                    "township_staff": "街道(乡镇)工作人员 乡镇(街道)工作人员",
                    "discipline": "纪检监察",
                },
            ),
            Header(
                "领导小组职务",
                "group_role",
                words={
                    "head": "组长",
                    "deputy": "副组长",
                    "member": "成员",
                    "office_head": "办公室主任",
                    "office_member": "办公室成员",
                },
            ),
            Header("任职日期", "appointed_on"),
            Header("任职文号", "document", "文号"),
        ),
    ),
    Form(
        "dibao.officials.left.v1",
        "工作人员离任",
        (
            _APPOINTMENT,
            _OFFICIAL,
            *person("person"),
            Header("离任日期", "left_on"),
            Header(
                "离任类型",
                "cause",
                words={
                    "transferred": "调离",
                    "retired": "退休",
                    "term_ended": "任满 届满",
                    "resigned": "辞职",
                    "dismissed": "免职",
                    "died": "去世",
                },
            ),
            Header("离任说明", "reason", "说明"),
        ),
    ),
)

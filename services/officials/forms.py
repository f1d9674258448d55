"""The roster of officials (工作人员名册), as the party and government office hands it over."""

from services.intake.forms.columns import person
from services.intake.forms.form import Form, Header

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
            ),
            Header(
                "领导小组职务",
                "group_role",
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
            ),
            Header("离任说明", "reason", "说明"),
        ),
    ),
)

"""Deaths, as the death registration hands them over."""

from services.intake.forms.columns import person
from services.intake.forms.form import Form, Header

FORMS = (
    Form(
        "dibao.vitals.died.v1",
        "死亡登记",
        (
            *person("person"),
            Header("死亡日期", "died_on", "死亡时间"),
            Header("登记日期", "registered_on", "登记时间"),
            Header("登记机关", "registry", "登记单位"),
        ),
    ),
)

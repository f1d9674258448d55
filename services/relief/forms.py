"""Temporary relief (临时救助), as the social security office hands it over."""

from services.intake.forms.columns import HOUSEHOLD, person
from services.intake.forms.form import DIVISION, Form, Header

FORMS = (
    Form(
        "dibao.relief.granted.v1",
        "临时救助",
        (
            Header("救助编号", "relief_no"),
            *person("person"),
            HOUSEHOLD,
            DIVISION,
            Header(
                "救助原因",
                "cause",
                "救助类型",
            ),
            Header("事件编号", "occasion_no", note="同一事件只救助一次"),
            Header("救助人次", "person_times", "人次", note="不填为1"),
            Header("救助金额", "amount_fen", "金额"),
            Header("备用金", "from_reserve", "是否备用金", note="由乡镇备用金支付的填“是”"),
            Header("救助日期", "granted_on", "发放日期"),
            Header("救助说明", "reason", "说明"),
        ),
    ),
)

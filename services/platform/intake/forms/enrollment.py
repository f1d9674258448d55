"""Who receives the allowance, as the social security office (社保所) hands it over."""

from services.platform.intake.forms.columns import (
    DECIDED_ON,
    ENTITLEMENT,
    FROM_MONTH,
    HOUSEHOLD,
    OWN_ENTITLEMENT,
    PROGRAMME,
    account,
    person,
)
from services.platform.intake.forms.form import DIVISION, Form, Header

_RELATION = Header("与户主关系", "*.relation", "关系")

FORMS = (
    Form(
        "dibao.enrollment.enrolled.v1",
        "新纳入",
        (
            HOUSEHOLD,
            PROGRAMME,
            DIVISION,
            *person("*.person"),
            _RELATION,
            OWN_ENTITLEMENT,
            *account("account"),
            FROM_MONTH,
            ENTITLEMENT,
            Header(
                "纳入方式",
                "route",
                "纳入途径",
                {
                    "ordinary": "普通 一般",
                    "single_person": "单人户 单人保 参照单人户",
                    "epidemic": "疫情 受疫情影响",
                },
            ),
            DECIDED_ON,
        ),
        group_by=("household_no", "programme", "from_month"),
        items="members",
    ),
    Form(
        "dibao.enrollment.members_changed.v1",
        "成员变更",
        (
            HOUSEHOLD,
            PROGRAMME,
            FROM_MONTH,
            Header("变更类型", "change", "增减", {"added": "增加 新增", "removed": "减少 移出"}),
            *person("*.person"),
            _RELATION,
            OWN_ENTITLEMENT,
            Header("变更原因", "*.reason", "减少原因", note="减少时必填"),
            ENTITLEMENT,
        ),
        dated_by="from_month",
        group_by=("household_no", "programme", "from_month"),
        split_by="change",
        item_fields={"added": ("person", "relation", "entitlement_fen"), "removed": ("person", "reason")},
    ),
    Form(
        "dibao.enrollment.entitlement_adjusted.v1",
        "金额调整",
        (
            HOUSEHOLD,
            PROGRAMME,
            FROM_MONTH,
            Header("核定金额", "entitlement_fen", "户月保障金额 调整后金额", note="全户每月金额"),
            *person("*.person"),
            OWN_ENTITLEMENT,
            Header("调整原因", "reason"),
        ),
        dated_by="from_month",
        group_by=("household_no", "programme", "from_month"),
        items="components",
    ),
    Form(
        "dibao.enrollment.account_changed.v1",
        "账户变更",
        (HOUSEHOLD, PROGRAMME, *account("account"), FROM_MONTH),
        dated_by="from_month",
    ),
    Form(
        "dibao.enrollment.exited.v1",
        "退出",
        (
            HOUSEHOLD,
            PROGRAMME,
            Header("退出范围", "scope", words={"household": "整户 户", "member": "个人 部分成员"}),
            *person("*"),
            Header(
                "退出原因",
                "exit_kind",
                "退出类型",
                {
                    "favour": "关系保、人情保 关系保 人情保",
                    "policy": "政策保",
                    "death": "死亡",
                    "other": "其他",
                },
            ),
            Header("停发月", "stop_month", "停发月份", note="第一个不再发放的月份"),
            DECIDED_ON,
        ),
        group_by=("household_no", "programme", "scope", "exit_kind", "stop_month", "decided_on"),
        items="members",
    ),
)

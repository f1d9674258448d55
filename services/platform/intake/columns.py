"""The forms that offices hand over as files: Chinese headers to the fields of facts, as data.

A field is a path into the fact's data; ``*.`` is an item of the list that the sheet names, for facts that
take several rows (one a person). ``id`` is the serial (流水号), ``void`` is 作废.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "number", "day", "month", "fen", "flag", "void"]
"""``number`` is text made of digits (accounts, ID numbers): a spreadsheet must not have made it a number."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``words``: what offices write for a code. ``aliases``: other headers for the same."""

    header: str
    field: str
    kind: Kind = "text"
    required: bool = True
    aliases: tuple[str, ...] = ()
    words: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Sheet:
    """The form of one event type.

    ``dated_by`` is the field whose day is the fact's ``time``. ``group_by`` names the fields by which rows
    make up one fact, ``items`` the list they fill; ``item_fields`` says which fields an item of a list has,
    where the row itself says into which list it goes (``split_by``).
    """

    type: str
    title: str
    columns: tuple[Column, ...]
    dated_by: str
    group_by: tuple[str, ...] = ()
    items: str | None = None
    split_by: str | None = None
    item_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PROGRAMMES = {
    "城市低保": "urban_dibao",
    "农村低保": "rural_dibao",
    "特困供养": "tekun",
    "特困": "tekun",
    "临时救助": "temporary_relief",
}
KINDS = {"常规": "regular", "补发": "arrears", "一次性": "one_off"}
ROUTES = {
    "普通": "ordinary",
    "一般": "ordinary",
    "单人户": "single_person",
    "单人保": "single_person",
    "疫情": "epidemic",
    "受疫情影响": "epidemic",
}
EXIT_SCOPES = {"整户": "household", "户": "household", "个人": "member", "部分成员": "member"}
EXIT_KINDS = {
    "关系保": "favour",
    "人情保": "favour",
    "关系保、人情保": "favour",
    "政策保": "policy",
    "死亡": "death",
    "其他": "other",
}
CUSTODIAN_KINDS = {
    "亲属": "relative",
    "村(社区)干部": "village_official",
    "村干部": "village_official",
    "社区干部": "village_official",
    "乡镇(街道)工作人员": "township_staff",
    "乡镇工作人员": "township_staff",
    "街道工作人员": "township_staff",
    "机构": "institution",
    "供养机构": "institution",
    "其他": "other",
}
PETITION_KINDS = {"投诉举报": "complaint", "求助申请": "request"}
OUTCOMES = {
    "处置到位": "settled",
    "已处置到位": "settled",
    "未处置到位": "not_settled",
    "撤回": "withdrawn",
    "撤诉": "withdrawn",
}
CHANGES = {"增加": "added", "新增": "added", "减少": "removed", "移出": "removed"}

_ID = Column("流水号", "id", required=False, aliases=("业务流水号", "交易流水号"))
_VOID = Column("作废", "void", "void", required=False, aliases=("是否作废", "作废原因"))
_HOUSEHOLD = Column("户号", "household_no", aliases=("家庭编号", "低保户号"))
_PROGRAMME = Column("救助类别", "programme", words=PROGRAMMES, aliases=("保障类别", "类别"))
_DIVISION = Column("区划代码", "division", "number", False, ("村社区代码", "行政区划代码", "区划"))
_FROM_MONTH = Column("起始月", "from_month", "month", aliases=("起始月份", "生效月", "变更月"))


def _person(prefix: str, name: str, number: str, *, required: bool = True) -> tuple[Column, ...]:
    local = {"姓名": "本地编号"}.get(name, name.removesuffix("姓名") + "本地编号")
    numbers = (
        f"{number}码",
        number.replace("身份证号", "公民身份号码"),
        number.replace("身份证号", "证件号码"),
    )
    return (
        Column(name, f"{prefix}.name" if prefix else "name", required=required),
        Column(number, f"{prefix}.id_number" if prefix else "id_number", "number", False, numbers),
        Column(local, f"{prefix}.local_no" if prefix else "local_no", required=False),
    )


_ACCOUNT = (
    Column("账号", "account.number", "number", aliases=("银行账号", "卡折号", "账户")),
    Column("户名", "account.holder_name", aliases=("账户名", "开户名")),
    Column("开户行", "account.bank", required=False, aliases=("银行", "开户银行")),
    Column("集体账户", "account.institution", "flag", False, ("是否集体账户",)),
)

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "dibao.payments.paid.v1",
        "资金发放",
        (
            _ID,
            Column("发放编号", "payment_no", aliases=("支付编号",)),
            _HOUSEHOLD,
            _PROGRAMME,
            Column("发放月", "month", "month", aliases=("发放月份", "所属月")),
            Column("到账日", "paid_on", "day", aliases=("到账日期", "发放日期")),
            Column("金额", "amount_fen", "fen", aliases=("发放金额", "实发金额")),
            Column("发放类型", "kind", words=KINDS),
            *_ACCOUNT,
            Column("批次", "batch_no", aliases=("批次号", "发放批次")),
            _DIVISION,
            _VOID,
        ),
        "paid_on",
    ),
    Sheet(
        "dibao.payments.returned.v1",
        "资金退回",
        (
            _ID,
            Column("发放编号", "payment_no", aliases=("支付编号",)),
            _HOUSEHOLD,
            _PROGRAMME,
            Column("发放月", "month", "month", aliases=("发放月份", "所属月")),
            *_ACCOUNT,
            Column("退回日期", "returned_on", "day", aliases=("退回日", "退汇日期")),
            Column("退回原因", "reason", aliases=("退汇原因",)),
            _DIVISION,
            _VOID,
        ),
        "returned_on",
    ),
    Sheet(
        "dibao.vitals.died.v1",
        "死亡登记",
        (
            _ID,
            *_person("person", "姓名", "身份证号"),
            Column("死亡日期", "died_on", "day", aliases=("死亡时间",)),
            Column("登记日期", "registered_on", "day", aliases=("登记时间",)),
            Column("登记机关", "registry", aliases=("登记单位",)),
            _DIVISION,
            _VOID,
        ),
        "died_on",
    ),
    Sheet(
        "dibao.custody.granted.v1",
        "卡折代管",
        (
            _ID,
            Column("代管编号", "custody_no"),
            _HOUSEHOLD,
            *_person("beneficiary", "对象姓名", "对象身份证号"),
            *_person("custodian", "代管人姓名", "代管人身份证号"),
            Column("代管人类别", "custodian_kind", words=CUSTODIAN_KINDS, aliases=("代管人身份",)),
            Column("账号", "account_number", "number", aliases=("卡折号", "银行账号")),
            Column("协议号", "agreement_no", required=False, aliases=("协议编号",)),
            Column("备案日期", "filed_on", "day", False),
            Column("开始日期", "valid_from", "day", aliases=("起始日期",)),
            Column("截止日期", "valid_to", "day", aliases=("终止期限", "到期日期")),
            _DIVISION,
            _VOID,
        ),
        "valid_from",
    ),
    Sheet(
        "dibao.custody.ended.v1",
        "卡折代管终止",
        (
            _ID,
            Column("代管编号", "custody_no"),
            _HOUSEHOLD,
            Column("终止日期", "ended_on", "day", aliases=("交接日期",)),
            Column("终止原因", "reason"),
            _DIVISION,
            _VOID,
        ),
        "ended_on",
    ),
    Sheet(
        "dibao.petitions.filed.v1",
        "信访登记",
        (
            _ID,
            Column("信访编号", "petition_no", aliases=("信访件编号",)),
            Column("信访人", "petitioner.name", required=False, aliases=("信访人姓名",)),
            Column("身份证号", "petitioner.id_number", "number", False, ("身份证号码", "信访人身份证号")),
            Column("信访人本地编号", "petitioner.local_no", required=False),
            Column("户号", "household_no", required=False, aliases=("家庭编号",)),
            Column("区划代码", "division", "number", aliases=("村社区代码", "行政区划代码", "区划")),
            Column("信访日期", "filed_on", "day", aliases=("登记日期",)),
            Column("渠道", "channel", aliases=("信访渠道", "来源")),
            Column("信访类别", "kind", words=PETITION_KINDS),
            Column("事项代码", "matter_code"),
            Column("事项", "matter", aliases=("诉求", "信访事项")),
            _VOID,
        ),
        "filed_on",
    ),
    Sheet(
        "dibao.petitions.closed.v1",
        "信访办结",
        (
            _ID,
            Column("信访编号", "petition_no", aliases=("信访件编号",)),
            Column("办结日期", "closed_on", "day"),
            Column("办理结果", "outcome", words=OUTCOMES, aliases=("处理结果",)),
            Column("证明材料", "evidence", required=False),
            _DIVISION,
            _VOID,
        ),
        "closed_on",
    ),
    Sheet(
        "dibao.enrollment.enrolled.v1",
        "新纳入",
        (
            _ID,
            _HOUSEHOLD,
            _PROGRAMME,
            Column("区划代码", "division", "number", aliases=("村社区代码", "行政区划代码", "区划")),
            *_person("*.person", "姓名", "身份证号"),
            Column("与户主关系", "*.relation", aliases=("关系",)),
            Column("个人金额", "*.entitlement_fen", "fen", False, ("个人核定金额",)),
            *_ACCOUNT,
            _FROM_MONTH,
            Column("核定金额", "entitlement_fen", "fen", aliases=("户月保障金额",)),
            Column("纳入方式", "route", words=ROUTES, aliases=("纳入途径",)),
            Column("审批日期", "decided_on", "day", aliases=("确认日期", "决定日期")),
            _VOID,
        ),
        "decided_on",
        group_by=("household_no", "programme", "from_month"),
        items="members",
    ),
    Sheet(
        "dibao.enrollment.members_changed.v1",
        "成员变更",
        (
            _ID,
            _HOUSEHOLD,
            _PROGRAMME,
            _FROM_MONTH,
            Column("变更类型", "split", words=CHANGES, aliases=("增减",)),
            *_person("*.person", "姓名", "身份证号"),
            Column("与户主关系", "*.relation", required=False, aliases=("关系",)),
            Column("个人金额", "*.entitlement_fen", "fen", False, ("个人核定金额",)),
            Column("变更原因", "*.reason", required=False, aliases=("减少原因",)),
            Column("核定金额", "entitlement_fen", "fen", False, ("户月保障金额",)),
            _DIVISION,
            _VOID,
        ),
        "from_month",
        group_by=("household_no", "programme", "from_month"),
        split_by="split",
        item_fields={"added": ("person", "relation", "entitlement_fen"), "removed": ("person", "reason")},
    ),
    Sheet(
        "dibao.enrollment.entitlement_adjusted.v1",
        "金额调整",
        (
            _ID,
            _HOUSEHOLD,
            _PROGRAMME,
            _FROM_MONTH,
            Column("核定金额", "entitlement_fen", "fen", aliases=("户月保障金额", "调整后金额")),
            *_person("*.person", "姓名", "身份证号", required=False),
            Column("个人金额", "*.entitlement_fen", "fen", False, ("个人核定金额",)),
            Column("调整原因", "reason"),
            _DIVISION,
            _VOID,
        ),
        "from_month",
        group_by=("household_no", "programme", "from_month"),
        items="components",
    ),
    Sheet(
        "dibao.enrollment.account_changed.v1",
        "账户变更",
        (_ID, _HOUSEHOLD, _PROGRAMME, *_ACCOUNT, _FROM_MONTH, _DIVISION, _VOID),
        "from_month",
    ),
    Sheet(
        "dibao.enrollment.exited.v1",
        "退出",
        (
            _ID,
            _HOUSEHOLD,
            _PROGRAMME,
            Column("退出范围", "scope", words=EXIT_SCOPES),
            *_person("*", "姓名", "身份证号", required=False),
            Column("退出原因", "exit_kind", words=EXIT_KINDS, aliases=("退出类型",)),
            Column("停发月", "stop_month", "month", aliases=("停发月份",)),
            Column("审批日期", "decided_on", "day", aliases=("确认日期", "决定日期")),
            _DIVISION,
            _VOID,
        ),
        "decided_on",
        group_by=("household_no", "programme", "scope", "exit_kind", "stop_month", "decided_on"),
        items="members",
    ),
)


def sheets_of(context: str) -> tuple[Sheet, ...]:
    """Return the forms of a context."""
    return tuple(sheet for sheet in SHEETS if sheet.type.split(".")[1] == context)

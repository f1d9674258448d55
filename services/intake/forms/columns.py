"""Columns that several forms have: the household, its programme, a person, an account."""

from services.intake.forms.form import Header

HOUSEHOLD = Header("户号", "household_no", "家庭编号 低保户号")
PROGRAMME = Header("救助类别", "programme", "保障类别 类别")
FROM_MONTH = Header("起始月", "from_month", "起始月份 生效月 变更月")
DECIDED_ON = Header("审批日期", "decided_on", "确认日期 决定日期")
ENTITLEMENT = Header("核定金额", "entitlement_fen", "户月保障金额", note="全户每月金额")
OWN_ENTITLEMENT = Header("个人金额", "*.entitlement_fen", "个人核定金额", note="本人每月金额")


def person(field: str, who: str = "", name_aliases: str = "", number_aliases: str = "") -> tuple[Header, ...]:
    """Return the columns of a person at a field: 姓名, 身份证号, and 本地编号 where the number is unknown.

    ``who`` stands before each header where a form has several persons, such as 代管人.
    """
    aliases = " ".join((f"{who}身份证号码 {who}公民身份号码 {who}证件号码", number_aliases)).strip()
    return (
        Header(f"{who}姓名", f"{field}.name", name_aliases),
        Header(f"{who}身份证号", f"{field}.id_number", aliases, note="18位；15位旧号亦可"),
        Header(f"{who}本地编号", f"{field}.local_no", note="没有身份证号时填写，二者必填其一"),
    )


def account(field: str) -> tuple[Header, ...]:
    """Return the columns of an account at a field."""
    return (
        Header("账号", f"{field}.number", "银行账号 卡折号 账户"),
        Header("户名", f"{field}.holder_name", "账户名 开户名"),
        Header("开户行", f"{field}.bank", "银行 开户银行"),
        Header("集体账户", f"{field}.institution", "是否集体账户", note="供养机构的集体账户填“是”"),
    )

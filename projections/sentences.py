"""Anomalies in Chinese: a sentence from rule, key and parameters, made when it is read.

Amounts are shown in 元, months as 2021年6月, persons and accounts by their tokens. A parameter that an older
version of a rule did not give leaves its part of the sentence out.
"""

from collections.abc import Callable, Mapping
from typing import Any

from projections.labels import PROGRAMMES

Params = Mapping[str, Any]


def yuan(fen: int) -> str:
    """Return an amount in 分 as 元 with two places (``456.00元``)."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}元"


def month(text: str) -> str:
    """Return ``2021-06`` as ``2021年6月``; what is no month as it is."""
    year, _, number = text.partition("-")
    return f"{year}年{int(number)}月" if year.isdigit() and number.isdigit() else text


def day(text: str) -> str:
    """Return ``2021-06-16`` as ``2021年6月16日``; what is no day as it is."""
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return text
    return f"{parts[0]}年{int(parts[1])}月{int(parts[2])}日"


CONDITIONS = {
    "custodian_name": "代管人与户名不符",
    "valid_from": "发放时代管尚未开始",
    "valid_to": "发放时代管已到期",
    "ended_on": "发放时代管已终止",
    "agreement_no": "无代管协议",
    "filed_on": "未备案",
}
"""Why a custody does not clear a name that differs."""

TIERS = {"variant": "只是简繁、异体或间隔号不同", "pinyin": "读音相同"}
ENTITLEMENT = {"before": "尚未纳入保障", "after": "已停发", "never": "从未纳入保障"}


def _who(key: Params) -> str:
    programme = key.get("programme")
    name = PROGRAMMES.get(str(programme), "") if programme else ""
    return f"{key.get('household_no', '')}户{name}"


def _for_month(key: Params) -> str:
    return month(str(key.get("month", "")))


def _amount(params: Params, name: str, words: str) -> str:
    value = params.get(name)
    return f"{words}{yuan(value)}" if isinstance(value, int) else ""


def _join(*parts: str) -> str:
    return "，".join(part for part in parts if part) + "。"


def _paid_after_death(key: Params, params: Params) -> str:
    died = params.get("died_on")
    return _join(
        f"{_who(key)}成员 {key.get('person', '')} 已于{day(str(died))}死亡" if died
        else f"{_who(key)}成员 {key.get('person', '')} 已死亡",
        f"{_for_month(key)}仍发放",
        _amount(params, "overpaid_fen", "多发"),
    )  # fmt: skip


def _name_mismatch(key: Params, params: Params) -> str:
    failed = params.get("custody_fails") or ()
    tier = params.get("tier")
    return _join(
        f"{_who(key)}{_for_month(key)}发放账户 {key.get('account', '')} 的户名不是该户成员",
        f"但{TIERS[str(tier)]}" if str(tier) in TIERS else "",
        "有代管记录但不成立：" + "、".join(CONDITIONS.get(str(item), str(item)) for item in failed)
        if failed
        else "",
    )


def _shared_account(key: Params, params: Params) -> str:
    households = [str(item) for item in params.get("households") or ()]
    count = params.get("household_count", len(households))
    named = "、".join(households[:10]) + ("等" if count > 10 else "")
    return _join(
        f"{_for_month(key)}有{count}户的低保金发放到同一账户 {key.get('account', '')}"
        + (f"：{named}" if named else "")
    )


def _unentitled(key: Params, params: Params) -> str:
    when = params.get("when")
    return _join(
        f"{_who(key)}{_for_month(key)}有发放",
        f"该月{ENTITLEMENT[str(when)]}" if str(when) in ENTITLEMENT else "该月不在保障期内",
        _amount(params, "paid_fen", "发放"),
    )


def _large_payment(key: Params, params: Params) -> str:
    return _join(
        f"{_who(key)}{_for_month(key)}正常发放合计超过核定金额",
        _amount(params, "paid_fen", "实发"),
        _amount(params, "entitlement_fen", "核定"),
        _amount(params, "excess_fen", "超出"),
    )


def _custody_expired(key: Params, params: Params) -> str:
    valid_to = params.get("valid_to")
    return _join(
        f"卡折代管 {key.get('custody_no', '')} "
        + (f"已于{day(str(valid_to))}到期" if valid_to else "已到期")
        + "而未终止，对象仍在享受保障"
    )


_SENTENCES: dict[str, Callable[[Params, Params], str]] = {
    "paid-after-death": _paid_after_death,
    "name-mismatch": _name_mismatch,
    "shared-account": _shared_account,
    "unentitled": _unentitled,
    "large-payment": _large_payment,
    "custody-expired": _custody_expired,
}


def sentence(rule: str, key: Params, params: Params) -> str:
    """Return the Chinese sentence of an anomaly; of a rule not known here, its fields."""
    known = _SENTENCES.get(rule)
    if known is not None:
        return known(key, params)
    return f"{rule}：" + "，".join(f"{name} {value}" for name, value in key.items()) + "。"

"""Anomalies in Chinese, from rule, key and parameters."""

import pytest

from projections.sentences import sentence

CASES = [
    (
        "paid-after-death",
        {"household_no": "LZ0005", "programme": "rural_dibao", "month": "2021-04", "person": "p.X"},
        {"overpaid_fen": 45600, "died_on": "2021-03-09", "basis": "share", "paid_fen": 91200},
        "LZ0005户农村低保成员 p.X 已于2021年3月9日死亡，2021年4月仍发放，多发456.00元。",
    ),
    (
        "name-mismatch",
        {"household_no": "LZ0018", "programme": "rural_dibao", "month": "2021-10", "account": "a.X"},
        {"custody_fails": ["agreement_no", "filed_on"], "tier": None, "paid_fen": 1},
        "LZ0018户农村低保2021年10月发放账户 a.X 的户名不是该户成员，有代管记录但不成立：无代管协议、未备案。",
    ),
    (
        "name-mismatch",
        {"household_no": "LZ0016", "programme": "tekun", "month": "2021-01", "account": "a.X"},
        {"custody_fails": [], "tier": "pinyin", "paid_fen": 1},
        "LZ0016户特困供养2021年1月发放账户 a.X 的户名不是该户成员，但读音相同。",
    ),
    (
        "shared-account",
        {"account": "a.X", "month": "2021-04"},
        {"households": ["LZ0023", "LZ0024"], "household_count": 2, "paid_fen": 1},
        "2021年4月有2户的低保金发放到同一账户 a.X：LZ0023、LZ0024。",
    ),
    (
        "unentitled",
        {"household_no": "LZ0031", "programme": "urban_dibao", "month": "2021-03"},
        {"when": "never", "paid_fen": 123456},
        "LZ0031户城市低保2021年3月有发放，该月从未纳入保障，发放1,234.56元。",
    ),
    (
        "large-payment",
        {"household_no": "LZ0035", "programme": "rural_dibao", "month": "2021-05"},
        {"excess_fen": 12345, "paid_fen": 62345, "entitlement_fen": 50000},
        "LZ0035户农村低保2021年5月正常发放合计超过核定金额，实发623.45元，核定500.00元，超出123.45元。",
    ),
    (
        "custody-expired",
        {"custody_no": "Ca00202"},
        {"since": "2021-07-01", "valid_to": "2021-06-30", "household_no": "LZ0020", "beneficiary": "p.X"},
        "卡折代管 Ca00202 已于2021年6月30日到期而未终止，对象仍在享受保障。",
    ),
    ("a-later-rule", {"household_no": "LZ1"}, {}, "a-later-rule：household_no LZ1。"),
]


@pytest.mark.parametrize(("rule", "key", "params", "expected"), CASES)
def test_sentence(rule: str, key: dict[str, str], params: dict[str, object], expected: str) -> None:
    assert sentence(rule, key, params) == expected


@pytest.mark.parametrize("case", CASES)
def test_a_sentence_needs_no_parameter(case: tuple[str, dict[str, str], object, str]) -> None:
    assert sentence(case[0], case[1], {}).endswith("。")

"""Words for the codes of ``events/payments.py``, by what happened and by field."""

WORDS = {
    "paid": {
        "kind": {
            "regular": "常规 正常发放",
            "arrears": "补发",
            "one_off": "一次性",
        },
    },
    "recovered": {
        "cause": {
            "death": "死亡后发放",
            "unentitled": "不符合条件",
            "wrong_account": "账户错误",
            "overpaid": "多发",
            "misappropriated": "截留挪用",
            "other": "其他",
        },
        "method": {
            "cash": "现金",
            "transfer": "转账",
            "deduction": "后续扣减 抵扣",
        },
    },
}

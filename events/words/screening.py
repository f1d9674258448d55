"""Words for the codes of ``events/screening.py``, by what happened and by field."""

WORDS = {
    "listed": {
        "category": {
            "unstable_after_poverty": "脱贫不稳定人口 脱贫不稳定",
            "marginal": "边缘易致贫人口 边缘易致贫",
            "illness": "因病",
            "disaster": "因灾",
            "epidemic": "因疫情",
            "accident": "因意外事故",
            "severe_disability": "重残",
            "severe_illness": "重病",
            "uninsured_unemployed": "未参保失业",
        },
    },
    "assessed": {
        "labour": {
            "able": "有劳动能力 有",
            "weak": "弱劳动能力 弱",
            "none": "无劳动能力 无",
        },
        "earning": {
            "steady": "强",
            "weak": "弱",
            "none": "无",
        },
        "relapse_risk": {
            "none": "无",
            "low": "低",
            "medium": "中",
            "high": "高",
        },
    },
    "concluded": {
        "outcome": {
            "rural_dibao": "农村低保",
            "urban_dibao": "城市低保",
            "tekun": "特困供养",
            "temporary_relief": "临时救助",
            "watched": "继续监测",
            "not_eligible": "不符合 不符合条件",
        },
    },
    "household_checked": {
        "comparison": {
            "consistent": "比对一致 一致",
            "inconsistent": "比对不一致 不一致",
            "not_compared": "未比对",
        },
        "conclusion": {
            "eligible": "符合 符合条件",
            "not_eligible": "不符合 不符合条件",
            "adjust": "调整金额",
            "doubtful": "存疑",
        },
    },
}

"""Words for the codes of ``events/campaign.py``, by what happened and by field."""

_TASK_CLASS = {
    "policy": "政策落实",
    "payments": "低保金管理发放 资金发放",
    "demands": "群众诉求",
    "conduct": "作风",
}

WORDS = {
    "task_assigned": {
        "task_class": _TASK_CLASS,
    },
    "visited": {
        "kind": {
            "research": "专题调研",
            "supervision": "实地督导",
            "on_the_spot": "现场督办",
            "direct_handling": "直查直办",
            "recheck": "复查",
        },
    },
    "met": {
        "kind": {
            "exchange": "定期通报",
            "consultation": "会商研判",
            "joint_supervision": "联合督办",
            "leading_group": "领导小组会议",
        },
    },
    "circulated": {
        "kind": {
            "circular": "情况通报",
            "exposure": "公开曝光",
            "summary": "工作总结",
            "good_example": "先进典型",
            "report_channel": "举报渠道",
        },
    },
    "problem_found": {
        "stage": {
            "raising": "筹集",
            "allocation": "分配",
            "appropriation": "拨付",
            "distribution": "发放",
            "use": "使用",
            "none": "不涉及资金",
        },
        "task_class": _TASK_CLASS,
    },
    "anomaly_checked": {"outcome": {"confirmed": "属实", "refuted": "不属实"}},
    "problem_rectified": {
        "measure": {
            "stopped": "停发",
            "recovered": "追回",
            "enrolled": "纳入",
            "corrected": "更正",
            "disciplined": "处理责任人",
            "other": "其他",
        },
    },
    "problem_rechecked": {
        "result": {
            "holds": "整改到位",
            "not_rectified": "未整改",
            "rebounded": "反弹",
        },
    },
    "ledger_submitted": {
        "ledger": {
            "households": "清查",
            "payments": "发放",
            "custody": "卡折代管",
            "kinship": "近亲属备案",
            "petitions": "信访",
            "screening": "摸排",
            "rectification": "整改",
        },
    },
}

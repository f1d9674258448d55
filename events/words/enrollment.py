"""Words for the codes of ``events/enrollment.py``, by what happened and by field."""

WORDS = {
    "applied": {
        "channel": {
            "window": "窗口 窗口申请",
            "online": "网上 网上申请",
            "proxy": "代办 委托代办",
            "discovered": "主动发现",
        },
    },
    "investigated": {
        "kind": {
            "household_visit": "入户调查 入户",
            "neighbourhood": "邻里访问",
            "information_check": "信息核对 信息核查",
            "democratic_review": "民主评议",
        },
        "result": {
            "eligible": "符合 符合条件",
            "not_eligible": "不符合 不符合条件",
            "doubtful": "存疑",
        },
    },
    "compared": {
        "item": {
            "vehicle": "车辆",
            "property": "房产 不动产",
            "business": "工商登记 工商",
            "wages": "工资",
            "deposits": "存款",
            "pension": "养老金",
            "death": "死亡",
            "other": "其他",
        },
        "review": {
            "pending": "待复核",
            "confirmed": "属实",
            "excluded": "排除",
        },
    },
    "publicised": {
        "stage": {
            "review": "审核公示 审核",
            "decision": "审批后公示 审批公示 长期公示",
        },
    },
    "refused": {
        "ground": {
            "income": "收入超标",
            "property": "财产超标",
            "residence": "户籍居住不符 户籍不符",
            "false_statement": "隐瞒虚报",
            "no_cooperation": "拒绝核查",
            "other": "其他",
        },
    },
    "enrolled": {
        "route": {
            "ordinary": "普通 一般",
            "single_person": "单人户 单人保 参照单人户",
            "epidemic": "疫情 受疫情影响",
        },
    },
    "members_changed": {
        "change": {
            "added": "增加 新增",
            "removed": "减少 移出",
        },
    },
    "reviewed": {
        "kind": {
            "periodic": "定期复核",
            "look_back": "回头看",
            "follow_up": "退出后跟踪 跟踪回访",
            "complaint": "投诉核查",
            "random": "随机抽查",
        },
        "income_class": {
            "stable": "收入稳定",
            "unstable": "收入不稳定",
            "able_bodied": "有劳动能力",
        },
        "outcome": {
            "continue": "继续保障",
            "increase": "提标 调增",
            "decrease": "降标 调减",
            "stop": "停保",
            "enrol_again": "重新纳入",
        },
    },
    "grace_granted": {
        "cause": {
            "employment": "就业",
            "income": "收入增加",
        },
    },
    "exited": {
        "scope": {
            "household": "整户 户",
            "member": "个人 部分成员",
        },
        "exit_kind": {
            "favour": "关系保、人情保 关系保 人情保",
            "policy": "政策保",
            "death": "死亡",
            "other": "其他",
        },
    },
}

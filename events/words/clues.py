"""Words for the codes of ``events/clues.py``, by what happened and by field."""

WORDS = {
    "received": {
        "track": {
            "civil_affairs": "民政部门 民政",
            "discipline": "纪检监察",
        },
        "origin": {
            "found": "自行发现",
            "reported": "群众举报",
            "petition": "信访",
            "inspection": "巡察 巡视巡察",
            "audit": "审计",
            "other_office": "其他部门移交",
        },
        "kind": {
            "favouritism": "优亲厚友",
            "misappropriation": "截留挪用",
            "extortion": "吃拿卡要",
            "paper_rectification": "虚假整改",
            "inaction": "不担当不作为",
            "bad_attitude": "脸难看",
            "obstruction": "事难办",
            "crude_manner": "工作方式简单",
            "poor_service": "服务意识不强",
            "poor_explanation": "政策解释不到位",
            "other": "其他",
        },
    },
    "verified": {
        "result": {
            "substantiated": "属实",
            "partly": "部分属实",
            "unsubstantiated": "不属实",
        },
    },
    "held_accountable": {
        "measure": {
            "talk": "谈话提醒",
            "criticism": "通报批评",
            "warning": "警告记过",
            "demotion": "降级撤职",
            "dismissal": "开除",
            "prosecution": "移送司法",
            "other": "其他",
        },
    },
    "exempted": {
        "grounds": {
            "objective_cause": "客观原因",
            "exploration": "探索创新",
            "early_trial": "先行先试",
            "prompt_correction": "及时纠正",
        },
    },
}

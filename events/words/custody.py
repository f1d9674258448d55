"""Words for the codes of ``events/custody.py``, by what happened and by field."""

_CUSTODIAN_KIND = {
    "relative": "亲属",
    "village_official": "村(社区)干部 村干部 社区干部",
    "township_staff": "乡镇(街道)工作人员 街道(乡镇)工作人员 乡镇工作人员 街道工作人员",
    "institution": "机构 供养机构",
    "other": "其他",
}

WORDS = {
    "granted": {
        "custodian_kind": _CUSTODIAN_KIND,
    },
    "agreement_filed": {
        "filed_with": {
            "village": "村(社区)",
            "township": "街道(乡镇) 乡镇(街道)",
            "county": "区县民政 区县民政局",
        },
    },
    "checked": {
        "result": {
            "in_order": "规范",
            "irregular": "不规范",
        },
    },
    "handed_over": {
        "direction": {
            "to_custodian": "交代管人",
            "to_successor": "交接任代管人",
            "to_beneficiary": "交还本人",
        },
        "custodian_kind": _CUSTODIAN_KIND,
    },
}

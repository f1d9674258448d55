"""Words for the codes of ``events/petitions.py``, by what happened and by field."""

WORDS = {
    "filed": {
        "kind": {
            "complaint": "投诉举报",
            "request": "求助申请",
        },
    },
    "answered": {
        "stage": {
            "first": "办理",
            "reexamination": "复查",
            "review": "复核",
        },
    },
    "review_asked": {
        "stage": {
            "reexamination": "复查",
            "review": "复核",
        },
    },
    "linked": {
        "ground": {
            "same_person": "同一信访人",
            "same_household": "同一家庭 同一户",
            "same_matter": "同一事项",
        },
    },
    "closed": {
        "outcome": {
            "settled": "处置到位 已处置到位",
            "not_settled": "未处置到位",
            "withdrawn": "撤回 撤诉",
        },
    },
}

"""Words for the codes of ``events/survey.py``, by what happened and by field."""

WORDS = {
    "answered": {
        "result": {
            "answered": "已答",
            "refused": "拒答",
            "not_reached": "未联系上",
        },
        "satisfaction": {
            "very_satisfied": "很满意 非常满意",
            "satisfied": "满意",
            "fair": "一般",
            "dissatisfied": "不满意",
        },
    },
}

"""Words for the codes of ``events/identity.py``, by what happened and by field."""

WORDS = {
    "corrected": {
        "ground": {
            "typing_error": "录入错误",
            "number_found": "补录身份证号",
            "number_replaced": "证号变更",
            "name_changed": "更名",
            "two_numbers": "一人两号",
        },
    },
}

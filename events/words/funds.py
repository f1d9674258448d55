"""Words for the codes of ``events/funds.py``, by what happened and by field."""

WORDS = {
    "raised": {
        "level": {
            "central": "中央",
            "municipal": "市级",
            "district": "区县 区级",
        },
    },
}

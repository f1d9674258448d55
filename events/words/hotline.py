"""Words for the codes of ``events/hotline.py``, by what happened and by field."""

WORDS = {
    "sampled": {
        "attitude": {
            "good": "好",
            "fair": "一般",
            "poor": "差",
        },
    },
}

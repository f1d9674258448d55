"""Words for the codes of ``events/relief.py``, by what happened and by field."""

WORDS = {
    "granted": {
        "cause": {
            "epidemic": "受疫情影响 疫情",
            "illness": "因病",
            "accident": "意外事故",
            "disaster": "因灾",
            "uninsured_unemployed": "未参保失业",
            "schooling": "就学",
            "other": "其他",
        },
    },
}

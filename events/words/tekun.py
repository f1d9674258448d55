"""Words for the codes of ``events/tekun.py``, by what happened and by field."""

WORDS = {
    "discharged": {
        "cause": {
            "own_wish": "本人意愿",
            "moved": "转院",
            "died": "去世",
            "other": "其他",
        },
    },
    "care_agreement_signed": {
        "carer_kind": {
            "relative": "亲属",
            "neighbour": "邻居",
            "village_official": "村(社区)干部 村干部 社区干部",
            "organisation": "社会组织",
            "other": "其他",
        },
    },
}

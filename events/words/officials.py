"""Words for the codes of ``events/officials.py``, by what happened and by field."""

WORDS = {
    "appointed": {
        "kind": {
            "leader": "领导",
            "handling_staff": "经办人员",
            "village_committee": "村(居)委会成员 村(社区)干部",
            "township_staff": "街道(乡镇)工作人员 乡镇(街道)工作人员",
            "discipline": "纪检监察",
        },
        "group_role": {
            "head": "组长",
            "deputy": "副组长",
            "member": "成员",
            "office_head": "办公室主任",
            "office_member": "办公室成员",
        },
    },
    "left": {
        "cause": {
            "transferred": "调离",
            "retired": "退休",
            "term_ended": "任满 届满",
            "resigned": "辞职",
            "dismissed": "免职",
            "died": "去世",
        },
    },
}

"""Words for the codes of ``events/kinship.py``, by what happened and by field."""

WORDS = {
    "declared": {
        "official_kind": {
            "handling_staff": "经办人员",
            "village_committee": "村(居)委会成员 村(社区)干部",
            "township_staff": "街道(乡镇)工作人员 乡镇(街道)工作人员",
        },
        "relation": {
            "spouse": "配偶",
            "parent": "父母",
            "child": "子女",
            "sibling": "兄弟姐妹",
            "grandparent": "祖父母外祖父母 祖父母 外祖父母",
            "grandchild": "孙子女外孙子女 孙子女 外孙子女",
            "other": "其他",
        },
    },
    "reviewed": {
        "outcome": {
            "lawful": "符合条件",
            "favoured": "优亲厚友",
            "not_related": "关系不实",
        },
    },
}

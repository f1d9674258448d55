"""What people and programs write where they have nothing to say: it is never a value."""

import re

_WORDS = frozenset(
    {
        "nan", "null", "none", "nil", "undefined", "n/a", "na", "#n/a", "nat", "<na>", "(null)", "tbd",
        "/", "//", "\\", "-", "--", "---", "—", "——", "–", "_", "__", ".", "..", "...", "…", "……", "。",
        "、", ",", "*", "**", "***", "?", "??", "???", "x", "xx", "xxx", "×", "~",
        "无", "無", "没有", "不详", "不祥", "不明", "未知", "暂无", "空", "空白",
        "待定", "待补", "待填", "未填", "无此项", "不适用",
    }
)  # fmt: skip
_ZEROS = re.compile(r"0+(?:\.0+)?")
LONGEST_FILLER = 32
"""No longer text is one: it need not be looked at."""


def is_filler(text: str, *, zero: bool = True) -> bool:
    """Whether a text stands for nothing; ``zero``: whether nothing but zeros does."""
    folded = text.strip().lower()
    return folded in _WORDS or (zero and _ZEROS.fullmatch(folded) is not None)

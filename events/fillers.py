"""Fillers: what offices and programs write where they have nothing to write (无, 不详, NULL, /, 0 …).

A filler is no value, by whatever way it comes. Where a value is required it is missing; where none is, the
field is left out, and the fact is the same as without it.
"""

import re
from collections.abc import Iterable
from typing import Any

from events.characters import BLANKS, FULL_WIDTH, full_width_folded
from events.expectations import unfit

WORDS: frozenset[str] = frozenset(
    (
        *("nan", "nat", "null", "none", "nil", "na", "n/a", "#n/a", "n.a.", "undefined", "unknown", "tbd"),
        *(
            "(null)",
            "<null>",
            "[null]",
            "(none)",
            "<none>",
            "<na>",
            "(blank)",
            "(空)",
            "(空白)",
            "(无)",
            "\\n",
        ),
        *("无", "無", "没有", "沒有", "无此项", "無此項", "无数据", "无资料", "无信息", "不适用"),
        *("不详", "不詳", "不祥", "不明", "未知", "未详", "未詳", "暂无", "暫無", "暂缺", "缺"),
        *("空", "空白", "空值", "待定", "待补", "待補", "待补充", "待填"),
        *("未填", "未填写", "未填报", "未录入", "未提供", "未登记"),
    )
)
"""Words that say that nothing is said, in lower case and half width."""

# -, --, ——, /, \\, ., …, 、, *, ?; with noughts among them 0, 000000, 0.00, 0000-00-00; crosses: ×, ×××.
_SIGNS = r"-‐-―−ー_~/\\|.。·…,、;:*?!+=#'\""
_NOTHING = re.compile(rf"[{_SIGNS} ]+|[×✕□]+")
_NOUGHTS = re.compile(rf"[{_SIGNS}0 ]*0[{_SIGNS}0 ]*")


def _first() -> frozenset[str]:
    first = {word[0] for word in WORDS} | set(BLANKS) | set("0×✕□")
    first |= {character for character in map(chr, range(0x3100)) if _NOTHING.fullmatch(character)}
    first |= {letter.upper() for letter in first}
    return frozenset(first | {chr(full) for full, half in FULL_WIDTH.items() if chr(half) in first})


FIRST: frozenset[str] = _first()
"""What fillers begin with: whatever begins with another character is none."""


def is_filler(text: str) -> bool:
    """Whether a whole text only says that there is nothing to say; a text of nothing is none."""
    if text[:1] not in FIRST:  # as nearly every value
        return False
    folded = full_width_folded(text).strip()
    return bool(folded) and (
        folded.lower() in WORDS
        or _NOTHING.fullmatch(folded) is not None
        or _NOUGHTS.fullmatch(folded) is not None
    )


def no_filler(text: str) -> None:
    """Refuse a text that is a filler: a value is required."""
    if is_filler(text):
        raise unfit("value-required")


Place = tuple[int | str, ...]


def without_fillers(data: Any, places: Iterable[Place]) -> Any:
    """Return a fact's data, JSON values, without the values at these places, each of them a filler.

    An object or a list in which nothing else is said goes with them. Judged again, the fact is as it would be
    without them, and what it must have is missing.
    """
    below: dict[int | str, list[Place]] = {}
    for name, *rest in places:
        below.setdefault(name, []).append(tuple(rest))
    kept: list[tuple[Any, Any]] = []
    for name, value in data.items() if isinstance(data, dict) else enumerate(data):
        if name not in below:
            kept.append((name, value))
        elif all(below[name]):
            left = without_fillers(value, below[name])
            if any(each is not None for each in (left.values() if isinstance(left, dict) else left)):
                kept.append((name, left))
    return dict(kept) if isinstance(data, dict) else [value for _, value in kept]

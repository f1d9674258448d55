"""Fillers: what offices and programs write where they have nothing to write (无, 不详, NULL, /, 0 …).

A filler is no value. Where a value is required it is missing; where none is, the field is left out, and the
fact is the same as without it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from events.characters import full_width_folded

FILLERS: frozenset[str] = frozenset(
    (
        *("nan", "nat", "null", "none", "nil", "na", "n/a", "#n/a", "n.a.", "undefined", "unknown", "\\n"),
        *("(null)", "<null>", "[null]", "(none)", "<none>", "<na>", "(blank)", "(空)", "(空白)", "(无)"),
        *("无", "無", "没有", "沒有", "无此项", "無此項", "无数据", "无资料", "无信息"),
        *("不详", "不詳", "不祥", "不明", "未知", "未详", "未詳", "暂无", "暫無", "暂缺", "缺"),
        *("空", "空白", "空值", "待定", "待补", "待補", "待补充"),
        *("未填", "未填写", "未填报", "未录入", "未提供", "未登记"),
    )
)
"""Words that say that nothing is said, in lower case and half width."""

# Signs, noughts, or both: -, --, ——, /, \, ., …, 、, *, ?, 0, 000000, 0000-00-00.
_SIGNS = re.compile(r"[-‐-―−ー－_~/\\|.。·…,，、;:*?？!！+=#'\"0 ]+")
_PLACEHOLDERS = re.compile(r"[×✕╳○□]+")


_WRITTEN: tuple[Any, ...] = (str, date, datetime, AwareDatetime)


def is_filler(text: str) -> bool:
    """Whether a whole text only says that there is nothing to say; a text of nothing is none."""
    folded = full_width_folded(text).strip()
    if not folded:
        return False
    return (
        folded.casefold() in FILLERS
        or _SIGNS.fullmatch(folded) is not None
        or _PLACEHOLDERS.fullmatch(folded) is not None
    )


def without_fillers(model: type[BaseModel], data: Any) -> Any:
    """Return a fact's data, JSON values, without the fillers in fields that it need not have.

    An object or a list that consists of nothing else goes with them. What is required stays, to be refused,
    and so does whatever is not written in words: codes, amounts, yes and no.
    """
    if not isinstance(data, dict):
        return data
    kept: dict[str, Any] = dict(data)
    for name, info in model.model_fields.items():
        place = info.alias or name
        if place not in kept:
            continue
        hint: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        value = kept[place]
        if not info.is_required() and _nothing_but_fillers(hint, value):
            del kept[place]
        else:
            kept[place] = _cleaned(hint, value, optional=not info.is_required())
    return kept


def _cleaned(hint: Any, value: Any, *, optional: bool) -> Any:
    hint = _bare(hint)
    if isinstance(value, dict) and _is_model(hint):
        return without_fillers(hint, value)
    if isinstance(value, list) and get_origin(hint) is list:
        (of,) = get_args(hint)
        items = [item for item in value if not (optional and _nothing_but_fillers(of, item))]
        return [_cleaned(of, item, optional=False) for item in items]
    return value


def _nothing_but_fillers(hint: Any, value: Any) -> bool:
    hint = _bare(hint)
    if isinstance(value, str):
        return hint in _WRITTEN and is_filler(value)
    if isinstance(value, dict) and _is_model(hint):
        below = {info.alias or name: info.annotation for name, info in hint.model_fields.items()}
        return _all_nothing(value, below)
    if isinstance(value, list) and get_origin(hint) is list:
        (of,) = get_args(hint)
        return bool(value) and all(_nothing_but_fillers(of, item) for item in value)
    return False


def _all_nothing(value: Mapping[str, Any], below: Mapping[str, Any]) -> bool:
    said = {name: each for name, each in value.items() if each is not None}
    return bool(said) and all(
        name in below and _nothing_but_fillers(below[name], each) for name, each in said.items()
    )


def _bare(hint: Any) -> Any:
    # Of a field that may be missing: what it is where it is there.
    while True:
        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        elif get_origin(hint) in (Union, UnionType):
            options: Sequence[Any] = [each for each in get_args(hint) if each is not type(None)]
            if len(options) != 1:
                return None
            hint = options[0]
        else:
            return None if get_origin(hint) is Literal else hint


def _is_model(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, BaseModel)

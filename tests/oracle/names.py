"""Names compare by tiers: the first two clear a mismatch, the weaker ones only lower its severity."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

from opencc import OpenCC
from pypinyin import lazy_pinyin

MIDDLE_DOTS = "·•．‧"
PRIVATE_USE = {"\ue863": "䶮"}
"""What GBK fonts wrote for a character; of many, the one that simulated streets have."""
TO_SIMPLIFIED = OpenCC("t2s")


@cache
def normalised(name: str) -> str:
    """NFKC, no blanks, the four middle dots made one, private-use characters made those that are meant.

    The dots come first: NFKC would turn the full-width one into a full stop.
    """
    for dot in MIDDLE_DOTS:
        name = name.replace(dot, "·")
    for private, character in PRIVATE_USE.items():
        name = name.replace(private, character)
    return "".join(unicodedata.normalize("NFKC", name).split())


@cache
def simplified(name: str) -> str:
    """The variant and traditional tier: the normalised name in simplified characters."""
    return str(TO_SIMPLIFIED.convert(normalised(name)))


@cache
def pinyin(name: str) -> tuple[str, ...]:
    """The pinyin tier: syllables of the simplified name without tones."""
    return tuple(lazy_pinyin(simplified(name)))


def clears(holder: str, names: Iterable[str], exact_only: bool = False) -> bool:
    """Whether `holder` is one of `names`, exactly or normalised."""
    if exact_only:
        return holder in set(names)
    return normalised(holder) in {normalised(name) for name in names}


def resembles(holder: str, names: Iterable[str]) -> bool:
    """Whether `holder` is one of `names` in a weaker tier only: simplified, or pinyin."""
    return any(simplified(holder) == simplified(name) or pinyin(holder) == pinyin(name) for name in names)

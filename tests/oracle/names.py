"""Names compare by tiers: the first two clear a mismatch, the weaker ones only lower its severity.

Both versions of the rules for names, told from the names themselves: a fact of today has the keys of both, so
two names agree where they agree by either.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

from opencc import OpenCC
from pypinyin import lazy_pinyin

MIDDLE_DOTS = "·•．‧"
MORE_DOTS = "∙⋅˙●・･ㆍ◦"
PRIVATE_USE = {"\ue863": "䶮"}
"""What GBK fonts wrote for a character; of many, the one that simulated streets have."""
NOUGHTS = "○◯"
TO_SIMPLIFIED = OpenCC("t2s")

Form = Callable[[str], object]


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


@cache
def dotted(name: str) -> str:
    """Normalised by version 2: any dot is the middle dot, and a full stop between two characters is one."""
    for dot in MORE_DOTS:
        name = name.replace(dot, "·")
    parts = normalised(name).replace("。", ".").split(".")
    joined = parts[0]
    for part in parts[1:]:
        between = _ends_in_han(joined[-1:]) and _ends_in_han(part[:1])
        joined += ("·" if between else ".") + part
    return joined


@cache
def joined(name: str) -> str:
    """The variant tier of version 2: letters and digits only, simplified, any nought the character 〇."""
    for nought in NOUGHTS:
        name = name.replace(nought, "〇")
    letters = "".join(each for each in dotted(name) if unicodedata.category(each)[0] in "LNM")
    return str(TO_SIMPLIFIED.convert(letters))


@cache
def joined_pinyin(name: str) -> tuple[str, ...]:
    """The pinyin tier of version 2."""
    return tuple(lazy_pinyin(joined(name)))


def clears(holder: str, names: Iterable[str], exact_only: bool = False) -> bool:
    """Whether `holder` is one of `names`, exactly or normalised."""
    names = set(names)
    return holder in names if exact_only else _one_of(holder, names, normalised, dotted)


def resembles(holder: str, names: Iterable[str]) -> bool:
    """Whether `holder` is one of `names` in a weaker tier only: simplified, or pinyin."""
    names = set(names)
    return _one_of(holder, names, simplified, joined) or _one_of(holder, names, pinyin, joined_pinyin)


def _one_of(holder: str, names: Iterable[str], first: Form, second: Form) -> bool:
    forms = {first(holder), second(holder)}
    return any(not forms.isdisjoint((first(name), second(name))) for name in names)


def _ends_in_han(character: str) -> bool:
    return "CJK UNIFIED" in unicodedata.name(character, "") if character else False

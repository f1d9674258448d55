"""Names, brought to forms in which they compare: spelling, characters, sound (R27).

Two versions of the rules live side by side, for what stands on a log cannot be made anew. Version 1 made
``normalised``, ``variant`` and ``pinyin`` of every fact, and goes on making them; version 2 sees through more
(``folded_…``), and a fact carries its forms where they differ. Forms of both versions are of one kind: a name
that is plain is the same in both, and the version-2 form of an odd spelling is the version-1 form of the name
as it should be written (docs/decisions/0011).
"""

import re
import unicodedata
from typing import NamedTuple

from opencc import OpenCC

from events.characters import GLYPHS
from services.platform.syllables import syllables

_DOTS = dict.fromkeys(map(ord, "·•．‧・･"), "·")


def _private_use() -> dict[int, str]:
    # GBK fonts kept characters that Unicode did not have yet in the private use area; GB18030 put two-byte
    # codes FE50 to FEA0 there in the same order. Python decodes most of these codes to today's character.
    # The rest as in GB 18030-2022, table of changed codes.
    changed = {
        0xE816: "\U00020087",
        0xE817: "\U00020089",
        0xE818: "\U000200cc",
        0xE81E: "\u9fb4",
        0xE826: "\u9fb5",
        0xE82B: "\u9fb6",
        0xE82C: "\u9fb7",
        0xE831: "\U000215d7",
        0xE832: "\u9fb8",
        0xE83B: "\U0002298f",
        0xE843: "\u9fb9",
        0xE854: "\u9fba",
        0xE855: "\U000241fe",
        0xE864: "\u9fbb",
    }
    table: dict[int, str] = {}
    trails = [trail for trail in range(0x50, 0xA1) if trail != 0x7F]
    for point, trail in enumerate(trails, start=0xE815):
        character = bytes((0xFE, trail)).decode("gb18030")
        table[point] = changed.get(point, character)
    return {point: text for point, text in table.items() if not 0xE000 <= ord(text) <= 0xF8FF}


PRIVATE_USE = _private_use()
"""Private-use code points of GBK fonts to the characters meant (U+E863 → 䶮)."""

_REPAIR = {**_DOTS, **PRIVATE_USE}
_SIMPLIFY = OpenCC("t2s")


def normalised_name(name: str) -> str:
    """Return NFKC without any space, middle dots made one, private-use characters repaired."""
    # Before NFKC, which would turn a full-width middle dot into a full stop.
    return "".join(unicodedata.normalize("NFKC", name.translate(_REPAIR)).split())


def variant_name(name: str) -> str:
    """Return the normalised name in simplified characters: a hint (昇 becomes 升), never an equality."""
    return _simplified(normalised_name(name))


def _simplified(normalised: str) -> str:
    return str(_SIMPLIFY.convert(normalised))


def pinyin_name(name: str) -> str:
    """Return the toneless syllables of the name: a hint, since surnames are read in their common way."""
    return syllables(variant_name(name))


# What stands for the dot between the parts of a name, beside those of version 1: bullets, and the marks that
# look like it in the scripts of the world (Unicode's confusables of U+00B7).
_MORE_DOTS = dict.fromkeys(map(ord, "˙\u0387ᐧ᛫∙⋅●◦⦁⬤⚫▪⸰⸱⸳ㆍꞏ\U00010101"), "·")

# Radicals that stand for the character that they are, as PDF and old fonts have them, where NFKC knows none
# (Unicode's EquivalentUnifiedIdeograph, U+2E80 to U+2FDF): each beside its character.
_RADICALS = (
    "⺁厂 ⺂乛 ⺃乚 ⺄乙 ⺅亻 ⺆冂 ⺇𠘨 ⺈刀 ⺉刂 ⺊卜 ⺋㔾 ⺌小 ⺍小 ⺎兀 ⺏尣 ⺐尢 ⺑𡯂 ⺒巳 "
    "⺓幺 ⺔彑 ⺕彐 ⺖忄 ⺗心 ⺘扌 ⺙攵 ⺛旡 ⺜日 ⺝月 ⺞歺 ⺠民 ⺡氵 ⺢氺 ⺣灬 ⺤爫 ⺥爫 ⺦丬 "
    "⺧牛 ⺨犭 ⺩王 ⺪𤴔 ⺫目 ⺬示 ⺭礻 ⺮𥫗 ⺯糹 ⺰纟 ⺱罓 ⺲罒 ⺳㓁 ⺴冗 ⺵𦉫 ⺶羊 ⺷𦍌 ⺸𦍋 "
    "⺹耂 ⺺肀 ⺻聿 ⺼肉 ⺽𦥑 ⺾艹 ⺿艹 ⻀艹 ⻁虎 ⻂衤 ⻃覀 ⻄西 ⻅见 ⻆角 ⻇𧢲 ⻈讠 ⻉贝 ⻊𧾷 "
    "⻋车 ⻌辶 ⻍辶 ⻎辶 ⻏邑 ⻐钅 ⻑長 ⻒镸 ⻓长 ⻔门 ⻕𨸏 ⻖阝 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 "
    "⻝食 ⻞𩙿 ⻟飠 ⻠饣 ⻡𩠐 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 "
    "⻯竜 ⻰龙 ⻱龜 ⻲亀 "
)

_FOLD = {
    **_REPAIR,
    **_MORE_DOTS,
    **{ord(radical): character for radical, character in map(tuple, _RADICALS.split())},
}

_HAN = "〇\u3400-\u9fff\U00020000-\U000323af"
_GLYPHS = re.compile(f"[{GLYPHS}]+")
_STOPS = re.compile(f"(?<=[{_HAN}])[.。]+(?=[{_HAN}])|·{{2,}}")
_CIRCLES = re.compile("[○◯⚪⭕]")
_NOUGHTS = re.compile(f"(?<=[{_HAN}])[0Oo]+(?=[{_HAN}]|\\Z)")
_plain = re.compile("[\u3400-\u9fff]+").fullmatch


def folded_name(name: str) -> str:
    """Return the normalised name of version 2: one middle dot, no selectors of glyphs, no radicals."""
    repaired = _GLYPHS.sub("", name).translate(_FOLD)
    return _STOPS.sub("·", "".join(unicodedata.normalize("NFKC", repaired).split()))


def folded_variant(name: str) -> str:
    """Return the variant of version 2: simplified, without dots and signs, any nought being 〇."""
    text = _CIRCLES.sub("〇", folded_name(name))
    text = "".join(each for each in text if unicodedata.category(each)[0] in "LNM") or text
    # Simplified last: which character is meant may depend on the one beside it.
    return _simplified(_NOUGHTS.sub(lambda found: "〇" * len(found[0]), text))


class Forms(NamedTuple):
    """A name in the forms of one version of the rules, from strong to weak."""

    normalised: str
    variant: str
    pinyin: str


def forms(name: str) -> tuple[Forms, Forms]:
    """Return a name's forms of versions 1 and 2."""
    plain = _plain(name) is not None  # nothing in it that either version sees through
    normalised = name if plain else normalised_name(name)
    variant = _simplified(normalised)
    first = Forms(normalised, variant, syllables(variant))
    if plain:
        return first, first
    folded = folded_variant(name)
    return first, Forms(folded_name(name), folded, syllables(folded))

"""Tokens and match keys: equal where the same is meant, and only there."""

from random import Random

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from services.detection.facts.fact import Names
from services.detection.names import clears, weaker_tier
from services.platform.identity import Identity
from services.platform.keys import KeyFileError, Keys, hkdf
from services.platform.names import (
    PRIVATE_USE,
    folded_name,
    folded_variant,
    forms,
    normalised_name,
    pinyin_name,
    variant_name,
)

IDENTITY = Identity(Keys.of(bytes(32)))
TIERS = ("exact", "normalised", "variant", "pinyin")


def agreeing(one: str, other: str) -> set[str]:
    """The tiers in which two names agree, as facts of today state them."""
    mine, theirs = names_of(one), names_of(other)
    found = {"exact"} if mine.exact == theirs.exact else set()
    found |= {"normalised"} if clears(mine, [theirs]) else set()
    found |= {"variant"} if weaker_tier(mine, [theirs]) == "variant" else set()
    return found | {"pinyin"} if weaker_tier(mine, [theirs]) else found


def names_of(name: str, version: int = 2) -> Names:
    """The match keys of a name as detection keeps them of a fact of this version."""
    keys = IDENTITY.name_keys(name)
    folded = keys.get("folded") if version == 2 else None
    more = (folded["normalised"], folded["variant"], folded["pinyin"]) if folded else None
    return Names(keys["exact"], keys["normalised"], keys["variant"], keys["pinyin"], more)


@pytest.mark.parametrize(
    ("one", "other", "tiers"),
    [
        ("张三", "张三", {"exact", "normalised", "variant", "pinyin"}),
        ("张三", "张 三", {"normalised", "variant", "pinyin"}),
        ("张三", "张\u3000三 ", {"normalised", "variant", "pinyin"}),
        ("阿依·古丽", "阿依•古丽", {"normalised", "variant", "pinyin"}),
        ("阿依·古丽", "阿依．古丽", {"normalised", "variant", "pinyin"}),
        ("阿依·古丽", "阿依‧古丽", {"normalised", "variant", "pinyin"}),
        ("阿依·古丽", "阿依・古丽", {"normalised", "variant", "pinyin"}),
        ("王\ue863", "王䶮", {"normalised", "variant", "pinyin"}),
        ("張三豐", "张三丰", {"variant", "pinyin"}),
        ("黃鋼", "黄钢", {"variant", "pinyin"}),
        ("张三", "章三", {"pinyin"}),
        ("张三", "李四", set()),
        # Full-width, also in a name of a minority and in a passport's.
        ("阿依·古丽", "阿依･古丽", {"normalised", "variant", "pinyin"}),
        ("欧阳娜 ANNA", "欧阳娜ＡＮＮＡ", {"normalised", "variant", "pinyin"}),
        # What a bank writes that has no such character: the pinyin, in capitals.
        ("王䶮", "王YAN", {"pinyin"}),
        # One character for another, which no rule may take for the same.
        ("李㛃", "李洁", {"pinyin"}),
        ("𠮷小明", "吉小明", set()),
        ("陈喆", "陈哲", {"pinyin"}),
        # Traditional and variant forms, of surnames too.
        ("王龑", "王䶮", {"variant", "pinyin"}),
        ("葉國榮", "叶国荣", {"variant", "pinyin"}),
        ("李峯", "李峰", {"variant", "pinyin"}),
        ("陈昇", "陈升", {"variant", "pinyin"}),
        # Surnames are read in their common way: 曾 as céng, 翟 as dí, 仇 as chóu, 单 as dān. What follows is
        # a hint that is missed, and one too many; neither clears anything.
        ("曾桂兰", "ZENG GUI LAN", set()),
        ("曾桂兰", "层桂兰", {"pinyin"}),
        ("翟桂兰", "狄桂兰", {"pinyin"}),
        ("仇桂兰", "邱桂兰", set()),
        ("单桂兰", "丹桂兰", {"pinyin"}),
    ],
)
def test_names_agree_in_their_tiers(one: str, other: str, tiers: set[str]) -> None:
    assert agreeing(one, other) == tiers


@pytest.mark.parametrize(
    ("holder", "member", "cleared"),
    [
        ("王䶮", "王䶮", True),
        ("王\ue863", "王䶮", True),
        (b"\xcd\xf5\xfe\x9f".decode("gb18030"), "王䶮", True),
        ("阿依•古丽", "阿依·古丽", True),
        ("欧阳娜ＡＮＮＡ", "欧阳娜ANNA", True),
        ("張三豐", "张三丰", False),
        ("王YAN", "王䶮", False),
        ("吉小明", "𠮷小明", False),
        ("层桂兰", "曾桂兰", False),
        ("章三", "张三", False),
    ],
)
def test_only_the_first_two_tiers_clear(holder: str, member: str, cleared: bool) -> None:
    assert clears(names_of(holder), [names_of(member)]) is cleared


@pytest.mark.parametrize("character", ["䶮", "㛃", "𠮷"])
def test_rare_characters_need_gb18030_and_survive_it(character: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        character.encode("gbk")
    name = f"王{character}"
    assert agreeing(name, name.encode("gb18030").decode("gb18030")) == set(TIERS)


def test_tiers_never_meet_each_other() -> None:
    keys = IDENTITY.name_keys("张三")
    assert len({keys[tier] for tier in TIERS}) == 4
    assert keys["normaliser"] == 2


CLEARED, LOWERED = "cleared", "lowered"
MEMBER = "阿依古丽·买买提"


@pytest.mark.parametrize("dot", "·.∙⋅˙●・•‧\u00b7･．\u0387ㆍ。◦")
def test_a_name_is_the_same_with_any_dot(dot: str) -> None:
    for holder in (f"阿依古丽{dot}买买提", f"阿依古丽 {dot} 买买提", f"阿依古丽{dot}{dot}买买提"):
        assert clears(names_of(holder), [names_of(MEMBER)]), f"{holder} U+{ord(dot):04X}"


@pytest.mark.parametrize(
    ("holder", "member"),
    [
        ("阿依古丽买买提", MEMBER),
        ("阿依古丽 买买提", MEMBER),
        ("阿依古丽　买买提", MEMBER),
        ("阿依古丽-买买提", MEMBER),
        ("阿依古丽—买买提", MEMBER),
        ("阿依古丽`买买提", MEMBER),
        ("阿依古丽，买买提", MEMBER),
        ("阿依古麗买买提", "阿依古丽.买买提"),
        ("李○明", "李〇明"),
        ("李◯明", "李〇明"),
        ("李0明", "李〇明"),
        ("李Ｏ明", "李〇明"),
        ("李○", "李〇"),
    ],
)
def test_what_only_looks_another_name_lowers(holder: str, member: str) -> None:
    assert not clears(names_of(holder), [names_of(member)])
    assert weaker_tier(names_of(holder), [names_of(member)]) == "variant"


@pytest.mark.parametrize(
    ("holder", "member"),
    [
        ("葛\U000e0100和义", "葛和义"),
        ("葛\ufe00和义", "葛和义"),
        ("⻢和义", "马和义"),
        ("⾺和义", "馬和义"),
        ("李\uf9e9", "李里"),
        ("\U0002f800和义", "丽和义"),
        ("ئايگ\u200cۈل", "ئايگۈل"),
    ],
)
def test_a_character_is_the_same_however_it_is_drawn(holder: str, member: str) -> None:
    assert clears(names_of(holder), [names_of(member)]) or (
        weaker_tier(names_of(holder), [names_of(member)]) == "variant"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("张三", "张四"), (MEMBER, "阿依古丽·艾力"), ("J.SMITH", "J·SMITH"), ("李〇明", "李零名"), ("·", "—")],
)
def test_other_names_are_not_cleared(one: str, other: str) -> None:
    assert not clears(names_of(one), [names_of(other)])


LETTERS = "张三金和義义〇○·.•∙ 阿依古丽0OABab⻢\ufe00\U000e0100\u200d、-"


@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=8))
def test_folding_is_done_once_and_lands_where_version_1_lands(name: str) -> None:
    folded, variant = folded_name(name), folded_variant(name)
    assert folded_name(folded) == folded == normalised_name(folded)
    assert folded_variant(variant) == variant


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=4))
def test_an_ordinary_name_is_the_same_in_both_versions(name: str) -> None:
    first, second = forms(name)
    assert first == second == (normalised_name(name), variant_name(name), pinyin_name(name))
    assert "folded" not in IDENTITY.name_keys(name)


@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=5), st.data())
def test_what_agreed_by_version_1_agrees_with_any_fact(name: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from([name, name.replace("·", "•"), f" {name}", name.replace("義", "义")]))
    old, old_other, new = names_of(name, 1), names_of(other, 1), names_of(other, 2)
    if clears(old, [old_other]):
        assert clears(old, [new]) and clears(new, [old])
    if weaker_tier(old, [old_other]):
        assert weaker_tier(old, [new]) and weaker_tier(new, [old])


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        (MEMBER, "阿依古丽.买买提", CLEARED),
        (MEMBER, "阿依古丽 • 买买提", CLEARED),
        ("阿依古丽买买提", MEMBER, LOWERED),
        ("李〇明", "李○明", LOWERED),
        ("金和义", "金和义", CLEARED),
        ("金和義", "金和义", LOWERED),
        # Where the dot stood cannot be known of a key: this pair is what it was.
        (MEMBER, "阿依古丽买买提", None),
    ],
)
def test_a_fact_of_version_1_meets_one_of_version_2(old: str, new: str, outcome: str | None) -> None:
    one, other = names_of(old, 1), names_of(new, 2)
    found = CLEARED if clears(other, [one]) else LOWERED if weaker_tier(other, [one]) else None
    assert found == outcome


def test_private_use_characters_of_gbk_fonts_are_all_known() -> None:
    assert len(PRIVATE_USE) == 80
    assert PRIVATE_USE[0xE863] == b"\xfe\x9f".decode("gb18030") == "䶮"
    assert not any("\ue000" <= text <= "\uf8ff" for text in PRIVATE_USE.values())


def test_the_steps_of_a_name() -> None:
    assert normalised_name("欧阳　娜ＡＢ") == "欧阳娜AB"
    assert variant_name("劉備") == "刘备"
    assert pinyin_name("劉備") == "liu bei"


@pytest.mark.parametrize("seed", range(3))
def test_syllables_are_those_of_the_name_as_a_whole(seed: int) -> None:
    random = Random(seed)
    phrases = [phrase for phrase in sorted(PHRASES_DICT) if len(phrase) <= 4]
    characters = "单仇解曾重长乐行朝翟盖朴查尉万俟䶮𠮷㛃·AB 1Ａ〇"
    for _ in range(500):
        name = "".join(random.choice(characters) for _ in range(random.randint(1, 4)))
        name = random.choice([name, random.choice(phrases), random.choice(phrases)[:-1] + name])
        assert pinyin_name(name) == " ".join(lazy_pinyin(variant_name(name))).lower(), name


def test_accounts_agree_whatever_dress_the_number_comes_in() -> None:
    assert IDENTITY.account("6217-0000 0000 7922") == IDENTITY.account("6217000000007922")
    assert IDENTITY.account("6217000000007922") != IDENTITY.account("6217000000007923")


def test_fifteen_digits_are_the_same_person() -> None:
    assert IDENTITY.person("/a", "110105491231002", None) == IDENTITY.person("/b", "11010519491231002x", None)


def test_a_key_file_is_made_once_and_is_its_owners(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("keys") / "below" / "master.key"
    assert Keys.create(file) == Keys.create(file) == Keys.load(file)
    assert file.stat().st_mode & 0o077 == 0
    assert "…" in repr(Keys.load(file))


def test_a_key_file_that_is_missing_or_broken_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("keys")
    with pytest.raises(KeyFileError, match="no master key"):
        Keys.load(folder / "none")
    (folder / "short").write_text("abcd")
    with pytest.raises(KeyFileError, match="64 hex digits"):
        Keys.load(folder / "short")


def test_subkeys_are_hkdf() -> None:
    want = HKDF(algorithm=SHA256(), length=32, salt=b"salt", info=b"info").derive(b"k" * 32)
    assert hkdf(b"k" * 32, b"salt", b"info") == want

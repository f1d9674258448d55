"""Tokens and match keys: equal where the same is meant, and only there."""

from random import Random

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from services.detection.bodies import Names
from services.detection.rules.names import clears
from services.platform.identity import PRIVATE_USE, Identity, normalised_name, pinyin_name, variant_name
from services.platform.keys import KeyFileError, Keys, hkdf

IDENTITY = Identity(Keys.of(bytes(32)))
TIERS = ("exact", "normalised", "variant", "pinyin")


def agreeing(one: str, other: str) -> set[str]:
    """The tiers in which two names agree."""
    mine, theirs = IDENTITY.name_keys(one), IDENTITY.name_keys(other)
    return {tier for tier in TIERS if mine[tier] == theirs[tier]}


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
    keys = [Names(*(str(IDENTITY.name_keys(name)[tier]) for tier in TIERS)) for name in (holder, member)]
    assert clears(keys[0], [keys[1]]) is cleared


@pytest.mark.parametrize("character", ["䶮", "㛃", "𠮷"])
def test_rare_characters_need_gb18030_and_survive_it(character: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        character.encode("gbk")
    name = f"王{character}"
    assert agreeing(name, name.encode("gb18030").decode("gb18030")) == set(TIERS)


def test_tiers_never_meet_each_other() -> None:
    keys = IDENTITY.name_keys("张三")
    assert len({keys[tier] for tier in TIERS}) == 4
    assert keys["normaliser"] == 1


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

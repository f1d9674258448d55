"""Syllables are pypinyin's, for every character, every word, and texts in which words meet."""

from collections import defaultdict
from functools import cache
from importlib.resources import files
from random import Random

import pytest
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT, RE_HANS

from services.platform.syllables import syllables

WORDS = sorted(PHRASES_DICT)


def of_pypinyin(text: str) -> str:
    return " ".join(lazy_pinyin(text)).lower()


@cache
def tables() -> dict[str, str]:
    """What our tables have to be, from pypinyin's."""
    characters, rests, readings = defaultdict(list), defaultdict(list), []
    for code in sorted(PINYIN_DICT):
        characters[lazy_pinyin(chr(code))[0]].append(chr(code))
    for word in WORDS:
        rests[word[0]].append(word[1:])
        whole, single = lazy_pinyin([word]), [lazy_pinyin(character)[0] for character in word]
        if whole != single:
            readings.append(f"{word},{' '.join(whole)}\n")
    return {
        "syllables": "syllable,characters\n"
        + "".join(f"{syllable},{''.join(characters[syllable])}\n" for syllable in sorted(characters)),
        "words": "first,rests\n" + "".join(f"{first},{' '.join(rests[first])}\n" for first in sorted(rests)),
        "readings": "word,syllables\n" + "".join(readings),
    }


@pytest.mark.parametrize("name", ["syllables", "words", "readings"])
def test_the_tables_are_pypinyins(name: str) -> None:
    # Where a newer pypinyin fails here, the tables stay as they are: keys of names are made with them.
    kept = files("services.platform").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    assert kept == tables()[name]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("张三丰", "zhang san feng"),
        # 长 by itself is zhang; in a word it is read as there.
        ("长", "zhang"),
        ("一字长城", "yi zi chang cheng"),
        ("欧阳娜ANNA", "ou yang na anna"),
        ("阿依·古丽", "a yi · gu li"),
        ("", ""),
    ],
)
def test_a_text_is_read(text: str, read: str) -> None:
    assert syllables(text) == read


def test_every_character_is_read_as_pypinyin_reads_it() -> None:
    for code in [*range(0xD800), *range(0xE000, 0x33480)]:
        assert syllables(chr(code)) == of_pypinyin(chr(code)), hex(code)


def test_every_word_is_read_as_pypinyin_reads_it() -> None:
    for word in WORDS:
        assert syllables(word) == of_pypinyin(word), word


@pytest.mark.parametrize("seed", range(3))
def test_where_words_meet_they_are_divided_as_pypinyin_divides_them(seed: int) -> None:
    random = Random(seed)
    han = sorted(character for word in WORDS for character in word if RE_HANS.match(character))

    def part() -> str:
        word = random.choice(WORDS)
        cut = random.randint(0, len(word))
        return random.choice([word, word[:cut], word[cut:], random.choice(han), random.choice("A ·１ 㐀é")])

    for _ in range(5000):
        text = "".join(part() for _ in range(random.randint(1, 4)))
        assert syllables(text) == of_pypinyin(text), text

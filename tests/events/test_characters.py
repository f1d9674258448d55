"""The table of characters against all of Unicode: what cannot be seen is in no number and in no word."""

import sys
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from events.characters import (
    FULL_WIDTH,
    full_width_folded,
    has_blank,
    shows_all,
    shows_all_of_a_number,
    shows_nothing,
    trimmed,
)
from events.values import ON_LOG, Label, Name, Number

NUMBER, LABEL, NAME = (TypeAdapter[str](kind) for kind in (Number, Label, Name))

GLYPHS = {*map(chr, (0x180B, 0x180C, 0x180D, 0x180E, 0x180F, 0x200C, 0x200D))} | {
    *map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
}
# Signs of Arabic, Syriac and Kaithi numbers: of category Cf, but drawn.
DRAWN = {*map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD))}


def of(*categories: str) -> Iterator[str]:
    """Every character of these categories."""
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in categories:
            yield chr(code)


def refused(kind: TypeAdapter[str], text: str) -> str | None:
    """The code with which a text is refused, or None."""
    try:
        kind.validate_python(text)
    except ValidationError as error:
        return str(error.errors()[0]["type"])
    return None


@pytest.mark.parametrize("category", ["Cc", "Cf", "Cs", "Zl", "Zp"])
def test_what_has_no_shape_is_in_no_word_and_no_number(category: str) -> None:
    for character in of(category):
        text = f"甲{character}1"
        if character not in GLYPHS | DRAWN:
            assert not shows_all(text), f"U+{ord(character):04X} in a word"
        assert not shows_all_of_a_number(text), f"U+{ord(character):04X} in a number"


# Letters, signs and marks by their category, that show nothing: fillers, the empty Braille cell, tags …
UNSEEN = (
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\ufffd\ufff0\ufdd0\uffff"
    "\U0001d159\U000e0041\U0001ffff"
)


@pytest.mark.parametrize("character", UNSEEN, ids=lambda character: f"U+{ord(character):04X}")
def test_what_shows_nothing_is_in_no_word_and_no_number_whatever_it_is_called(character: str) -> None:
    assert refused(NUMBER, f"LZ{character}1") == "number-unseen"
    assert refused(LABEL, f"邮储{character}银行") == "word-unseen"
    assert refused(NAME, f"金{character}和义") == "name-unseen"


@pytest.mark.parametrize("category", ["Mn", "Mc", "Me", "Co", "Cn"])
def test_a_number_has_no_combining_marks_and_nothing_that_unicode_does_not_know(category: str) -> None:
    for character in of(category):
        assert not shows_all_of_a_number(f"甲{character}1"), f"U+{ord(character):04X}"


def test_a_number_has_no_blanks_in_it_nor_around_it() -> None:
    for blank in of("Zs"):
        for text in (f"LZ{blank}1", f"{blank}LZ1", f"LZ1{blank}"):
            assert refused(NUMBER, text) == "number-blanks", f"U+{ord(blank):04X}"
    assert not has_blank("LZ-1")


def test_what_has_a_shape_is_taken() -> None:
    for character in of("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Pd", "Ps", "Pe", "Po", "Sm", "Sc"):
        if character not in UNSEEN:
            assert shows_all(f"甲{character}"), f"U+{ord(character):04X}"
            assert shows_all_of_a_number(f"甲{character}"), f"U+{ord(character):04X}"


@pytest.mark.parametrize("glyph", sorted(GLYPHS))
def test_what_chooses_a_glyph_is_part_of_names_and_of_no_number(glyph: str) -> None:
    assert refused(NAME, f"葛{glyph}和义") is None
    assert refused(NAME, glyph) == "name-blank"
    assert refused(NUMBER, f"葛{glyph}1") == "number-unseen"


@pytest.mark.parametrize("name", [" ", "　", "\u00a0\u2003", "\ufe0f", "\u200d", "\u200d \ufe0e"])
def test_a_name_of_nothing_visible_is_none(name: str) -> None:
    assert refused(NAME, name) == "name-blank"
    assert shows_nothing(name)


@pytest.mark.parametrize("name", ["金", "王\ue863", "𠮷小明", "\U00030000", "བཀྲ་ཤིས", "ئايگۈل", "O'Neil"])
def test_names_of_any_script_are_names(name: str) -> None:
    assert refused(NAME, name) is None


def test_full_width_forms_are_their_ascii_characters() -> None:
    assert len(FULL_WIDTH) == 95
    for full, half in FULL_WIDTH.items():
        assert unicodedata.normalize("NFKC", chr(full)) == chr(half)
    assert NUMBER.validate_python("ＬＺ－０００８１７") == "LZ-000817"
    assert NUMBER.validate_python("涪〔２０２１〕７号") == "涪〔2021〕7号"


@given(st.text(st.sampled_from("ＡＺａｚ０９－＿（）ABz09-_()甲〔〕"), min_size=1, max_size=12))
def test_a_number_has_one_form(text: str) -> None:
    if refused(NUMBER, text) is None:
        once = NUMBER.validate_python(text)
        assert NUMBER.validate_python(once) == once == full_width_folded(text)
        assert not any(character in FULL_WIDTH for character in map(ord, once))


@given(st.text(min_size=1, max_size=8))
def test_two_numbers_that_are_taken_differ_in_what_is_seen(text: str) -> None:
    if refused(NUMBER, text) is None:
        seen = [character for character in text if unicodedata.category(character)[0] in "LNPS"]
        assert "".join(seen) == text


@pytest.mark.parametrize("number", ["nan", "无", "LZ 1", " LZ1", "ＬＺ１", "LZ\u200d1", "0"])
def test_what_stands_on_the_log_is_read_as_it_was_written(number: str) -> None:
    assert NUMBER.validate_python(number, context=ON_LOG) == number
    assert LABEL.validate_python(number, context=ON_LOG) == number


def test_what_surrounds_a_cell_is_taken_off_and_nothing_within() -> None:
    assert trimmed("\ufeff\u200b 6217\u00a00000\u3000\n") == "6217\u00a00000"
    assert trimmed(" LZ 1 ") == "LZ 1"
    assert trimmed("\u202d500102\u202c") == "500102"
    assert trimmed("葛\U000e0100") == "葛\U000e0100"

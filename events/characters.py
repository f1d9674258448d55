"""Characters: which of them are folded, which are refused, and which mean nothing where they stand.

The one table of the project. Two texts that look the same must be the same, or one of them be refused; a
terminal must not obey a name. Every range stands here by its number, so that a newer Unicode changes nothing
by itself; a test compares them with all that Unicode says (``tests/events/test_characters.py``).
"""

import re
import unicodedata

FULL_WIDTH: dict[int, int] = {0x3000: 0x20, **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}}
"""Full-width forms to the ASCII characters that they are: ＡＢＣ１２３－ and the ideographic blank."""

BLANKS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""Blanks (Zs): each looks like any other."""

PLAIN = "!-~\u00b7\u2014\u201c\u201d\u2026\u3001-\u3011\u3014\u3015\u3400-\u9fff\uff01-\uff5e"
"""What nearly every text consists of, all to be seen: ASCII, Chinese characters and their punctuation."""

GLYPHS = "\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""What only chooses how a character is drawn, or joins letters: it belongs to how some names are written."""

_HIDDEN = (
    "\x00-\x1f\x7f-\x9f"  # controls (Cc)
    "\u00ad\u034f"  # soft hyphen, grapheme joiner
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # marks of direction and of shaping
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5"  # Khmer vowels that are not written
    "\u200b\u2060-\u2065\ufeff"  # blanks without width, byte order mark, signs that are only thought of
    "\u2028\u2029"  # separators of lines and paragraphs (Zl, Zp)
    "\u2800\U0001d159"  # pictures of nothing: the empty Braille cell, the note without a head
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # controls of some scripts
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # tags
)
"""What shows nothing, less ``GLYPHS``: before and after a cell's text it is nothing."""

_LOST = (
    "\ud800-\udfff"  # halves of a character (Cs)
    "\ufdd0-\ufdef\ufff0-\uffff"  # annotations, what replaces a lost character or an object, no characters
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
)
"""What stands where a character was lost: it is never taken away, as it says that something is missing."""

_UNSEEN = _HIDDEN + _LOST

_IN_TEXT = re.compile(f"[{_UNSEEN}]")
_IN_NUMBER = re.compile(f"[{_UNSEEN}{GLYPHS}]")
_NOTHING = re.compile(f"[{_UNSEEN}{GLYPHS}{BLANKS}]*")
_BLANK = re.compile(f"[{BLANKS}]")
_ENDS = re.compile(f"\\A[{_HIDDEN}{BLANKS}]+|[{_HIDDEN}{BLANKS}]+\\Z")


def full_width_folded(text: str) -> str:
    """Return a text with full-width letters, digits, signs and blanks as the ASCII ones that they are."""
    return text if text.isascii() else text.translate(FULL_WIDTH)


def shows_all(text: str) -> bool:
    """Whether a name or a word hides nothing: no controls, no marks of direction, no lost characters.

    Private-use characters are let through, since the fonts of GBK have characters of names there, and so is
    what only chooses a glyph.
    """
    return _IN_TEXT.search(text) is None


def shows_nothing(text: str) -> bool:
    """Whether no character of a text can be seen."""
    return _NOTHING.fullmatch(text) is not None


def has_blank(text: str) -> bool:
    """Whether a blank stands in a text, or around it."""
    return _BLANK.search(text) is not None


def shows_all_of_a_number(text: str) -> bool:
    """Whether a number has nothing in it that might be overlooked: only letters, digits, signs and blanks.

    More is refused here than in words: nobody sees a combining mark in a number, nor which private-use
    character it is. Blanks are looked for by ``has_blank``.
    """
    if text.isascii():
        return text.isprintable()
    return _IN_NUMBER.search(text) is None and not any(
        unicodedata.category(character) in _NOT_IN_NUMBERS for character in text if not character.isalnum()
    )


_NOT_IN_NUMBERS = frozenset({"Mn", "Mc", "Me", "Co", "Cn", "Cf"})


def trimmed(text: str) -> str:
    """Return a cell's text without what means nothing before and after it: blanks and all that is unseen.

    What stands for a lost character stays.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    if "\u4e00" <= text[0] <= "\u9fff" and "\u4e00" <= text[-1] <= "\u9fff":
        return text
    return _ENDS.sub("", text)


def joined(text: str, groups: re.Pattern[str]) -> str:
    """Return a number written in groups as one, full-width folded, without blanks around it.

    Where the groups are none that people write, it stays as it is: another blank in it parts two numbers.
    """
    folded = full_width_folded(text)
    if not folded.isascii():
        folded = _BLANK.sub(" ", folded)
    folded = folded.strip(" ")
    return re.sub("[ -]", "", folded) if groups.fullmatch(folded) else folded

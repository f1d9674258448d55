"""How Chinese characters are read, without tones: as pypinyin 0.55.0 does it.

``data/syllables.csv`` has for each syllable the characters that are read so by themselves, ``data/words.csv``
the words by which a text is divided, as what follows their first character, and ``data/readings.csv`` those
that are read otherwise than their characters. They were written down from pypinyin (a test compares them),
for two reasons. What is read here is in keys of names that stand on the log for ever, so no newer version of
it may read otherwise. And with its dictionary a process is 57 MB larger, with these tables 2. Their licence
(MIT) is ``data/LICENSE``.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import NamedTuple

_HAN = (
    "\u3007\ue815-\ue864\ufa18\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a703-\U0002b73f"
    "\U0002b740-\U0002b81d\U0002b825-\U0002bf6e\U0002c029-\U0002ce93\U0002d016\U0002d11b-\U0002ebd9"
    "\U0002f80a-\U0002fa1f\U00030000-\U0003134a\U00031350-\U00032389"
)
"""What is read character by character; all else stays as it is, run by run."""
_LAST = 0x32389
_RUNS = re.compile(f"([{_HAN}]+)|[^{_HAN}]+")
_han = re.compile(f"[{_HAN}]+").fullmatch


class _Tables(NamedTuple):
    """The tables, small: as objects of their own so many characters and words would take tenfold.

    syllables: all of them, and none at 0. of: at each character's number which is its syllable. rests: by the
    first character of words what follows it in each, ``,丁不识,丁点儿,``. readings: of words.
    """

    syllables: tuple[str, ...]
    of: Sequence[int]
    rests: dict[str, str]
    readings: dict[str, str]


def _read() -> _Tables:
    syllables, of = [""], array("H", bytes(2 * (_LAST + 1)))
    for syllable, characters in _rows("syllables"):
        for character in characters:
            of[ord(character)] = len(syllables)
        syllables.append(syllable)
    rests = {first: f",{rests.replace(' ', ',')}," for first, rests in _rows("words")}
    return _Tables(tuple(syllables), of, rests, dict(_rows("readings")))


def _rows(name: str) -> Iterator[tuple[str, str]]:
    with files("services.platform").joinpath(f"data/{name}.csv").open(encoding="utf-8") as table:
        next(table)
        for line in table:
            left, _, right = line.rstrip("\n").partition(",")
            yield left, right


_SYLLABLES, _OF, _RESTS, _READINGS = _read()


def syllables(text: str) -> str:
    """Return the syllables of a simplified text with blanks between them, in lower case."""
    if _han(text):
        return " ".join(_syllables_of(text))
    parts: list[str] = []
    for run in _RUNS.finditer(text):
        parts += _syllables_of(run[1]) if run[1] else [run[0].lower()]
    return " ".join(parts)


def _syllables_of(han: str) -> list[str]:
    read: list[str] = []
    at, last = 0, len(han)
    while at < last:
        end = at + 1
        if end < last and f",{han[end]}" in _RESTS.get(han[at], ""):
            end = _end_of_word(han, at)
        word = han[at:end]
        reading = _READINGS.get(word)
        read += [reading] if reading else [_SYLLABLES[_OF[ord(character)]] or character for character in word]
        at = end
    return read


def _end_of_word(han: str, at: int) -> int:
    """Return where the longest word ends that begins there."""
    rests = _RESTS[han[at]]
    end = found = at + 1
    while end < len(han) and f",{han[at + 1 : end + 1]}" in rests:
        end += 1
        if f",{han[at + 1 : end]}," in rests:
            found = end
    # Of what could become a word behind its end, pypinyin looks for no other word in it.
    return end if found == at + 1 and end == len(han) else found

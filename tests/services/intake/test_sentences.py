"""What the contract expects is said in both languages, with the same places to fill."""

from string import Formatter

from events.expectations import EXPECTED
from services.intake.sentences import SENTENCES, say


def places(sentence: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_whatever_the_contract_expects_is_said_in_both_languages() -> None:
    for code, english in EXPECTED.items():
        assert SENTENCES[code][0] == english, code
        assert any("\u4e00" <= character <= "\u9fff" for character in SENTENCES[code][1]), code


def test_what_the_contract_expects_has_the_same_places_in_both() -> None:
    for code in EXPECTED:
        english, chinese = SENTENCES[code]
        assert places(chinese) == places(english), code


def test_a_sentence_is_filled_in_both() -> None:
    said = say("not-before", other="valid_from")
    assert (said.english, said.chinese) == ("valid_from or later", "不得早于valid_from")

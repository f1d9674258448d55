"""Chinese words for the codes of facts: one vocabulary, a context a module.

Of each code all words are read, in files, and the first is shown, in templates and on screens.
"""

from collections.abc import Mapping
from functools import cache

from events.shelf import found_in

Said = Mapping[str, tuple[str, ...]]
"""Code → its words, the first being the one that is shown."""

Words = Mapping[str, str]
"""The same as it is written down: words parted by blanks."""

_EVERYWHERE: dict[str, Words] = {
    "programme": {
        "urban_dibao": "城市低保",
        "rural_dibao": "农村低保",
        "tekun": "特困供养 特困",
        "temporary_relief": "临时救助",
    },
    "self_care": {"full": "能自理 完全自理", "partial": "半失能 部分自理", "none": "全失能 不能自理"},
}
"""Fields whose codes have the same words in facts of every type."""

_BY_TYPE: dict[str, dict[str, Words]] = {
    f"{context}.{verb}": words
    for context, module in found_in(__name__)
    for verb, words in module.WORDS.items()
}


@cache
def said(type_name: str, field: str) -> Said:
    """Return the words for the codes of a field; none where it holds no codes.

    ``type_name`` in short, ``payments.paid``; of ``field``, a path, the last name counts.
    """
    words = _BY_TYPE.get(type_name, {}).get(field) or _EVERYWHERE.get(field.rpartition(".")[2], {})
    return {code: tuple(text.split()) for code, text in words.items()}


def shown(type_name: str, field: str) -> dict[str, str]:
    """Return the word that is shown for each code of a field."""
    return {code: words[0] for code, words in said(type_name, field).items()}


def programmes() -> dict[str, str]:
    """Return the word that is shown for each programme."""
    return shown("", "programme")

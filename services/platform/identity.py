"""Who is meant, without saying who: tokens of persons and accounts, match keys of names (R27, R33).

Tokens and match keys are keyed HMACs of canonical values, equal wherever the same person, account or name
stands, and of no use without the key.
"""

import unicodedata
from base64 import urlsafe_b64encode
from functools import lru_cache
from itertools import chain

import orjson
from opencc import OpenCC
from pypinyin import lazy_pinyin
from pypinyin.core import Pinyin

from events.digest import mac
from events.values import canonical_account_number, canonical_id_number
from services.platform.keys import Keys

NORMALISER = 1
"""Version of the rules below, part of every match key: keys of different rules never meet by chance."""

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
_WORDS = Pinyin()


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
    return _syllables(variant_name(name))


def _syllables(simplified: str) -> str:
    # What lazy_pinyin does with the whole name, but each word (mostly a character) is looked up once.
    words = _WORDS.seg(simplified)
    return " ".join(chain.from_iterable(map(_syllables_of_word, words))).lower()


@lru_cache(20_000)
def _syllables_of_word(word: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin([word]))


def _mac(key: bytes, text: str) -> str:
    return urlsafe_b64encode(mac(key, text.encode())).decode()[:22]


class Identity:
    """Tokens and match keys of one deployment. Every answer is cached, the value being recomputed else."""

    def __init__(self, keys: Keys, *, cached: int = 200_000) -> None:
        self._tokens = keys.tokens
        self._names = keys.names
        self.account_token = lru_cache(cached)(self._account_token)
        self.person_token = lru_cache(cached)(self._person_token)
        self.name_keys_json = lru_cache(cached)(self._name_keys_json)

    def person(self, source: str, id_number: str | None, local_no: str | None) -> str:
        """Return the token of a person: by ID number; where unknown, by the upstream's own number.

        A local number means something within its source only.
        """
        if id_number is not None:
            return self.person_token(canonical_id_number(id_number))
        assert local_no is not None
        return self.person_token(local_no, source)

    def account(self, number: str) -> str:
        """Return the token of an account number."""
        return self.account_token(canonical_account_number(number))

    def name_keys(self, name: str) -> dict[str, str | int]:
        """Return the match keys of a name, as data of ``NameKeys``. ``name_keys_json``: the same in JSON."""
        keys: dict[str, str | int] = orjson.loads(self.name_keys_json(name))
        return keys

    def _person_token(self, number: str, source: str | None = None) -> str:
        text = f"person\nid\n{number}" if source is None else f"person\nlocal\n{source}\n{number}"
        return "p." + _mac(self._tokens, text)

    def _account_token(self, number: str) -> str:
        return "a." + _mac(self._tokens, f"account\n{number}")

    def _name_keys_json(self, name: str) -> str:
        normalised = normalised_name(name)
        variant = _simplified(normalised)
        tiers = {
            "exact": name,
            "normalised": normalised,
            "variant": variant,
            "pinyin": _syllables(variant),
        }
        keys: dict[str, str | int] = {
            tier: _mac(self._names, f"name\n{NORMALISER}\n{tier}\n{text}") for tier, text in tiers.items()
        }
        keys["normaliser"] = NORMALISER
        # As text, which is a copy: the bytes that orjson returns keep a buffer of 4 KB.
        return orjson.dumps(keys).decode()

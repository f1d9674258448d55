"""Who is meant, without saying who: tokens of persons and accounts, match keys of names (R27, R33).

Tokens and match keys are keyed HMACs of canonical values, equal wherever the same person, account or name
stands, and of no use without the key. They stand on the log for ever, so a deployment has those of one family
of algorithms, for good (``vault.py``).
"""

from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Any

import orjson

from events.id_numbers import canonical_id_number
from events.values import canonical_account_number
from services.platform.ciphers import CIPHERS
from services.platform.keys import Keys
from services.platform.names import Forms, forms
from services.platform.settings import Family

NORMALISER = 2
"""Version of the rules for names, written beside the keys that they made."""

# Part of every match key, the same in both versions of the rules: their forms are of one kind (names.py).
_KEYED = 1


class Identity:
    """Tokens and match keys of one deployment. Every answer is cached, the value being recomputed else."""

    def __init__(self, keys: Keys, family: Family = "international", *, cached: int = 200_000) -> None:
        own = keys.families[family]
        self._tokens, self._names = own.tokens, own.names
        self._keyed = CIPHERS[family].mac
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

    def name_keys(self, name: str) -> dict[str, Any]:
        """Return the match keys of a name, as data of ``NameKeys``. ``name_keys_json``: the same in JSON."""
        keys: dict[str, Any] = orjson.loads(self.name_keys_json(name))
        return keys

    def _person_token(self, number: str, source: str | None = None) -> str:
        text = f"person\nid\n{number}" if source is None else f"person\nlocal\n{source}\n{number}"
        return "p." + self._mac(self._tokens, text)

    def _account_token(self, number: str) -> str:
        return "a." + self._mac(self._tokens, f"account\n{number}")

    def _name_keys_json(self, name: str) -> str:
        first, second = forms(name)
        keys: dict[str, Any] = {"exact": self._name_key("exact", name), **self._name_keys(first)}
        keys["normaliser"] = NORMALISER
        if second != first:
            keys["folded"] = self._name_keys(second)
        # As text, which is a copy: the bytes that orjson returns keep a buffer of 4 KB.
        return orjson.dumps(keys).decode()

    def _name_keys(self, forms: Forms) -> dict[str, str]:
        return {tier: self._name_key(tier, text) for tier, text in forms._asdict().items()}

    def _name_key(self, tier: str, text: str) -> str:
        return self._mac(self._names, f"name\n{_KEYED}\n{tier}\n{text}")

    def _mac(self, key: bytes, text: str) -> str:
        return urlsafe_b64encode(self._keyed(key, text.encode())).decode()[:22]

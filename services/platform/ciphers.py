"""The algorithms that seal values and make tokens: international ones, or those of the State (商密).

The national ones are SM4 (GB/T 32907) in GCM, as RFC 8998 has it, and SM3 (GB/T 32905) by HMAC and HKDF.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from events.digest import mac
from services.platform.keys import KeyFileError, hkdf
from services.platform.settings import Family

_MAC_BYTES, _TAG_BYTES = 16, 16


class CiphersMissingError(KeyFileError):
    """A family cannot be worked with here; the message says what to do."""


class Aead(Protocol):
    """A cipher that also says whether what it opens is what it closed. ``decrypt`` raises InvalidTag."""

    def encrypt(self, nonce: bytes, plain: bytes, bound_to: bytes, /) -> bytes: ...

    def decrypt(self, nonce: bytes, sealed: bytes, bound_to: bytes, /) -> bytes: ...


class Sm4Gcm:
    """SM4-GCM under a key of 16 bytes, with the interface of ``AESGCM``."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = SM4(key)

    def encrypt(self, nonce: bytes, plain: bytes, bound_to: bytes, /) -> bytes:
        """Return ciphertext and tag."""
        encryptor = Cipher(self._key, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, sealed: bytes, bound_to: bytes, /) -> bytes:
        """Return what was encrypted. Raises InvalidTag."""
        if len(sealed) < _TAG_BYTES:
            raise InvalidTag
        decryptor = Cipher(self._key, GCM(nonce, sealed[-_TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(bound_to)
        return decryptor.update(sealed[:-_TAG_BYTES]) + decryptor.finalize()


def sm3_hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SM3."""
    return hmac_sm3(hmac_sm3(salt, key), info + b"\x01")


def hmac_sm3(key: bytes, content: bytes) -> bytes:
    """Return the 32 bytes of HMAC-SM3."""
    made = HMAC(key, SM3())
    made.update(content)
    return made.finalize()


def sm3_mac(key: bytes, content: bytes) -> bytes:
    """Return 128 bits of HMAC-SM3."""
    made = _keyed(key).copy()
    made.update(content)
    return made.finalize()[:_MAC_BYTES]


@lru_cache(64)
def _keyed(key: bytes) -> HMAC:
    return HMAC(key, SM3())


class Ciphers(NamedTuple):
    """What a family consists of. ``mark``: how a sealed value that names it goes on behind ``s1.``;
    ``hashes``: what people call its way to make tokens.
    """

    mark: str
    hashes: str
    aead: Callable[[bytes], Aead]
    key_bytes: int
    hkdf: Callable[[bytes, bytes, bytes], bytes]
    mac: Callable[[bytes, bytes], bytes]


CIPHERS: dict[Family, Ciphers] = {
    "international": Ciphers("", "HMAC-SHA256", AESGCM, 32, hkdf, mac),
    "national": Ciphers("sm4-gcm-sm3-", "HMAC-SM3", Sm4Gcm, 16, sm3_hkdf, sm3_mac),
}
"""The mark is of the letters that sealed values are of, so that they fit the contract that there is. A value
without any begins with nine random bytes, which are a mark once in 2⁷² values.
"""

_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
_NONCE = bytes.fromhex("00001234567800000000abcd")
_BOUND_TO = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
_PLAIN = b"".join(bytes([byte]) * 8 for byte in bytes.fromhex("aabbccddeeffeeaa"))
_TAG = bytes.fromhex("83de3541e4c2b58177e065a9bf7b62ec")
"""RFC 8998, A.1."""
_TEXT = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2
_CODE = bytes.fromhex("ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a")
"""GM/T 0042-2015, D.3, under the key 01 02 … 20."""


def check(family: Family) -> None:
    """Calculate what is known of a family before it is worked with. Raises CiphersMissingError."""
    if family == "international":
        return
    try:
        good = Sm4Gcm(_KEY).encrypt(_NONCE, _PLAIN, _BOUND_TO).endswith(_TAG)
        good = good and hmac_sm3(bytes(range(1, 33)), _TEXT) == _CODE
    except UnsupportedAlgorithm:
        good = False
    if not good:
        raise CiphersMissingError(
            "DIBAO_CIPHERS or DIBAO_TOKENS says national, and the OpenSSL that Python's package cryptography "
            "has here does not calculate SM4 and SM3: install the package as it is published, and not one "
            "that was built with another OpenSSL"
        )

"""The ways in which one readable value may be written down: character sets, escapes, hex, base64, URLs."""

from base64 import standard_b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from urllib.parse import quote_from_bytes

LEAST = 6
"""A spelling must say at least so many bytes of a value. Shorter ones stand in any ciphertext by chance: of
2¹⁶ spellings looked for in 2²⁴ random bytes, 4-byte ones are found every time, 6-byte ones once in 256 runs.
"""

_CHARSETS = {"UTF-8": "utf-8", "GB18030": "gb18030", "UTF-16LE": "utf-16-le", "UTF-16BE": "utf-16-be"}
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def spellings(text: str) -> dict[bytes, str]:
    """Every way to write ``text``, each with its name. Raises ValueError where it is too short to be told."""
    if len(text.encode()) < LEAST:
        raise ValueError(f"a secret of less than {LEAST} bytes is found by chance: choose a longer one")
    found: dict[bytes, str] = {}
    for dress, dressed in _dresses(text):
        for charset, said in _characters(dressed):
            for form, spelt in _bytes(said):
                found.setdefault(spelt, ", ".join(part for part in (dress, charset, form) if part))
    return found


def _dresses(text: str) -> Iterator[tuple[str, str]]:
    yield "", text
    if text.isascii():
        yield "lower case", text.lower()
        yield "full width", text.translate(_FULL_WIDTH)


def _characters(text: str) -> Iterator[tuple[str, bytes]]:
    for name, charset in _CHARSETS.items():
        said = text.encode(charset)
        if len(said) >= LEAST:
            yield name, said
    for digits in ("04x", "04X"):
        units = text.encode("utf-16-be")
        escapes = [format(int.from_bytes(units[at : at + 2]), digits) for at in range(0, len(units), 2)]
        # A string within a string within a string doubles the backslashes each time.
        for level, backslashes in enumerate(("\\", "\\\\", "\\\\\\\\"), 1):
            yield (
                f"\\u escapes, level {level}",
                (backslashes + "u" + f"{backslashes}u".join(escapes)).encode(),
            )
    # As Python logs text beyond the BMP, and bytes.
    if any(ord(character) > 0xFFFF for character in text):
        yield "Python escapes", text.encode("unicode_escape")
    if not text.isascii():
        for charset in ("utf-8", "gb18030"):
            said = text.encode(charset)
            if len(said) >= LEAST:
                yield f"\\x escapes of {charset}", repr(said)[2:-1].encode()


def _bytes(said: bytes) -> Iterator[tuple[str, bytes]]:
    yield "", said
    yield "hex", said.hex().encode()
    yield "HEX", said.hex().upper().encode()
    for name, encode in (("base64", standard_b64encode), ("base64url", urlsafe_b64encode)):
        for before in range(3):
            spelt = _base64(said, before, encode)
            if len(spelt) > LEAST:
                yield f"{name} after {before} bytes", spelt
    for quoted in (quote_from_bytes(said, safe=""), "".join(f"%{byte:02X}" for byte in said)):
        if "%" in quoted:
            yield "URL", quoted.encode()
            yield "url", quoted.lower().encode()


def _base64(said: bytes, before: int, encode: Callable[[bytes], bytes]) -> bytes:
    """The characters that do not depend on what stands before (``before`` bytes, modulo 3) and after."""
    first = -(-before * 8 // 6)
    last = (before + len(said)) * 8 // 6
    return encode(b"\0" * before + said)[first:last]

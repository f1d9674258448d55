"""Keyed digests."""

import hmac

import pytest

from events.digest import digest_of, mac


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 200])
def test_a_mac_is_the_first_half_of_hmac_sha256(length: int) -> None:
    key, content = b"k" * length, b"c" * (200 - length)
    assert mac(key, content) == hmac.digest(key, content, "sha256")[:16]
    assert mac(key, content) != mac(key + b"k", content)
    assert digest_of(key, content) == mac(key, content).hex()

"""SM4 and SM3 are what the standards say, a sealed value names what sealed it, and no token ever changes."""

import re
from base64 import urlsafe_b64decode

import pytest
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from events.form import Sealed
from services.platform import ciphers
from services.platform.ciphers import CIPHERS, CiphersMissingError, Sm4Gcm, hmac_sm3, sm3_hkdf, sm3_mac
from services.platform.identity import Identity
from services.platform.keys import Keys
from services.platform.settings import Family, Settings
from services.platform.vault import SealBrokenError, Sealer, family_of, proof_of, sealer_of

KEYS = Keys.of(bytes(range(32)))
FAMILIES: tuple[Family, ...] = ("international", "national")
SM4_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
SALT = bytes(range(16))


def test_sm4_is_that_of_the_standard() -> None:
    """GB/T 32907-2016, appendix A: one block, and the same block a million times."""
    encryptor = Cipher(SM4(SM4_KEY), ECB()).encryptor()  # noqa: S305 - one block at a time is what the standard shows
    block = encryptor.update(SM4_KEY)
    assert block.hex() == "681edf34d206965e86b3e94f536e4246"
    for _ in range(999_999):
        block = encryptor.update(block)
    assert block.hex() == "595298c7c6fd271f0402f804c33d3f66"


def test_sm4_in_gcm_is_that_of_rfc_8998() -> None:
    nonce, bound_to = (
        bytes.fromhex("00001234567800000000abcd"),
        bytes.fromhex("feedfacedeadbeef" * 2 + "abaddad2"),
    )
    plain = b"".join(bytes([byte]) * 8 for byte in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")
    sealed = Sm4Gcm(SM4_KEY).encrypt(nonce, plain, bound_to)
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert Sm4Gcm(SM4_KEY).decrypt(nonce, sealed, bound_to) == plain
    for key, at, wrong in [
        (SM4_KEY, nonce, sealed[:-1] + b"\0"),
        (SM4_KEY, nonce, b"\0" + sealed[1:]),
        (SM4_KEY, nonce, sealed[:15]),
        (SM4_KEY, bytes(12), sealed),
        (bytes(16), nonce, sealed),
    ]:
        with pytest.raises(InvalidTag):
            Sm4Gcm(key).decrypt(at, wrong, bound_to)
    with pytest.raises(InvalidTag):
        Sm4Gcm(SM4_KEY).decrypt(nonce, sealed, b"elsewhere")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_is_that_of_the_standard(text: bytes, said: str) -> None:
    """GB/T 32905-2016, appendix A."""
    digest = Hash(SM3())
    digest.update(text)
    assert digest.finalize().hex() == said


def test_hmac_sm3_is_that_of_the_standard() -> None:
    """GM/T 0042-2015, D.3."""
    text = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2
    key = bytes(range(1, 33))
    made = hmac_sm3(key, text)
    assert made.hex() == "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"
    assert sm3_mac(key, text) == made[:16] == sm3_mac(key, text)


@pytest.mark.parametrize(("key", "salt", "info"), [(b"key", b"salt", b"info"), (bytes(32), bytes(16), b"")])
def test_hkdf_sm3_is_that_of_rfc_5869(key: bytes, salt: bytes, info: bytes) -> None:
    assert sm3_hkdf(key, salt, info) == HKDF(SM3(), 32, salt, info).derive(key)


@pytest.mark.parametrize(
    ("family", "prefix", "overhead"), [("international", "s1.", 0), ("national", "s1.sm4-gcm-sm3-", 12)]
)
def test_a_sealed_value_names_what_sealed_it_and_fits_the_contract(
    family: Family, prefix: str, overhead: int
) -> None:
    sealed = sealer_of(KEYS, "p.X", SALT, family).seal("王䶮".encode(), b"place")
    assert sealed.startswith(prefix) and family_of(sealed) == family
    [form] = Sealed.__metadata__  # type: ignore[attr-defined]
    assert re.fullmatch(form.pattern, sealed)
    content = urlsafe_b64decode(sealed[len(prefix) :] + "==")
    assert len(content) == 12 + len("王䶮".encode()) + 16
    assert len(sealed) == len("s1.") + overhead + -(-len(content) * 4 // 3)


@pytest.mark.parametrize("seals", FAMILIES)
@pytest.mark.parametrize("opens", FAMILIES)
def test_whoever_seals_opens_what_either_has_sealed(seals: Family, opens: Family) -> None:
    sealed = sealer_of(KEYS, "p.X", SALT, seals).seal(b"x", b"place")
    opener = sealer_of(KEYS, "p.X", SALT, opens)
    assert opener.open(sealed, b"place") == b"x"
    for wrong, place in [
        (sealed, b"elsewhere"),
        (sealed[:-2], b"place"),
        (sealed.replace("s1.", "s2."), b"place"),
        (sealed.replace("sm4-gcm-sm3-", ""), b"elsewhere"),
        ("s1." + CIPHERS["national"].mark, b"place"),
    ]:
        with pytest.raises(SealBrokenError):
            opener.open(wrong, place)
    with pytest.raises(SealBrokenError):
        sealer_of(KEYS, "p.Y", SALT, opens).open(sealed, b"place")


def test_a_family_has_keys_of_its_own_and_needs_the_right_length() -> None:
    one, other = KEYS.families["international"], KEYS.families["national"]
    assert len({*one, *other, KEYS.digest}) == 7
    assert repr(one) == "FamilyKeys(…)" and repr(KEYS) == "Keys(…)"
    with pytest.raises(ValueError, match="key size"):
        Sealer(bytes(32), "national")


@pytest.mark.parametrize(
    ("family", "person", "local", "account", "name"),
    [
        (
            "international",
            "p.K1QKCpnThheTrdapY-fU9Q",
            "p.6j1fjPSizDsFZs1RPvZPOQ",
            "a.dCOLTvgiTpu_lNhny1e2Ew",
            "5pwX3pxsmMf3j0FbAw0ZXQ",
        ),
        (
            "national",
            "p.64c5xaT9FtGSEaslyMwaFA",
            "p.VP_CWGrgZAWKWZ_eWn_VGg",
            "a.m6PI8emvdqPf4aiayUjGoQ",
            "GrK8uRdABYMiBCH52QtLbQ",
        ),
    ],
)
def test_tokens_are_those_that_stand_on_logs(
    family: Family, person: str, local: str, account: str, name: str
) -> None:
    """A line that changes here means that everybody on a log gets another token."""
    identity = Identity(KEYS, family)
    assert identity.person("/a", "500102199209286028", None) == person
    assert identity.person("/a", None, "L-7") == local
    assert identity.account("6217000000007922") == account
    assert identity.name_keys("白云飞")["exact"] == name


def test_digests_and_the_vaults_proof_are_the_same_whatever_seals() -> None:
    """They are the contract's, and of the master key: no setting says how they are made."""
    assert KEYS.digest.hex() == "4ea38ea66db84628e6b49af4d56c4412e0794daf3be44835d94b1d957a081207"
    assert proof_of(KEYS).hex() == "bc23120fc9428f42c390c28e23e6406d50d3c85422067f5ecb6236bc77b6b803"


@pytest.mark.parametrize(
    ("said", "seals", "tokens"),
    [
        ({}, "international", "international"),
        ({"ciphers": "national"}, "national", "national"),
        ({"ciphers": "national", "tokens": "international"}, "national", "international"),
        ({"tokens": "national"}, "international", "national"),
    ],
)
def test_one_setting_says_both_unless_tokens_have_their_own(
    said: dict[str, str], seals: str, tokens: str
) -> None:
    settings = Settings.model_validate(said)
    assert (settings.ciphers, settings.token_family) == (seals, tokens)


def test_a_machine_that_cannot_calculate_them_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for family in FAMILIES:
        ciphers.check(family)

    def unsupported(key: bytes) -> None:
        raise UnsupportedAlgorithm("SM4")

    monkeypatch.setattr(ciphers, "SM4", unsupported)
    ciphers.check("international")
    with pytest.raises(CiphersMissingError, match="install the package as it is published"):
        ciphers.check("national")
    monkeypatch.undo()
    monkeypatch.setattr(ciphers, "hmac_sm3", lambda key, content: bytes(32))
    with pytest.raises(CiphersMissingError):
        ciphers.check("national")

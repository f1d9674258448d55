"""No secret is kept in the tree: every text is looked through for what looks like one."""

import base64
import secrets
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.platform.access import new_key
from tests.house.secrets import Looks, secrets_in
from tests.house.tree import BINARY, ROOT, tracked

NOT_SECRET = Path(__file__).with_name("not_secret.toml")
LOCKS = {"requirements.lock", "package-lock.json"}
"""All digests; that they have no addresses, which may have passwords, is a test beside this one."""


def said_to_be_none() -> dict[Looks, str]:
    said = tomllib.loads(NOT_SECRET.read_text(encoding="utf-8"))
    return {Looks(kind, digest): why for kind, each in said.items() for digest, why in each.items()}


def test_no_file_has_a_secret() -> None:
    allowed, met = said_to_be_none(), set[Looks]()
    found = []
    for file in tracked():
        if file.suffix in BINARY or file.name in LOCKS:
            continue
        looks = set(secrets_in(file.read_bytes().decode("utf-8", "replace")))
        met |= looks
        place = file.relative_to(ROOT)
        found += [f"{place}: a {each.kind} ({each.digest})" for each in looks - allowed.keys()]
    assert found == [], f"take it out and renew it, or say in {NOT_SECRET.name} why it is none"
    assert allowed.keys() - met == set(), f"no longer anywhere: take it out of {NOT_SECRET.name}"
    assert all(allowed.values()), "why is it none?"


def _pem() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


PLANTED: dict[str, Callable[[], str]] = {
    "key of a source": lambda: f'KEY = "{new_key("dk.")}"',
    "key of a reader, in a sentence": lambda: f"curl -H 'Authorization: Bearer {new_key('rd.')}' …",
    "key of an operator": lambda: new_key("op."),
    "master key in a file": lambda: secrets.token_hex(32) + "\n",
    "master key in an environment": lambda: f"DIBAO_MASTER_KEY={secrets.token_hex(32)}",
    "secret of a webhook": lambda: f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
    "signing key of the journal": lambda: f"PRIVATE+KEY+dibao+00ab12cd+{secrets.token_urlsafe(33)}",
    "private key": _pem,
    "password of a database": lambda: (
        f"DIBAO_DATABASE_URL=postgresql://dibao:{secrets.token_hex(8)}@db/dibao"
    ),
    "password in a file of values": lambda: f"  postgresPassword: {secrets.token_hex(8)}\n",
    "password in JSON": lambda: f'{{\n  "smtp_password": "x1{secrets.token_hex(8)}",\n}}',
    "AWS": lambda: f"AKIA{''.join(secrets.choice('ABCDEFGHIJKLMNOP234567') for _ in range(16))}",
    "GitHub": lambda: f"ghp_{''.join(secrets.choice('abcdefghij0123456789') for _ in range(36))}",
}


@pytest.mark.parametrize("name", PLANTED)
def test_one_that_is_planted_is_found(name: str) -> None:
    """Each time another one: none of them stands in this file."""
    planted = PLANTED[name]()
    assert list(secrets_in(f"# a line before\n{planted}\nand one after\n")), planted


@pytest.mark.parametrize(
    "text",
    [
        "sha256:" + "ab" * 32,
        "postgresql://user:{password}@host/name",
        "DIBAO_KAFKA_PASSWORD_FILE=/etc/dibao/secrets/kafka",
        "password: ${POSTGRES_PASSWORD}",
        "token = new_token()",
    ],
)
def test_what_only_speaks_of_one_is_none(text: str) -> None:
    assert list(secrets_in(text)) == []

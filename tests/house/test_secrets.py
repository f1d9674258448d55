"""No secret is kept in the tree, nor was: texts are looked through for what looks like one."""

import base64
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.platform.access import new_key
from tests.house.history import LOCKS, NOT_SECRET, NOT_SECRET_ONCE, said_to_be_none, scan
from tests.house.members import texts_of
from tests.house.secrets import Looks, secrets_in
from tests.house.tree import ROOT, tracked


def test_no_file_has_a_secret() -> None:
    allowed, met = said_to_be_none(NOT_SECRET), set[Looks]()
    found = []
    for file in tracked():
        if file.name in LOCKS:
            continue
        texts = texts_of(file.name, file.read_bytes())
        looks = {one for text in texts for one in secrets_in(text)}
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


def _workbook(file: Path, text: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"], sheet["C3"] = "说明", text
    book.properties.description = "nothing"
    book.save(file)


@pytest.mark.parametrize(
    "name", [name for name in PLANTED if name not in ("private key", "password in JSON")]
)
def test_one_that_is_planted_in_a_cell_is_found(tmp_path: Path, name: str) -> None:
    file = tmp_path / "files.xlsx"
    _workbook(file, PLANTED[name]().strip())
    assert [one for text in texts_of(file.name, file.read_bytes()) for one in secrets_in(text)]


def test_a_workbook_that_is_none_or_damaged_is_looked_through_as_far_as_it_goes(tmp_path: Path) -> None:
    key = new_key("op.")
    assert [one for text in texts_of("a.xlsx", key.encode()) for one in secrets_in(text)]
    file = tmp_path / "cut.xlsx"
    _workbook(file, key)
    whole = file.read_bytes()
    broken = whole.replace(b"xl/sharedStrings.xml", b"xl/sharedStrings.xm\0", 1)
    assert list(texts_of("cut.xlsx", broken)), "members that are whole are read"
    assert list(texts_of("picture.png", key.encode())) == []


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., None]:
    """A repository of its own; a call commits files, None for one that is deleted."""

    def git(*words: str) -> None:
        own = ["-c", "user.name=x", "-c", "user.email=x@example.cn", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *own, *words], cwd=tmp_path, check=True, capture_output=True)

    def commit(**files: str | None) -> None:
        for name, text in files.items():
            path = tmp_path / name.replace("_", ".")
            if text is None:
                path.unlink()
            elif path.suffix == ".xlsx":
                _workbook(path, text)
            else:
                path.write_text(text, encoding="utf-8")
        git("add", "--all")
        git("commit", "--quiet", "--message", "x")

    git("init", "--quiet")
    return commit


def test_what_was_taken_out_is_found_in_the_history(repository: Callable[..., None], tmp_path: Path) -> None:
    key, other = new_key("op."), new_key("rd.")
    repository(a_txt="one\n")
    repository(a_txt=f"one\nKEY={key}\ntwo\n", b_xlsx=other)
    repository(a_txt="one\ntwo\nthree\n", b_xlsx=None)
    scanned = scan(tmp_path, 60)
    assert scanned.looked == scanned.versions == 4
    assert {(one.path, one.looks) for one in scanned.found} == {
        ("a.txt", *secrets_in(key)),
        ("b.xlsx", *secrets_in(other)),
    }
    log = ["git", "-C", str(tmp_path), "log", "--format=%h", "--reverse"]
    commits = subprocess.run(log, check=True, capture_output=True, text=True).stdout.split()
    assert {one.commit for one in scanned.found} == {commits[1]}


def test_it_ends_when_its_time_is_over_and_says_how_far_it_came(
    repository: Callable[..., None], tmp_path: Path
) -> None:
    repository(a_txt=new_key("op."))
    scanned = scan(tmp_path, -1)
    assert (scanned.versions, scanned.looked, scanned.found) == (1, 0, [])


@pytest.mark.slow
def test_no_version_of_a_file_has_a_secret() -> None:
    scanned = scan(ROOT, 300)
    assert scanned.looked == scanned.versions
    allowed = said_to_be_none(NOT_SECRET, NOT_SECRET_ONCE)
    assert [one for one in scanned.found if one.looks not in allowed] == []

"""The MAC of a record: what it covers, the file of its keys, and how a key is renewed."""

import hmac
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.platform.authorship import HEADER, LogKeys, UnknownLogKeyError, Verdict
from services.platform.keys import KeyFileError, hkdf

FIRST, SECOND = bytes(range(32)), bytes(range(32, 64))
KEYS = LogKeys([FIRST])
Headers = list[tuple[str, bytes]]


def record(topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Any:
    """A record as Kafka delivers it."""
    return SimpleNamespace(
        topic=topic, partition=0, offset=7, key=key, value=value, headers=tuple(headers), timestamp=0
    )


def signed(keys: LogKeys, topic: str = "dibao.payments", value: bytes = b"{}") -> Any:
    """A record that somebody with these keys has written."""
    headers = [("ce_id", b"1"), ("ce_type", b"t")]
    return record(topic, b"LZ1", value, [*headers, keys.mac(topic, b"LZ1", value, headers)])


some_bytes = st.binary(max_size=20)
some_headers = st.lists(st.tuples(st.text(max_size=5), some_bytes), max_size=6)
contents = st.tuples(st.sampled_from(["a.payments", "a.vitals"]), some_bytes, some_bytes, some_headers)


@given(contents)
def test_what_is_signed_is_genuine_under_any_prefix(content: tuple[str, bytes, bytes, Headers]) -> None:
    topic, key, value, headers = content
    written = [*headers, KEYS.mac(topic, key, value, headers)]
    assert KEYS.verdict(record(topic, key, value, written)) is Verdict.GENUINE
    assert KEYS.verdict(record(topic.replace("a.", "b.c."), key, value, written)) is Verdict.GENUINE


@given(contents, st.binary(min_size=32, max_size=32))
def test_it_is_an_hmac_with_sha_256(content: tuple[str, bytes, bytes, Headers], secret: bytes) -> None:
    topic, key, value, headers = content
    subkey = hkdf(secret, b"dibao", b"dibao/1/log/" + topic.rpartition(".")[2].encode())
    told = hmac.digest(subkey, msgspec.msgpack.encode((key, value, headers)), "sha256")
    name, mac = LogKeys([secret]).mac(topic, key, value, headers)
    assert (name, mac.partition(b".")[2]) == (HEADER, told[:16].hex().encode())


@given(contents, contents)
def test_a_mac_is_of_one_record_alone(
    one: tuple[str, bytes, bytes, Headers], other: tuple[str, bytes, bytes, Headers]
) -> None:
    mac = KEYS.mac(*one)
    topic, key, value, headers = other
    verdict = KEYS.verdict(record(topic, key, value, [*headers, mac]))
    assert verdict is (Verdict.GENUINE if one == other else Verdict.WRONG)


@given(contents, st.data())
def test_any_change_breaks_it(content: tuple[str, bytes, bytes, Headers], data: st.DataObject) -> None:
    """Bytes moved from one field into the next, headers that change places, one more or one less."""
    topic, key, value, headers = content
    written = [*headers, KEYS.mac(topic, key, value, headers)]
    changes = [
        (key + value, b"", written),
        (b"", key + value, written),
        (key + b"\0", value, written),
        (key, value + b"\0", written),
        (key or None, value, [*written[:-1], ("x", b""), *written[-1:]]),
        (key, None, written),
        (None, value, written),
        (key, value, data.draw(st.permutations(written))),
        (key, value, [(name + "x", held) for name, held in headers] + written[-1:]),
        (key, value, [(name, held + b"\0") for name, held in headers] + written[-1:]),
        (key, value, headers[:-1] + written[-1:]),
        (key, value, [*written, written[-1]]),
        (key, value, [*written, ("x", b"")]),
    ]
    for changed in changes:
        if changed != (key, value, written):
            assert KEYS.verdict(record(topic, *changed)) is Verdict.WRONG


@pytest.mark.parametrize("said", [b"", b"x", b"1.2", b"." * 41, None])
def test_what_is_no_mac_at_all_is_a_wrong_one(said: bytes | None) -> None:
    genuine = signed(KEYS)
    for wrong in (said, genuine.headers[-1][1][:-1], genuine.headers[-1][1].upper()):
        headers = [*genuine.headers[:-1], (HEADER, wrong)]
        assert KEYS.verdict(record("dibao.payments", b"LZ1", b"{}", headers)) is Verdict.WRONG


def test_a_record_without_one_says_nothing_of_its_writer() -> None:
    assert KEYS.verdict(record("dibao.payments", b"k", b"v", [])) is Verdict.MISSING
    assert KEYS.verdict(record("dibao.payments", b"k", b"v", [("ce_id", b"1")])) is Verdict.MISSING


def test_a_key_is_renewed_while_everybody_reads(tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    file.write_text(f"{FIRST.hex()}\n")
    reader = LogKeys.load(file)
    written_before = signed(LogKeys.load(file))
    file.write_text(f"{SECOND.hex()}\n{FIRST.hex()}\n")
    writer = LogKeys.load(file)
    written_after = signed(writer)
    assert written_before.headers[-1] != written_after.headers[-1]
    # The reader runs since before the renewal, and finds the key when it first needs it.
    for keys in (reader, writer):
        assert keys.verdict(written_before) is keys.verdict(written_after) is Verdict.GENUINE
    assert signed(reader).headers == written_before.headers


def test_a_key_that_is_missing_is_said_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    file.write_text(f"{FIRST.hex()}\n")
    keys = LogKeys.load(file)
    stranger = signed(LogKeys([SECOND]))
    for _ in range(2):
        with pytest.raises(
            UnknownLogKeyError, match=f"offset 7 of dibao.payments.*which {file} does not have"
        ):
            keys.verdict(stranger)
    file.write_text(f"{FIRST.hex()}\n{SECOND.hex()}\n")
    assert keys.verdict(stranger) is Verdict.GENUINE


def test_the_file_is_its_owners_and_well_formed(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "log.key"
    with pytest.raises(KeyFileError, match="let `dibao up` make one"):
        LogKeys.load(file)
    made = LogKeys.create(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert signed(LogKeys.create(file)).headers == signed(made).headers
    assert file.read_text().strip() not in repr(made)
    for wrong in ("", "00", f"{FIRST.hex()}\nzz", "密钥"):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(KeyFileError, match="64 hex digits"):
            LogKeys.load(file)
    file.write_text(f"{FIRST.hex()}\n{FIRST.hex()}\n")
    with pytest.raises(KeyFileError, match="twice"):
        LogKeys.load(file)


def test_who_writes_goes_over_to_the_key_that_stands_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.platform.authorship._LOOK_SECONDS", 0.0)
    file = tmp_path / "log.key"
    keys = LogKeys.create(file)
    (former,) = keys.ids

    def signs() -> str:
        return str(signed(keys).headers[-1][1].decode().partition(".")[0])

    def write(lines: str) -> None:
        draft = file.with_name("draft")
        draft.write_text(lines + "\n", encoding="ascii")
        draft.replace(file)

    before = signed(keys)
    write(keys.with_new())
    added = LogKeys.load(file).ids[1]
    assert LogKeys.load(file).ids == [former, added] and signs() == former
    write(LogKeys.load(file).with_first(added))
    assert LogKeys.load(file).ids == [added, former] and signs() == added
    assert keys.verdict(before) is keys.verdict(signed(keys)) is Verdict.GENUINE
    write("no key")
    assert signs() == added
    file.unlink()
    assert signs() == added
    with pytest.raises(KeyFileError, match="there is no log key 00000000"):
        keys.with_first("00000000")

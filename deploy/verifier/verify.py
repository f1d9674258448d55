"""Check a proof of dibao's journal, with nothing of dibao: Python 3.9 or newer, and its package cryptography.

    python3 verify.py PROOF.json --key 'dibao.journal+<id>+<base64>' [--witness 'audit.example+<id>+<base64>']

Prints what is proved, and ends with 0; otherwise says why not, and ends with 1. The key is told by the office
that keeps the journal, on paper or by telephone, and not together with the proof. How it works: Merkle trees
of RFC 6962 and RFC 9162; https://c2sp.org/tlog-checkpoint, signed-note, tlog-cosignature.
"""

from __future__ import annotations

import argparse
import json
import sys
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Key = tuple[str, bytes, int, bytes]
"""Name, id, kind and public key."""


class Refused(Exception):  # noqa: N818
    """It is not proved; the message says why."""


def parse_key(text: str) -> Key:
    """Return name, id, kind and public key of ``<name>+<id>+<base64>``."""
    name, said, encoded = text.strip().split("+", 2)
    content = b64decode(encoded, validate=True)
    if len(content) != 33 or content[0] not in (1, 4):
        raise Refused("the key is none of Ed25519")
    made = sha256(name.encode() + b"\n" + content).digest()[:4]
    if made.hex() != said:
        raise Refused("the key does not have the id " + said)
    return name, made, content[0], content[1:]


def check_note(note: str, key: Key) -> tuple[str, datetime | None]:
    """Return the text of a note that a key has signed, and when, where it is a witness's."""
    name, key_id, kind, public = key
    text, gap, lines = note.rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines() if gap else ():
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or parts[1] != name:
            continue
        content = b64decode(parts[2], validate=True)
        if content[:4] != key_id:
            continue
        signature, signed, when = content[4:], text, None
        if kind == 4:
            seconds = int.from_bytes(content[4:12], "big")
            when = datetime.fromtimestamp(seconds, UTC)
            signature, signed = content[12:], f"cosignature/v1\ntime {seconds}\n{text}"
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, signed.encode())
        except InvalidSignature:
            raise Refused(f"the signature of {name} is not of this text") from None
        return text, when
    raise Refused(f"{name} has not signed it")


def checkpoint(note: str, key: Key) -> tuple[str, int, bytes]:
    """Return origin, size and root of a signed checkpoint."""
    origin, size, root = check_note(note, key)[0].split("\n")[:3]
    if not size.isdigit():
        raise Refused("the checkpoint has no size")
    return origin, int(size), b64decode(root, validate=True)


def sized(content: bytes | None) -> bytes:
    """Return bytes with their length before them; None has a length of its own."""
    return b"\xff" * 4 if content is None else len(content).to_bytes(4, "big") + content


def decoded(text: str | None) -> bytes | None:
    """Return the bytes of base64, or None."""
    return None if text is None else b64decode(text, validate=True)


def leaf_of(record: dict[str, Any]) -> bytes:
    """Return the bytes of a record that its leaf is made of."""
    parts = [
        b"\x01",
        sized(record["topic"].encode()),
        record["partition"].to_bytes(4, "big"),
        record["offset"].to_bytes(8, "big"),
        record["timestamp"].to_bytes(8, "big", signed=True),
        sized(decoded(record["key"])),
        len(record["headers"]).to_bytes(4, "big"),
    ]
    for name, value in record["headers"]:
        parts += [sized(name.encode()), sized(decoded(value))]
    return b"".join([*parts, sized(decoded(record["value"]))])


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two others."""
    return sha256(b"\x01" + left + right).digest()


def root_by_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that a leaf's hash and an audit path lead to."""
    if not 0 <= index < size:
        raise Refused("there is no such leaf")
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise Refused("the proof is too long")
        if at % 2 or at == last:
            found = node(step, found)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = node(found, step)
        at, last = at // 2, last // 2
    if last:
        raise Refused("the proof is too short")
    return found


def roots_by_consistency(old: int, new: int, path: list[bytes], old_root: bytes) -> tuple[bytes, bytes]:
    """Return both roots that a consistency proof leads to, for 0 < old < new."""
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        raise Refused("the proof is too short")
    at, last = old - 1, new - 1
    while at % 2:
        at, last = at // 2, last // 2
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Refused("the proof is too long")
        if at % 2 or at == last:
            older, newer = node(step, older), node(step, newer)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            newer = node(newer, step)
        at, last = at // 2, last // 2
    if last:
        raise Refused("the proof is too short")
    return older, newer


def inclusion(proof: dict[str, Any], key: Key) -> list[str]:
    """Return what a proof of inclusion proves."""
    record, path = proof["record"], [b64decode(step, validate=True) for step in proof["proof"]]
    origin, size, root = checkpoint(proof["checkpoint"], key)
    if origin != f"{key[0]}/{record['topic']}/{record['partition']}":
        raise Refused("the checkpoint is of another partition than the record: " + origin)
    if size != proof["size"]:
        raise Refused("the checkpoint is of another size than the proof")
    leaf = sha256(b"\x00" + leaf_of(record)).digest()
    if root_by_inclusion(leaf, proof["index"], size, path) != root:
        raise Refused("the record is not in the journal that was signed")
    lines = [f"PROVED: this record is number {proof['index'] + 1} of the {size} of {origin}"]
    lines.append("time    {}".format(datetime.fromtimestamp(record["timestamp"] / 1000, UTC).isoformat()))
    lines.append("key     {}".format(shown(record["key"])))
    lines += [f"header  {name}: {shown(value)}" for name, value in record["headers"]]
    return [*lines, "value   {}".format(shown(record["value"]))]


def consistency(proof: dict[str, Any], key: Key) -> list[str]:
    """Return what a proof of consistency proves."""
    origin, old, old_root = checkpoint(proof["older"], key)
    other, new, new_root = checkpoint(proof["checkpoint"], key)
    path = [b64decode(step, validate=True) for step in proof["proof"]]
    if origin != other or old > new:
        raise Refused("the second checkpoint is not a later one of the same partition")
    if old in (0, new):
        made = (sha256(b"").digest() if old == 0 else new_root), new_root
        if path:
            raise Refused("the proof is too long")
    else:
        made = roots_by_consistency(old, new, path, old_root)
    if made != (old_root, new_root):
        raise Refused("the later journal does not begin with the earlier one")
    return [f"PROVED: {origin} with {new} records begins with the {old} of before, unchanged"]


def shown(encoded: str | None) -> str:
    """Return bytes as a person reads them."""
    content = decoded(encoded)
    # What a terminal would obey is not printed as it is.
    return "-" if content is None else ascii(content.decode("utf-8", "backslashreplace"))[1:-1]


def main(arguments: list[str] | None = None) -> int:
    """Check the proof that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(description="Check a proof of dibao's journal.")
    parser.add_argument("proof", help="the file that `dibao prove` wrote")
    parser.add_argument("--key", required=True, help="the journal's public key")
    parser.add_argument("--witness", action="append", default=[], help="a key that must have countersigned")
    said = parser.parse_args(arguments)
    try:
        with open(said.proof, encoding="utf-8") as file:  # noqa: PTH123 - a script that anybody reads
            proof = json.load(file)
        key = parse_key(said.key)
        lines = {"inclusion": inclusion, "consistency": consistency}[proof["kind"]](proof, key)
        for text in said.witness:
            witness = parse_key(text)
            _, when = check_note(proof["checkpoint"], witness)
            lines.append(f"countersigned by {witness[0]}, {when and when.isoformat()}")
    except Refused as error:
        print(f"NOT PROVED: {error}", file=sys.stderr)
        return 1
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        print(f"NOT PROVED: the file or a key cannot be read: {error!r}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())

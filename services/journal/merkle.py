"""Merkle trees as RFC 6962 hashes them: roots and proofs, of hashes that lie elsewhere. Pure."""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

Hashes = Callable[[int, int], bytes]
"""Gives the hash of a complete subtree by its level and its place there: of leaves i·2^l up to (i+1)·2^l."""


class ProofError(Exception):
    """A proof does not prove what it should; the message says what differs."""


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two others."""
    return sha256(b"\x01" + left + right).digest()


def root_of(size: int, hashes: Hashes) -> bytes:
    """Return the root of the first ``size`` leaves."""
    return _subtree(0, size, hashes) if size else EMPTY


def inclusion(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """Return the audit path of a leaf in the tree of ``size`` leaves, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_subtree(middle, high, hashes))
            high = middle
        else:
            path.append(_subtree(low, middle, hashes))
            low = middle
    return path[::-1]


def consistency(old: int, new: int, hashes: Hashes) -> list[bytes]:
    """Return the proof that the tree of ``new`` leaves begins with the tree of ``old`` leaves."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not begin with one of {old}")
    if old == 0:
        return []
    low, high, whole, path = 0, new, True, []
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_subtree(middle, high, hashes))
            high = middle
        else:
            path.append(_subtree(low, middle, hashes))
            low, whole = middle, False
    if not whole:
        path.append(_subtree(low, high, hashes))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless the path shows a leaf's hash below a root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ProofError("the proof is too long")
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if found != root:
        raise ProofError("the record does not lead to the root of the checkpoint")


def check_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise ProofError unless the path shows that one tree begins with the other (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {new} does not begin with one of {old}")
    if old in (0, new):
        if path:
            raise ProofError("the proof is too long")
        if old_root != (new_root if old else EMPTY):
            raise ProofError("the roots differ")
        return
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        raise ProofError("the proof is too short")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if at & 1 or at == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if older != old_root:
        raise ProofError("the proof does not lead to the older root")
    if newer != new_root:
        raise ProofError("the proof does not lead to the newer root")


def _split(count: int) -> int:
    """The largest power of two below a count."""
    return 1 << (count - 1).bit_length() - 1


def _subtree(low: int, high: int, hashes: Hashes) -> bytes:
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return hashes(level, low >> level)
    middle = low + _split(count)
    return node_hash(_subtree(low, middle, hashes), _subtree(middle, high, hashes))

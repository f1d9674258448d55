"""Roots and proofs are those of RFC 6962, for every size up to 300, and prove nothing else."""

from functools import cache, partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.journal import merkle
from services.journal.merkle import ProofError, check_consistency, check_inclusion, leaf_hash
from tests.services.journal import naive

LEAVES = [f"leaf {number}".encode() for number in range(300)]


@cache
def hash_at(level: int, index: int) -> bytes:
    return naive.root(LEAVES[index << level : (index + 1) << level])


@cache
def root(size: int) -> bytes:
    return naive.root(LEAVES[:size])


def test_vectors_of_certificate_transparency() -> None:
    """The eight leaves, and the roots, of the reference implementation of RFC 6962."""
    leaves = [
        bytes.fromhex(each)
        for each in (
            *("", "00", "10", "2021", "3031", "40414243"),
            *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
        )
    ]
    roots = (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
    for size, expected in enumerate(roots, start=1):
        made = merkle.root_of(
            size, lambda level, index: naive.root(leaves[index << level : (index + 1) << level])
        )
        assert made.hex() == expected
    assert merkle.EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_roots_are_those_of_the_naive_tree() -> None:
    for size in range(301):
        assert merkle.root_of(size, hash_at) == root(size)


def test_every_leaf_of_every_tree_is_proved() -> None:
    for size in range(1, 301):
        for index in range(size):
            path = merkle.inclusion(index, size, hash_at)
            if size <= 70 or index in (0, size // 2, size - 1):
                assert path == naive.path(index, LEAVES[:size])
            check_inclusion(leaf_hash(LEAVES[index]), index, size, path, root(size))


def test_every_tree_goes_on_from_every_earlier_one() -> None:
    for new in range(301):
        for old in range(new + 1):
            path = merkle.consistency(old, new, hash_at)
            if old and (new <= 70 or old in (1, new // 2, new - 1)):
                assert path == naive.proof(old, LEAVES[:new])
            check_consistency(old, new, path, root(old), root(new))


@given(st.data())
def test_a_proof_proves_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion(index, size, hash_at)
    leaf = leaf_hash(LEAVES[index])
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index))
    step = data.draw(st.integers(0, len(path) - 1))
    changed = [*path[:step], leaf_hash(path[step]), *path[step + 1 :]]
    for wrong in (
        partial(check_inclusion, leaf_hash(LEAVES[other]), index, size, path, root(size)),
        partial(check_inclusion, leaf, other, size, path, root(size)),
        partial(check_inclusion, leaf, index, size, changed, root(size)),
        partial(check_inclusion, leaf, index, size, path[:-1], root(size)),
        partial(check_inclusion, leaf, index, size, [*path, leaf], root(size)),
        partial(check_inclusion, leaf, index, size, path, root(size - 1)),
    ):
        with pytest.raises(ProofError):
            wrong()


@given(st.data())
def test_a_tree_that_was_changed_does_not_go_on(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, new - 1))
    path = merkle.consistency(old, new, hash_at)
    step = data.draw(st.integers(0, len(path) - 1))
    changed = [*path[:step], leaf_hash(path[step]), *path[step + 1 :]]
    for wrong in (
        partial(check_consistency, old, new, path, root(old - 1), root(new)),
        partial(check_consistency, old, new, path, root(old), root(new - 1)),
        partial(check_consistency, old, new, changed, root(old), root(new)),
        partial(check_consistency, old, new, path[:-1], root(old), root(new)),
        partial(check_consistency, old, new, [*path, root(old)], root(old), root(new)),
        partial(check_consistency, new, old, path, root(new), root(old)),
    ):
        with pytest.raises(ProofError):
            wrong()

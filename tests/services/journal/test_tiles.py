"""Tiles lie where the specification says, and a tree that grows leaves those that its size asks for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.journal.merkle import HASH_BYTES, leaf_hash
from services.journal.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    BundleError,
    Growing,
    bundle,
    entries_of,
    hash_in,
    path_of,
    width_of,
)
from tests.services.journal import naive


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ((0, 0), "tile/0/000"),
        ((0, 1234067), "tile/0/x001/x234/067"),
        ((1, 5, 3), "tile/1/005.p/3"),
        ((ENTRIES, 1000, 255), "tile/entries/x001/000.p/255"),
        ((ENTRIES, 999), "tile/entries/999"),
    ],
)
def test_where_a_tile_lies(asked: tuple, path: str) -> None:
    assert path_of(*asked) == path


def test_a_tree_of_70000_has_the_tiles_that_the_specification_names() -> None:
    """Its own example: 256 full tiles of level 0 and one full of level 1, further ones partial."""
    size = 70_000
    assert [width_of(0, at, size) for at in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [width_of(1, at, size) for at in (0, 1)] == [256, 17]
    assert width_of(2, 0, size) == 1


@given(st.lists(st.binary(max_size=40), max_size=20), st.binary(max_size=5))
def test_a_bundle_gives_back_its_entries(entries: list[bytes], more: bytes) -> None:
    content = bundle(entries)
    assert entries_of(content + more, len(entries)) == entries
    if entries:
        with pytest.raises(BundleError):
            entries_of(content[:-1], len(entries))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1200), st.integers(0, 1200))
def test_a_tree_that_grows_in_two_goes_is_the_naive_one(first: int, more: int) -> None:
    leaves = [str(number).encode() for number in range(first + more)]
    kept: dict[str, bytes] = {}
    grown = Growing()
    for leaf in leaves[:first]:
        kept.update(grown.add(leaf_hash(leaf)))
    kept.update(grown.partial())
    tails: list[bytes] = []
    while count := first >> HEIGHT * len(tails):
        level = len(tails)
        tails.append(kept[path_of(level, count // WIDTH, count % WIDTH)] if count % WIDTH else b"")
    grown = Growing(first, tails)
    for leaf in leaves[first:]:
        kept.update(grown.add(leaf_hash(leaf)))
    kept.update(grown.partial())
    size = first + more
    assert (grown.size, grown.root()) == (size, naive.root(leaves))
    for level in range(3):
        for at in range(2 + (size >> HEIGHT * (level + 1))):
            if width := width_of(level, at, size):
                tile = kept[path_of(level, at, width)]
                assert len(tile) == width * HASH_BYTES
                below = 1 << HEIGHT * level
                start = (at * WIDTH + width - 1) * below
                assert hash_in(tile, 0, width - 1) == naive.root(leaves[start : start + below])

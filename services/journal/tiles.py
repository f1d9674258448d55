"""Tiles: how a tree's hashes and entries lie in files (https://c2sp.org/tlog-tiles). Pure.

A tile of level L holds up to 256 hashes of subtrees of 256^L leaves; a bundle up to 256 entries. Of our own
is the length before an entry, which has four bytes and not two, as a record may have megabytes.
"""

from collections.abc import Iterable, Iterator, Sequence

from services.journal.merkle import HASH_BYTES, node_hash, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT

ENTRIES = "entries"
CHECKPOINT = "checkpoint"

_LENGTH_BYTES = 4
MAX_LEVEL = 7
"""Of tiles: enough for 2^63 leaves."""


class BundleError(Exception):
    """A bundle's bytes are not entries one after the other."""


def path_of(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile of a level, or of a bundle (``ENTRIES``), below the folder of a tree."""
    if not 0 < width <= WIDTH:
        raise ValueError(f"a tile is 1 to {WIDTH} wide, and not {width}")
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


def width_of(level: int, index: int, size: int) -> int:
    """Return how many hashes a tile has in the tree of ``size`` leaves; of bundles the level is 0."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle keeps them."""
    return b"".join(framed(entry) for entry in entries)


def framed(entry: bytes) -> bytes:
    """Return an entry with its length before it."""
    return len(entry).to_bytes(_LENGTH_BYTES, "big") + entry


def entries_of(content: bytes, count: int) -> list[bytes]:
    """Return the first ``count`` entries of a bundle. Raises BundleError."""
    found: list[bytes] = []
    at = 0
    for _ in range(count):
        end = at + _LENGTH_BYTES
        length = int.from_bytes(content[at:end], "big")
        if end > len(content) or end + length > len(content):
            raise BundleError(f"it ends in its entry {len(found)}")
        found.append(content[end : end + length])
        at = end + length
    return found


def hash_in(tile: bytes, level: int, index: int) -> bytes:
    """Return the hash of a complete subtree from the tile that holds the leaves of its level's tile.

    ``level``: above the tile's own hashes, 0 to 7; ``index``: from the beginning of the tile.
    """
    row = [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]
    row = row[index << level : (index + 1) << level]
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


class Growing:
    """A tree that grows at its end: the last tile of each level, and the root.

    ``tails``: the hashes of these tiles, the lowest level first, of a tree that is there already.
    """

    def __init__(self, size: int = 0, tails: Sequence[bytes] = ()) -> None:
        self.size = size
        self._tails = [bytearray(tail) for tail in tails]

    def add(self, leaf: bytes) -> Iterator[tuple[str, bytes]]:
        """Add a leaf's hash; give the tiles that are full now, with their paths."""
        self.size += 1
        level = 0
        while True:
            if level == len(self._tails):
                self._tails.append(bytearray())
            tail = self._tails[level]
            tail += leaf
            if len(tail) < WIDTH * HASH_BYTES:
                return
            yield path_of(level, (self.size >> HEIGHT * (level + 1)) - 1), bytes(tail)
            leaf = hash_in(bytes(tail), HEIGHT, 0)
            tail.clear()
            level += 1

    def partial(self) -> Iterator[tuple[str, bytes]]:
        """Give the tiles that are not full yet, with their paths."""
        for level, tail in enumerate(self._tails):
            if tail:
                at = self.size >> HEIGHT * (level + 1)
                yield path_of(level, at, len(tail) // HASH_BYTES), bytes(tail)

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        return root_of(self.size, self._at)

    def _at(self, level: int, index: int) -> bytes:
        # What a root is made of ends with the tree, so that it lies in the last tiles.
        below, above = divmod(level, HEIGHT)
        first = (self.size >> HEIGHT * (below + 1)) * WIDTH
        return hash_in(bytes(self._tails[below]), above, index - (first >> above))

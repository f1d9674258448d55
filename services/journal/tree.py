"""The folder of a partition's tree: its records as bundles, its hashes as tiles, its checkpoint.

What a checkpoint covers is on the disk before the checkpoint is; what lies beyond it was written by one who
died, and is written again. Of a tile or bundle that is not full only the widest is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from services.journal.checkpoint import Checkpoint, opened, origin_of
from services.journal.disk import write_all
from services.journal.entry import Entry, EntryError
from services.journal.merkle import EMPTY, HASH_BYTES, consistency, inclusion, leaf_hash
from services.journal.note import Key, NoteError, Signer, signed_note
from services.journal.proof import Consistency, Inclusion
from services.journal.tiles import (
    CHECKPOINT,
    ENTRIES,
    HEIGHT,
    MAX_LEVEL,
    WIDTH,
    BundleError,
    Growing,
    bundle,
    entries_of,
    framed,
    hash_in,
    path_of,
    width_of,
)

_CACHED_TILES = 64
_AHEAD = 64
MOST = (_AHEAD - 1) * WIDTH
"""Records of one append: so near to a checkpoint lies what somebody left who died before or after it."""


class JournalError(Exception):
    """The journal is not as it was written; the message names the first place that differs."""


class Tree:
    """The tree of a partition as it stands in its folder, up to a checkpoint.

    Others may write meanwhile: what a checkpoint covers stays, perhaps in a wider file.
    """

    def __init__(self, folder: Path, topic: str, partition: int, key: Key) -> None:
        self.folder = folder
        self.topic, self.partition = topic, partition
        self.key = key
        self.note = ""
        self.checkpoint = Checkpoint(origin_of(key, topic, partition), 0, b"")
        self._tile = lru_cache(_CACHED_TILES)(self._read_tile)
        self.reload()

    def reload(self) -> None:
        """Read the checkpoint again. Raises JournalError."""
        file = self.folder / CHECKPOINT
        try:
            self.note = file.read_text(encoding="utf-8")
            checkpoint = opened(self.note, self.key)
        except FileNotFoundError:
            raise JournalError(f"{file} is missing") from None
        except (NoteError, UnicodeDecodeError) as error:
            raise JournalError(f"{file}: {error}") from None
        if checkpoint.origin != self.checkpoint.origin:
            raise JournalError(f"{file} is of {checkpoint.origin}, and not of {self.checkpoint.origin}")
        self.checkpoint = checkpoint
        self._tile.cache_clear()

    @property
    def size(self) -> int:
        """How many records the checkpoint covers."""
        return self.checkpoint.size

    @property
    def next_offset(self) -> int | None:
        """The offset from which on records are missing; None where there is none yet. Raises JournalError."""
        return self.entry(self.size - 1).offset + 1 if self.size else None

    def hash_at(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree, from its tile."""
        below, above = divmod(level, HEIGHT)
        number = (index << above) // WIDTH
        return hash_in(self._tile(below, number), above, index - (number * WIDTH >> above))

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """Give the records by their place in the tree. Raises JournalError."""
        end = self.size if end is None else min(end, self.size)
        while start < end:
            number = start // WIDTH
            found = self.bundle(number)
            for at in range(start - number * WIDTH, min(end - number * WIDTH, len(found))):
                yield self._entry(found[at], number, at)
            start = (number + 1) * WIDTH

    def bundle(self, number: int) -> list[bytes]:
        """Return the entries of a bundle. Raises JournalError."""
        count = width_of(0, number, self.size)
        content = self._content(ENTRIES, number, count)
        try:
            return entries_of(content, count)
        except BundleError as error:
            raise JournalError(f"the bundle {self.path(ENTRIES, number)}: {error}") from None

    def entry(self, index: int) -> Entry:
        """Return one record by its place in the tree. Raises JournalError."""
        return next(self.entries(index, index + 1))

    def index_of(self, offset: int) -> int | None:
        """Return the place in the tree of the record at an offset; None where it has none."""
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            if self.entry(middle).offset < offset:
                low = middle + 1
            else:
                high = middle
        return low if low < self.size and self.entry(low).offset == offset else None

    def inclusion(self, index: int) -> Inclusion:
        """Return the proof that the record at a place is there."""
        path = inclusion(index, self.size, self.hash_at)
        return Inclusion(self.entry(index), index, path, self.note, self.size)

    def consistency(self, older: str) -> Consistency:
        """Return the proof that the tree goes on from an older checkpoint of it. Raises JournalError."""
        try:
            size = opened(older, self.key).size
        except NoteError as error:
            raise JournalError(f"the older checkpoint: {error}") from None
        if size > self.size:
            raise JournalError(
                f"the journal of {self.topic}, partition {self.partition}, has lost its end: it has "
                f"{self.size} records, and an older checkpoint has {size}"
            )
        return Consistency(older, consistency(size, self.size, self.hash_at), self.note)

    def check(self) -> None:
        """Raise JournalError, naming the first place, unless records, tiles and checkpoint agree."""
        grown = Growing()
        for number in range(-(-self.size // WIDTH)):
            leaves = [leaf_hash(each) for each in self.bundle(number)]
            self._compare(ENTRIES, number, b"".join(leaves), self._content(0, number, len(leaves)))
            for leaf in leaves:
                for path, tile in grown.add(leaf):
                    self._compare_tile(path, tile)
        for path, tile in grown.partial():
            self._compare_tile(path, tile)
        if grown.root() != self.checkpoint.root:
            raise JournalError(f"{self.folder / CHECKPOINT}: its root is not that of the records")

    def _compare_tile(self, path: str, made: bytes) -> None:
        name, _, _ = path.partition(".p/")
        level, *groups = name.removeprefix("tile/").split("/")
        number = int("".join(group.removeprefix("x") for group in groups))
        if int(level):
            self._compare(
                int(level), number, made, self._content(int(level), number, len(made) // HASH_BYTES)
            )

    def _compare(self, kind: int | str, number: int, made: bytes, kept: bytes) -> None:
        if made == kept:
            return
        at = next(
            at for at in range(0, len(made), HASH_BYTES) if made[at:][:HASH_BYTES] != kept[at:][:HASH_BYTES]
        )
        index = at // HASH_BYTES
        if kind == ENTRIES and self._root_by_tiles() == self.checkpoint.root:
            raise JournalError(
                f"the bundle {self.path(ENTRIES, number)} was changed at its entry {index}"
                f"{self._place(number, index)}: it has not the hash that the tree has of it"
            )
        tile = 0 if kind == ENTRIES else kind
        raise JournalError(
            f"the tile {self.path(tile, number)} was changed at its hash {index}: it is not that of what it "
            "stands for"
        )

    def _root_by_tiles(self) -> bytes:
        """The root that the lowest tiles alone lead to."""
        grown = Growing()
        for number in range(-(-self.size // WIDTH)):
            tile = self._content(0, number, width_of(0, number, self.size))
            for at in range(0, len(tile), HASH_BYTES):
                for _ in grown.add(tile[at : at + HASH_BYTES]):
                    pass
        return grown.root()

    def _place(self, number: int, index: int) -> str:
        """Where the record of a changed entry stood, as its neighbours tell."""
        near, step = (index - 1, 1) if index else (index + 1, -1)
        try:
            return f" (near offset {self.entry(number * WIDTH + near).offset + step})"
        except (JournalError, StopIteration):
            return ""

    def path(self, kind: int | str, number: int) -> Path:
        """Return where a tile of a level, or a bundle, is kept now."""
        width = width_of(kind if isinstance(kind, int) else 0, number, self.size)
        full = self.folder / path_of(kind, number)
        partial = full.with_name(f"{full.name}.p")
        if width < WIDTH:
            wider = sorted(
                (int(file.name), file)
                for file in (partial.iterdir() if partial.is_dir() else ())
                if file.name.isdecimal() and int(file.name) >= width
            )
            if wider:
                return wider[0][1]
        return full

    def _content(self, kind: int | str, number: int, width: int) -> bytes:
        """The bytes of a tile up to a width, or of a bundle."""
        for _ in range(3):
            path = self.path(kind, number)
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # it has become wider meanwhile
            if kind == ENTRIES:
                return content
            if len(content) < width * HASH_BYTES:
                raise JournalError(f"the tile {path} is too short")
            return content[: width * HASH_BYTES]
        raise JournalError(f"{self.path(kind, number)} is missing")

    def _read_tile(self, level: int, number: int) -> bytes:
        return self._content(level, number, width_of(level, number, self.size))

    def _entry(self, content: bytes, number: int, at: int) -> Entry:
        try:
            return Entry.decode(content)
        except EntryError as error:
            raise JournalError(f"the bundle {self.path(ENTRIES, number)}: entry {at}: {error}") from None


class WritableTree(Tree):
    """A tree that records are added to, by one process at a time."""

    def __init__(self, folder: Path, topic: str, partition: int, signer: Signer) -> None:
        self._signer = signer
        if not (folder / CHECKPOINT).exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._begin(folder, origin_of(signer.key, topic, partition))
        super().__init__(folder, topic, partition, signer.key)
        tails: list[bytes] = []
        while (count := self.size >> HEIGHT * len(tails)) > 0:
            level, width = len(tails), count % WIDTH
            tails.append(self._content(level, count // WIDTH, width) if width else b"")
        self._grown = Growing(self.size, tails)
        if self._grown.root() != self.checkpoint.root:
            raise JournalError(
                f"the tiles in {self.folder} do not lead to the root of its checkpoint: "
                "`dibao verify` names the first that was changed"
            )
        # The entries behind the last full bundle, as the next one begins with them.
        behind = self.bundle(self.size // WIDTH) if self.size % WIDTH else []
        if b"".join(map(leaf_hash, behind)) != (tails[0] if tails else b""):
            raise JournalError(f"the bundle {self.path(ENTRIES, self.size // WIDTH)} was changed")
        self._bundle = bundle(behind)
        self.last = self.entry(self.size - 1) if self.size else None
        self._partial = set(self._partials())

    @property
    def next_offset(self) -> int | None:
        """The offset from which on records are missing; None where there is none yet."""
        return None if self.last is None else self.last.offset + 1

    def append(self, entries: Sequence[Entry]) -> None:
        """Add records, in their order; return when the disk has them and the checkpoint that covers them.

        After an error open the tree anew.
        """
        if not entries:
            return
        if len(entries) > MOST:
            raise ValueError(f"at most {MOST} records at once, and not {len(entries)}")
        files: dict[str, bytes] = {}
        parts = [self._bundle]
        for entry in entries:
            content = entry.encode()
            parts.append(framed(content))
            files.update(self._grown.add(leaf_hash(content)))
            if self._grown.size % WIDTH == 0:
                files[path_of(ENTRIES, self._grown.size // WIDTH - 1)] = b"".join(parts)
                parts = []
        self._bundle = b"".join(parts)
        partial = dict(self._grown.partial())
        if self._bundle:
            partial[path_of(ENTRIES, self._grown.size // WIDTH, self._grown.size % WIDTH)] = self._bundle
        # A higher tile that has not grown is there already.
        files.update({path: content for path, content in partial.items() if path not in self._partial})
        write_all(self.folder, files)
        self._sign(self.folder, Checkpoint(self.checkpoint.origin, self._grown.size, self._grown.root()))
        self.reload()
        self.last = entries[-1]
        self._forget(self._partial - set(partial))
        self._partial = set(partial)

    def _begin(self, folder: Path, origin: str) -> None:
        self._sign(folder, Checkpoint(origin, 0, EMPTY))

    def _sign(self, folder: Path, checkpoint: Checkpoint) -> None:
        write_all(folder, {CHECKPOINT: signed_note(checkpoint.text, self._signer).encode()})

    def _partials(self) -> Iterator[str]:
        """Give the partial files that the checkpoint needs, and delete those that a former process left."""
        for kind in (ENTRIES, *range(MAX_LEVEL + 1)):
            level = kind if isinstance(kind, int) else 0
            last = self.size >> HEIGHT * (level + 1)
            for number in range(max(0, last - _AHEAD), last + _AHEAD):
                full = self.folder / path_of(kind, number)
                for file in full.with_name(f"{full.name}.p").glob("[0-9]*"):
                    path = file.relative_to(self.folder).as_posix()
                    if int(file.name) == width_of(level, number, self.size):
                        yield path
                    else:
                        self._forget([path])

    def _forget(self, paths: Iterable[str]) -> None:
        for path in paths:
            file = self.folder / path
            file.unlink(missing_ok=True)
            with suppress(OSError):  # others are in it
                file.parent.rmdir()

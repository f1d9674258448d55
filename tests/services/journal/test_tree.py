"""A partition's tree in its folder: what it proves, what a crash leaves of it, and what was changed in it."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.journal.checkpoint import opened
from services.journal.entry import Entry
from services.journal.tiles import CHECKPOINT
from services.journal.tree import JournalError, Tree, WritableTree
from tests.services.journal import naive
from tests.services.journal.records import SIGNER, TOPIC, record, records


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes die here, and no machines: nothing need wait for the disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def writable(folder: Path) -> WritableTree:
    return WritableTree(folder, TOPIC, 0, SIGNER)


def read(folder: Path) -> Tree:
    return Tree(folder, TOPIC, 0, SIGNER.key)


def root_of(entries: list[Entry]) -> bytes:
    return naive.root([entry.encode() for entry in entries])


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_new_tree_has_a_checkpoint_of_nothing(tmp_path: Path) -> None:
    tree = writable(tmp_path / "0")
    assert (tree.size, tree.next_offset, tree.checkpoint.root) == (0, None, naive.root([]))
    read(tmp_path / "0").check()
    assert files(tmp_path / "0") == {CHECKPOINT}


@settings(max_examples=15, deadline=None)
@given(batches=st.lists(st.integers(1, 300), min_size=1, max_size=5), reopened=st.booleans())
def test_a_tree_is_that_of_its_records_however_they_came(
    tmp_path_factory: pytest.TempPathFactory, batches: list[int], reopened: bool
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    tree, offset = writable(folder), 0
    for batch in batches:
        tree.append(records(offset, offset + batch))
        offset += batch
        if reopened:
            tree = writable(folder)
    assert tree.next_offset == offset
    found = read(folder)
    found.check()
    assert list(found.entries()) == records(0, offset)
    assert found.checkpoint.root == root_of(records(0, offset))
    partial = {name for name in files(folder) if ".p/" in name}
    assert len(partial) == sum((offset >> 8 * level) % 256 > 0 for level in (0, 0, 1, 2)), partial


def test_offsets_may_have_gaps(tmp_path: Path) -> None:
    kept = [record(offset) for offset in (*range(5, 300), *range(310, 700, 2))]
    writable(tmp_path).append(kept)
    tree = writable(tmp_path)
    assert tree.next_offset == 699
    for index, entry in enumerate(kept):
        if index % 13 == 0:
            assert tree.index_of(entry.offset) == index
    assert [tree.index_of(offset) for offset in (0, 4, 305, 311, 699, 9999)] == [None] * 6


def test_proofs_are_those_of_the_tree(tmp_path: Path) -> None:
    tree = writable(tmp_path)
    tree.append(records(0, 100))
    older = tree.note
    tree.append(records(100, 777))
    found = read(tmp_path)
    for index in (0, 1, 255, 256, 511, 512, 767, 768, 776):
        proof = found.inclusion(index)
        assert proof.entry == record(index)
        assert list(proof.path) == naive.path(index, [entry.encode() for entry in records(0, 777)])
        assert proof.check(SIGNER.key).size == 777
    older_, newer = found.consistency(older).check(SIGNER.key)
    assert (older_.size, newer.size) == (100, 777)


def test_a_journal_that_lost_its_end_has_no_proof(tmp_path: Path) -> None:
    tree = writable(tmp_path / "whole")
    tree.append(records(0, 10))
    other = writable(tmp_path / "less")
    other.append(records(0, 9))
    with pytest.raises(JournalError, match="lost its end: it has 9 records, and an older checkpoint has 10"):
        other.consistency(tree.note)


class Crash(BaseException):
    """The machine dies."""


def dying(patch: pytest.MonkeyPatch, at: int) -> None:
    """Let the process die at its n-th step on the disk: before a file is there for sure, or has its name."""
    left = [at]

    def step(name: str) -> None:
        real = getattr(os, name)

        def instead(*words: object, **more: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Crash
            return real(*words, **more)

        patch.setattr(os, name, instead)

    for name in ("fsync", "rename", "unlink", "rmdir"):
        step(name)


@pytest.mark.parametrize(("before", "batch"), [(0, 3), (250, 20), (255, 1), (256, 256), (200, 600)])
def test_whenever_it_dies_the_tree_goes_on(tmp_path: Path, before: int, batch: int) -> None:
    """Every step of an append is its last once; whoever comes then has the tree as it was, or as it is."""
    died = 0
    while True:
        folder = tmp_path / str(died)
        tree = writable(folder)
        tree.append(records(0, before))
        with pytest.MonkeyPatch.context() as patch:
            dying(patch, died)
            try:
                tree.append(records(before, before + batch))
                break
            except Crash:
                pass
        read(folder).check()
        again = writable(folder)
        assert again.size in (before, before + batch)
        # What was not acknowledged comes again from Kafka, perhaps in other batches.
        for offset in range(again.next_offset or 0, before + batch + 40, 90):
            again.append(records(offset, min(offset + 90, before + batch + 40)))
        read(folder).check()
        assert again.checkpoint.root == root_of(records(0, before + batch + 40))
        assert len([name for name in files(folder) if ".p/" in name]) <= 3
        died += 1
    assert died > 5


def flipped(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("file", "at", "said"),
    [
        ("tile/entries/001", 5_030, r"entries/001 was changed at its entry \d+ \(near offset \d+\)"),
        ("tile/entries/002.p/188", 100, r"entries/002.p/188 was changed at its entry 0 "),
        ("tile/entries/000", 0, r"entries/000: it ends in its entry 0"),
        ("tile/0/001", 32 * 9 + 3, r"0/001 was changed at its hash 9"),
        ("tile/1/000.p/2", 40, r"1/000.p/2 was changed at its hash 1"),
        (CHECKPOINT, 40, r"checkpoint"),
    ],
)
def test_a_changed_byte_is_named(tmp_path: Path, file: str, at: int, said: str) -> None:
    writable(tmp_path).append(records(0, 700))
    read(tmp_path).check()
    flipped(tmp_path / file, at)
    with pytest.raises(JournalError, match=said):
        read(tmp_path).check()


def test_any_changed_byte_is_noticed(tmp_path: Path) -> None:
    writable(tmp_path).append(records(0, 600))
    draw = random.Random(7)
    for name in sorted(files(tmp_path)):
        for _ in range(6):
            at = draw.randrange((tmp_path / name).stat().st_size)
            flipped(tmp_path / name, at)
            with pytest.raises(JournalError):
                read(tmp_path).check()
            flipped(tmp_path / name, at)
    read(tmp_path).check()


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    writable(tmp_path).append(records(0, 600))
    (tmp_path / "tile/0/000").unlink()
    with pytest.raises(JournalError, match="tile/0/000 is missing"):
        read(tmp_path).check()


@pytest.mark.parametrize(
    ("file", "said"),
    [("tile/0/002.p/88", "do not lead to the root"), ("tile/entries/002.p/88", "002.p/88 was changed")],
)
def test_nothing_is_added_to_a_tree_that_was_changed(tmp_path: Path, file: str, said: str) -> None:
    writable(tmp_path).append(records(0, 600))
    flipped(tmp_path / file, 60)
    with pytest.raises(JournalError, match=said):
        writable(tmp_path)


def test_a_checkpoint_of_another_key_or_partition_is_none(tmp_path: Path) -> None:
    writable(tmp_path).append(records(0, 3))
    assert opened((tmp_path / CHECKPOINT).read_text(), SIGNER.key).size == 3
    with pytest.raises(JournalError, match=r"is of dibao\.journal/dibao\.payments/0, and not of"):
        Tree(tmp_path, TOPIC, 1, SIGNER.key)


def test_whoever_reads_is_not_disturbed_by_who_writes(tmp_path: Path) -> None:
    tree = writable(tmp_path)
    tree.append(records(0, 100))
    reader = read(tmp_path)
    tree.append(records(100, 700))
    assert list(reader.entries()) == records(0, 100)
    assert reader.inclusion(99).check(SIGNER.key).size == 100

"""An entry is all of a record, and nothing but it has its bytes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.journal.entry import Entry, EntryError

VALUES = st.none() | st.binary(max_size=20)
ENTRIES = st.builds(
    Entry,
    topic=st.text(max_size=12),
    partition=st.integers(0, 2**31 - 1),
    offset=st.integers(0, 2**63 - 1),
    timestamp=st.integers(-1, 2**62),
    key=VALUES,
    headers=st.lists(st.tuples(st.text(max_size=8), VALUES), max_size=4).map(tuple),
    value=VALUES,
)


@given(ENTRIES)
def test_an_entry_comes_back_from_its_bytes(entry: Entry) -> None:
    assert Entry.decode(entry.encode()) == entry


@given(ENTRIES, ENTRIES)
def test_other_entries_have_other_bytes(one: Entry, other: Entry) -> None:
    assert (one == other) == (one.encode() == other.encode())


def test_what_is_absent_is_not_what_is_empty() -> None:
    entry = Entry("t", 0, 0, 0, None, (("a", None),), b"")
    assert entry.encode() != replace(entry, key=b"").encode()
    assert entry.encode() != replace(entry, headers=(("a", b""),)).encode()


@given(ENTRIES, st.integers(1, 30))
def test_bytes_that_end_too_early_are_no_entry(entry: Entry, less: int) -> None:
    content = entry.encode()
    for wrong in (content[:-less], content + b"\x00", b"\x02" + content[1:]):
        with pytest.raises(EntryError):
            Entry.decode(wrong)

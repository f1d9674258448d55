"""What is read in a process of its own: tables to entries, and long arrays to their items."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import IO, NamedTuple

import msgspec

from services.intake.answers import FileRefused
from services.intake.declaration import Declaration
from services.intake.entries import Head
from services.intake.foreign import foreign
from services.intake.forms import Form
from services.intake.mappings import FileMapping, form_expected
from services.intake.rows import Entry, Reader
from services.intake.sentences import say
from services.intake.tables import Doubt, read_csv, read_xlsx
from services.intake.workbook import Cell
from services.platform.limits import BATCH_ITEMS, CHUNK_BYTES

SUFFIXES = (".csv", ".xlsx", ".ndjson")
_ROWS_OF_A_CHUNK = 1000
_RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class Read(NamedTuple):
    """A table that is to be read: as whose, by which form or mapping, and what is declared with it."""

    name: str
    declared: Declaration
    type: str | None
    mapping: FileMapping | None
    batch: str | None
    last_year: int


def read_table(file: IO[bytes], asked: Read) -> Iterator[Head | list[Entry] | list[Doubt]]:
    """Yield the head of a table, its entries in lists, and at last its doubts. Raises FileRefused."""
    if (refusal := foreign(file)) is not None:
        raise FileRefused(refusal)
    mapping = asked.mapping
    forms: list[Form] = [form for form in asked.declared.forms if asked.type in (None, form.type)]
    if mapping is not None:
        forms = [mapping.layout] if mapping.form in forms else []
    if not forms:
        raise FileRefused(form_expected(asked.declared))
    suffix = PurePath(asked.name).suffix.lower()
    if suffix == ".csv":
        table = read_csv(file, forms)
    elif suffix == ".xlsx":
        table = read_xlsx(file, forms)
    else:
        raise FileRefused(say("suffix", suffixes=", ".join(SUFFIXES)))
    if mapping is not None:
        table = mapping.completed(table, asked.name)
    yield Head.of(table)
    entries: list[Entry] = []
    rows = size = 0
    for entry in Reader(table, asked.batch, asked.last_year).entries():
        entries.append(entry)
        rows += len(entry.rows)
        size += len(entry.data) or sum(_size(cell) for row in entry.rows for cell in row.cells)
        if rows >= _ROWS_OF_A_CHUNK or size >= CHUNK_BYTES:
            yield entries
            entries, rows, size = [], 0, 0
    if entries:
        yield entries
    yield table.doubts


def _size(cell: Cell) -> int:
    return 4 * len(cell) if isinstance(cell, str) else 0


def read_array(file: IO[bytes]) -> Iterator[list[bytes]]:
    """Yield the items of a JSON array of events. Raises FileRefused where it is none, or has too many."""
    content = file.read()
    try:
        items = _RAW_LIST.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise FileRefused(say("array-expected")) from None
    if len(items) > BATCH_ITEMS:
        raise FileRefused(say("too-many-events", most=BATCH_ITEMS))
    yield [bytes(item) for item in items]

"""Chinese headings and words by the bare name of a field, for lists of facts of any kind."""

from collections.abc import Mapping
from functools import cache

from projections.labels import COLUMNS, VALUES
from projections.ledger import Heading, Words
from projections.ledgers import LEDGERS


def heading(name: str) -> str:
    """Return what a field is called, or its name where nothing says so."""
    column = _columns().get(name)
    return COLUMNS.get(name) or (column.text if column else name)


def words_of(name: str) -> Words:
    """Return the Chinese words for the codes of a field."""
    return _words().get(name, {})


def word(name: str, value: object) -> str:
    """Return the Chinese word for a code in a field, or the value itself where there is none."""
    return words_of(name).get(str(value), str(value))


@cache
def _columns() -> dict[str, Heading]:
    return {column.name: column for ledger in LEDGERS.values() for column in ledger.columns}


@cache
def _words() -> Mapping[str, Words]:
    words: dict[str, dict[str, str]] = {name: dict(said) for name, said in VALUES.items()}
    for ledger in LEDGERS.values():
        for column in ledger.columns:
            words[column.name] = {**column.words, **words.get(column.name, {})}
    return words

"""Chinese headings and words by the bare name of a field, for lists of facts of any kind."""

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
    return VALUES.get(name, {})


def word(name: str, value: object) -> str:
    """Return the Chinese word for a code in a field, or the value itself where there is none."""
    return words_of(name).get(str(value), str(value))


@cache
def _columns() -> dict[str, Heading]:
    return {column.name: column for ledger in LEDGERS.values() for column in ledger.columns}

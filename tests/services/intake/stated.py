"""What the rows of a table state, read and judged in this process."""

from collections.abc import Iterator

from services.intake.entries import Delivery, Head, Stated, Statements
from services.intake.rows import Reader
from services.intake.tables import Table


def stated_by(table: Table, delivery: Delivery, key: bytes = bytes(32)) -> Iterator[Stated]:
    """What each entry of a table states, in order."""
    statements = Statements(Head.of(table), delivery, key)
    return map(statements.state, Reader(table, delivery.batch, delivery.horizon.day.year + 1).entries())

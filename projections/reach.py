"""Of which questions a row is the answer, where rows are kept of what facts make (``reach.sql``)."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Text
from sqlalchemy.dialects.postgresql import JSONB


def reach() -> tuple[Column[Any], ...]:
    """Return the columns that say of which questions a kept row is the answer.

    Those with until from ``since`` to the day before ``before``, as of days whose cut lies above ``above``
    and not above ``upto`` in ``place``, a partition of the log, and so on in those of ``also``.
    """
    return (
        Column("since", Date, nullable=False),
        Column("before", Date, comment="absent: of any later until, and of none"),
        Column("place", Text, nullable=False, comment="topic/partition"),
        Column("above", BigInteger, nullable=False, comment="an offset; -1: all"),
        Column("upto", BigInteger, comment="an offset; absent: no end"),
        Column("also", JSONB, comment="{place: [above, upto]}, of one that is recorded in several places"),
        Column("newest", Boolean, nullable=False, comment="of no cut as well"),
    )

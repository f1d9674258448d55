"""Rows page by page: conditions that are given or not, one order, and where the next page goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg

from services.reporting.filters import cursor_of, values_of
from services.reporting.reading import Connection, reading, require_closed

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order, and where the next page goes on (None: this was the last)."""

    rows: list[Row]
    next: str | None


@dataclass(slots=True)
class Question:
    """A select that grows. ``order``: the columns that rows are sorted by, with types; together unique."""

    select: str
    order: Sequence[tuple[str, str]]
    arguments: list[Any]
    conditions: list[str] = field(default_factory=list)

    def given(self, condition: str, value: object) -> None:
        """Add a condition on a value (``{0}`` is its number), unless the value is None."""
        if value is not None:
            self.arguments.append(value)
            self.conditions.append(condition.format(len(self.arguments)))

    async def page(
        self,
        pool: asyncpg.Pool,
        *,
        as_of: date | None,
        after: str | None,
        limit: int | None,
        row_of: Callable[[Any], Row] = dict,
    ) -> Page:
        """Return the rows after a cursor, at most ``limit`` of them.

        Raises BadCursorError where this list has not given the cursor out, DayNotClosedError by ``as_of``.
        """
        columns = [column for column, _ in self.order]
        if after is not None:
            self._go_on(after, columns)
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        sql = f"{self.select}{where} ORDER BY {', '.join(columns)}"
        if limit is not None:
            self.arguments.append(limit + 1)
            sql += f" LIMIT ${len(self.arguments)}"

        async def ask(connection: Connection) -> list[Row]:
            await require_closed(connection, as_of)
            return [row_of(row) for row in await connection.fetch(sql, *self.arguments)]

        rows = await reading(pool, ask)
        if limit is None or len(rows) <= limit:
            return Page(rows, None)
        rows = rows[:limit]
        return Page(rows, cursor_of([str(rows[-1][column]) for column in columns]))

    def _go_on(self, after: str, columns: Sequence[str]) -> None:
        places = []
        for value, (_, kind) in zip(values_of(after, len(columns)), self.order, strict=True):
            self.arguments.append(value)
            places.append(f"${len(self.arguments)}::text::{kind}")
        self.conditions.append(f"({', '.join(columns)}) > ({', '.join(places)})")

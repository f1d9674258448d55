"""Rows page by page: conditions that are given or not, one order, and where the next page goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg

from services.platform.database import Connection
from services.reporting.filters import cursor_of, place_of
from services.reporting.reading import UnknownHouseholdError, reading, require_closed

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order, and where the next page goes on (None: this was the last)."""

    rows: list[Row]
    next: str | None


@dataclass(slots=True)
class Question:
    """A select that grows. ``order``: the columns that rows are sorted by, with types; together unique.

    ``name`` tells this list's places from those of others.
    """

    name: str
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
        since: date | None = None,
        household_no: str | None = None,
        row_of: Callable[[Any], Row] = dict,
    ) -> Page:
        """Return the rows after a cursor, at most ``limit`` of them.

        Raises BadCursorError where this list has not given the cursor out, DayNotClosedError by ``as_of`` and
        ``since``, UnknownHouseholdError where nothing is found of a household, and nothing was ever recorded
        of it.
        """
        columns = [column for column, _ in self.order]
        if after is not None:
            self._go_on(after, columns)
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        sql = f"{self.select}{where} ORDER BY {', '.join(columns)}"
        if limit is not None:
            self.arguments.append(limit + 1)
            sql += f" LIMIT ${len(self.arguments)}"

        async def ask(connection: Connection) -> list[Any]:
            for day in (since, as_of):
                await require_closed(connection, day)
            found = await connection.fetch(sql, *self.arguments)
            if not found and household_no is not None and not await _is_known(connection, household_no):
                raise UnknownHouseholdError(household_no)
            return list(found)

        rows = await reading(pool, ask)
        following = None
        if limit is not None and len(rows) > limit:
            rows = rows[:limit]
            following = cursor_of([self.name, *(str(rows[-1][column]) for column in columns)])
        return Page([row_of(row) for row in rows], following)

    def _go_on(self, after: str, columns: Sequence[str]) -> None:
        places = []
        kinds = [kind for _, kind in self.order]
        for value, kind in zip(place_of(after, self.name, kinds), kinds, strict=True):
            self.arguments.append(value)
            places.append(f"${len(self.arguments)}::{kind}")
        self.conditions.append(f"({', '.join(columns)}) > ({', '.join(places)})")


async def _is_known(connection: Connection, household_no: str) -> bool:
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM fact WHERE household_no = $1)", household_no
    )
    return bool(found)

"""Rows page by page: conditions that are given or not, one order, and where the next page goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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

    ``name`` tells this list's places from those of others. ``sort``: a column that goes before the order,
    with ``-`` before it the largest first; rows that have nothing there are the last.
    """

    name: str
    select: str
    order: Sequence[tuple[str, str]]
    arguments: list[Any]
    conditions: list[str] = field(default_factory=list)
    sort: str | None = None

    def given(self, condition: str, value: object) -> None:
        """Add a condition on a value (``{0}`` is its number), unless the value is None."""
        if value is not None:
            self.arguments.append(value)
            self.conditions.append(condition.format(len(self.arguments)))

    @property
    def where(self) -> str:
        """The conditions as a clause; nothing where there are none."""
        return f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""

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

        async def ask(connection: Connection) -> list[Any]:
            for day in (since, as_of):
                await require_closed(connection, day)
            # A copy, as a reading may be asked again.
            asked = replace(self, arguments=[*self.arguments], conditions=[*self.conditions])
            found = await asked._fetch(connection, after, limit)
            if not found and household_no is not None and not await _is_known(connection, household_no):
                raise UnknownHouseholdError(household_no)
            return found

        rows = await reading(pool, ask)
        following = None
        if limit is not None and len(rows) > limit:
            rows = rows[:limit]
            following = cursor_of([self._place, *self._place_of(rows[-1])])
        return Page([row_of(row) for row in rows], following)

    async def _fetch(self, connection: Connection, after: str | None, limit: int | None) -> list[Any]:
        if after is not None:
            await self._go_on(connection, after)
        sql = f"{self.select}{self.where} ORDER BY {', '.join(self._sorted())}"
        if limit is not None:
            self.arguments.append(limit + 1)
            sql += f" LIMIT ${len(self.arguments)}"
        return list(await connection.fetch(sql, *self.arguments))

    @property
    def _place(self) -> str:
        return self.name if self.sort is None else f"{self.name} {self.sort}"

    @property
    def _first(self) -> str:
        """The column that goes before the order."""
        return (self.sort or "").removeprefix("-")

    def _sorted(self) -> list[str]:
        columns = [column for column, _ in self.order]
        if self.sort is None:
            return columns
        return [f"{self._first} {'DESC' if self.sort[0] == '-' else 'ASC'} NULLS LAST", *columns]

    def _place_of(self, row: Any) -> list[str]:
        ordered = [str(row[column]) for column, _ in self.order]
        if self.sort is None:
            return ordered
        value = row[self._first]
        return ["" if value is None else f"={value}", *ordered]

    async def _go_on(self, connection: Connection, after: str) -> None:
        kinds = [kind for _, kind in self.order]
        if self.sort is None:
            self.conditions.append(self._after(place_of(after, self._place, kinds)))
            return
        value, *ordered = place_of(after, self._place, ["text", *kinds])
        kind = await connection.fetchval(
            f"SELECT pg_typeof({self._first})::text FROM ({self.select}) AS listed{self.where} LIMIT 1",
            *self.arguments,
        )
        beyond = self._after(ordered)
        if value == "":
            self.conditions.append(f"{self._first} IS NULL AND {beyond}")
            return
        self.arguments.append(value.removeprefix("="))
        at = f"${len(self.arguments)}::text::{kind or 'text'}"
        sign = "<" if self.sort[0] == "-" else ">"
        self.conditions.append(
            f"({self._first} {sign} {at} OR ({self._first} = {at} AND {beyond}) OR {self._first} IS NULL)"
        )

    def _after(self, values: Sequence[Any]) -> str:
        places = []
        for value, (_, kind) in zip(values, self.order, strict=True):
            self.arguments.append(value)
            places.append(f"${len(self.arguments)}::{kind}")
        return f"({', '.join(column for column, _ in self.order)}) > ({', '.join(places)})"


async def _is_known(connection: Connection, household_no: str) -> bool:
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM fact WHERE household_no = $1)", household_no
    )
    return bool(found)

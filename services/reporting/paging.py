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

VILLAGE_DIGITS, STREET_DIGITS = 12, 9
"""Of the division code of a village, and of the beginning that those of a street share."""
_ROW_BY_ROW = "; ".join(f"SET LOCAL enable_{way} TO off" for way in ("hashjoin", "mergejoin", "material"))
"""For a page: the planner thinks that much of what is joined to its rows is worth being read as a whole."""
_IN_ORDER = f"{_ROW_BY_ROW}; SET LOCAL enable_sort TO off; SET LOCAL enable_seqscan TO off"
"""For a page of very many rows as well: they are read in the order of its index, up to the page's end."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order, and where the next page goes on (None: this was the last)."""

    rows: list[Row]
    next: str | None


@dataclass(slots=True)
class Question:
    """A select that grows. ``order``: the columns that rows are sorted by, with types; together unique.

    ``name`` tells this list's places from those of others. ``narrow``: so few rows are asked for, those of a
    household or a village, that they are found first and sorted then.
    """

    name: str
    select: str
    order: Sequence[tuple[str, str]]
    arguments: list[Any]
    conditions: list[str] = field(default_factory=list)
    narrow: bool = False

    def within(self, area: str, village: str | None) -> None:
        """Add the condition that a column holds a division code, or one that begins with these digits."""
        if village is not None:
            self.narrow |= len(village) == VILLAGE_DIGITS
            self.conditions.append(self._beginning(area, village))

    def at_home(
        self, household: str, village: str | None, few: int = VILLAGE_DIGITS, otherwise: str | None = None
    ) -> None:
        """Name the households of which a fact ever named this village or street: of others no row lies there.

        That says nothing new; but the village of a household is found row by row, and these by an index.
        ``few``: of an area of so many digits each household's rows are looked up; those of a larger one are
        compared. ``otherwise``: what finds rows that lie there without a household; ``{0}`` is the condition.
        """
        if village is not None and len(village) >= STREET_DIGITS:
            stated = self._beginning("village", village)
            homes = f"SELECT DISTINCT household_no FROM fact WHERE {stated} AND household_no IS NOT NULL"
            if len(village) >= few:
                self.narrow = True
                named = f"{household} = ANY (ARRAY({homes}))"
            else:
                named = f"({household} IN ({homes})) IS TRUE"
            self.conditions.append(named if otherwise is None else f"({named} OR {otherwise.format(stated)})")

    def _beginning(self, column: str, digits: str) -> str:
        """Return the condition that a code begins with digits; not starts_with, which no index serves."""
        self.arguments.append(digits)
        if len(digits) == VILLAGE_DIGITS:
            return f"{column} = ${len(self.arguments)}"
        begins = f"{column} >= ${len(self.arguments)}"
        following = str(int(digits) + 1).zfill(len(digits))
        if len(following) > len(digits):
            return begins
        self.arguments.append(following)
        return f"{begins} AND {column} < ${len(self.arguments)}"

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
        household_no: str | None = None,
        row_of: Callable[[Any], Row] = dict,
    ) -> Page:
        """Return the rows after a cursor, at most ``limit`` of them.

        Raises BadCursorError where this list has not given the cursor out, DayNotClosedError by ``as_of``,
        UnknownHouseholdError where nothing is found of a household, and nothing was ever recorded of it.
        """
        sql = self._sql(after, limit)

        async def ask(connection: Connection) -> list[Any]:
            await require_closed(connection, as_of)
            found = await self._found(connection, sql, limit)
            if not found and household_no is not None and not await _is_known(connection, household_no):
                raise UnknownHouseholdError(household_no)
            return found

        rows = await reading(pool, ask)
        following = None
        if limit is not None and len(rows) > limit:
            rows = rows[:limit]
            following = cursor_of([self.name, *(str(rows[-1][column]) for column, _ in self.order)])
        return Page([row_of(row) for row in rows], following)

    async def rows(self, connection: Connection) -> list[Any]:
        """Return all rows, within a reading."""
        return await self._found(connection, self._sql(None, None), None)

    async def _found(self, connection: Connection, sql: str, limit: int | None) -> list[Any]:
        if limit is not None:
            await connection.execute(_ROW_BY_ROW if self.narrow else _IN_ORDER)
        return list(await connection.fetch(sql, *self.arguments))

    def _sql(self, after: str | None, limit: int | None) -> str:
        columns = [column for column, _ in self.order]
        if after is not None:
            self._go_on(after, columns)
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        sql = f"{self.select}{where} ORDER BY {', '.join(columns)}"
        if limit is not None:
            self.arguments.append(limit + 1)
            sql += f" LIMIT ${len(self.arguments)}"
        return sql

    def _go_on(self, after: str, columns: Sequence[str]) -> None:
        places = []
        kinds = [kind for _, kind in self.order]
        for value, kind in zip(place_of(after, self.name, kinds), kinds, strict=True):
            self.arguments.append(value)
            places.append(f"${len(self.arguments)}::{kind}")
        # The first as well, for an index of its own, where the others are of another table.
        self.conditions.append(f"{columns[0]} >= {places[0]}")
        self.conditions.append(f"({', '.join(columns)}) > ({', '.join(places)})")


async def _is_known(connection: Connection, household_no: str) -> bool:
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM fact WHERE household_no = $1)", household_no
    )
    return bool(found)

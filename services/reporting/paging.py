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

    ``name`` tells this list's places from those of others. ``sort``: a column that goes before the order,
    with ``-`` before it the largest first; rows that have nothing there are the last. ``narrow``: so few rows
    are asked for, those of a household or a village, that they are found first and sorted then. ``whole``: a
    page takes all of it to be read, as what is counted does; the planner is left alone.
    """

    name: str
    select: str
    order: Sequence[tuple[str, str]]
    arguments: list[Any]
    conditions: list[str] = field(default_factory=list)
    sort: str | None = None
    narrow: bool = False
    whole: bool = False

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

    async def rows(self, connection: Connection) -> list[Any]:
        """Return all rows, within a reading."""
        return await self._fetch(connection, None, None)

    async def _fetch(self, connection: Connection, after: str | None, limit: int | None) -> list[Any]:
        if after is not None:
            await self._go_on(connection, after)
        sql = f"{self.select}{self.where} ORDER BY {', '.join(self._sorted())}"
        if limit is not None:
            self.arguments.append(limit + 1)
            sql += f" LIMIT ${len(self.arguments)}"
            if self.narrow:
                await connection.execute(_ROW_BY_ROW)
            elif self.sort is None and not self.whole:
                await connection.execute(_IN_ORDER)
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
            first, kind = self.order[0]
            values = place_of(after, self._place, kinds)
            # The first as well, for an index of its own, where the others are of another table.
            self.arguments.append(values[0])
            self.conditions.append(f"{first} >= ${len(self.arguments)}::{kind}")
            self.conditions.append(self._after(values))
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

"""What a supervision view (监督视图) is: one declaration, from which question and screens follow.

``projections/views/<noun>.py`` declares one as ``VIEW``; ``<noun>.sql`` asks its question: a function
``<noun>_view(since, until, as_of, digits)``. ``since`` to ``until`` is the period, both days included;
``as_of`` cuts what was recorded; ``digits`` are those of division codes by which rows are grouped. Views ask
ledgers and what detection announced, and have tables only of facts that no ledger keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from projections.fact import RowsOf
from projections.ledger import Heading

LEVELS = {"village": 12, "street": 9, "district": 6}
"""What rows can be grouped by, with the digits of its division code."""

FILTERS = ("by", "village", "household_no", "state", "period")
"""What a view may be asked by, beside the days until and as_of."""

AREA = Heading("area", "村(社区)")
"""The division code, cut to the level that is asked for; NULL where the village is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number that a view counts with, and that policy may set (``dibao.policy.adopted``).

    ``title``, ``measure`` and ``basis`` are its name, its unit and where it comes from in Chinese;
    ``unit`` and ``source`` say the same in English. ``default`` holds before any document says otherwise;
    ``dated`` are the defaults that took its place, each from a day on. One that a rule reads too has the
    rule's values.
    """

    name: str
    default: str
    unit: str
    source: str
    title: str
    measure: str
    basis: str
    dated: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view. ``about``: one Chinese sentence that says what is counted.

    ``columns`` in the order in which people read them; ``order``: those that rows are sorted by, with their
    types; together unique. ``area``: the column of the division code; None where rows are of no place.
    ``levels``: what rows are grouped by, the first where nobody asks; none where a row is one thing.
    ``period``: what lies within the period; None where the view stands as of a day, and takes none.
    ``household`` and ``state``: the columns by which it may be asked. ``front``: it is what a leader looks at
    first. ``asks``: the views that its question asks. ``rows``: how facts that no ledger keeps become rows of
    its tables, by type.
    """

    title: str
    about: str
    columns: tuple[Heading, ...]
    order: tuple[tuple[str, str], ...]
    area: str | None = "area"
    levels: tuple[str, ...] = tuple(LEVELS)
    period: str | None = None
    household: str | None = None
    state: str | None = None
    parameters: tuple[Parameter, ...] = ()
    front: bool = False
    asks: tuple[str, ...] = ()
    rows: Mapping[str, RowsOf] = field(default_factory=dict)

    @property
    def filters(self) -> tuple[str, ...]:
        """Which of FILTERS it offers."""
        by = (self.levels, self.area, self.household, self.state, self.period)
        return tuple(name for name, offered in zip(FILTERS, by, strict=True) if offered)

    @property
    def listed(self) -> tuple[Heading, ...]:
        """The columns that a screen lists."""
        return tuple(column for column in self.columns if column.listed)


def in_order(views: Mapping[str, View]) -> tuple[str, ...]:
    """Return the nouns so that each stands behind those that it asks."""
    return tuple(TopologicalSorter({noun: view.asks for noun, view in views.items()}).static_order())


def defaults(views: Mapping[str, View]) -> str:
    """Return the SQL script of ``view_default``: what parameters are before any document says otherwise."""
    declared = {parameter.name: parameter for view in views.values() for parameter in view.parameters}
    rows = [
        f"('{name}', {value}::numeric, date '{first}')"
        for name, parameter in sorted(declared.items())
        for first, value in (("-infinity", parameter.default), *parameter.dated)
    ]
    values = ",\n  ".join(rows)
    return (
        "create function view_default() returns table (parameter text, setting numeric, from_day date)\n"
        "language sql immutable begin atomic\n"
        f"  select * from (values {values}) as v (parameter, setting, from_day);\nend"
    )

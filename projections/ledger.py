"""What a ledger (台账) is: one declaration, from which questions, screens, exports and interfaces follow.

``projections/ledgers/<noun>.py`` declares one as ``LEDGER``, beside the tables that it reads and how facts
become their rows; ``<noun>.sql`` asks its question: a function ``<noun>_ledger(until, as_of)`` that returns
rows, and a view ``<noun>_now`` of them without a cut.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from events.words import programmes
from projections.fact import RowsOf

FILTERS = ("village", "month", "household_no", "programme")
"""What a ledger may be asked by, beside the days until and as_of; each offers what its rows have."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the question's rows, and its Chinese heading.

    ``listed``: shown where a screen lists rows; exports have every column. ``words``: Chinese words for its
    codes. ``sealed``: it holds tokens of persons or accounts, which only an opening makes readable; its
    heading says so.
    """

    name: str
    title: str
    _: KW_ONLY
    listed: bool = True
    words: Mapping[str, str] = field(default_factory=dict)
    sealed: bool = False

    @property
    def text(self) -> str:
        """What stands above the column."""
        return f"{self.title}(代号)" if self.sealed else self.title


@dataclass(frozen=True, slots=True)
class Month:
    """What it means that a row belongs to a month.

    ``condition``: of a row, in SQL, where ``{0}`` is the parameter, a text such as 2021-06; None
    where the question itself takes the month as its third argument.
    """

    meaning: str
    condition: str | None = None


def in_month(column: str) -> str:
    """Return the condition that a day falls into a month, in a form that an index on the column serves."""
    first = "({0}::text || '-01')::date"
    return f"{column} >= {first} AND {column} < ({first} + interval '1 month')::date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A ledger. ``columns`` in the order in which people read them.

    ``rows``: how facts become rows of its tables, by type; none where other ledgers' tables answer it.
    ``order``: the columns that rows are sorted by, with their types; together unique. ``area``, ``household``
    and ``programme``: the columns that hold the division code, the household's number and the programme; None
    where rows belong to none, and the ledger offers no such filter; so with ``month``. ``housed``: every row
    belongs to a household, where any does.
    """

    title: str
    columns: tuple[Heading, ...]
    order: tuple[tuple[str, str], ...]
    rows: Mapping[str, RowsOf] = field(default_factory=dict)
    area: str | None = None
    housed: bool = True
    household: str | None = None
    programme: str | None = None
    month: Month | None = None

    @property
    def filters(self) -> tuple[str, ...]:
        """Which of FILTERS it offers."""
        by = (self.area, self.month, self.household, self.programme)
        return tuple(name for name, column in zip(FILTERS, by, strict=True) if column is not None)

    @property
    def listed(self) -> tuple[Heading, ...]:
        """The columns that a screen lists."""
        return tuple(column for column in self.columns if column.listed)


EVENT_ID = Heading("event_id", "事实编号", listed=False)
HOUSEHOLD = Heading("household_no", "户号")
PROGRAMME = Heading("programme", "救助类别", words=programmes())
VILLAGE = Heading("village", "村(社区)")
TWICE = Heading("twice", "编号重复")
"""Whether another fact that counts states the same number."""

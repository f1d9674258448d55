"""What a ledger (台账) is: one declaration, from which questions, screens, exports and interfaces follow.

``projections/ledgers/<noun>.py`` declares one as ``LEDGER``, beside the tables that it reads and how facts
become their rows; ``<noun>.sql`` asks its question: a function ``<noun>_ledger(until, as_of)`` that returns
rows, and a view ``<noun>_now`` of them without a cut.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from events.words import programmes
from projections.fact import RowsOf

FILTERS = ("village", "month", "household_no", "programme", "token", "status")
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

    ``column`` holds the month, a text such as 2021-06, or ``day`` a day of it; or else ``condition`` says it
    of a row, in SQL, where ``{0}`` is the month: such a row may belong to several. None of the three where
    the question itself takes the month as its third argument.
    """

    meaning: str
    _: KW_ONLY
    column: str | None = None
    day: str | None = None
    condition: str | None = None

    @property
    def asked(self) -> str | None:
        """The condition on a row, in SQL, where ``{0}`` is the month."""
        if self.day is not None:
            # In a form that an index on the day serves.
            first = "({0}::text || '-01')::date"
            return f"{self.day} >= {first} AND {self.day} < ({first} + interval '1 month')::date"
        return self.condition if self.column is None else f"{self.column} = {{0}}"

    @property
    def value(self) -> str | None:
        """The one month that a row belongs to, in SQL; None where it may belong to several."""
        return self.column if self.day is None else f"to_char({self.day}, 'YYYY-MM')"


@dataclass(frozen=True, slots=True)
class Totals:
    """What is added up below the rows: columns that hold no money, and count nobody, twice.

    ``where``: a column, and the codes in it of the rows whose amounts are added; None: of all rows.
    ``of_month``: only where the rows of one month are asked for, as amounts are monthly ones.
    """

    columns: tuple[str, ...]
    where: tuple[str, tuple[str, ...]] | None = None
    of_month: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A ledger. ``columns`` in the order in which people read them.

    ``rows``: how facts become rows of its tables, by type; none where other ledgers' tables answer it.
    ``order``: the columns that rows are sorted by, with their types; together unique. ``area``, ``household``
    and ``programme``: the columns that hold the division code, the household's number and the programme; None
    where rows belong to none, and the ledger offers no such filter; so with ``month``. ``housed``: every row
    belongs to a household, where any does. ``totals``: None where adding up would mean nothing. ``front``:
    what its totals of the latest month are called on the first page, and what its rows are; None where they
    do not stand there.
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
    totals: Totals | None = None
    front: tuple[str, str] | None = None

    @property
    def filters(self) -> tuple[str, ...]:
        """Which of FILTERS it offers."""
        by = (self.area, self.month, self.household, self.programme, self.tokens or None, self.status)
        return tuple(name for name, column in zip(FILTERS, by, strict=True) if column is not None)

    @property
    def listed(self) -> tuple[Heading, ...]:
        """The columns that a screen lists."""
        return tuple(column for column in self.columns if column.listed)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The columns that hold tokens: a text, or a list of members."""
        return tuple(column.name for column in self.columns if column.sealed)

    @property
    def status(self) -> Heading | None:
        """The column that says in a code how the row's matter stands; None where the ledger has none."""
        return next((column for column in self.columns if column.name == "status"), None)

    def totalled(self, month: str | None) -> Totals | None:
        """Return what is added up of the rows of a month, or of all months (None)."""
        return None if self.totals is not None and self.totals.of_month and month is None else self.totals

    @property
    def summed(self) -> tuple[Heading, ...]:
        """The columns that are totalled."""
        totalled = self.totals.columns if self.totals is not None else ()
        return tuple(column for column in self.columns if column.name in totalled)

    @property
    def groups(self) -> Mapping[str, tuple[str, str]]:
        """By what rows may be grouped: name → heading, and the value of a row in SQL.

        Village and street, the month where a row belongs to one, and every column of codes.
        """
        found: dict[str, tuple[str, str]] = {}
        if self.area is not None:
            found["village"] = (VILLAGE.title, self.area)
            found["street"] = ("街道(乡镇)", f"left({self.area}, 9)")
        if self.month is not None and self.month.value is not None:
            found["month"] = ("月份", self.month.value)
        coded = (column for column in self.columns if column.words and not column.sealed)
        return found | {column.name: (column.title, column.name) for column in coded}


EVENT_ID = Heading("event_id", "事实编号", listed=False)
HOUSEHOLD = Heading("household_no", "户号")
PROGRAMME = Heading("programme", "救助类别", words=programmes())
VILLAGE = Heading("village", "村(社区)")
TWICE = Heading("twice", "编号重复")
"""Whether another fact that counts states the same number."""

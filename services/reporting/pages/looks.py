"""How pages look: the templates, their words, and how a value is shown in a cell."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from events.values import SHANGHAI
from projections import labels
from projections.ledger import Heading
from services.reporting.filters import checked_day
from services.reporting.paging import Row
from services.reporting.sums import Sums

_HERE = Path(__file__).parent
_TAKEN_OVER = ("as_of",)
"""What a link to another page takes over: as of which day is read."""
FILES = {"Excel": "xlsx", "CSV": "csv", "PDF": "pdf"}
"""What every list can be downloaded as, and how such a file's name ends."""
TOTALS_MS = 500
"""How long a page waits for each of its totals, unless they are what is asked for."""
_STATES = {
    "high": "high",
    "medium": "medium",
    "low": "low",
    "info": "info",
    "red": "red",
    "amber": "amber",
    "yellow": "amber",
    "green": "green",
    "overdue": "red",
    "late": "amber",
    "due": "amber",
}
"""Codes that have a colour, beside their word."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: its text, where it leads, and how it is drawn (a class of the stylesheet)."""

    text: str
    href: str | None = None
    kind: str = "short"


@dataclass(frozen=True, slots=True)
class Head:
    """A column's heading; ``href`` sorts by it."""

    text: str
    number: bool = False
    href: str | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to be drawn. ``struck``: which are struck through; ``foot``: the totals row."""

    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    struck: frozenset[int] = frozenset()


@cache
def words() -> Mapping[str, Any]:
    """Return what pages say, by section."""
    return tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Not as they are: a section is a dict, whose own methods a template would find before its words.
    environment.globals["w"] = SimpleNamespace(
        **{
            name: SimpleNamespace(**said) if isinstance(said, dict) else said
            for name, said in words().items()
        }
    )
    environment.globals["labels"] = labels
    environment.filters["yuan"] = yuan
    environment.filters["thousands"] = thousands
    environment.filters["place"] = lambda code: labels.place(code) if code else words()["table"]["unknown"]
    environment.filters["day"] = _day
    return environment


class _Asked(dict[str, str]):
    """The parameters of a page; one that is not given is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def drawn(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page. ``here`` of the template is the page's own address with other parameters."""
    text = (
        _environment()
        .get_template(template)
        .render(
            here=lambda **changes: here(request, **changes),
            path=request.url.path,
            today=datetime.now(UTC).astimezone(SHANGHAI).date(),
            asked=_Asked(given(request)),
            **context,
        )
    )
    return HTMLResponse(text, status)


def given(request: Request) -> dict[str, str]:
    """Return the parameters that a page was asked by; of a form's empty fields none."""
    return {name: value.strip() for name, value in request.query_params.items() if value.strip()}


def here(request: Request, **changes: str | None) -> str:
    """Return this page's address with some parameters changed, None taking one away."""
    asked: dict[str, str | None] = {**given(request), **changes}
    return address(request.url.path, **asked)


def sorting(request: Request, column: str | None, *, falling: bool = False) -> tuple[str | None, str]:
    """Return where a heading leads that sorts by a column, the other way round once it does, and its mark.

    ``falling``: the largest first, and only then the smallest. None: by which rows are not sorted.
    """
    if column is None:
        return None, ""
    now = request.query_params.get("sort")
    first, second = (f"-{column}", column) if falling else (column, f"-{column}")
    mark = {column: " ↑", f"-{column}": " ↓"}.get(now or "", "")
    return here(request, sort=second if now == first else first, after=None), mark


def address(path: str, **asked: Any) -> str:
    """Return an address with the parameters that are given."""
    query = urlencode({name: str(value) for name, value in asked.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path


def day_of(asked: Mapping[str, str], name: str) -> date | None:
    """Return the day that a parameter names; None where it is not given. Raises WrongQuestionError."""
    return checked_day(asked[name], name) if name in asked else None


def household_page(number: str, **asked: Any) -> str:
    """Return the address of a household's page."""
    return address(f"/pages/households/{quote(number, safe='')}", **asked)


def village_page(code: str, **asked: Any) -> str:
    """Return the address of the page of a village, a street or a district."""
    return address(f"/pages/villages/{code}", **asked)


def fact_page(event_id: UUID, **asked: Any) -> str:
    """Return the address of a fact's page."""
    return address(f"/pages/facts/{event_id}", **asked)


def row_page(row: Row, **asked: Any) -> str | None:
    """Return the address of the fact that a ledger's row comes from: its own, or the one that began it."""
    found = (row.get(name) for name in ("event_id", "began_by", "checked_by"))
    event_id = next((value for value in found if value is not None), None)
    return None if event_id is None else fact_page(event_id, **asked)


def yuan(fen: int | None) -> str:
    """Return 分 as 元 with two decimals, as people read them."""
    return "" if fen is None else f"{Decimal(fen).scaleb(-2):,.2f}"


def thousands(number: int | None) -> str:
    """Return a number as people read it."""
    return "" if number is None else f"{number:,}"


def _day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return value.isoformat()


def text_of(column: Heading, value: Any) -> str:
    """Return a value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return labels.YES if value else labels.NO
    if isinstance(value, int) and column.name.endswith("_fen"):
        return yuan(value)
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, Mapping):
        return " ".join(text_of(column, part) for part in value.values() if part is not None)
    if isinstance(value, list | tuple):
        return "；".join(text_of(column, item) for item in value)
    return column.words.get(str(value), str(value))


def cell(column: Heading, row: Row, asked: Mapping[str, str]) -> Cell:
    """Return the cell of a row: a household, a fact or a village lead to what is known of them."""
    value = row.get(column.name)
    over = {name: asked[name] for name in _TAKEN_OVER if name in asked}
    if value is None or value == "":
        return Cell("")
    if isinstance(value, UUID):
        return Cell(words()["table"]["fact"], fact_page(value, **over))
    if column.name == "household_no":
        return Cell(str(value), household_page(str(value), **over))
    if column.name in ("village", "area", "street"):
        return Cell(labels.place(str(value)), village_page(str(value), **over))
    text = text_of(column, value)
    if is_number(column, value):
        return Cell(text, kind="number")
    if column.sealed:
        return Cell(text, kind="token")
    return Cell(text, kind=_STATES.get(str(value), "short" if len(text) < 28 else "long"))


def is_number(column: Heading, value: Any) -> bool:
    """Whether a value stands at the right of its column."""
    return column.name.endswith("_fen") or (
        isinstance(value, int | Decimal) and not isinstance(value, bool) and not column.words
    )


def groups(
    columns: Sequence[Heading],
    found: Sums,
    said: Callable[[Any], str],
    narrowed: Callable[[Any], str | None],
) -> Table:
    """Return totals by group, and of all; the first column says the group, which leads to its rows.

    ``said``: what a group is called; ``narrowed``: where it leads. Rows that have no group are of an unknown
    one, and lead nowhere.
    """
    made = table(columns, found.groups, {})
    unknown = words()["table"]["unknown"]
    rows = [
        [Cell(said(part), narrowed(part)) if part else Cell(unknown), *cells[1:]]
        for part, cells in zip((row["group"] for row in found.groups), made.rows, strict=True)
    ]
    foot = [cell(column, found.total, {}) for column in columns[1:]]
    return replace(made, rows=rows, foot=[Cell(words()["table"]["total"]), *foot])


def table(
    columns: Sequence[Heading],
    rows: Sequence[Row],
    asked: Mapping[str, str],
    *,
    opens: Callable[[Row], str | None] | None = None,
    opens_text: str | None = None,
    sorted_by: Callable[[Heading], tuple[str | None, str]] | None = None,
    foot: Sequence[Cell] = (),
    struck: Iterable[int] = (),
) -> Table:
    """Return rows as a table.

    ``opens``: where a row leads; ``sorted_by``: where a heading leads, and its mark.
    """
    numeric = {
        column.name for column in columns if any(is_number(column, row.get(column.name)) for row in rows[:50])
    }
    heads = [Head(opens_text or words()["table"]["fact"])] if opens else []
    for column in columns:
        href, mark = sorted_by(column) if sorted_by else (None, "")
        heads.append(Head(column.text, column.name in numeric, href, mark))
    drawn_rows = []
    for row in rows:
        cells = [Cell(opens_text or words()["table"]["fact"], opens(row))] if opens else []
        cells.extend(cell(column, row, asked) for column in columns)
        drawn_rows.append(cells)
    return Table(heads, drawn_rows, foot, frozenset(struck))

"""``dibao calendar publish``: the holidays of a year, as the package ``chinesecalendar`` has them."""

from collections.abc import Iterable
from datetime import date
from importlib.metadata import version
from typing import Annotated, Any

import typer
from chinese_calendar.constants import holidays, workdays

from deploy.cli.output import Format, FormatOption, console, fail
from deploy.cli.publishing import state
from events.calendar import YEAR_ARRANGED

PACKAGE = "chinesecalendar"
SOURCE = "/state-council/calendar"
"""Whose arrangement it is: that of the State Council's yearly notice."""

app = typer.Typer(no_args_is_help=True, help="The calendar of working days.")


@app.callback()
def _root() -> None:
    """The calendar of working days."""


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="calendar")


@app.command("publish")
def publish(
    year: Annotated[int, typer.Argument(help="The year, such as 2021.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of it; nothing goes onto the log.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option(envvar="DIBAO_KEY", help="An upstream's key; otherwise the local operator's."),
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """State how a year's holidays are arranged; what an upstream states itself goes before it."""
    fact = arrangement(year)
    if fact is None:
        years = sorted({day.year for day in holidays})
        raise fail(f"{PACKAGE} {version(PACKAGE)} has no holidays of {year}, only {years[0]} to {years[-1]}.")
    data = fact["data"]
    if form is Format.table:
        console.print(f"{year}年放假：{'、'.join(data['holidays'])}", soft_wrap=True)
        console.print(f"{year}年调休上班：{'、'.join(data['working_days']) or '无'}", soft_wrap=True)
    state(fact, key, form, trial=dry_run)


def arrangement(year: int) -> dict[str, Any] | None:
    """Return the fact that states a year; None where the package does not know it.

    The same release of the package states the same fact, and a later one a later fact: a year that was
    arranged anew is what the latest says.
    """
    off, worked = _of(year, holidays), _of(year, workdays)
    if not off:
        return None
    release = version(PACKAGE)
    major, minor, *_ = (int(part) for part in release.split("."))
    return {
        "specversion": "1.0",
        "id": f"{year}/{PACKAGE}-{release}",
        "source": SOURCE,
        "type": YEAR_ARRANGED,
        # Notices come later in the year before.
        "time": f"{year - 1}-10-01T{major:02d}:{minor:02d}:00+08:00",
        "datacontenttype": "application/json",
        "data": {
            "year": year,
            "holidays": off,
            "working_days": worked,
            "document": f"国务院办公厅{year}年节假日安排通知（{PACKAGE} {release}）",
        },
    }


def _of(year: int, days: Iterable[date]) -> list[str]:
    return sorted(day.isoformat() for day in days if day.year == year)

"""How rows are printed: a table for people, JSON or NDJSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 140
"""Columns where the output is no terminal: wide enough for the tables, so that a log can be read."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
errors = Console(stderr=True, highlight=False)


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    json = "json"
    ndjson = "ndjson"


FormatOption = Annotated[Format, typer.Option("--format", help="How rows are printed.")]


def plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    return value


def dump(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON text, Chinese left readable."""
    return json.dumps(plain(value), ensure_ascii=False, indent=indent)


def show(
    rows: Iterable[Mapping[str, Any]],
    form: Format,
    *,
    columns: Sequence[tuple[str, str]] | None = None,
    title: str | None = None,
) -> int:
    """Print rows and return how many there were.

    ``columns`` names, for the table, which fields are shown and their headings; programs get every field.
    """
    found = list(rows)
    if form is Format.json:
        sys.stdout.write(dump(found, indent=1) + "\n")
    elif form is Format.ndjson:
        for row in found:
            sys.stdout.write(dump(row) + "\n")
    else:
        shown = columns or [(name, name) for name in (found[0] if found else {})]
        table = Table(title=title, title_justify="left", header_style="bold")
        for _, heading in shown:
            table.add_column(heading, overflow="fold")  # nothing is cut
        for row in found:
            table.add_row(*(_cell(row.get(name)) for name, _ in shown))
        console.print(table)
        console.print(f"共 {len(found)} 行")
    return len(found)


def _cell(value: Any) -> Text:
    # A Text, as a string would be read as markup: a household number may be "[/]".
    if value is None:
        return Text()
    if isinstance(value, bool):
        return Text("是" if value else "否")
    if isinstance(value, Mapping | list):
        return Text(dump(value))
    return Text(str(plain(value)))


def in_a_folder(out: Path | None) -> Path | None:
    """Refuse a file to be written whose folder is not there, before the work is done that fills it."""
    if out is not None and not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent} to write {out.name} into.")
    return out


def fail(sentence: str, code: int = 1) -> typer.Exit:
    """Say in a sentence why the command cannot go on, and return what is to be raised."""
    errors.print(f"[bold red]dibao:[/] {sentence}", soft_wrap=True)
    return typer.Exit(code)

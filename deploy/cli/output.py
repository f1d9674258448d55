"""How rows are printed: a table for people, JSON or NDJSON for programs."""

import json
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from events.values import SHANGHAI

_PIPED_WIDTH = 140
"""Columns where the output is no terminal and nobody says ``COLUMNS``: so that a log can be read."""


_PARTS = re.compile(r"(?:[!-~]+(?:[年月日元]+[!-~]*)*|.)[，。；：、）”]*|\n")
"""What is not broken: 2019年11月26日, 605.00元, p.07Ci1Sf9irmLNDd7o83nTA; else a character alone."""
_LEAST = 16
"""Columns that a text has at least, where it is broken."""


def width() -> int:
    """Return how many columns a table may have: those of the terminal, or what ``COLUMNS`` says."""
    if sys.stdout.isatty():
        return console.width
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdecimal() and len(said) < 6 and int(said) else _PIPED_WIDTH


console = Console(highlight=False)
if not sys.stdout.isatty():
    console.width = width()
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
    numbers: Collection[str] = (),
    struck: Callable[[Mapping[str, Any]], bool] = lambda _: False,
) -> int:
    """Print rows and return how many there were.

    ``columns`` names, for the table, which fields are shown and their headings; programs get every field.
    ``numbers``: those that stand at the right, beside amounts. ``struck``: which rows are struck through.
    For people amounts are in 元 and times in Asia/Shanghai. Nothing is cut: where the table is wider than the
    terminal, each row is a block of lines.
    """
    found = list(rows)
    if form is Format.json:
        sys.stdout.write(dump(found, indent=1) + "\n")
    elif form is Format.ndjson:
        for row in found:
            sys.stdout.write(dump(row) + "\n")
    else:
        shown = columns or [(name, name) for name in (found[0] if found else {})]
        cells = [[readable(name, row.get(name)) for name, _ in shown] for row in found]
        right = [name in numbers or name.endswith("_fen") for name, _ in shown]
        styles = ["strike" if struck(row) else "" for row in found]
        _print_table([heading for _, heading in shown], cells, title, right, styles)
        console.print(f"共 {len(found)} 行")
    return len(found)


def readable(name: str, value: Any) -> str:
    """Return a value as people read it; ``name`` is that of its field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int) and name.endswith("_fen"):
        return f"{'-' if value < 0 else ''}{abs(value) // 100:,}.{abs(value) % 100:02}"
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Mapping | list):
        return dump(value)
    return str(plain(value))


def _print_table(
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    title: str | None,
    right: Sequence[bool],
    styles: Sequence[str],
) -> None:
    most = width()
    columns = [(heading, *(row[at] for row in cells)) for at, heading in enumerate(headings)]
    sizes = _sizes(columns, most - 3 * len(columns) - 1)
    if sizes is None:
        _print_blocks(headings, cells, title, most, styles)
        return
    if title is not None and cell_len(title) > sum(sizes) + 3 * len(sizes) + 1:
        # Above a narrow table it would be broken, and nobody could copy the token that it is.
        console.print(title, style="table.title", markup=False, soft_wrap=True)
        title = None
    table = Table(title=title, title_justify="left", header_style="bold")
    for heading, size, number in zip(headings, sizes, right, strict=True):
        table.add_column(heading, no_wrap=True, min_width=size, justify="right" if number else "left")
    for row, style in zip(cells, styles, strict=True):
        # A Text, as a string would be read as markup: a household number may be "[/]".
        lines = (wrapped(text, size) for text, size in zip(row, sizes, strict=True))
        table.add_row(*(Text("\n".join(each), style=style) for each in lines))
    console.width = most
    console.print(table)


def _sizes(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Return how wide each column is in so much room; ``None`` where that is not enough to break nothing."""
    whole = [max(map(cell_len, column)) for column in columns]
    least = [
        min(size, max(_LEAST, *(cell_len(part) for text in column for part in _PARTS.findall(text))))
        for size, column in zip(whole, columns, strict=True)
    ]
    left = room - sum(least)
    if left < 0:
        return None
    # The narrow ones first: what they do not need is left to the others.
    sizes, waiting = list(least), sorted(range(len(least)), key=lambda at: whole[at] - least[at])
    for count, at in enumerate(waiting):
        more = min(whole[at] - least[at], left // (len(waiting) - count))
        sizes[at], left = least[at] + more, left - more
    return sizes


def _print_blocks(
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    title: str | None,
    most: int,
    styles: Sequence[str],
) -> None:
    if title:
        console.print(Text(title, style="italic"), soft_wrap=True)
    pad = max(map(cell_len, headings)) + 2
    for number, (row, style) in enumerate(zip(cells, styles, strict=True), start=1):
        console.print(Text(f"── {number}", style="dim"))
        for heading, text in zip(headings, row, strict=True):
            before = heading + " " * (pad - cell_len(heading))
            for line in wrapped(text, max(most - pad, _LEAST)) if text else ():
                console.print(Text.assemble(before, (line, style)), soft_wrap=True)
                before = " " * pad


def wrapped(text: str, size: int) -> list[str]:
    """Return a text in lines of a width, broken where no number, id, amount or day is cut."""
    lines, line, used = [], "", 0
    for part in _PARTS.findall(text):
        length = cell_len(part)
        if part == "\n" or (used + length > size and line):
            lines.append(line.rstrip())
            line, used = "", 0
        if line or not part.isspace():
            line, used = line + part, used + length
    return [*lines, line.rstrip()]


def in_a_folder(out: Path | None) -> Path | None:
    """Refuse a file to be written whose folder is not there, before the work is done that fills it."""
    if out is not None and not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent} to write {out.name} into.")
    return out


def fail(sentence: str, code: int = 1) -> typer.Exit:
    """Say in a sentence why the command cannot go on, and return what is to be raised."""
    errors.print(f"[bold red]dibao:[/] {sentence}", soft_wrap=True)
    return typer.Exit(code)

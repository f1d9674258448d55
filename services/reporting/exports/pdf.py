"""A list as a .pdf: heads, title, page number and the line for signatures on every page.

Typst lays it out, in the Noto faces for Chinese; values come to it as data, so that no text is markup.
"""

import asyncio
import re
import shutil
import sys
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import orjson
import pylopdf_fonts_zh_cn

from projections import labels
from projections.ledger import Heading
from services.reporting.exports.listing import (
    CHINESE,
    Listing,
    Sums,
    TooManyRowsError,
    Value,
    is_money,
    width,
)

MOST_ON_PAPER = 4_000
"""Rows, some 120 pages; setting them takes half a gigabyte for some seconds."""

_FONTS = Path(pylopdf_fonts_zh_cn.serif_path()).parent
_WIDE = 160
"""Characters that A4 in landscape has room for."""
_WIDEST, _CENTRED = 40, 20
"""Of a column; what is wider than the second begins at the left."""


_LONG = re.compile(r"[!-~]{15,}")


_ONE_AT_A_TIME = asyncio.Semaphore(1)
"""Each takes so much memory that a process of ours sets one after the other."""


class TypesettingError(RuntimeError):
    """The document could not be set; the message is what typst says."""


async def write_pdf(listing: Listing, into: IO[bytes]) -> None:
    """Write a list's printed columns as a .pdf.

    Raises TooManyRowsError, TypesettingError, and what reading its pages raises.
    """
    columns, sums = listing.listed, Sums(listing)
    found: list[list[Value]] = []
    async for rows in listing.pages:
        if len(found) + len(rows) > MOST_ON_PAPER:
            raise TooManyRowsError("pdf", MOST_ON_PAPER, "an .xlsx")
        found += [listing.values(row, columns) for row in rows]
        sums.add(rows)
    widths = [_widest(column.text, [row[at] for row in found]) for at, column in enumerate(columns)]
    amounts = [sums.amount(column) for column in columns]
    first = next((at for at, amount in enumerate(amounts) if amount is not None), len(columns))
    data = {
        "paper": "a4" if sum(widths) <= _WIDE else "a3",
        "title": listing.title,
        "line": listing.line,
        "columns": [
            {"text": column.text, "width": wide, "align": _side(column, wide)}
            for column, wide in zip(columns, widths, strict=True)
        ],
        "rows": [
            [_broken(_text(value), wide) for value, wide in zip(row, widths, strict=True)] for row in found
        ],
        "empty": labels.NO_ROWS,
        "label": sums.label,
        "over": max(first, 1),
        "amounts": [_text(amount) for amount in amounts[max(first, 1) :]],
        "signatures": labels.SIGNATURES,
        "page": labels.PAGE.split("{}"),
    }
    await typeset("list.typ", data, into)


async def typeset(template: str, data: dict[str, Any], into: IO[bytes]) -> None:
    """Write what a template makes of data as a .pdf. Raises TypesettingError."""
    here = files("services.reporting.exports")
    with TemporaryDirectory() as folder:
        place = Path(folder)
        main = here.joinpath(template).read_text(encoding="utf-8")
        (place / "main.typ").write_text(main, encoding="utf-8")
        (place / "data.json").write_bytes(orjson.dumps(data))
        async with _ONE_AT_A_TIME:
            await _set(str(here.joinpath("typesetting.py")), folder)
        with (place / "out.pdf").open("rb") as made:
            await asyncio.to_thread(shutil.copyfileobj, made, into)


async def _set(program: str, folder: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", program, folder, str(_FONTS)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise TypesettingError(said.decode(errors="replace").strip())


def _widest(heading: str, values: list[Value]) -> int:
    """Room for the widest value, and for the heading on two lines; where that is much, values wrap."""
    two_lines = max(-(-width(heading) // (2 * CHINESE)) * CHINESE, min(width(heading), 4 * CHINESE))
    return min(max(two_lines, 4, *map(width, values)) + 2, _WIDEST)


def _broken(text: str, wide: int) -> str:
    """Let a line break within tokens and numbers, which have no blanks, where a column is narrower."""
    return _LONG.sub(lambda found: "\u200b".join(found.group()), text) if len(text) > wide - 2 else text


def _side(column: Heading, wide: int) -> str:
    return "right" if is_money(column) else "left" if wide > _CENTRED else "center"


def _text(value: Value) -> str:
    return "" if value is None else f"{value:,.2f}" if isinstance(value, Decimal) else str(value)

"""Building siblings of the cases: good rows with cells changed, as csv files and as workbooks."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import openpyxl

from deploy.contexts import BY_TYPE as FORM_OF
from events.catalogue import BY_TYPE
from tests.bad_input.good import good_row
from tests.bad_input.sending import Formatted, csv_bytes

CARD = "6217009900000016"
Table = list[list[Any]]
Build = Callable[[], bytes]


def table(short: str, tag: str, *changes: Mapping[str, Any], without: Sequence[str] = ()) -> Table:
    """Return a header row and a good row for each change, each a fact with numbers of its own."""
    type_name = f"dibao.{short}.v1"
    form, unique = FORM_OF[type_name], BY_TYPE[type_name].unique
    rows = []
    for at, change in enumerate(changes, start=1):
        row = good_row(type_name, f"{tag}-{at}")
        for name in unique[:1]:
            row[form.by_field[name].header] = f"{tag}N{at}"
        if "账号" in row:
            row["账号"] = CARD
        rows.append({**row, **change})
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in without]
    return [names, *([row.get(name, "") for name in names] for row in rows)]


def household(tag: str, *changes: Mapping[str, Any]) -> Table:
    """Return the rows of one household of as many members as there are changes."""
    members = (
        ("金和义", "500102195203141276", "本人"),
        ("安素芬", "500102195507222446", "配偶"),
        ("郝素兰", "500102195807042260", "其他"),
    )
    rows = [
        {
            "流水号": f"{tag}-1",
            "户号": f"{tag}N1",
            "姓名": name,
            "身份证号": number,
            "与户主关系": relation,
            **change,
        }
        for (name, number, relation), change in zip(members, changes, strict=False)
    ]
    return table("enrollment.enrolled", tag, *rows)


def a_csv(rows: Table, encoding: str = "utf-8") -> Build:
    """Return how a csv file of the rows is built."""
    return lambda: csv_bytes(rows, encoding)


def a_text(text: str, encoding: str = "utf-8") -> Build:
    """Return how a file of a text is built."""
    return lambda: text.encode(encoding)


def a_workbook(
    rows: Table,
    *,
    merges: Sequence[str] = (),
    change: Callable[[Any], object] = lambda book: None,
) -> Build:
    """Return how a workbook of the rows is built. ``change`` changes what openpyxl holds of it."""

    def build() -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        for at, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                cell = sheet.cell(at, place)
                if isinstance(value, Formatted):
                    cell.value, cell.number_format = value.value, value.number_format
                elif value != "":
                    cell.value = value
        for merge in merges:
            sheet.merge_cells(merge)
        change(book)
        out = io.BytesIO()
        # The same bytes every time, so that one name is one file.
        book.properties.created = book.properties.modified = datetime(2021, 6, 28)
        book.save(out)
        return out.getvalue()

    return build

"""The files that offices would hand over: one a month, kind of fact and source, in delivery order.

``2021-06/payments-psbc.csv`` holds the lines of that bank that came in June 2021. What reaches us as files
is declared by the offices, with Chinese headers; everything else goes over HTTP (``events.ndjson`` of the
month). ``manifest.json`` lists all of them in the order in which they were handed over.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from services.simulator import months
from services.simulator.facts import Event, lines
from services.simulator.offices import OFFICES, Form, Sheet
from services.simulator.post import Day

SHEETS: dict[str, Sheet] = {sheet.type: sheet for office in OFFICES for sheet in office.sheets}
HTTP = Form("events", ".ndjson")
STAMP = datetime(2020, 1, 1)  # of every workbook: equal runs give equal bytes


def form_of(event_type: str, source: str) -> Form:
    """How a source hands over facts of a type; ``HTTP`` where not as files."""
    if event_type in SHEETS:
        for beginning, form in SHEETS[event_type].forms.items():
            if source.startswith(beginning):
                return form
    return HTTP


@dataclass
class Files:
    """Collects a street's deliveries of one month and writes its files when the month is over."""

    folder: Path
    manifest: list[dict[str, Any]] = field(default_factory=list)
    _month: months.Month | None = None
    _lines: dict[tuple[Form, str], list[Event]] = field(default_factory=dict)

    def take(self, day: Day) -> None:
        """Add what was delivered on a day."""
        month = months.of(day.day)
        if month != self._month:
            self._write_month()
            self._month = month
        for event in day.facts:
            form = form_of(event["type"], event["source"])
            source = event["source"] if form is not HTTP else ""
            self._lines.setdefault((form, source), []).append(event)

    def close(self) -> None:
        """Write the last month and the manifest."""
        self._write_month()
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.manifest, ensure_ascii=False, indent=1)
        (self.folder / "manifest.json").write_text(text + "\n", encoding="utf-8", newline="\n")

    def _write_month(self) -> None:
        if self._month is None:
            return
        month = months.text(self._month)
        (self.folder / month).mkdir(parents=True, exist_ok=True)
        # what goes over HTTP first (enrolments before the payments they entitle), then the files by name
        for (form, source), events in sorted(
            self._lines.items(), key=lambda item: (item[0][0] is not HTTP, item[0][0].name)
        ):
            path = self.folder / month / (form.name + form.suffix)
            path.write_bytes(content(form, events))
            sheet = None if form is HTTP else SHEETS[events[0]["type"]]
            self.manifest.append({
                "path": f"{month}/{path.name}",
                "month": month,
                "kind": sheet.kind if sheet else "events",
                "context": sheet.type.split(".")[1] if sheet else None,
                "type": sheet.type if sheet else None,
                "source": source or None,
                "encoding": None if form.suffix == ".xlsx" else form.encoding,
                "facts": len(events),
                "amount_fen": sum(e["data"].get("amount_fen", 0) for e in events) or None,
            })  # fmt: skip
        self._lines.clear()


def content(form: Form, events: list[Event]) -> bytes:
    """The bytes of a file of that form; all events are of one type, but for ``HTTP``."""
    if form is HTTP:
        return lines(events)
    rows = table(SHEETS[events[0]["type"]], events)
    if form.suffix == ".xlsx":
        return _workbook(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(form.encoding)


def table(sheet: Sheet, events: Iterable[Event]) -> list[list[str]]:
    """The header and a row an event, as the office writes them."""
    rows = [[header for header, _ in sheet.columns]]
    rows += [[cell(sheet, event, path) for _, path in sheet.columns] for event in events]
    return rows


def cell(sheet: Sheet, event: Event, path: str) -> str:
    """What an office writes for a field: 元, Chinese words for codes, nothing for what is absent."""
    if path == "id":
        return str(event["id"])
    value: Any = event["data"] if path else None
    for name in path.split(".") if path else ():
        value = value.get(name) if value is not None else None
    if value is not None and path.endswith("_fen"):
        return f"{Decimal(value) / 100:.2f}"
    if path in sheet.words:
        return sheet.words[path][value]
    return "" if value is None else str(value)


def _workbook(rows: list[list[str]]) -> bytes:
    """A workbook of text cells: numbers of 18 digits do not survive as numbers."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for row in rows:
        sheet.append([value or None for value in row])
    book.properties.created = book.properties.modified = STAMP
    written = io.BytesIO()
    book.save(written)
    return _dated(written.getvalue())


def _dated(workbook: bytes) -> bytes:
    """The same archive with one fixed date on every entry, and in the properties."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(result, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "docProps/core.xml":
                body = _undated(body)
            new.writestr(zipfile.ZipInfo(entry.filename, STAMP.timetuple()[:6]), body, zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _undated(properties: bytes) -> bytes:
    start, end = b"<dcterms:modified", b"</dcterms:modified>"
    if start not in properties:
        return properties
    head, rest = properties.split(start, 1)
    return head + rest.split(end, 1)[1]

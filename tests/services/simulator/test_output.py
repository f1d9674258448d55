"""The folder that a run writes: equal settings give equal bytes, and the files hold what the facts say."""

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from deploy.contexts import FORMS as READ
from services.simulator import Settings, World, write
from services.simulator.facts import Event
from services.simulator.files import SHEETS
from services.simulator.offices.payments import PROGRAMMES

SETTINGS = Settings(40, "2020-01", "2020-12", seed=9)
STREET = "files/500102008"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("street"), SETTINGS)


def facts(folder: Path) -> list[Event]:
    return [json.loads(line) for line in (folder / "facts.ndjson").read_text(encoding="utf-8").splitlines()]


def rows(path: Path, encoding: str | None) -> list[dict[str, str]]:
    """A table as somebody would read it: by header."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        table = [
            ["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
        ]
    else:
        assert encoding is not None
        table = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_equal_settings_give_equal_bytes(folder: Path, tmp_path: Path) -> None:
    assert contents(write(tmp_path, SETTINGS)) == contents(folder)


def test_another_seed_gives_another_street(folder: Path) -> None:
    other = World(replace(SETTINGS, seed=10))
    assert [fact for day in other.days() for fact in day.facts] != facts(folder)


def test_every_fact_is_in_exactly_one_file(folder: Path) -> None:
    manifest = json.loads((folder / STREET / "manifest.json").read_text(encoding="utf-8"))
    handed_over: Counter[str] = Counter()
    for entry in manifest:
        path = folder / STREET / entry["path"]
        if path.suffix == ".ndjson":
            ids = [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]
        else:
            ids = [row["流水号"] for row in rows(path, entry["encoding"])]
        assert len(ids) == entry["facts"]
        handed_over.update(ids)
    assert handed_over == Counter(fact["id"] for fact in facts(folder))


def test_a_payment_line_says_what_the_fact_says(folder: Path) -> None:
    by_id = {(f["source"], f["id"]): f for f in facts(folder) if f["type"] == "dibao.payments.paid.v1"}
    conflicts = json.loads((folder / "labels.json").read_text(encoding="utf-8"))["conflicts"]
    for one in conflicts:
        del by_id[one["source"], one["id"]]
    manifest = json.loads((folder / STREET / "manifest.json").read_text(encoding="utf-8"))
    payments = [entry for entry in manifest if entry["kind"] == "payments"]
    assert {entry["encoding"] for entry in payments} == {"utf-8", "gb18030", None}
    seen = set()
    for entry in payments:
        table = rows(folder / STREET / entry["path"], entry["encoding"])
        assert sum(int(Decimal(row["金额"]) * 100) for row in table) == entry["amount_fen"]
        for row in table:
            key = (entry["source"], row["流水号"])
            if key not in by_id:
                continue
            seen.add(key)
            data = by_id[key]["data"]
            assert row["救助类别"] == PROGRAMMES[data["programme"]]
            assert Decimal(row["金额"]) * 100 == data["amount_fen"]
            assert (row["账号"], row["户名"]) == (data["account"]["number"], data["account"]["holder_name"])
            assert (row["集体账户"] == "是") is data["account"].get("institution", False)
    assert seen == set(by_id)


def test_every_sheet_has_its_columns() -> None:
    for sheet in SHEETS.values():
        headers = [header for header, _ in sheet.columns]
        assert headers[0] == "流水号"
        assert len(set(headers)) == len(headers)
        assert sheet.words.keys() <= {path for _, path in sheet.columns}


def test_the_headers_are_those_that_intake_reads() -> None:
    read = {form.type: {(name, c.field) for c in form.columns for name in c.names} for form in READ}
    for sheet in SHEETS.values():
        assert {(header, path or "void") for header, path in sheet.columns} <= read[sheet.type]

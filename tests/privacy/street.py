"""A street whose every readable value can be told from ordinary words, and the many ways to get it wrong.

Two-character names and free texts such as 提标 stand in reports, in columns and, in other character sets, in
any ciphertext. So every name of this street ends in two characters that no office ever writes, and every free
text in a sentence of its own: a value that is found is the value, and never a word that looks like it.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl

from services.simulator import Settings as Street
from services.simulator import World
from services.simulator.files import Files
from services.simulator.post import Day

Raw = dict[str, Any]

_GOLDEN = Path(__file__).parents[1] / "golden" / "facts.ndjson"
_NAME_ENDS_IN = "㛃䶮"
_TEXT_ENDS_IN = "，此系张家坝王二狗口述请勿外传"
_NAMES = frozenset({"name", "holder_name"})
_TEXTS = frozenset({"reason", "matter", "evidence"})


def marked(value: Any, field: str = "") -> Any:
    """The fact with names and free texts that are found nowhere else."""
    if isinstance(value, dict):
        return {name: marked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [marked(inner, field) for inner in value]
    if field in _NAMES:
        return value + _NAME_ENDS_IN
    if field in _TEXTS:
        return value + _TEXT_ENDS_IN
    return value


def golden() -> list[Raw]:
    """The golden street, marked; some ID numbers in their 15-digit form, as old files have them."""
    facts = [marked(json.loads(line)) for line in _GOLDEN.read_text(encoding="utf-8").splitlines()]
    for fact in facts[::2]:
        for member in fact["data"].get("members", ()):
            person = member.get("person", member)
            number = person.get("id_number", "")
            if len(number) == 18 and number[6:8] == "19":
                person["id_number"] = number[:6] + number[8:17]
    return facts


def office_files(folder: Path, seed: int) -> tuple[list[Raw], list[Path]]:
    """A simulated street, marked: its facts, and the files of the offices."""
    facts: list[Raw] = []
    office = Files(folder)
    for day in World(Street(households=30, first="2020-07", last="2020-12", seed=seed)).days():
        told = tuple(marked(fact) for fact in day.facts)
        facts += told
        office.take(Day(day.day, told))
    office.close()
    return facts, sorted(path for path in folder.rglob("*") if path.suffix in (".csv", ".xlsx"))


def manifest(folder: Path) -> list[dict[str, Any]]:
    """What the office wrote down of each of its files."""
    listed: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return listed


def rows_of(file: Path) -> list[list[str]]:
    """The rows of a csv or xlsx file, the header first."""
    if file.suffix == ".csv":
        content = file.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("gb18030")
        return [row for row in csv.reader(io.StringIO(text)) if row]
    sheet = openpyxl.load_workbook(file).worksheets[0]
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


def wrong_files(file: Path) -> Iterator[tuple[str, bytes]]:
    """What becomes of a file when columns slip, cells are missing, and the character set is another."""
    header, *rows = rows_of(file)
    rows = rows[:12]
    for slip in (1, 2, 3):
        slipped = [row[slip:] + row[:slip] for row in rows]
        yield f"slipped-{slip}.csv", _csv([header, *slipped], "gb18030" if slip == 2 else "utf-8")
    yield "cut.csv", _csv([header, *(row[: len(row) // 2] for row in rows)], "utf-8")
    yield "doubled.csv", _csv([header, *([f"{cell} {cell}" for cell in row] for row in rows)], "utf-8-sig")
    yield "no-header.csv", _csv(rows, "utf-8")
    yield "named-columns.csv", _csv([[*header[:-1], *rows[0]], *rows], "utf-8")
    yield "not-a-book.xlsx", _csv([header, *rows], "utf-8")
    yield "half-a-character.csv", _csv([header, *rows], "utf-8")[:-4] + b"\xff\xfe"


def _csv(rows: list[list[str]], charset: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(charset)


def wrong_events(facts: list[Raw]) -> Iterator[bytes]:
    """Facts with a value where it does not belong, some of which are not even JSON."""
    paid = next(fact for fact in facts if fact["type"].endswith("payments.paid.v1"))
    account, serials = paid["data"]["account"], count(1)
    name, number = account["holder_name"], account["number"]
    id_number = next(
        fact["data"]["members"][0]["person"]["id_number"] for fact in facts if "enrolled" in fact["type"]
    )

    def with_data(**changed: Any) -> Raw:
        # An answer repeats the id that its asker gave: ids are no place for names.
        return paid | {"id": f"wrong-{next(serials)}", "data": paid["data"] | changed}

    for wrong in (
        with_data(programme=name),
        with_data(month=id_number),
        with_data(paid_on=name),
        with_data(amount_fen=number),
        with_data(kind=id_number),
        with_data(account=account | {"number": name}),
        with_data(account=account | {"institution": id_number}),
        with_data(account=[number, name]),
        with_data(account=json.dumps(account)),
        with_data(division=id_number),
        with_data(**{name: 1}),
        with_data(**{number: name}),
        with_data(note=f"{name} {id_number}"),
        paid | {"type": f"dibao.payments.{name}.v1"},
        paid | {"time": name},
        paid | {"source": {"of": name}},
        paid | {"specversion": id_number},
        paid | {"data": name},
        paid | {"data": None, name: id_number},
    ):
        yield json.dumps(wrong, ensure_ascii=False).encode()
    whole = json.dumps(paid, ensure_ascii=False)
    yield whole[:-7].encode()
    yield whole.encode("gb18030")
    yield whole.encode("utf-16")
    yield json.dumps(paid)[: len(whole) // 2].encode()
    yield f"{name},{id_number},{number}".encode()


def latest_day(facts: list[Raw]) -> date:
    """The last day on which one of the facts happened."""
    return date.fromisoformat(max(fact["time"] for fact in facts)[:10])

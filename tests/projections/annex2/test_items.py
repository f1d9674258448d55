"""The form's items stand in their folder, and every column that has facts is counted by one of them."""

from pathlib import Path

from projections.annex2.form import cells, form
from projections.annex2.items import COUNTS, ITEMS

FOLDER = Path(__file__).parents[3] / "projections" / "annex2" / "items"


def test_the_folder_holds_these_nouns() -> None:
    assert list(ITEMS) == ["clues", "petitions", "recipients", "relief"]
    assert {file.stem for file in FOLDER.glob("*.sql")} == set(ITEMS)


def test_no_column_is_counted_by_two() -> None:
    assert sum(len(items.counts) for items in ITEMS.values()) == len(COUNTS)


def test_columns_without_facts_are_not_connected_and_never_0() -> None:
    assert set(COUNTS) <= {column.code for column in form().columns}
    empty = cells([])
    assert {code for code, count in empty.items() if count is None} == {"A4", "A4a", "A5", "A5a", "A6", "A7"}
    assert cells([("B4", 2)])["B4"] == 2


def test_a_column_is_a_line_of_the_form() -> None:
    lines = (FOLDER.parent / "form.json").read_text(encoding="utf-8").splitlines()
    assert sum(line.lstrip().startswith('{"code": ') for line in lines) == len(form().columns)

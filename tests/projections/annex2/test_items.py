"""The form's items stand in their folder, and every column that has facts is counted by one of them."""

from pathlib import Path

from projections.annex2.form import cells, form
from projections.annex2.items import COUNTS, ITEMS

FOLDER = Path(__file__).parents[3] / "projections" / "annex2" / "items"


def test_the_folder_holds_these_nouns() -> None:
    assert list(ITEMS) == ["clues", "petitions", "problems", "recipients", "relief", "tekun"]
    assert {file.stem for file in FOLDER.glob("*.sql")} == set(ITEMS)


def test_no_column_is_counted_by_two() -> None:
    assert sum(len(items.counts) for items in ITEMS.values()) == len(COUNTS)


def test_every_column_has_facts_and_is_0_without_an_item() -> None:
    assert set(COUNTS) == {column.code for column in form().columns}
    assert set(cells([]).values()) == {0}
    assert cells([("B4", 2)])["B4"] == 2


def test_a_column_is_a_line_of_the_form() -> None:
    lines = (FOLDER.parent / "form.json").read_text(encoding="utf-8").splitlines()
    assert sum(line.lstrip().startswith('{"code": ') for line in lines) == len(form().columns)

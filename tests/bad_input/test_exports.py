"""What was read as text stays text: no spreadsheet computes it, no terminal obeys it."""

import csv
import io
from datetime import date

import openpyxl
import pytest

from deploy.cli.dead_letters import shown
from deploy.cli.output import Format, show
from projections.annex2.form import cells, check
from services.intake.masks import mask
from services.reporting.annex2 import Annex2
from services.reporting.exports.annex2_excel import annex2_workbook
from services.reporting.exports.annex2_text import annex2_csv
from tests.bad_input.inputs.injection import INJECTION
from tests.bad_input.table import Row

FORMULAS = ["=1+1", "+1+1", "-2+3", "@SUM(1+1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_annex_2_is_computed(formula: str) -> None:
    empty = cells([])
    day = date(2021, 12, 31)
    filled = Annex2(day, None, "rural_dibao", "village", empty, check(empty), [(formula, empty)])
    book = openpyxl.load_workbook(io.BytesIO(annex2_workbook(filled)))
    kinds = {cell.data_type for row in book.active.iter_rows() for cell in row}
    assert "f" not in kinds
    assert formula in [cell.value for cell in book.active["A"]]
    heads = next(csv.reader(annex2_csv(filled).decode().splitlines()))
    assert heads[3] == f"'{formula}"


def test_no_masked_value_of_a_report_is_a_formula_any_more() -> None:
    rows = [row for each in INJECTION.inputs for row in each.statements if isinstance(row, Row)]
    assert len(rows) > 5
    for row in rows:
        assert "*" in row.masked
    for formula in FORMULAS:
        assert mask(formula) != formula
        assert "(" not in mask(formula) and "|" not in mask(formula)


def test_a_table_shows_what_looks_like_markup(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"household_no": "[/]"}, {"household_no": "[red]LZ000817"}, {"household_no": "[link=file:///x]y"}]
    assert show(rows, Format.table) == 3
    out = capsys.readouterr().out
    assert all(row["household_no"] in out for row in rows)


def test_a_dead_letter_on_a_terminal_moves_no_cursor() -> None:
    assert shown("\x1b[2J金和义\u202e\x07\n\tx") == "\ufffd[2J金和义\ufffd\ufffd\n\tx"

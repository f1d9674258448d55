"""``dibao template`` writes an empty form, and never over a filled one."""

from pathlib import Path

import openpyxl
from typer.testing import CliRunner

from deploy.cli.app import app

RUNNER = CliRunner()


def test_the_forms_of_a_context_and_of_a_type(tmp_path: Path) -> None:
    told = RUNNER.invoke(app, ["template", "payments", "--out", str(tmp_path / "payments.xlsx")])
    assert told.exit_code == 0, told.output
    assert "资金发放 (payments.paid)" in told.output
    assert len(openpyxl.load_workbook(tmp_path / "payments.xlsx").sheetnames) == 3
    told = RUNNER.invoke(app, ["template", "vitals.died", "--out", str(tmp_path / "died.xlsx")])
    assert openpyxl.load_workbook(tmp_path / "died.xlsx").sheetnames == ["死亡登记"]


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    out = tmp_path / "payments.xlsx"
    out.write_bytes(b"filled in")
    for arguments, said in (
        (["payments", "--out", str(out)], "is there already"),
        (["payment", "--out", str(tmp_path / "a.xlsx")], "neither a context"),
        (["payments", "--out", str(tmp_path / "a.csv")], ".xlsx"),
    ):
        told = RUNNER.invoke(app, ["template", *arguments])
        assert told.exit_code == 2
        assert said in told.output
    assert out.read_bytes() == b"filled in"

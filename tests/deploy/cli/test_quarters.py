"""A quarter at the command line: frozen by two people, printed, compared with what came later."""

import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from deploy.cli.app import app
from deploy.local import Stack
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.street.whole import whole


@pytest.fixture
async def terminal(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Terminal]:
    async with whole(stack, database, tmp_path, journal=True) as street:
        yield Terminal(street, street.deployment)


async def test_a_quarter_is_reported(terminal: Terminal, tmp_path: Path) -> None:
    run, rows = terminal.run, terminal.rows
    two = ("--prepared-by", "王芳", "--checked-by", "李强")
    await run("publish", GOLDEN)
    await run("wait", "--timeout", "60")
    early = await run("annex2", "freeze", "2021Q3", *two, code=1)
    assert "No day after 2021Q3 is closed yet" in early.output
    await run("close-day", EXPECTED["closed"])
    await run("wait", "--timeout", "60")

    alone = await run("annex2", "freeze", "2021Q3", "--prepared-by", "王芳", "--checked-by", "王芳", code=1)
    assert "somebody else has to check it" in alone.output
    told = await run("annex2", "freeze", "2021Q3", *two)
    assert "2021Q3.1 已定稿" in told.output
    assert re.search(r"日志存证：\d+个分区，[0-9a-f]{16}", told.output)
    again = await run("annex2", "freeze", "2021Q3", *two, code=1)
    assert "say why it is stated anew (--because)" in " ".join(again.output.split())
    (kept,) = await rows("annex2", "frozen")
    assert (kept["quarter"], kept["number"], kept["as_of"]) == ("2021Q3", 1, EXPECTED["closed"])
    form = json.loads((await run("annex2", "frozen", "2021Q3", "--format", "json")).stdout)
    asked = ("annex2", "--until", "2021-09-30", "--as-of", EXPECTED["closed"], "--format", "json")
    assert form["cells"] == json.loads((await run(*asked)).stdout)["cells"]
    shown = await run("annex2", "frozen", "2021Q3.1")
    assert "编制：王芳；审核：李强" in "".join(shown.output.split())
    await run("annex2", "frozen", "2021Q3", "--out", tmp_path / "2021Q3.xlsx")
    assert openpyxl.load_workbook(tmp_path / "2021Q3.xlsx").active["A1"].value == "附件2"
    await run("anomalies", "--out", tmp_path / "anomalies.pdf")
    assert (tmp_path / "anomalies.pdf").read_bytes().startswith(b"%PDF-")

    # what is voided later is missing now, and still there in what was reported
    (death, *_) = await rows("annex2", "frozen", "2021Q3", "--cell", "A1c")
    await run("void", death["source"], death["serial"], "--reason", "录入错误")
    await run("wait", "--timeout", "60")
    compared = ("annex2", "compare", "2021Q3", "now", "--cell", "A1c")
    found = json.loads((await run(*compared, "--format", "json")).stdout)
    assert [(each["serial"], each["why"], each["adds"]) for each in found["changes"]] == [
        (death["serial"], "voided", -1)
    ]
    assert "已作废" in (await run(*compared)).output
    assert await rows("annex2", "frozen", "2021Q3", "--cell", "A1c")
    restated = await run(
        *(
            "annex2",
            "freeze",
            "2021Q3",
            *two,
            "--because",
            "误登死亡",
            "--without-journal",
            "--format",
            "json",
        )
    )
    assert (json.loads(restated.stdout)["number"], json.loads(restated.stdout)["checkpoints"]) == (2, {})

    # the first one can be held against the journal for ever, and the second one cannot
    proved = await run("verify", "--quarter", "2021Q3.1")
    assert f"2021Q3.1: the journal goes on from all {len(form['checkpoints'])} checkpoints" in proved.output
    assert {place for place, position in form["positions"].items() if position} == set(form["checkpoints"])
    none = await run("verify", "--quarter", "2021Q3", code=1)
    assert "2021Q3.2 was frozen without the journal" in " ".join(none.output.split())
    shutil.move(terminal.street.settings.journal, tmp_path / "gone")
    lost = await run("annex2", "freeze", "2021Q3", *two, "--because", "补报", code=1)
    assert "--without-journal" in lost.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Up to which day?"),
        (
            ("--until", "2021-12-31", "compare", "2021Q1", "2021Q2"),
            "what is asked of compare stands after it",
        ),
        (("freeze", "2021Q3.2", "--prepared-by", "a", "--checked-by", "b"), "say 2021Q3"),
        (("freeze", "2021", "--prepared-by", "a", "--checked-by", "b"), "expected a quarter such as 2021Q3"),
        (("frozen", "--cell", "A1c"), "Of which quarter?"),
        (("frozen", "2021Q3", "--out", "x.doc"), "let its name end in .xlsx, .pdf or .csv"),
    ],
)
def test_a_wrong_call_is_answered_with_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    result = CliRunner().invoke(app, ["annex2", *words])
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())

"""The checklist of MLPS names what is there: a row that rests on a test that is gone would be a lie."""

import re

from tests.house.tree import ROOT, text_of

PAGE = ROOT / "docs" / "operations" / "mlps.md"


def test_every_proof_is_there() -> None:
    named = re.findall(r"`((?:tests|deploy|docs)/[^`]+)`", text_of(PAGE))
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).exists()] == []
    linked = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text_of(PAGE))
    assert [path for path in linked if not (PAGE.parent / path).exists()] == []


def test_every_control_says_what_is_done_by_whom_and_what_is_missing() -> None:
    rows = [line for line in text_of(PAGE).splitlines() if line.startswith("| 8.1.")]
    assert len(rows) > 30
    assert [row for row in rows if row.count("|") != 5] == []
    controls = {match for row in rows for match in re.findall(r"8\.1\.(\d+)", row.split("|")[1])}
    assert {int(each) for each in controls} >= {1, 2, 3, 4, 5, 6, 8, 9, 10}

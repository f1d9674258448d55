"""Rows as people read them: nothing is cut, however narrow the terminal."""

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from deploy.cli import output
from deploy.cli.output import Format, show, wrapped

ROWS: list[dict[str, Any]] = [
    {
        "rule": "死亡后仍发放",
        "sentence": "LZ001949户城市低保成员 p.07Ci1Sf9irmLNDd7o83nTA 已于2019年11月26日死亡，"
        "2020年3月仍发放，多发605.00元。",
        "anomaly_id": "0171f014-d2ba-5dd9-9ba8-4de7b131938b",
        "month": "2020-03",
        "amount_fen": 123456700 + number,
        "raised_at": datetime(2020, 3, 31, 16, 30, tzinfo=UTC),
        "village": "500102008201",
    }
    for number in range(2)
]
COLUMNS = [
    ("rule", "规则"),
    ("sentence", "说明"),
    ("month", "月份"),
    ("amount_fen", "金额(元)"),
    ("raised_at", "预警时间"),
    ("village", "村(社区)"),
    ("anomaly_id", "预警编号"),
]
WHOLE = (
    "0171f014-d2ba-5dd9-9ba8-4de7b131938b", "p.07Ci1Sf9irmLNDd7o83nTA", "2019年11月26日", "605.00元",
    "2020-03", "1,234,567.00", "1,234,567.01", "2020-04-01 00:30:00", "500102008201", "LZ001949",
)  # fmt: skip


@pytest.mark.parametrize("columns", [60, 80, 120, 160, 220])
def test_no_id_amount_or_month_is_cut(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    show(ROWS, Format.table, columns=COLUMNS, title="预警")
    lines = capsys.readouterr().out.splitlines()
    text = "\n".join(lines)
    for part in WHOLE:
        assert part in text, (columns, part)
    assert max(map(cell_len, lines)) <= columns
    # Where it does not fit, a row is a block of lines.
    assert ("── 2" in text) is (columns < 160)


def test_a_line_is_broken_where_nothing_is_cut() -> None:
    assert wrapped("共发放1,234.00元，2020年3月", 12) == ["共发放", "1,234.00元，", "2020年3月"]
    assert wrapped("已于死亡后发放，多发", 14) == ["已于死亡后发", "放，多发"]
    assert wrapped("a" * 30, 12) == ["a" * 30]
    assert wrapped("", 12) == [""]


def test_a_title_is_whole_above_a_table_that_is_narrower(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show([], Format.table, columns=[("subject", "对象"), ("why", "为何")], title="p.07Ci1Sf9irmLNDd7o83nTA")
    assert capsys.readouterr().out.splitlines()[0] == "p.07Ci1Sf9irmLNDd7o83nTA"


def test_markup_in_a_value_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"household_no": "[/]"}], Format.table)
    assert "[/]" in capsys.readouterr().out


def test_what_does_not_count_is_struck_through(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = io.StringIO()
    monkeypatch.setattr(output, "console", Console(file=paper, force_terminal=True, color_system="standard"))
    rows = [{"serial": "P1", "status": "已作废"}, {"serial": "P2", "status": "有效"}]
    for columns in ("140", "10"):
        monkeypatch.setenv("COLUMNS", columns)
        show(rows, Format.table, struck=lambda row: row["status"] == "已作废")
        said = paper.getvalue()
        assert re.search(r"\x1b\[9mP1", said)
        assert not re.search(r"\x1b\[9mP2", said)
        paper.truncate(0)

"""What is asked of `dibao backtest` is judged before anything is evaluated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from deploy.cli.backtest import _chosen, _drafts
from services.detection.rules import ALL

DRAFT = {"parameter": "death.grace_months", "value": 1, "from": "2021-01-01", "document": "草案"}


def written(folder: Path, *lines: Any) -> Path:
    file = folder / "drafts.ndjson"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return file


def test_drafts_are_values_or_whole_events(tmp_path: Path) -> None:
    scope = {"division_prefix": "500102", "programme": "tekun"}
    bare, whole = _drafts(written(tmp_path, DRAFT, "", {"data": DRAFT | {"value": 2, "scope": scope}}))
    assert (bare.parameter, bare.value, bare.date, bare.division_prefix) == (
        *("death.grace_months", 1),
        *("2021-01-01", ""),
    )
    assert (whole.value, whole.division_prefix, whole.programme) == (2, "500102", "tekun")
    assert whole.time > bare.time, "the later line goes first"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1 is no value of policy: it is not JSON"),
        (DRAFT | {"from": "yesterday"}, "line 1 is no value of policy: from"),
        (DRAFT | {"parameter": "death.grace_month"}, "no rule reads death.grace_month"),
    ],
)
def test_a_wrong_draft_is_named(
    tmp_path: Path, line: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((typer.Exit, click.exceptions.Exit, SystemExit)) as ended:
        _drafts(written(tmp_path, line))
    assert getattr(ended.value, "exit_code", getattr(ended.value, "code", None)) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_rules_are_chosen_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert _chosen([], []) is ALL
    assert [rule.name for rule in _chosen(["unentitled"], []).rules] == ["unentitled"]
    assert len(_chosen([], ["unentitled"]).rules) == len(ALL.rules) - 1
    for only, but in ((["large-payments"], []), (["unentitled"], ["unentitled"])):
        with pytest.raises((typer.Exit, click.exceptions.Exit, SystemExit)):
            _chosen(only, but)
    assert "There is no rule large-payments" in capsys.readouterr().err

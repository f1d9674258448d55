"""`dibao backtest`: what is asked is judged beforehand, and what is found can be explained."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from deploy.cli.backtest import _chosen, _drafts, tried
from deploy.local import Stack
from services.detection.rules import ALL
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.house.tree import ROOT
from tests.street.whole import whole

DRAFT = {"parameter": "death.grace_months", "value": 1, "from": "2021-01-01", "document": "草案"}


@pytest.fixture
async def terminal(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Terminal]:
    async with whole(stack, database, tmp_path) as street:
        yield Terminal(street, street.deployment)


def written(folder: Path, *lines: Any, name: str = "drafts.ndjson") -> Path:
    file = folder / name
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
    assert _chosen(["of-other-code"], [], elsewhere=True).rules == (), "other code may have it"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"first": date(2021, 2, 1), "last": date(2021, 1, 31)},
            "--from 2021-02-01 is after --to 2021-01-31",
        ),
        ({"as_of": date(2021, 1, 31)}, "give --policy or --code with --as-of"),
    ],
)
def test_a_question_that_cannot_be_one_is_refused(
    asked: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((typer.Exit, click.exceptions.Exit, SystemExit)):
        tried(**asked)
    assert said in " ".join(capsys.readouterr().err.split())


async def test_drafts_are_tried_and_what_they_find_is_explained(terminal: Terminal, tmp_path: Path) -> None:
    run, rows = terminal.run, terminal.rows
    detection = terminal.as_service("detection")
    await run("publish", GOLDEN)
    await run("wait", "--timeout", "60")
    await run("close-day", EXPECTED["closed"])
    await run("wait", "--timeout", "60")
    before = await rows("anomalies")
    large = {"parameter": "large_payment.multiple", "from": "2018-01-01", "document": "草案"}
    strict = written(tmp_path, large | {"value": 0}, name="strict.ndjson")
    lax = written(tmp_path, large | {"value": 10}, name="lax.ndjson")

    found = await detection.rows(
        "backtest", "--policy", str(strict), "--policy", str(lax), "--rules", "large-payment"
    )
    assert {row["trial"] for row in found} == {str(strict), str(lax)}
    added = [row for row in found if row["outcome"] == "added"]
    assert {(row["trial"], row["rule"], row["title"]) for row in added} == {
        (str(strict), "large-payment", "大额支付")
    }
    for row in added:
        assert len(row["village"]) == 12 and row["amount_fen"] > 0 and len(row["samples"]) <= 5
    assert {row["outcome"] for row in found if row["trial"] == str(lax)} == {"removed"}
    early = await detection.rows("backtest", "--policy", str(strict), "--to", "2021-02-28")
    assert 0 < sum(row["count"] for row in early) < sum(row["count"] for row in found)

    table = await detection.run("backtest", "--policy", str(strict), "--processes", "1")
    assert "新增" in table.output and "与现行结果相比" in table.output
    assert "evaluating subjects" in table.output, "how far it is was said"
    known = {row["anomaly_id"] for row in before}
    (new, *_) = (one for row in added for one in row["samples"] if one not in known)
    explained = await run("explain", new)
    assert "状态 试算" in explained.output and "dibao.payments.paid.v1" in explained.output
    assert await rows("anomalies") == before, "nothing that is live was touched"

    as_of = await detection.run("backtest", "--policy", str(lax), "--as-of", EXPECTED["closed"])
    assert f"与{EXPECTED['closed']} 日结时按现行规则和政策的结果相比" in as_of.output
    assert "当时的结果不保留" in as_of.output
    other = await detection.run("backtest", "--as-of", "2021-01-05", "--policy", str(lax), code=1)
    assert "2021-01-05 is not closed" in other.output
    assert "完全一致" in (await detection.run("backtest", "--code", str(ROOT))).output
    nowhere = await detection.run("backtest", "--code", str(tmp_path), code=1)
    assert "cannot be run: it has no services/detection/checkout.py" in " ".join(nowhere.output.split())

"""A command that works for long says so every few seconds, also where its output is no terminal."""

import io
import re
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from deploy import program
from deploy.cli import telling
from deploy.cli.telling import Bar


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(telling, "SECONDS", 0.2)
    yield


def test_a_bar_is_lines_with_true_counts_where_there_is_no_terminal(quick: None) -> None:
    written = io.StringIO()
    with Bar(Console(file=written, width=140)) as bar:
        task = bar.add_task("publishing", total=3)
        other = bar.add_task("waiting", total=None)
        time.sleep(0.5)
        bar.update(task, completed=3)
        bar.update(other, description="waiting: 7 behind")
        time.sleep(0.5)
    lines = written.getvalue().splitlines()
    assert lines[0] == "· publishing: 0 of 3 (0 s)"
    assert lines[1] == "· waiting (0 s)"
    assert re.fullmatch(r"· publishing: 3 of 3 \(\d s\)", lines[-2])
    assert re.fullmatch(r"· waiting: 7 behind \(\d s\)", lines[-1])
    assert sum("3 of 3" in line for line in lines) == 1, "what is done is not told again and again"


def test_a_step_that_lasts_is_said_to_last(quick: None) -> None:
    said: list[str] = []
    with telling.telling(said.append, "before") as tell:
        time.sleep(0.4)
        tell("Fetching")
        time.sleep(0.7)
    assert said[0].endswith("before")
    assert "Fetching" in said
    assert re.fullmatch(r"  still at it after \d s: Fetching", said[-1])


def test_simulate_is_never_silent_for_long(tmp_path: Path) -> None:
    """Off a terminal, with what it counts."""
    words = ("simulate", "--households", "1200", "--from", "2018-01", "--to", "2021-12", "--workers", "1")
    running = subprocess.Popen(
        program.command("deploy.cli", *words, "--no-files", "--out", str(tmp_path)),
        stdout=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    moments: list[float] = []
    with running as process:
        assert process.stdout is not None
        for line in process.stdout:
            moments.append(time.monotonic())
            said.append(line)
    assert running.returncode == 0
    assert any(re.match(r"· living through the streets: 0 of 1 \(\d+ s\)", line) for line in said), said
    assert max(after - before for before, after in pairwise(moments)) < telling.SECONDS + 3, said

"""A server that recovers is waited for as long as it gets on, and is never killed for being slow."""

import sys
from pathlib import Path

import pytest

from deploy.local import headway, postgres, processes
from deploy.local.errors import StackError

SLOW = """
import os, sys, time
until = time.monotonic() + float(sys.argv[2])
while time.monotonic() < until:
    {work}
file = sys.argv[1]
os.makedirs(os.path.dirname(file), exist_ok=True)
open(file, "w").write(f"{{os.getpid()}}" + "\\n" * 7 + "ready\\n")
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headway, "_WINDOW_SECONDS", 0.3)


def recovering(folder: Path, work: str, seconds: float) -> processes.ProcessRecord:
    """A process that does that for some seconds, and then says that it is ready, as PostgreSQL does."""
    file = folder / "cluster" / "postmaster.pid"
    words = [sys.executable, "-c", SLOW.format(work=work), str(file), str(seconds)]
    return processes.start("postgres", words, folder / "log")


def test_it_is_waited_for_while_it_gets_on(tmp_path: Path) -> None:
    """Four seconds of work, where a server that does nothing is given up after one."""
    record = recovering(tmp_path, "sum(range(1000))", 4)
    try:
        postgres.wait_until_ready(record, tmp_path, tmp_path / "log", print, patience=1)
        assert processes.is_running(record)
    finally:
        processes.kill(record)


def test_it_is_given_up_when_it_does_nothing_but_not_killed(tmp_path: Path) -> None:
    record = recovering(tmp_path, "time.sleep(0.1)", 30)
    try:
        with pytest.raises(StackError, match="PostgreSQL did not start"):
            postgres.wait_until_ready(record, tmp_path, tmp_path / "log", print, patience=1)
        assert processes.is_running(record)
    finally:
        processes.kill(record)


def test_it_is_not_killed_while_it_still_writes_when_it_is_told_to_end(tmp_path: Path) -> None:
    """A shutdown that takes longer than its time is waited for while it gets on."""
    script = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    until = time.monotonic() + 3\n"
        "    while time.monotonic() < until: sum(range(1000))\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    record = processes.start("server", [sys.executable, "-c", script], tmp_path / "log")
    while "ready" not in processes.tail(tmp_path / "log"):
        assert processes.is_running(record)
    assert processes.stop([record], timeout=1, while_busy=True) == []

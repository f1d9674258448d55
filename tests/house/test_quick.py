"""`make quick` runs what only computes: a test that wants a server is left out, or told so."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

TESTS = """
from deploy.local import processes

def test_computes():
    assert 1 + 1 == 2

def test_asks_for_servers(stack):
    pass

def test_starts_one_by_itself(tmp_path):
    processes.start("kafka", ["true"], tmp_path / "log")
"""


def test_a_quick_test_starts_no_server(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS, encoding="utf-8")
    options = ["--quick", "-p", "tests.conftest", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", *options, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 1 passed, 1 deselected" in done.stdout, done.stdout + done.stderr
    assert "A quick test starts no server, and this one wants kafka" in done.stdout

"""The tree as git keeps it."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
INPUTS = {ROOT / "tests" / "bad_input" / "cases" / "files", ROOT / "tests" / "fuzz" / "corpus"}
BINARY = {".xlsx", ".png", ".jpg", ".gz"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git keeps, or would if it were added, and that is still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    files = tuple(ROOT / name for name in listed.split("\0") if name)
    assert files
    return tuple(file for file in files if file.exists())


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def texts() -> list[tuple[str, str]]:
    """Every such text, by its path from the root; inputs of the table may be in any encoding."""
    return [
        (str(file.relative_to(ROOT)), text_of(file))
        for file in tracked()
        if file.suffix not in BINARY and INPUTS.isdisjoint(file.parents)
    ]

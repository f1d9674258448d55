"""A checkout of its own for a test: a copy of the code, a virtual environment, the program `dibao` in it."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.settings import CHECKOUT

CODE = ("deploy", "services", "events", "projections", "pyproject.toml")


def interpreter() -> str:
    """The Python of this version that every user may run, else the one that the tests run in."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [
        Path(sys.executable).resolve(),
        Path("/usr/bin") / version,
        Path("/usr/local/bin") / version,
    ]
    return str(next((path for path in candidates if is_open_to_all(path)), candidates[0]))


def is_open_to_all(path: Path) -> bool:
    """Whether every user may enter or run it."""
    return path.exists() and all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents])


def make_checkout(folder: Path) -> Path:
    """Copy the code and make `.venv` with the packages of this one; returns the program `dibao`."""
    folder.mkdir(parents=True)
    for name in CODE:
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / name, folder / name)
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    python = Path(interpreter())
    (programs.parent / "pyvenv.cfg").write_text(f"home = {python.parent}\n", encoding="utf-8")
    (programs / "python").symlink_to(python)
    (programs.parent / "lib").symlink_to(Path(sys.prefix).resolve() / "lib")
    # As `make venv` does.
    shutil.copy(CHECKOUT / "deploy" / "dibao", programs / "dibao")
    return programs / "dibao"


def run(
    program: Path,
    *words: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    user: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command of that checkout from a folder, with nothing in its environment but what is said here."""
    return subprocess.run(
        [str(program), *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        timeout=240,
    )

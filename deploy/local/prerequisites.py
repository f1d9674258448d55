"""What the machine must bring: Python 3.11, Java 17 and, for the first start, Maven."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.errors import StackError

JAVA = 17
PYTHON = (3, 11)

_INSTALL_JAVA = (
    "install a Java runtime (Debian, Ubuntu: apt install openjdk-17-jre-headless; "
    "macOS: brew install openjdk)"
)
_INSTALL_MAVEN = "install it (Debian, Ubuntu: apt install maven; macOS: brew install maven)"


def require_python() -> None:
    """Raises StackError on a Python older than 3.11."""
    if sys.version_info < PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        raise StackError(
            f"Python 3.11 or newer is needed, but this is {found}: install it (apt install python3.11)."
        )


def java() -> str:
    """The path of a Java of at least 17: of JAVA_HOME, else of PATH.

    Raises StackError when there is none, or only an older one.
    """
    home = os.environ.get("JAVA_HOME")
    in_home = Path(home) / "bin" / "java" if home else None
    path = str(in_home) if in_home is not None and in_home.exists() else shutil.which("java")
    if path is None:
        raise StackError(
            f"Kafka needs Java {JAVA} or newer, and no java was found: {_INSTALL_JAVA}, or set JAVA_HOME."
        )
    answer = subprocess.run(
        [path, "-version"], capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    if answer.returncode != 0 or found is None:
        raise StackError(f"Kafka needs Java {JAVA} or newer, but {path} does not run: {_INSTALL_JAVA}.")
    if int(found[1]) < JAVA:
        raise StackError(f"Kafka needs Java {JAVA} or newer, but {path} is Java {found[1]}: {_INSTALL_JAVA}.")
    return path


def maven() -> str:
    """The path of Maven. Raises StackError when there is none."""
    path = shutil.which("mvn")
    if path is None:
        raise StackError(
            f"Maven (mvn) fetches Kafka at the first start, and was not found: {_INSTALL_MAVEN}."
        )
    return path

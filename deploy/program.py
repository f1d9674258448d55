"""Runs a module of this checkout: ``python -I -X utf8 …/deploy/program.py MODULE ARGUMENT…``.

Started so, neither the current folder nor PYTHONPATH can put other code in its place, and what is printed is
UTF-8 whatever the terminal is. It imports nothing of ours, for it runs before our code can be found.
"""

import runpy
import sys
from pathlib import Path

_FILE = Path(__file__).resolve()


def command(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module of this checkout in a process of its own."""
    return [sys.executable, "-I", "-X", "utf8", str(_FILE), module, *arguments]


def main() -> None:
    """Run the module that the first argument names, as ``python -m`` would."""
    sys.path.insert(0, str(_FILE.parents[1]))
    module = sys.argv.pop(1)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

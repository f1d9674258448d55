"""The rooms that a process of ours is made of: its services, and every room that these import from."""

import re
from collections.abc import Collection
from functools import cache

from deploy.local.settings import CHECKOUT

_SERVING = ("deploy/program.py", "deploy/deployment.py", "deploy/cli/serving.py", "requirements.lock")
"""What of the command line, and of others' code, decides how a service runs."""

_IMPORT = re.compile(r"^\s*(?:from|import) (events|projections|services\.\w+)\b", re.MULTILINE)


def rooms_of(services: Collection[str]) -> tuple[str, ...]:
    """Return the places in this checkout of the code of a process, by the services that it is."""
    found: set[str] = set()
    waiting = {"services/platform", *(f"services/{name}" for name in services)}
    while waiting:
        found |= waiting
        waiting = {room for known in waiting for room in _imported(known)} - found
    return (*sorted(found), *_SERVING)


@cache
def _imported(room: str) -> frozenset[str]:
    texts = (file.read_text(encoding="utf-8") for file in (CHECKOUT / room).rglob("*.py"))
    return frozenset(name.replace(".", "/") for text in texts for name in _IMPORT.findall(text))

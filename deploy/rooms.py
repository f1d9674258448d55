"""The rooms that a process of ours is made of: its services, and every room that these import from."""

import re
from collections.abc import Collection
from functools import cache

from deploy.local.settings import CHECKOUT
from events.catalogue import UPSTREAM_CONTEXTS

_SERVING = ("deploy/program.py", "deploy/deployment.py", "deploy/cli/serving.py", "requirements.lock")
"""What of the command line, and of others' code, decides how a service runs."""

_NAMES = ("deploy/vocabulary.py", "deploy/contexts.py", "deploy/contract/titles.py")
"""What gives reporting's pages the names of facts, from the forms of all contexts."""

_IMPORT = re.compile(r"^\s*(?:from|import) (events|projections|services\.\w+)\b", re.MULTILINE)


def rooms_of(services: Collection[str]) -> tuple[str, ...]:
    """Return the places in this checkout of the code of a process, by the services that it is."""
    found: set[str] = set()
    waiting = {"services/platform", *(f"services/{name}" for name in services)}
    names: tuple[str, ...] = ()
    if "reporting" in services:
        names = _NAMES
        waiting |= {f"services/{context}" for context in UPSTREAM_CONTEXTS}
    while waiting:
        found |= waiting
        waiting = {room for known in waiting for room in _imported(known)} - found
    return (*sorted(found), *_SERVING, *names)


@cache
def _imported(room: str) -> frozenset[str]:
    texts = (file.read_text(encoding="utf-8") for file in (CHECKOUT / room).rglob("*.py"))
    return frozenset(name.replace(".", "/") for text in texts for name in _IMPORT.findall(text))

"""Examples of every fact, as it is stated: structured CloudEvents about invented people.

Examples are data: one file a context, an array of events. What dibao states itself (``calendar``,
``anomalies``) is shown in the same dress, though it goes straight onto the log.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _read(context: str) -> str:
    return (Path(__file__).parent / f"{context}.json").read_text(encoding="utf-8")


def examples_of(context: str) -> list[dict[str, Any]]:
    """Return the examples of a context, in the catalogue's order, the void last."""
    examples: list[dict[str, Any]] = json.loads(_read(context))
    return examples

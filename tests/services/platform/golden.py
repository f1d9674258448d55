"""Facts as upstream states them: the golden street's, and the contract's examples of what it has none of."""

import json
from pathlib import Path
from typing import Any, get_args

from events.calendar import UndoneBecause
from events.catalogue import TYPES, UPSTREAM_CONTEXTS
from events.examples import examples_of

FACTS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "golden" / "facts.ndjson").read_text("utf-8").splitlines()
]


def facts_of(context: str) -> list[dict[str, Any]]:
    """The golden facts of a context, in their order; of a context that has none, the contract's examples.

    Of what dibao states itself there are none: nobody hands it over.
    """
    stated = {entry.name for entry in TYPES if entry.from_upstream}
    golden = [fact for fact in FACTS if fact["type"].split(".")[1] == context]
    return [fact for fact in golden or examples_of(context) if fact["type"] in stated]


STATED: list[dict[str, Any]] = [fact for context in UPSTREAM_CONTEXTS for fact in facts_of(context)]
"""Facts of every context."""


def secrets_of(data: Any) -> set[str]:
    """Every name, ID number, account number and free text in a fact's data; words of a list are none."""
    found: set[str] = set()
    if isinstance(data, list):
        for item in data:
            found |= secrets_of(item)
    elif isinstance(data, dict):
        for name, value in data.items():
            if name in SECRET and isinstance(value, str) and value not in get_args(UndoneBecause):
                found.add(value)
            else:
                found |= secrets_of(value)
    return found


SECRET = {
    *("name", "id_number", "local_no", "number", "holder_name"),
    *("account_number", "reason", "matter", "evidence", "answer", "content", "description", "findings"),
    *("handling", "measures", "minutes", "remarks", "summary"),
}

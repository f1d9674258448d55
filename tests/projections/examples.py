"""The contract's examples of every type, and the golden street: of each ledger and view something to read."""

import json
from pathlib import Path

import asyncpg

from tests.projections.reading import stated

_TESTS = Path(__file__).parents[1]


async def read_examples(pool: asyncpg.Pool) -> None:
    """Read the contract's examples of every type, and the golden street."""
    examples = [
        fact
        for file in sorted((_TESTS.parent / "events" / "examples").glob("*.json"))
        for fact in json.loads(file.read_text(encoding="utf-8"))
        if not fact["type"].endswith(".voided.v1") and not fact["type"].startswith("dibao.anomalies")
    ]
    golden = (_TESTS / "golden" / "facts.ndjson").read_text(encoding="utf-8").splitlines()
    await stated(pool, *examples, *map(json.loads, golden))

"""Facts over HTTP: onto the log, protected, and answered item by item."""

import json
from pathlib import Path
from typing import Any

from services.platform.settings import Settings
from tests.services.platform.intake.conftest import OpenIntake, client, read

GOLDEN = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "golden" / "facts.ndjson").read_text("utf-8").splitlines()
]


def golden(context: str) -> list[dict[str, Any]]:
    """The golden facts of a context, in their order."""
    return [fact for fact in GOLDEN if fact["type"].split(".")[1] == context]


async def test_one_fact_goes_onto_the_log_protected(settings: Settings, open_context: OpenIntake) -> None:
    fact = golden("payments")[0]
    intake = await open_context("payments")
    async with client(intake) as http:
        answer = await http.post("/events", json=fact)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "accepted"

    [event] = (await read(settings)).events
    assert str(event.event_id) == answer.json()["event_id"]
    assert (event.type, event.source, event.serial) == (fact["type"], fact["source"], fact["id"])
    assert event.data.amount_fen == fact["data"]["amount_fen"]
    assert event.data.account.account_id.startswith("a.")

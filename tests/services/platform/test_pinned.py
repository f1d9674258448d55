"""What stands on a log for ever: records that earlier versions wrote are made again today, byte by byte.

``pinned.ndjson`` has facts with the records that were made of them (under the key 00 01 … 1f and the salts
below) when the log began. Lines may be added; a line that changes means that facts on logs that exist lose
their tokens, match keys, digests or ids.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.catalogue import BY_TYPE
from services.platform.protection import text_subject
from tests.services.platform.pinned import as_version_1, record_of, vault

PINNED: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("pinned.ndjson").read_text("utf-8").splitlines()
]


def sealed_of(data: Any, subject: str, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Subject, place and text of every sealed value; free text is ``subject``'s."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name == "sealed":
                yield data.get("person_id") or data["account_id"], path, value
            else:
                yield from sealed_of(value, subject, f"{path}.{name}" if path else name)
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from sealed_of(value, subject, f"{path}.{at}")
    elif isinstance(data, str) and data.startswith("s1."):
        yield subject, path, data


def unsealed(value: str) -> str:
    """A value with the length of each sealed text in its place: sealing is randomised."""
    return re.sub(r"s1\.[A-Za-z0-9_-]+", lambda found: f"s1:{len(found[0])}", value)


@pytest.mark.parametrize(
    "pinned", PINNED, ids=lambda pinned: f"{pinned['fact']['type']} {pinned['fact']['id']}"
)
async def test_a_fact_still_makes_the_record_that_it_made(pinned: dict[str, Any]) -> None:
    message = await record_of(pinned["fact"])
    assert message.key.decode() == pinned["key"]
    assert [[name, value.decode()] for name, value in message.headers] == pinned["headers"]
    made, before = message.value.decode(), pinned["value"]
    if '"normaliser":1' in before:
        assert '"normaliser":1' not in made
        made = as_version_1(made)
    assert unsealed(made) == unsealed(before)

    entry, then, now = BY_TYPE[pinned["fact"]["type"]], json.loads(pinned["value"]), json.loads(message.value)
    subject = text_subject(entry, now) if entry.seal_under else ""
    event_id = str(message.event_id)
    for new, old in zip(sealed_of(now, subject), sealed_of(then, subject), strict=True):
        assert new[:2] == old[:2]
        assert await vault().open(event_id=event_id, subject=new[0], path=new[1], sealed=new[2]) == (
            await vault().open(event_id=event_id, subject=old[0], path=old[1], sealed=old[2])
        )


def test_the_pinned_records_are_of_both_versions_of_the_rules_for_names() -> None:
    shown = [pinned["value"] for pinned in PINNED]
    assert sum('"normaliser":1' in value for value in shown) == 29
    assert any('"normaliser":2' in value and '"folded"' not in value for value in shown)
    assert any('"folded"' in value for value in shown)


def test_the_pinned_records_have_all_that_can_be_sealed() -> None:
    shown = " ".join(pinned["value"] for pinned in PINNED)
    assert all(
        word in shown for word in ('"person_id":"p.', '"account_id":"a.', '"holder":{', '"reason":"s1.')
    )
    assert len({pinned["fact"]["type"] for pinned in PINNED}) >= 19

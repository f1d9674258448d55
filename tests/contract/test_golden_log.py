"""Records of every release are read today as what they were, all the way to projections and detection."""

from collections.abc import Iterator
from typing import Any, cast

import asyncpg
import orjson
import pytest

from deploy.contract.releases import released
from deploy.contract.specimens import KEYS, salt_of
from events.catalogue import BY_TYPE
from services.platform.protection import text_subject
from services.platform.vault import Vault
from tests.contract.golden import Golden, owed, read_as, records, versions

GOLDEN = [golden for version in versions() for golden in records(version)]


def name(golden: Golden) -> str:
    return f"{golden.version} {golden.type}"


@pytest.mark.parametrize("version", released())
def test_a_release_has_a_record_of_every_type_that_was_new_or_changed_in_it(version: str) -> None:
    assert {golden.type for golden in GOLDEN if golden.version == version} == owed(version)


@pytest.mark.parametrize("golden", GOLDEN, ids=name)
def test_a_record_is_read_as_what_it_was(golden: Golden) -> None:
    found = read_as(golden.event, golden.topic)
    # The projection may have more columns than when the record was written.
    found["row"] = {column: found["row"].get(column) for column in golden.expected["row"]}
    assert found == golden.expected


@pytest.mark.parametrize("golden", GOLDEN, ids=name)
def test_its_key_is_what_todays_contract_makes_of_its_data(golden: Golden) -> None:
    data = golden.event.fact.model_dump(mode="json", by_alias=True)
    assert (
        golden.event.entry.key_of(data) == golden.key.decode() == dict(golden.headers)["ce_subject"].decode()
    )


class Salts:
    """The table of salts, in which every subject has the one of the golden log."""

    async def fetchval(self, _: str, subject: str) -> bytes:
        return salt_of(subject)


def sealed_in(data: Any, fact: Any, path: tuple[str, ...], place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where a sealed value stands, the value on the log, and what upstream had stated there."""
    if not path:
        yield place, data, fact
    elif path[0] == "*":
        for at, (each, stated) in enumerate(zip(data, fact, strict=True)):
            yield from sealed_in(each, stated, path[1:], f"{place}.{at}")
    elif path[0] in data:
        inner = f"{place}.{path[0]}" if place else path[0]
        yield from sealed_in(data[path[0]], fact[path[0]], path[1:], inner)


@pytest.mark.parametrize("golden", [each for each in GOLDEN if BY_TYPE[each.type].protected], ids=name)
async def test_its_sealed_values_open_to_what_upstream_had_stated(golden: Golden) -> None:
    vault = Vault(cast(asyncpg.Pool, Salts()), KEYS)
    entry, event_id, data = BY_TYPE[golden.type], str(golden.event.event_id), orjson.loads(golden.value)
    opened = 0
    for spot in entry.protected:
        for place, value, stated in sealed_in(data, golden.fact["data"], spot.path):
            if spot.protection == "text":
                text = await vault.open(text_subject(entry, data), event_id, place, value)
                assert text.decode() == stated
            else:
                token = value.get("person_id") or value["account_id"]
                plain = orjson.loads(await vault.open(token, event_id, place, value["sealed"]))
                stated = {"number": stated} if isinstance(stated, str) else stated
                assert plain.items() <= stated.items()
            opened += 1
    assert opened or entry.void or not any(spot.path[0] in golden.fact["data"] for spot in entry.protected)


def test_records_hold_nothing_readable_of_persons() -> None:
    log = b"\n".join(golden.value + golden.key for golden in GOLDEN).decode()
    assert "金和义" in str([golden.fact for golden in GOLDEN])
    assert [
        word for word in ("金和义", "黄阿婆", "500102195203141276", "6217000000007922") if word in log
    ] == []

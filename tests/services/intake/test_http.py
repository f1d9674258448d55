"""Facts over HTTP: onto the log, protected, and answered item by item."""

import copy
import random
import uuid

import asyncpg
import httpx
import pytest

from events.catalogue import UPSTREAM_CONTEXTS
from events.envelope import event_id_of
from services.intake.sources import SourceError, add_source, renew_key, revoke_source
from services.platform.settings import Settings
from tests.services.intake.conftest import OpenIntake, client, raw, read
from tests.services.platform.golden import STATED, facts_of, secrets_of


def statuses(answer: httpx.Response) -> list[str]:
    """The statuses of a batch's items."""
    return [item["status"] for item in answer.json()["items"]]


async def test_one_fact_goes_onto_the_log_protected(settings: Settings, open_context: OpenIntake) -> None:
    fact = facts_of("payments")[0]
    intake = await open_context("payments")
    async with client(intake) as http:
        answer = await http.post("/events", json=fact)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "accepted"

    [event] = await read(settings)
    assert str(event.event_id) == answer.json()["event_id"]
    assert (event.type, event.source, event.serial) == (fact["type"], fact["source"], fact["id"])
    assert event.data.amount_fen == fact["data"]["amount_fen"]
    assert event.data.account.account_id.startswith("a.")


async def test_the_golden_facts_in_any_order_with_repeats_and_conflicts(
    settings: Settings, open_context: OpenIntake
) -> None:
    chance = random.Random(7)
    for context in UPSTREAM_CONTEXTS:
        intake = await open_context(context)
        facts = facts_of(context) * 2
        chance.shuffle(facts)
        async with client(intake) as http:
            while facts:
                size = chance.choice([1, 2, 7, 50, 400])
                batch, facts = facts[:size], facts[size:]
                answer = await http.post("/events", json=batch)
                assert answer.status_code == 202, answer.text

    events = await read(settings)
    versions = {(event.event_id, event.digest) for event in events}
    assert len(versions) == len(events), "a repeat is not published again"
    assert {event.event_id for event in events} == {event_id_of(f["source"], f["id"]) for f in STATED}
    conflicting = len(versions) - len({event.event_id for event in events})
    assert conflicting > 0
    connection = await asyncpg.connect(settings.database_url)
    conflicts = await connection.fetch("SELECT event_id, digests FROM intake.conflict")
    await connection.close()
    assert sum(len(row["digests"]) - 1 for row in conflicts) == conflicting


async def test_nothing_readable_is_on_the_topics_or_in_the_database(
    settings: Settings, open_context: OpenIntake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secrets = set().union(*(secrets_of(fact["data"]) for fact in STATED))
    assert len(secrets) > 50
    for context in UPSTREAM_CONTEXTS:
        intake = await open_context(context)
        async with client(intake) as http:
            await http.post("/events", json=facts_of(context))
            broken = copy.deepcopy(facts_of(context)[0])
            broken["data"]["surplus"] = "白云飞"
            await http.post("/events", json=[broken, {**broken, "type": "dibao.none.v1"}])
    shown = [
        part
        for record in await raw(settings)
        for part in (record.key, record.value, *(value for _, value in record.headers))
        if part is not None
    ]
    connection = await asyncpg.connect(settings.database_url)
    tables = await connection.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname IN ('intake', 'platform', 'public', 'vault')"
    )
    for table in tables:
        for row in await connection.fetch(f"SELECT t::text AS line FROM {table['name']} AS t"):
            shown.append(row["line"].encode())
    await connection.close()
    shown.append(caplog.text.encode())
    for secret in secrets | {"白云飞"}:
        assert not any(secret.encode() in part for part in shown), secret


async def test_the_same_again_is_repeated_also_after_a_restart(
    settings: Settings, open_context: OpenIntake
) -> None:
    facts = facts_of("payments")[:20]
    async with client(await open_context("payments")) as http:
        first = await http.post("/events", json=facts)
    async with client(await open_context("payments")) as http:
        again = await http.post("/events", json=facts)
        alone = await http.post("/events", json=facts[3])
    assert statuses(first) == ["accepted"] * 20
    assert statuses(again) == ["repeated"] * 20
    assert (alone.status_code, alone.json()["status"]) == (202, "repeated")
    assert len(await read(settings)) == 20


async def test_another_content_under_the_same_id_is_set_aside_with_the_digests(
    settings: Settings, open_context: OpenIntake, caplog: pytest.LogCaptureFixture
) -> None:
    fact = facts_of("payments")[0]
    other = copy.deepcopy(fact)
    other["data"]["amount_fen"] += 1
    async with client(await open_context("payments")) as http:
        assert (await http.post("/events", json=fact)).json()["status"] == "accepted"
        answer = await http.post("/events", json=other)
        again = await http.post("/events", json=[other, fact])
    events = await read(settings)
    assert answer.status_code == 202
    assert answer.json()["status"] == "set_aside"
    assert answer.json()["digests"] == sorted(event.digest for event in events)
    assert statuses(again) == ["set_aside", "set_aside"]
    assert len(events) == 2
    assert "integrity alert" in caplog.text
    connection = await asyncpg.connect(settings.database_url)
    row = await connection.fetchrow("SELECT * FROM intake.conflict")
    await connection.close()
    assert (row["serial"], row["digests"]) == (fact["id"], answer.json()["digests"])


async def test_a_batch_holds_equal_and_conflicting_items(
    settings: Settings, open_context: OpenIntake
) -> None:
    fact = facts_of("payments")[0]
    other = copy.deepcopy(fact)
    other["data"]["amount_fen"] += 1
    async with client(await open_context("payments")) as http:
        equal = await http.post("/events", json=[fact, fact, fact])
        mixed = await http.post("/events", json=[facts_of("payments")[1], other])
    assert statuses(equal) == ["accepted", "repeated", "repeated"]
    assert statuses(mixed) == ["accepted", "set_aside"]
    assert len(await read(settings)) == 3


async def test_a_batch_has_a_receipt_that_can_be_asked_for(
    settings: Settings, open_context: OpenIntake
) -> None:
    facts = [fact for fact in facts_of("payments") if fact["type"].endswith("paid.v1")][:5]
    broken = {**facts[0], "id": "broken", "data": {**facts[0]["data"], "amount_fen": 0}}
    async with client(await open_context("payments")) as http:
        answer = await http.post("/events", json=[*facts, facts[0], broken])
        receipt = answer.json()["receipt"]
        asked = await http.get(f"/receipts/{receipt['id']}")
        unknown = await http.get(f"/receipts/{uuid.uuid4()}")
    total = sum(fact["data"]["amount_fen"] for fact in facts)
    assert answer.status_code == 207
    assert asked.json() == receipt
    assert {name: receipt[name] for name in ("lines", "accepted", "repeated", "rejected", "facts")} == {
        "lines": 7,
        "accepted": 5,
        "repeated": 1,
        "rejected": 1,
        "facts": 5,
    }
    assert receipt["control_total_fen"] == total
    assert receipt["file_total_fen"] == total + facts[0]["data"]["amount_fen"]
    assert receipt["status"] == "complete"
    assert {event.correlation_id for event in await read(settings)} == {receipt["id"]}
    assert unknown.status_code == 404


async def test_a_key_is_bound_to_source_contexts_and_area(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("enrollment")
    fact = facts_of("enrollment")[0]
    area = fact["data"]["division"][:9]
    cases = {
        "own": await add_source(intake.pool, "/scenario", ["enrollment"], [area]),
        "exactly": await add_source(intake.pool, "/scenario/enrollment", ["enrollment", "payments"], ["*"]),
        "other area": await add_source(intake.pool, "/scenario/e", ["enrollment"], ["1101"]),
        "other context": await add_source(intake.pool, "/elsewhere", ["payments"], ["*"]),
    }
    answers = {}
    for name, key in cases.items():
        async with client(intake, key) as http:
            answers[name] = await http.post("/events", json=fact)
    assert [answers[name].status_code for name in cases] == [202, 202, 403, 403]
    fields = [answers[name].json()["errors"][0]["field"] for name in ("other area", "other context")]
    assert fields == ["source", "authorization"]  # /scenario/e is no parent of it

    inside = {**fact, "source": "/scenario/e/1"}
    async with client(intake, cases["other area"]) as http:
        answer = await http.post("/events", json=inside)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["expected"]) == (
        403,
        "data.division",
        "a division in the area of this key: 1101",
    )


async def test_a_void_undoes_the_keys_own_facts_only(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("vitals")
    void = next(fact for fact in facts_of("vitals") if fact["type"].endswith("voided.v1"))
    key = await add_source(intake.pool, "/other", ["vitals"], ["*"])
    async with client(intake, key) as http:
        answer = await http.post("/events", json={**void, "source": "/other"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (403, "data.source")


async def test_keys_can_be_renewed_and_revoked(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    fact = facts_of("payments")[0]
    old = await add_source(intake.pool, "/scenario", ["payments"], ["*"])
    with pytest.raises(SourceError, match="of that name"):
        await add_source(intake.pool, "/scenario", ["payments"], ["*"])
    new = await renew_key(intake.pool, "/scenario")

    async def status(key: str) -> int:
        async with client(intake, key) as http:
            return (await http.post("/events", json=fact)).status_code

    assert [await status(old), await status(new), await status("")] == [401, 202, 401]
    await revoke_source(intake.pool, "/scenario")
    assert await status(new) == 401


@pytest.mark.parametrize(
    ("name", "contexts", "areas", "sentence"),
    [
        ("", ["payments"], ["*"], "URI"),
        ("/a b", ["payments"], ["*"], "URI"),
        *(
            (name, ["payments"], ["*"], "URI")
            for name in ("/a/", "/a//b", "/a/./b", "/a/..", "./a", "/a\u200bb")
        ),
        ("/a", ["anomalies"], ["*"], "contexts are"),
        ("/a", [], ["*"], "contexts are"),
        ("/a", ["payments"], [], "area"),
        ("/a", ["payments"], ["重庆"], "area"),
    ],
)
async def test_a_source_that_makes_no_sense_is_refused(
    open_context: OpenIntake, name: str, contexts: list[str], areas: list[str], sentence: str
) -> None:
    intake = await open_context("payments")
    with pytest.raises(SourceError, match=sentence):
        await add_source(intake.pool, name, contexts, areas)


async def test_health(open_context: OpenIntake) -> None:
    async with client(await open_context("payments"), "") as http:
        answer = await http.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "context": "payments"})

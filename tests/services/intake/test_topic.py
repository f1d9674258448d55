"""Facts over the intake topic; what is none becomes a dead letter that can be driven in again."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest

from events.catalogue import UPSTREAM_CONTEXTS, dead_letter_topic, intake_topic
from events.envelope import event_id_of
from services.intake.dead_letters import NoSuchLetterError, list_letters, redrive, show_letter
from services.intake.forgetting import forget_taken
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN, add_source, renew_key
from services.platform.producer import open_producer
from services.platform.settings import Settings
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import OpenIntake, opening, raw, read
from tests.services.intake.handing_over import consume_until, hand_over, lines
from tests.services.platform.golden import STATED, facts_of

SIGNED = "v1, the source and the HMAC of the record, made with a key that is not revoked"


async def test_golden_facts_by_kafka(settings: Settings, open_context: OpenIntake) -> None:
    total = 0
    for context in UPSTREAM_CONTEXTS:
        intake = await open_context(context)
        facts = facts_of(context)
        await hand_over(settings, context, OPERATOR_KEY, *lines(facts))
        total += len({json.dumps(fact, sort_keys=True) for fact in facts})
        await consume_until(intake, total)
    ids = {event.event_id for event in await read(settings)}
    assert ids == {event_id_of(fact["source"], fact["id"]) for fact in STATED}


async def test_what_is_no_fact_is_a_dead_letter_sealed_and_can_be_redriven(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    died = facts_of("vitals")[0]
    broken = lines([{**died, "data": {**died["data"], "surplus": 1}}])[0]
    key = "dk.later-registered"
    await hand_over(settings, "vitals", OPERATOR_KEY, b"\xff{", broken)
    await hand_over(settings, "vitals", key, *lines([died]), name=died["source"])
    await hand_over(settings, "vitals", None, *lines([died]))
    await consume_until(intake, 4, letters=True)

    letters = await list_letters(settings, intake.pool)
    assert [(letter.source_offset, letter.error, letter.reason) for letter in letters] == [
        (0, "Rejected", "event: JSON in UTF-8: a structured CloudEvent"),
        (1, "Rejected", "data.surplus: no such field"),
        (2, "Forbidden", f"dibao-signature: {SIGNED}"),
        (3, "Forbidden", f"dibao-signature: {SIGNED}"),
    ]
    for record in await raw(settings, dead_letter_topic(settings.topic_prefix)):
        shown = record.value + b"".join(value for _, value in record.headers)
        assert died["data"]["person"]["name"].encode() not in shown
        assert died["data"]["person"]["id_number"].encode() not in shown
    page = await list_letters(settings, intake.pool, after=0, limit=2)
    assert [letter.offset for letter in page] == [1, 2]
    original = await show_letter(settings, opening(intake), letters[1].offset)
    assert (original.value, original.headers) == (broken, [sign(OPERATOR_KEY, OPERATOR_SIGN, broken)])
    with pytest.raises(NoSuchLetterError):
        await show_letter(settings, opening(intake), 99)

    # The key is registered: what was refused for its sake goes in now.
    await add_source(intake.pool, died["source"], ["vitals"], ["*"])
    await intake.pool.execute("UPDATE intake.source SET key_hash = $1", sha256(key.encode()).digest())
    driven = await redrive(settings, opening(intake), letters[2].offset)
    assert driven.redriven_at is not None
    await consume_until(intake, 1)
    [event] = await read(settings)
    assert event.serial == died["id"]
    states = [letter.redriven_at is not None for letter in await list_letters(settings, intake.pool)]
    assert states == [False, False, True, False]


async def test_where_the_brokers_acls_say_who_may_write_no_key_is_needed(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    object.__setattr__(intake, "settings", settings.model_copy(update={"intake_topics_open": True}))
    await hand_over(settings, "vitals", None, *lines(facts_of("vitals")[:1]))
    await consume_until(intake, 1)
    assert len(await read(settings)) == 1


async def test_a_key_that_stands_on_a_topic_is_refused_with_the_new_way(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    facts = facts_of("vitals")[:4]
    values = lines(facts)
    own = await add_source(intake.pool, facts[0]["source"], ["vitals"], ["*"])

    async def bear(key: str, value: bytes) -> None:
        producer = await open_producer(settings)
        headers = [("authorization", f"Bearer {key}".encode())]
        await producer.send_and_wait(intake_topic(settings.topic_prefix, "vitals"), value, headers=headers)
        await producer.stop()

    await bear(own, values[0])
    await bear(OPERATOR_KEY, values[1])
    await consume_until(intake, 2, letters=True)
    refused = "authorization: a header dibao-signature in its place: keys do not travel on topics"
    assert [letter.reason for letter in await list_letters(settings, intake.pool)] == [refused] * 2
    assert await read(settings) == []

    # By setting, for a release, a source's key is good there; an operator's never is.
    object.__setattr__(intake, "settings", settings.model_copy(update={"intake_topics_bearer": True}))
    await bear(own, values[2])
    await bear(OPERATOR_KEY, values[3])
    await consume_until(intake, 3, letters=True)
    assert [letter.reason for letter in await list_letters(settings, intake.pool)] == [refused] * 3
    assert [event.serial for event in await read(settings)] == [facts[2]["id"]]


async def test_a_signature_is_of_one_record_by_one_source(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    fact, other = facts_of("vitals")[:2]
    value, changed = lines([fact, {**fact, "time": "2021-01-01T00:00:00+08:00"}])
    own = await add_source(intake.pool, fact["source"], ["vitals"], ["*"])
    elsewhere = await add_source(intake.pool, "/elsewhere", ["vitals"], ["*"])
    _, good = sign(own, fact["source"], value)
    mac = good.rpartition(b" ")[2]
    binary = [
        (f"ce_{name}", str(fact[name]).encode()) for name in ("specversion", "id", "source", "type", "time")
    ]
    data = json.dumps(fact["data"]).encode()
    _, of_binary = sign(own, fact["source"], data, binary)
    moved = [(name, b"none" if name == "ce_id" else held) for name, held in binary]
    forged: list[tuple[list[tuple[str, bytes]], bytes]] = [
        ([], value),
        ([], changed),
        ([("dibao-signature", good)], changed),
        ([("dibao-signature", b"v1 /elsewhere " + mac)], value),
        ([("dibao-signature", good.replace(b"v1", b"v2"))], value),
        ([("dibao-signature", b"v1 * " + mac)], value),
        ([("dibao-signature", good[:-1])], value),
        ([sign(elsewhere, fact["source"], value)], value),
        ([("dibao-signature", of_binary), *moved], data),
        ([("dibao-signature", of_binary)], data),
        ([("dibao-signature", good), *binary], value),
    ]
    producer = await open_producer(settings)
    topic = intake_topic(settings.topic_prefix, "vitals")
    for headers, sent in forged:
        await producer.send_and_wait(topic, sent, headers=headers)
    # Signed by somebody else than it is stated by, who may not speak so.
    await producer.send_and_wait(topic, value, headers=[sign(elsewhere, "/elsewhere", value)])
    await producer.send_and_wait(topic, data, headers=[("dibao-signature", of_binary), *binary])
    [second] = lines([other])
    renewed = await renew_key(intake.pool, fact["source"], keep_former=timedelta(hours=1))
    await producer.send_and_wait(topic, second, headers=[sign(own, fact["source"], second)])
    await producer.send_and_wait(topic, second, headers=[sign(renewed, fact["source"], second)])
    await producer.stop()
    await consume_until(intake, 2)
    await consume_until(intake, len(forged) + 1, letters=True)
    reasons = [letter.reason for letter in await list_letters(settings, intake.pool)]
    assert reasons[:-1] == [f"dibao-signature: {SIGNED}"] * len(forged)
    assert reasons[-1].startswith("source: ")
    assert {event.serial for event in await read(settings)} == {fact["id"], other["id"]}


async def test_the_operator_signs_on_loopback_only(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("vitals")
    elsewhere = settings.model_copy(update={"kafka": f"{settings.kafka},192.0.2.1:9092"})
    [value] = lines(facts_of("vitals")[:1])
    said = sign(OPERATOR_KEY, OPERATOR_SIGN, value)[1]
    assert await intake.signatures().signer(said, value, []) is not None
    object.__setattr__(intake, "settings", elsewhere)
    assert await intake.signatures().signer(said, value, []) is None
    object.__setattr__(intake, "settings", settings.model_copy(update={"local_operator": False}))
    assert await intake.signatures().signer(said, value, []) is None


async def test_what_was_taken_does_not_stay_on_the_intake_topic(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("vitals")
    topic, facts = intake_topic(settings.topic_prefix, "vitals"), facts_of("vitals")[:5]
    assert await forget_taken(settings, "vitals") == 0, "nobody has taken anything"
    await hand_over(settings, "vitals", OPERATOR_KEY, *lines(facts[:3]))
    await consume_until(intake, 3)
    await hand_over(settings, "vitals", OPERATOR_KEY, *lines(facts[3:]))
    assert await forget_taken(settings, "vitals") == 0, "it was taken within the hour"
    assert await forget_taken(settings, "vitals", timedelta()) == 3
    assert [record.offset for record in await raw(settings, topic)] == [3, 4]
    await consume_until(intake, 5)
    assert {event.serial for event in await read(settings)} == {fact["id"] for fact in facts}
    # By day the letters' keys go, those of today stay.
    await intake.pool.execute(
        "INSERT INTO vault.salt SELECT 'dead-letters:' || (current_date - days),"
        " decode(repeat('00', 16), 'hex') FROM unnest('{1, 55, 58, 400}'::int[]) AS days"
    )
    assert await intake.pool.fetchval("SELECT vault.forget_letters()") == 2

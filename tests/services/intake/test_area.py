"""Area means area: a source speaks of what lies in its own, by what it says and by what the log says."""

import copy
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from events.catalogue import UPSTREAM_CONTEXTS, log_topic
from services.intake.context import Intake
from services.intake.sources import add_source
from services.platform.settings import Settings
from tests.services.intake.conftest import OpenIntake, client, read
from tests.services.platform.golden import facts_of

HERE, THERE = "500102008", "500102009"
ENROLLED = next(fact for fact in facts_of("enrollment") if fact["type"] == "dibao.enrollment.enrolled.v1")
HOUSEHOLD = ENROLLED["data"]["household_no"]
PAID = next(
    fact
    for fact in facts_of("payments")
    if fact["type"] == "dibao.payments.paid.v1" and fact["data"]["household_no"] == HOUSEHOLD
)
PERSON = ENROLLED["data"]["members"][0]["person"]


def of(fact: dict[str, Any], source: str, serial: str, **data: Any) -> dict[str, Any]:
    """The fact as another source states it, with some data changed; ``None`` leaves a field out."""
    changed = copy.deepcopy(fact) | {"source": source, "id": serial}
    changed["data"] |= data
    changed["data"] = {name: value for name, value in changed["data"].items() if value is not None}
    return changed


async def told(intake: Intake, key: str | None, fact: dict[str, Any]) -> str:
    """The status of the answer, or the code of the refusal."""
    async with client(intake, key) as http:
        answer = (await http.post("/events", json=fact)).json()
    return str(answer["errors"][0]["code"] if "errors" in answer else answer["status"])


async def key_of(intake: Intake, source: str, area: str, *, new_households: bool = False) -> str:
    contexts = list(UPSTREAM_CONTEXTS)
    return await add_source(intake.pool, source, contexts, [area], new_households=new_households)


async def test_a_payment_names_no_division_and_is_judged_by_its_household(open_context: OpenIntake) -> None:
    enrollment, payments = await open_context("enrollment"), await open_context("payments")
    here, there = await key_of(payments, "/here", HERE), await key_of(payments, "/there", THERE)
    assert await told(payments, here, of(PAID, "/here", "1")) == "area-unknown"
    assert await told(enrollment, None, of(ENROLLED, "/office", "1", division=f"{HERE}202")) == "accepted"
    assert await told(payments, here, of(PAID, "/here", "1")) == "accepted"
    assert await told(payments, there, of(PAID, "/there", "1")) == "area-of-subject"
    # Nor with a division of its own.
    assert await told(payments, there, of(PAID, "/there", "1", division=f"{THERE}202")) == "area-of-subject"


async def test_nobody_takes_a_household_of_another_village_by_stating_its_own(
    open_context: OpenIntake,
) -> None:
    enrollment = await open_context("enrollment")
    there = await key_of(enrollment, "/there", THERE, new_households=True)
    assert await told(enrollment, None, of(ENROLLED, "/office", "1", division=f"{HERE}202")) == "accepted"
    stolen = of(ENROLLED, "/there", "1", division=f"{THERE}202")
    assert await told(enrollment, there, stolen) == "area-of-subject"


async def test_a_death_names_a_person_who_lives_somewhere(open_context: OpenIntake) -> None:
    enrollment, vitals = await open_context("enrollment"), await open_context("vitals")
    died = of(facts_of("vitals")[0], "/here", "1", person=PERSON, division=None)
    here, there = await key_of(vitals, "/here", HERE), await key_of(vitals, "/there", THERE)
    assert await told(vitals, here, died) == "area-unknown"
    assert await told(enrollment, None, of(ENROLLED, "/office", "1", division=f"{HERE}202")) == "accepted"
    assert await told(vitals, here, died) == "accepted"
    assert await told(vitals, there, of(died, "/there", "1")) == "area-of-subject"


async def test_a_key_for_new_households_may_speak_of_whom_nobody_knows(open_context: OpenIntake) -> None:
    payments = await open_context("payments")
    key = await key_of(payments, "/here", HERE, new_households=True)
    assert await told(payments, key, of(PAID, "/here", "1")) == "accepted"


@pytest.mark.parametrize(("division", "said"), [(f"{HERE}202", "accepted"), (f"{THERE}202", "area-of-key")])
async def test_every_division_in_a_fact_is_looked_at(
    open_context: OpenIntake, division: str, said: str
) -> None:
    """By its type, whatever the field is called: here the village that a household comes from."""
    identity = await open_context("identity")
    moved = next(fact for fact in facts_of("identity") if fact["type"].endswith("household_moved.v1"))
    named = [
        name for name, value in moved["data"].items() if str(value).startswith("500102") and len(value) == 12
    ]
    assert len(named) >= 2, moved["data"]
    key = await key_of(identity, "/here", HERE)
    for name in named:
        fact = of(moved, "/here", name, **{**dict.fromkeys(named, f"{HERE}202"), name: division})
        assert await told(identity, key, fact) == said


async def test_the_log_keeps_the_area_of_the_key(settings: Settings, open_context: OpenIntake) -> None:
    enrollment = await open_context("enrollment")
    here = await key_of(enrollment, "/here", HERE)
    assert await told(enrollment, here, of(ENROLLED, "/here", "1", division=f"{HERE}202")) == "accepted"
    assert await told(enrollment, None, of(ENROLLED, "/office", "2", division=f"{HERE}202")) == "accepted"
    areas = {event.serial: event.source_area for event in await read(settings)}
    assert areas == {"1": HERE, "2": None}
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest")
    await consumer.start()
    topic = log_topic(settings.topic_prefix, "enrollment")
    consumer.assign([TopicPartition(topic, number) for number in range(settings.partitions)])
    headers: list[dict[str, bytes]] = []
    while len(headers) < 2:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            headers += [dict(record.headers) for record in records]
    await consumer.stop()
    assert sorted(found.get("ce_sourcearea", b"") for found in headers) == [b"", HERE.encode()]

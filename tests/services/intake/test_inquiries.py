"""An upstream asks what became of its facts, also of those that it put on an intake topic."""

import json
from typing import Any

from events.catalogue import intake_topic
from services.intake.dead_letters import list_letters, redrive
from services.intake.inquiries import KEPT_WEEKS, forget_refusals
from services.intake.sources import add_source
from services.platform.settings import Settings
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import OpenIntake, client, opening
from tests.services.intake.handing_over import consume_until, hand_over, lines
from tests.services.platform.golden import facts_of

PAID = [fact for fact in facts_of("payments") if fact["type"] == "dibao.payments.paid.v1"]
SOURCE = PAID[0]["source"]


async def test_of_records_of_a_topic_it_is_said_what_became(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    own = await add_source(intake.pool, SOURCE, ["payments"], ["*"])
    other = await add_source(intake.pool, "/bank/other", ["payments"], ["*"])
    taken, changed = PAID[0], {**PAID[1], "data": {**PAID[1]["data"], "amount_fen": 1}}
    broken = {**PAID[2], "data": {**PAID[2]["data"], "amount_fen": 0, "kind": "none"}}
    foreign = {**PAID[3], "time": "none"}
    await hand_over(
        settings, "payments", own, *lines([taken, taken, PAID[1], changed, broken]), b"{", name=SOURCE
    )
    await hand_over(settings, "payments", other, *lines([foreign]), name="/bank/other")
    await consume_until(intake, 3, letters=True)

    async def ask(fact: dict[str, Any], key: str = own) -> tuple[int, dict[str, Any]]:
        async with client(intake, key) as http:
            answer = await http.get("/receipts", params={"source": fact["source"], "id": fact["id"]})
        return answer.status_code, answer.json()

    status, found = await ask(taken)
    assert (status, found["status"], "rejection" in found) == (200, "accepted", False)
    status, found = await ask(changed)
    assert (status, found["status"], len(found["digests"])) == (200, "set_aside", 2)
    status, found = await ask(broken)
    assert (status, found["status"]) == (200, "rejected")
    rejection = found["rejection"]
    assert sorted(error["field"] for error in rejection["errors"]) == ["data.amount_fen", "data.kind"]
    topic = intake_topic(settings.topic_prefix, "payments")
    assert rejection["record"] == {"topic": topic, "partition": 0, "offset": 4}
    letters = await list_letters(settings, intake.pool)
    assert letters[rejection["dead_letter"]].source_offset == 4
    # What another said of this source is not this source's.
    assert (await ask(foreign))[0] == 404
    assert (await ask(taken, other))[0] == 403
    assert (await ask(taken, OPERATOR_KEY))[0] == 200

    # Handed over again, and mended: it counts, and what was wrong before is still known.
    await redrive(settings, opening(intake), rejection["dead_letter"])
    await consume_until(intake, 4, letters=True)
    assert (await ask(broken))[1]["rejection"]["dead_letter"] == 3
    async with client(intake, own) as http:
        await http.post("/events", json=PAID[2])
    status, found = await ask(broken)
    assert (status, found["status"], found["rejection"]["dead_letter"]) == (200, "accepted", 3)


async def test_rejections_are_forgotten_in_time_and_hold_no_value(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    broken = [{**fact, "data": {**fact["data"], "amount_fen": "钟启明"}} for fact in PAID[:2]]
    for number, fact in enumerate(broken, start=1):
        await hand_over(settings, "payments", OPERATOR_KEY, *lines([fact]))
        await consume_until(intake, number, letters=True)
        await intake.pool.execute(
            f"UPDATE intake.refused_record SET at = at - interval '{KEPT_WEEKS / 2} weeks 1 hour'"
        )
    async with intake.pool.acquire() as connection:
        await forget_refusals(connection)
    rows = await intake.pool.fetch("SELECT t::text AS line FROM intake.refused_record AS t")
    assert len(rows) == 1
    assert PAID[1]["id"] not in rows[0]["line"]
    assert "钟启明" not in json.dumps(rows[0]["line"], ensure_ascii=False)

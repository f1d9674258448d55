"""An example of every fact, by HTTP and by Kafka, onto the log and into the projection, counted once."""

import json
from pathlib import Path

from deploy.local import Stack
from events.catalogue import BY_TYPE, UPSTREAM_CONTEXTS
from events.envelope import event_id_of
from events.examples import examples_of
from projections.schema import schema_name
from tests.street.whole import whole

EXAMPLES = [
    example
    for context in UPSTREAM_CONTEXTS
    for example in examples_of(context)
    if BY_TYPE[example["type"]].from_upstream
]


async def test_every_fact_of_the_contract_arrives_once_whichever_way_it_comes(
    stack: Stack, database: str, tmp_path: Path
) -> None:
    lines = [json.dumps(example, ensure_ascii=False).encode() for example in EXAMPLES]
    async with whole(stack, database, tmp_path) as street:
        await street.upstream.events(lines)
        assert street.upstream.delivered.rejects == []
        assert street.upstream.delivered.accepted == len(EXAMPLES)
        assert await street.upstream.kafka(lines) == len(lines)
        await street.settle()

        generation = await street.pool.fetchval(
            "SELECT live FROM platform.generation WHERE name = 'projection'"
        )
        schema = schema_name(generation)
        rows = await street.pool.fetch(
            f"SELECT event_id, type, context, is_void, business_date, household_no FROM {schema}.fact"
        )
        undone = await street.pool.fetch(f"SELECT target FROM {schema}.void")

    found = {row["event_id"]: row for row in rows}
    assert len(rows) == len(found) == len(EXAMPLES)
    for example in EXAMPLES:
        row = found[event_id_of(example["source"], example["id"])]
        entry = BY_TYPE[example["type"]]
        assert (row["type"], row["context"], row["is_void"]) == (entry.name, entry.context, entry.void)
        assert row["household_no"] == example["data"].get("household_no")
        if entry.business_date is not None:
            stated = example["data"][entry.business_date.rstrip("_")]
            assert row["business_date"].isoformat() == stated[:10]
    assert {row["target"] for row in undone} == {
        event_id_of(example["data"]["source"], example["data"]["id"])
        for example in EXAMPLES
        if BY_TYPE[example["type"]].void
    }
